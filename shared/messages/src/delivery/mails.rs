//! From what is asked for to the mail: everything a mail says follows from the log, the vault and
//! the keys.

use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::account::OpenAccount;
use postern_domain::report::{ReportToken, Reported};
use postern_events::account::Erased;
use postern_events::message::GivenUp;
use postern_events::sign_in::Attempted;
use postern_events::verification::Opened;
use postern_store::keys;
use postern_store::seal::DataKey;

use super::Delivery;
use super::asked::{Asked, What};
use super::look::{of_attempted, of_opened};
use super::topic::Topic;
use super::withheld::{ERASED, Withheld};
use crate::language::Language;
use crate::letters::{Act, Asker, LetIn, Letter};
use crate::mailer::{Mail, Receipt, SendMail};
use crate::push::SendPush;

/// Where the page is that takes "it wasn't me"; its token stands behind the `#`, so that no server's
/// log has it.
const REPORTS: &str = "/v1/security-reports";

/// Whom a letter goes to.
pub(super) struct Addressed {
    pub(super) to: String,
    pub(super) language: Language,
    pub(super) letter: Letter,
}

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// Looks again at everything the mail depends on, now that it is claimed, writes it and hands
    /// it over.
    pub(super) async fn send_mail(
        &self,
        asked: &Asked,
        topic: &Topic,
    ) -> Result<Receipt, Withheld> {
        let now = self.clock.now();
        if now >= asked.deadline {
            return Err(Withheld::Pointless(GivenUp::Expired));
        }
        let Addressed { to, language, letter } = self.addressed(asked, topic, now).await?;
        if let Some(same) = topic.sameness() {
            self.speak_once(asked, &same, now).await?;
        }
        let written = self.letters.write(&letter, language).map_err(Withheld::unwritable)?;
        let mail = Mail {
            message: asked.message(),
            to,
            from: self.sender.clone(),
            subject: written.subject,
            text: written.text,
            html: written.html,
            language: written.language,
        };
        Ok(self.mailer.send(&mail).await?)
    }

    async fn addressed(
        &self,
        asked: &Asked,
        topic: &Topic,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        match topic {
            Topic::SignInCode(it) => self.sign_in_code(asked, it, now).await,
            Topic::RegistrationCode(it) => self.registration_code(asked, it, now).await,
            Topic::PasswordResetCode(it) => self.password_reset_code(asked, it, now).await,
            Topic::EmailChangeCode(it) => self.email_change_code(asked, it, now).await,
            Topic::StepUpCode(it) => self.step_up_code(asked, it, now).await,
            Topic::RegistrationAttempt(it) => {
                let letter = |asker, report| Letter::RegistrationAttempt { asker, report };
                self.taken(asked, it, letter, now).await
            }
            Topic::EmailChangeAttempt(it) => {
                let letter = |asker, report| Letter::EmailChangeAttempt { asker, report };
                self.taken(asked, it, letter, now).await
            }
            Topic::NewDevice(it, by) => self.new_device(asked, it, *by, now).await,
            Topic::Deed(deed) => self.deed(asked, deed, now).await,
            Topic::Erased(it) => self.account_erased(asked, it, now).await,
            Topic::Help(it) => self.help(asked, it, now).await,
        }
    }

    /// Somebody wants an address that is taken.
    async fn taken(
        &self,
        asked: &Asked,
        opened: &Opened,
        letter: impl FnOnce(Asker, Option<String>) -> Letter + Send,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let owner = self.open_account(asked.account).await?;
        let key = self.data_key(owner.id, now).await?.ok_or(ERASED)?;
        // What a stranger told is kept for as long as a reservation, or the stranger's account.
        let stranger = self.data_key(opened.account, now).await?;
        let who = of_opened(opened, stranger.as_ref(), asked.cause.at);
        to_owner(&owner, &key, letter(who, self.report(asked)?))
    }

    async fn new_device(
        &self,
        asked: &Asked,
        attempted: &Attempted,
        by: LetIn,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let account = self.open_account(asked.account).await?;
        let key = self.data_key(account.id, now).await?.ok_or(ERASED)?;
        let letter = Letter::NewDevice {
            asker: of_attempted(attempted, &key, asked.cause.at),
            by,
            report: self.report(asked)?,
        };
        to_owner(&account, &key, letter)
    }

    /// The last mail. Nothing is left that a report could save.
    async fn account_erased(
        &self,
        asked: &Asked,
        erased: &Arc<Erased>,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let key = self.data_key(asked.account, now).await?.ok_or(ERASED)?;
        let to = key.open(&erased.email).map_err(Withheld::unwritable)?;
        let locale = self.locale_of(&asked.cause.stream).await?;
        let act = match erased.by {
            Some(by) => self.doer(asked, by, &key).await,
            None => Act::at(asked.cause.at),
        };
        let letter = Letter::AccountErased { act };
        Ok(Addressed { to, language: Language::negotiate(&locale), letter })
    }

    /// The address of the page that takes "it wasn't me" about what a mail tells.
    pub(super) fn report(&self, asked: &Asked) -> Result<Option<String>, Withheld> {
        let id = keys::stream_parts(&asked.cause.stream).map(|(_, id)| id);
        let Some(Ok(about)) = id.map(str::parse::<Reported>) else { return Ok(None) };
        let stranger = match &asked.what {
            What::Mail(topic) => topic.stranger(),
            What::Push(..) => None,
        };
        let account = stranger.unwrap_or(asked.account);
        let token = ReportToken::new(&self.code_keys, account, about, asked.cause.by);
        let token = token.map_err(Withheld::unwritable)?.reveal();
        Ok(Some(format!("{}{REPORTS}#{token}", self.public_url)))
    }
}

/// To the address that the owner proved, in the owner's language.
pub(super) fn to_owner(
    account: &OpenAccount,
    key: &DataKey,
    letter: Letter,
) -> Result<Addressed, Withheld> {
    let to = key.open(&account.email).map_err(Withheld::unwritable)?;
    Ok(Addressed { to, language: Language::negotiate(&account.locale), letter })
}
