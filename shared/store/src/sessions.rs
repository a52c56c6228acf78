//! Who is signed in. Losing this table signs everybody out and nothing else.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use postern_domain::ports::{Chance, draw};
use postern_events::ids::{AccountId, DeviceId, SessionId};
use postern_events::personal::Personal;
use postern_events::sign_in::AuthenticationMethod;
use postern_events::vocabulary::{DeviceDescription, DeviceKey, Origin, Platform};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, Reader, json, number, seconds, text};
use crate::keys;
use crate::tables::{Condition, Tables, Written};

/// A session of a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The account.
    pub account: AccountId,
    /// Its identifier.
    pub id: SessionId,
    /// The device.
    pub device: DeviceId,
    /// The device's key on the account.
    pub key: DeviceKey,
    /// Whether the key was trusted when the session began.
    pub trusted: bool,
    /// The account's trust generation then; the session dies when it rises.
    pub trust_generation: u32,
    /// SHA-256 of the refresh secret.
    #[serde(with = "crate::items::base64url")]
    pub secret_hash: [u8; 32],
    /// How its holder proved who they are.
    pub amr: Vec<AuthenticationMethod>,
    /// When they did.
    pub auth_time: Timestamp,
    /// Until when sensitive calls pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_up_until: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends, unless extended: kept in whole seconds, rounded up.
    #[serde(skip)]
    pub expires_at: Timestamp,
    /// The device's platform.
    pub platform: Platform,
    /// The device's description, sealed.
    pub description: Personal<DeviceDescription>,
    /// Where it began, sealed.
    pub origin: Personal<Origin>,
}

/// The table of sessions; cheap to clone.
#[derive(Debug, Clone)]
pub struct Sessions {
    tables: Tables,
}

impl Sessions {
    pub(crate) fn new(tables: Tables) -> Self {
        Self { tables }
    }

    fn key(account: AccountId, session: SessionId) -> Item {
        Tables::key(keys::SESSIONS, &account.to_string(), &session.to_string())
    }

    fn item(session: &Session) -> Result<Item, StoreError> {
        let mut item = Self::key(session.account, session.id);
        item.insert(keys::BODY.to_owned(), text(json("a session", session)?));
        item.insert(keys::EXPIRES.to_owned(), number(seconds(session.expires_at)));
        Ok(item)
    }

    /// Reads a session; one that has ended counts as absent, whether or not it was deleted yet.
    fn read(item: &Item, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let read = Reader::new("a session", item);
        let mut session: Session = read.json(keys::BODY)?;
        session.expires_at = read.time(keys::EXPIRES)?.unwrap_or(Timestamp::MIN);
        Ok((now < session.expires_at).then_some(session))
    }

    /// Keeps or replaces a session.
    ///
    /// # Errors
    /// When its values are not sealed, or the table can't be written.
    pub async fn put(&self, session: &Session) -> Result<(), StoreError> {
        self.tables.put(keys::SESSIONS, Self::item(session)?).send().await?;
        Ok(())
    }

    /// Keeps or replaces a session, in one transaction with a commit.
    ///
    /// # Errors
    /// When its values are not sealed.
    pub fn put_extra(&self, session: &Session) -> Result<Extra, StoreError> {
        self.tables.extra_put(keys::SESSIONS, Self::item(session)?, None)
    }

    /// Replaces a session in one transaction with a commit, which fails where it is gone.
    ///
    /// # Errors
    /// When its values are not sealed.
    pub fn replace_extra(&self, session: &Session) -> Result<Extra, StoreError> {
        let present = Condition::present(keys::SESSIONS);
        self.tables.extra_put(keys::SESSIONS, Self::item(session)?, Some(present))
    }

    /// Replaces a session. One that is gone stays gone, and the answer is `false`.
    ///
    /// # Errors
    /// When its values are not sealed, or the table can't be written.
    pub async fn replace(&self, session: &Session) -> Result<bool, StoreError> {
        let put = self.tables.put(keys::SESSIONS, Self::item(session)?);
        let written = Tables::put_if(Condition::present(keys::SESSIONS).on(put)).await?;
        Ok(matches!(written, Written::Done))
    }

    /// A session that has not ended.
    ///
    /// # Errors
    /// When the table can't be read, or the session is broken.
    pub async fn get(
        &self,
        account: AccountId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let (account, session) = (account.to_string(), session.to_string());
        let found = self.tables.get(keys::SESSIONS, &account, &session).await?;
        found.as_ref().map_or(Ok(None), |item| Self::read(item, now))
    }

    /// All sessions of an account that have not ended.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn of_account(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let call = self.tables.query(keys::SESSIONS, &account.to_string());
        let items = Tables::pages(call).await?;
        items.iter().filter_map(|item| Self::read(item, now).transpose()).collect()
    }

    /// Moves a session's end. A session that is gone stays gone, and the answer is `false`.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn extend(
        &self,
        account: AccountId,
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self.tables.update(keys::SESSIONS, Self::key(account, session));
        let update = Condition::present(keys::SESSIONS)
            .on_update(update)
            .update_expression("SET #expires = :expires")
            .expression_attribute_names("#expires", keys::EXPIRES)
            .expression_attribute_values(":expires", number(seconds(expires_at)));
        Ok(matches!(Tables::update_if(update).await?, Written::Done))
    }

    /// Ends a session; one that has ended already is fine.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn delete(&self, account: AccountId, session: SessionId) -> Result<(), StoreError> {
        let (account, session) = (account.to_string(), session.to_string());
        self.tables.delete(keys::SESSIONS, &account, &session).await
    }

    /// Ends all sessions of an account. Safe to repeat.
    ///
    /// # Errors
    /// When the table can't be read or written; then it is to be repeated.
    pub async fn forget(&self, account: AccountId) -> Result<(), StoreError> {
        let account = account.to_string();
        for item in Tables::pages(self.tables.query(keys::SESSIONS, &account)).await? {
            let session = Reader::new("a session", &item).text(keys::SESSION)?;
            self.tables.delete(keys::SESSIONS, &account, session).await?;
        }
        Ok(())
    }

    /// Ends a session, in one transaction with a commit.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn delete_extra(
        &self,
        account: AccountId,
        session: SessionId,
    ) -> Result<Extra, StoreError> {
        self.tables.extra_delete(keys::SESSIONS, Self::key(account, session), None)
    }
}

/// The secret half of a refresh token: 256 bits of chance, kept only as a hash.
#[derive(Clone)]
pub struct RefreshSecret(Zeroizing<[u8; 32]>);

impl fmt::Debug for RefreshSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshSecret(..)")
    }
}

impl RefreshSecret {
    /// A new secret.
    #[must_use]
    pub fn new(chance: &dyn Chance) -> Self {
        Self(Zeroizing::new(draw(chance)))
    }

    /// Reads the secret as a client sends it: 43 characters of base64url.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        bytes.as_slice().try_into().ok().map(|it| Self(Zeroizing::new(it)))
    }

    /// The secret as a client gets it.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.0))
    }

    /// SHA-256 of it. With 256 bits of chance in it, nothing slower is needed.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, &*self.0).as_ref());
        hash
    }

    /// Whether it is the secret of this hash; compares in constant time.
    #[must_use]
    pub fn matches(&self, hash: &[u8; 32]) -> bool {
        verify_slices_are_equal(&self.hash(), hash).is_ok()
    }
}
