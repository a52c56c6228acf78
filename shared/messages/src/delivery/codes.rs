//! Mails that carry a code, derived again from what its event says.

use jiff::Timestamp;
use postern_domain::challenge::Challenge;
use postern_domain::codes::Code;
use postern_domain::verification::Verification;
use postern_events::ids::AccountId;
use postern_events::sign_in::Attempted;
use postern_events::verification::Opened;

use super::Delivery;
use super::asked::Asked;
use super::look::{Living, is_newest_send, of_attempted, of_opened, of_signed_in};
use super::mails::{Addressed, to_owner};
use super::withheld::{ERASED, SUPERSEDED, Withheld};
use crate::language::Language;
use crate::letters::Letter;
use crate::mailer::SendMail;
use crate::push::SendPush;

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    pub(super) async fn sign_in_code(
        &self,
        asked: &Asked,
        attempted: &Attempted,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let Living { account, challenge, key } = self.living_sign_in(asked, attempted, now).await?;
        let letter = Letter::SignInCode {
            code: self.derive(&challenge, account.id, &attempted.attempt.to_string())?,
            expires_at: challenge.newest().expires_at,
            asker: of_attempted(attempted, &key, asked.cause.at),
            report: self.report(asked)?,
        };
        to_owner(&account, &key, letter)
    }

    pub(super) async fn registration_code(
        &self,
        asked: &Asked,
        opened: &Opened,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let state = self.store.streams().load::<Verification>(opened.verification).await?;
        let Verification::CodeRequired(pending, challenge) = state.state() else {
            return Err(SUPERSEDED);
        };
        if !is_newest_send(asked, challenge) || challenge.is_over(now) {
            return Err(SUPERSEDED);
        }
        let key = self.data_key(pending.account, now).await?.ok_or(ERASED)?;
        let letter = Letter::RegistrationCode {
            code: self.derive(challenge, pending.account, &pending.id.to_string())?,
            expires_at: challenge.newest().expires_at,
            asker: of_opened(opened, Some(&key), asked.cause.at),
            report: self.report(asked)?,
        };
        let to = key.open(&pending.email).map_err(Withheld::unwritable)?;
        Ok(Addressed { to, language: Language::negotiate(&pending.locale), letter })
    }

    /// To the address as its owner spelled it, however whoever asks has.
    pub(super) async fn password_reset_code(
        &self,
        asked: &Asked,
        opened: &Opened,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let Living { account, challenge, key } = self.living_process(asked, opened, now).await?;
        let letter = Letter::PasswordResetCode {
            code: self.derive(&challenge, account.id, &opened.verification.to_string())?,
            expires_at: challenge.newest().expires_at,
            asker: of_opened(opened, Some(&key), asked.cause.at),
            report: self.report(asked)?,
        };
        to_owner(&account, &key, letter)
    }

    /// To the address that is to be proven.
    pub(super) async fn email_change_code(
        &self,
        asked: &Asked,
        opened: &Opened,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let Living { account, challenge, key } = self.living_process(asked, opened, now).await?;
        let letter = Letter::EmailChangeCode {
            code: self.derive(&challenge, account.id, &opened.verification.to_string())?,
            expires_at: challenge.newest().expires_at,
            asker: of_opened(opened, Some(&key), asked.cause.at),
            report: self.report(asked)?,
        };
        let to = key.open(&opened.email).map_err(Withheld::unwritable)?;
        Ok(Addressed { to, language: Language::negotiate(&account.locale), letter })
    }

    pub(super) async fn step_up_code(
        &self,
        asked: &Asked,
        opened: &Opened,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let Living { account, challenge, key } = self.living_process(asked, opened, now).await?;
        let letter = Letter::StepUpCode {
            code: self.derive(&challenge, account.id, &opened.verification.to_string())?,
            expires_at: challenge.newest().expires_at,
            asker: of_signed_in(opened, &key, asked.cause.at),
            report: self.report(asked)?,
        };
        to_owner(&account, &key, letter)
    }

    fn derive(
        &self,
        challenge: &Challenge,
        account: AccountId,
        attempt: &str,
    ) -> Result<Code, Withheld> {
        let source = challenge.source(account, attempt);
        self.code_keys.derive(&source).map_err(Withheld::unwritable)
    }
}
