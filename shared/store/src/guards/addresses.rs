//! What is known about an address: whose it is, and how many passwords for it were wrong.
//!
//! Both lie under one hash key, so that one read brings both, and costs the same whether the
//! address has an account or not.

use jiff::Timestamp;
use postern_domain::ports::Chance;
use postern_events::ids::AccountId;
use postern_events::vocabulary::AddressKey;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Guards;
use super::claims::account_of;
use super::revisions::{Guarded, Place, UpdateError, Updated, read_guarded};
use crate::error::StoreError;
use crate::items::Reader;
use crate::keys;

/// An address, as the guards know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AddressRecord<T> {
    /// The account that has it.
    pub account: Option<AccountId>,
    /// What is counted about passwords given for it.
    pub passwords: Guarded<T>,
}

impl Guards {
    /// Whose an address is, and what is counted about passwords for it: the default where nothing
    /// is, or where what was counted is forgotten by `now`. One read.
    ///
    /// # Errors
    /// When the table can't be read, or an item is broken.
    pub async fn address<T>(
        &self,
        address: AddressKey,
        now: Timestamp,
    ) -> Result<AddressRecord<T>, StoreError>
    where
        T: DeserializeOwned + Default,
    {
        let key = keys::address(address);
        let answer = self.tables.query(keys::GUARDS, &key).send().await?;
        let mut record = AddressRecord::default();
        for item in answer.items() {
            match Reader::new(&key, item).text(keys::ITEM)? {
                keys::CLAIM => record.account = Some(account_of(item)?),
                keys::PASSWORDS => record.passwords = read_guarded(&key, item, Some(now))?,
                _ => {}
            }
        }
        Ok(record)
    }

    /// Changes what is counted about passwords for an address, starting from what
    /// [`Self::address`] brought: one write, and no read unless a transaction is in the way. Where
    /// somebody was faster, `alter` is asked again on the present value. Every change is written,
    /// also one that changes nothing, for the write is what puts guesses in an order. What is
    /// counted is forgotten at `expires_at`.
    ///
    /// # Errors
    /// The refusal of `alter`, which writes nothing, or what the table said last.
    pub async fn settle_passwords<T, R, E>(
        &self,
        address: AddressKey,
        passwords: Guarded<T>,
        now: Timestamp,
        expires_at: Timestamp,
        chance: &dyn Chance,
        alter: impl FnMut(&mut T) -> Result<R, E>,
    ) -> Result<Updated<T, R>, UpdateError<E>>
    where
        T: Serialize + DeserializeOwned + Default + Sync,
        E: std::error::Error + 'static,
    {
        let place = Place {
            key: keys::address(address),
            item: keys::PASSWORDS,
            life: Some((now, expires_at)),
        };
        self.settle_place(&place, passwords, chance, alter).await
    }
}
