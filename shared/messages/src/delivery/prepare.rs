//! From what is asked for to the mail: everything a mail says follows from the log, the vault and
//! the keys.

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::codes::Code;
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::ids::AccountId;
use postern_events::message::GivenUp;
use postern_events::sign_in::Attempted;
use postern_events::verification::Opened;
use postern_events::vocabulary::Method;
use postern_store::StoreError;
use postern_store::seal::DataKey;

use super::Delivery;
use super::asked::{Asked, What};
use super::story::Opening;
use crate::language::Language;
use crate::letters::{Asker, Letter};
use crate::mailer::{Mail, SendMail};

/// Why there is no mail.
#[derive(Debug)]
pub(super) enum Unprepared {
    /// There will never be one.
    Pointless(GivenUp),
    /// Something that it is made of is missing, and may be mended.
    Unwritable(Box<dyn std::error::Error + Send + Sync>),
    /// The tables did not answer.
    Store(StoreError),
}

impl From<StoreError> for Unprepared {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Whom a letter goes to.
struct Addressed {
    to: String,
    language: Language,
    letter: Letter,
}

impl<M: SendMail> Delivery<M> {
    /// Looks again at everything the message depends on, now that it is claimed, and writes it.
    pub(super) async fn prepare(&self, asked: &Asked, now: Timestamp) -> Result<Mail, Unprepared> {
        if now >= asked.deadline {
            return Err(Unprepared::Pointless(GivenUp::Expired));
        }
        let addressed = match (&asked.opening, asked.what) {
            (Opening::SignIn(attempted), What::Code { issue }) => {
                self.sign_in_code(asked.at, attempted, issue, now).await?
            }
            (Opening::SignIn(attempted), What::NewDevice | What::RegistrationAttempt) => {
                self.new_device(asked, attempted, now).await?
            }
            (Opening::Registration(opened), What::Code { issue }) => {
                self.registration_code(asked.at, opened, issue, now).await?
            }
            (Opening::Registration(opened), What::RegistrationAttempt | What::NewDevice) => {
                self.registration_attempt(asked, opened, now).await?
            }
        };
        let Addressed { to, language, letter } = addressed;
        let written = self
            .letters
            .write(&letter, language)
            .map_err(|why| Unprepared::Unwritable(why.into()))?;
        Ok(Mail {
            message: asked.message(),
            to,
            from: self.sender.clone(),
            subject: written.subject,
            text: written.text,
            html: written.html,
            language: written.language,
        })
    }

    async fn sign_in_code(
        &self,
        at: Timestamp,
        attempted: &Attempted,
        issue: u8,
        now: Timestamp,
    ) -> Result<Addressed, Unprepared> {
        let account = self.account(attempted.account).await?;
        let state = self.store.streams().load::<SignIn>(attempted.attempt).await?;
        let (attempt, challenge) = state.state().pending().ok_or(SUPERSEDED)?;
        let newest = challenge.newest();
        let living = newest.issue == issue && newest.method == Method::Email;
        if !living || attempt.generation != account.attempt_generation || challenge.is_over(now) {
            return Err(SUPERSEDED);
        }
        let id = attempt.id.to_string();
        let code = self.derive(&challenge.source(attempt.account, &id))?;
        let key = self.data_key(account.id, now).await?.ok_or(GONE)?;
        let asker = of_attempted(attempted, Some(&key), at);
        let letter = Letter::SignInCode { code, expires_at: newest.expires_at, asker };
        to_owner(&account, &key, letter)
    }

    async fn registration_code(
        &self,
        at: Timestamp,
        opened: &Opened,
        issue: u8,
        now: Timestamp,
    ) -> Result<Addressed, Unprepared> {
        let state = self.store.streams().load::<Verification>(opened.verification).await?;
        let Verification::CodeRequired(pending, challenge) = state.state() else {
            return Err(SUPERSEDED);
        };
        let newest = challenge.newest();
        if newest.issue != issue || newest.method != Method::Email || challenge.is_over(now) {
            return Err(SUPERSEDED);
        }
        let id = pending.id.to_string();
        let code = self.derive(&challenge.source(pending.account, &id))?;
        let key = self.data_key(pending.account, now).await?.ok_or(GONE)?;
        let asker = of_opened(opened, Some(&key), at);
        let letter = Letter::RegistrationCode { code, expires_at: newest.expires_at, asker };
        let to = key.open(&pending.email).map_err(|why| Unprepared::Unwritable(why.into()))?;
        Ok(Addressed { to, language: Language::negotiate(&pending.locale), letter })
    }

    async fn registration_attempt(
        &self,
        asked: &Asked,
        opened: &Opened,
        now: Timestamp,
    ) -> Result<Addressed, Unprepared> {
        let owner = self.account(asked.recipient).await?;
        let key = self.data_key(owner.id, now).await?.ok_or(GONE)?;
        // What the stranger told is kept for as long as the reservation only.
        let stranger = self.data_key(opened.account, now).await?;
        let letter =
            Letter::RegistrationAttempt { asker: of_opened(opened, stranger.as_ref(), asked.at) };
        to_owner(&owner, &key, letter)
    }

    async fn new_device(
        &self,
        asked: &Asked,
        attempted: &Attempted,
        now: Timestamp,
    ) -> Result<Addressed, Unprepared> {
        let account = self.account(attempted.account).await?;
        let key = self.data_key(account.id, now).await?.ok_or(GONE)?;
        let letter = Letter::NewDevice { asker: of_attempted(attempted, Some(&key), asked.at) };
        to_owner(&account, &key, letter)
    }

    async fn account(&self, account: AccountId) -> Result<OpenAccount, Unprepared> {
        let found = self.store.streams().load::<Account>(account).await?;
        found.state().open().cloned().ok_or(GONE)
    }

    async fn data_key(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<DataKey>, Unprepared> {
        Ok(self.store.vault().load(account, now).await?.map(|person| person.data_key))
    }

    fn derive(&self, source: &postern_domain::codes::CodeSource<'_>) -> Result<Code, Unprepared> {
        self.code_keys.derive(source).map_err(|why| Unprepared::Unwritable(why.into()))
    }
}

const SUPERSEDED: Unprepared = Unprepared::Pointless(GivenUp::Superseded);
const GONE: Unprepared = Unprepared::Pointless(GivenUp::RecipientErased);

/// To the address that the owner proved, in the owner's language.
fn to_owner(account: &OpenAccount, key: &DataKey, letter: Letter) -> Result<Addressed, Unprepared> {
    let to = key.open(&account.email).map_err(|why| Unprepared::Unwritable(why.into()))?;
    Ok(Addressed { to, language: Language::negotiate(&account.locale), letter })
}

/// What can't be opened any more is left unsaid: a message without it is better than none.
fn of_attempted(attempted: &Attempted, key: Option<&DataKey>, at: Timestamp) -> Asker {
    let origin = key.and_then(|key| key.open(&attempted.origin).ok());
    let described = key.and_then(|key| key.open(&attempted.description).ok());
    Asker {
        device: described.map(|it| it.name),
        platform: attempted.platform,
        country: attempted.country.clone(),
        city: origin.as_ref().and_then(|it| it.city.clone()),
        ip: origin.map(|it| it.ip),
        at,
    }
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
