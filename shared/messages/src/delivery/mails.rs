//! From what is asked for to the mail: everything a mail says follows from the log, the vault and
//! the keys.

use jiff::Timestamp;
use postern_domain::account::OpenAccount;
use postern_domain::codes::{Code, CodeSource};
use postern_domain::verification::Verification;
use postern_events::message::GivenUp;
use postern_events::sign_in::Attempted;
use postern_events::verification::Opened;
use postern_store::seal::DataKey;

use super::Delivery;
use super::asked::{Asked, Topic};
use super::look::{LivingSignIn, of_attempted};
use super::withheld::{ERASED, SUPERSEDED, Withheld};
use crate::language::Language;
use crate::letters::{Asker, Letter};
use crate::mailer::{Mail, Receipt, SendMail};
use crate::push::SendPush;

/// Whom a letter goes to.
struct Addressed {
    to: String,
    language: Language,
    letter: Letter,
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
        let addressed = match topic {
            Topic::SignInCode(attempted) => self.sign_in_code(asked, attempted, now).await?,
            Topic::RegistrationCode(opened) => self.registration_code(asked, opened, now).await?,
            Topic::RegistrationAttempt(opened) => {
                self.registration_attempt(asked, opened, now).await?
            }
            Topic::NewDevice(attempted) => {
                let addressed = self.new_device(asked, attempted, now).await?;
                self.speak_once(asked, attempted.key, now).await?;
                addressed
            }
        };
        let Addressed { to, language, letter } = addressed;
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

    async fn sign_in_code(
        &self,
        asked: &Asked,
        attempted: &Attempted,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let living = self.living_sign_in(asked, attempted, now).await?;
        let LivingSignIn { account, challenge, key } = living;
        let id = attempted.attempt.to_string();
        let code = self.derive(&challenge.source(account.id, &id))?;
        let expires_at = challenge.newest().expires_at;
        let letter = Letter::SignInCode {
            code,
            expires_at,
            asker: of_attempted(attempted, &key, asked.cause.at),
        };
        to_owner(&account, &key, letter)
    }

    async fn registration_code(
        &self,
        asked: &Asked,
        opened: &Opened,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let state = self.store.streams().load::<Verification>(opened.verification).await?;
        let Verification::CodeRequired(pending, challenge) = state.state() else {
            return Err(SUPERSEDED);
        };
        if challenge.asked_by() != asked.cause.by || challenge.is_over(now) {
            return Err(SUPERSEDED);
        }
        let id = pending.id.to_string();
        let code = self.derive(&challenge.source(pending.account, &id))?;
        let key = self.data_key(pending.account, now).await?.ok_or(ERASED)?;
        let expires_at = challenge.newest().expires_at;
        let letter = Letter::RegistrationCode {
            code,
            expires_at,
            asker: of_opened(opened, Some(&key), asked.cause.at),
        };
        let to = key.open(&pending.email).map_err(Withheld::unwritable)?;
        Ok(Addressed { to, language: Language::negotiate(&pending.locale), letter })
    }

    async fn registration_attempt(
        &self,
        asked: &Asked,
        opened: &Opened,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let owner = self.open_account(asked.account).await?;
        let key = self.data_key(owner.id, now).await?.ok_or(ERASED)?;
        // What the stranger told is kept for as long as the reservation only.
        let stranger = self.data_key(opened.account, now).await?;
        let letter = Letter::RegistrationAttempt {
            asker: of_opened(opened, stranger.as_ref(), asked.cause.at),
        };
        to_owner(&owner, &key, letter)
    }

    async fn new_device(
        &self,
        asked: &Asked,
        attempted: &Attempted,
        now: Timestamp,
    ) -> Result<Addressed, Withheld> {
        let account = self.open_account(asked.account).await?;
        let key = self.data_key(account.id, now).await?.ok_or(ERASED)?;
        let letter = Letter::NewDevice { asker: of_attempted(attempted, &key, asked.cause.at) };
        to_owner(&account, &key, letter)
    }

    fn derive(&self, source: &CodeSource<'_>) -> Result<Code, Withheld> {
        self.code_keys.derive(source).map_err(Withheld::unwritable)
    }
}

/// To the address that the owner proved, in the owner's language.
fn to_owner(account: &OpenAccount, key: &DataKey, letter: Letter) -> Result<Addressed, Withheld> {
    let to = key.open(&account.email).map_err(Withheld::unwritable)?;
    Ok(Addressed { to, language: Language::negotiate(&account.locale), letter })
}

/// Without the device's name: anybody can register any address, and would have Postern send their
/// own words to a stranger.
fn of_opened(opened: &Opened, key: Option<&DataKey>, at: Timestamp) -> Asker {
    let origin = key.and_then(|key| key.open(&opened.origin).ok());
    Asker {
        device: None,
        platform: opened.platform,
        country: opened.country.clone(),
        city: origin.as_ref().and_then(|it| it.city.clone()),
        ip: origin.map(|it| it.ip),
        at,
    }
}
