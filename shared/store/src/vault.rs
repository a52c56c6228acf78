//! The vault: what erasing a person deletes.
//!
//! An account's item `person` holds its data key, wrapped, and its password record. Without that
//! item nothing sealed for the account can be opened any more, here or in any copy of the log.
//! Beside it lie the recovery codes that are left, and an item for each device that was given a name
//! or can be pushed to.

mod names;
mod passwords;
mod push;
mod recovery;
mod tries;
mod wrapping;

use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::ports::Chance;
use postern_events::ids::AccountId;

use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, Reader, bytes, json, number, seconds, text};
use crate::keys;
use crate::password::PasswordRecord;
use crate::seal::DataKey;
use crate::tables::{Condition, Tables, Written};

pub use push::{Earlier, PushEndpoint};
pub use recovery::{RecoveryKey, RecoverySet};
pub use tries::Tries;
pub use wrapping::{KeyEncryptionKeys, Unwrapped};

/// The table of persons; cheap to clone.
#[derive(Debug, Clone)]
pub struct Vault {
    tables: Tables,
    keys: Option<Arc<KeyEncryptionKeys>>,
}

/// What the vault holds about a person, devices apart.
#[derive(Debug, Clone)]
pub struct Person {
    /// The key to their sealed values.
    pub data_key: DataKey,
    /// Their password.
    pub password: PasswordRecord,
    /// The wrong passwords on their trusted keys.
    pub tries: Tries,
    /// When it is forgotten again, where a registration has only reserved it.
    pub reserved_until: Option<Timestamp>,
}

impl Vault {
    pub(crate) fn new(tables: Tables, keys: Option<Arc<KeyEncryptionKeys>>) -> Self {
        Self { tables, keys }
    }

    fn keys(&self) -> Result<&KeyEncryptionKeys, StoreError> {
        self.keys.as_deref().ok_or_else(|| StoreError::broken("the vault", Unwrapped::NoKeys))
    }

    /// Makes a person with a new data key, forgotten at `expires_at` unless kept before.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the account has an item already.
    pub async fn reserve(
        &self,
        account: AccountId,
        password: &PasswordRecord,
        expires_at: Timestamp,
        chance: &dyn Chance,
    ) -> Result<DataKey, StoreError> {
        let what = "a reservation";
        let broken = |why| StoreError::broken(what, why);
        let (data_key, clear) = DataKey::generate(account, chance).map_err(broken)?;
        let (kid, wrapped) =
            self.keys()?.wrap(account, &clear).map_err(|why| StoreError::broken(what, why))?;
        let mut item = Tables::key(keys::VAULT, &account.to_string(), keys::PERSON);
        item.extend(
            [
                (keys::DATA_KEY, bytes(&wrapped)),
                (keys::KID, text(kid)),
                (keys::PASSWORD, text(json(what, password)?)),
                (keys::EXPIRES, number(seconds(expires_at))),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let put = self.tables.put(keys::VAULT, item);
        let ours = |item: &Item| {
            // Wrapping is random: only our own write holds these bytes.
            Reader::new(what, item).bytes(keys::DATA_KEY).is_ok_and(|it| it == wrapped)
        };
        match Tables::put_if(Condition::absent(keys::VAULT).on(put)).await? {
            Written::Done => Ok(data_key),
            Written::Refused(Some(item)) if ours(&item) => Ok(data_key),
            Written::Refused(_) => Err(StoreError::Conflict),
        }
    }

    /// The person, unless erased, never made, or reserved for a time that is over.
    ///
    /// # Errors
    /// When the table can't be read, or the data key not unwrapped.
    pub async fn load(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<Person>, StoreError> {
        let found = self.tables.get(keys::VAULT, &account.to_string(), keys::PERSON).await?;
        let Some(item) = found else { return Ok(None) };
        let what = format!("the vault's item of {account}");
        let read = Reader::new(&what, &item);
        let reserved_until = read.time(keys::EXPIRES)?;
        if reserved_until.is_some_and(|until| until <= now) {
            return Ok(None);
        }
        let wrapped = read.bytes(keys::DATA_KEY)?;
        let data_key = self
            .keys()?
            .unwrap(account, read.text(keys::KID)?, wrapped)
            .map_err(|why| StoreError::broken(&*what, why))?;
        let password = read.json(keys::PASSWORD)?;
        Ok(Some(Person { data_key, password, tries: Tries::of(&item), reserved_until }))
    }

    /// Turns a reservation into something kept for good.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn keep(&self, account: AccountId) -> Result<Extra, StoreError> {
        let key = Tables::key(keys::VAULT, &account.to_string(), keys::PERSON);
        let mut condition = Condition::present(keys::VAULT);
        condition.names.insert("#expires".to_owned(), keys::EXPIRES.to_owned());
        self.tables.extra_update(keys::VAULT, key, "REMOVE #expires", condition)
    }

    /// Deletes all items of an account, the data key first: after it the person can't be read any
    /// more, whatever happens to the rest. Safe to repeat.
    ///
    /// # Errors
    /// When the table can't be read or written; then it is to be repeated.
    pub async fn erase(&self, account: AccountId) -> Result<(), StoreError> {
        let account = account.to_string();
        self.tables.delete(keys::VAULT, &account, keys::PERSON).await?;
        for item in Tables::pages(self.tables.query(keys::VAULT, &account)).await? {
            let name = Reader::new("a vault item", &item).text(keys::ITEM)?;
            self.tables.delete(keys::VAULT, &account, name).await?;
        }
        Ok(())
    }
}
