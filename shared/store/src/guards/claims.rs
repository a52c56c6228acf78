//! Which address belongs to which account.

use postern_events::ids::AccountId;
use postern_events::vocabulary::AddressKey;

use super::Guards;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, Reader, text};
use crate::keys;
use crate::tables::{Condition, Tables};

/// Whom a claim names.
pub(super) fn account_of(claim: &Item) -> Result<AccountId, StoreError> {
    Reader::new("an address's claim", claim).parsed(keys::ACCOUNT)
}

impl Guards {
    /// The account that has an address.
    ///
    /// # Errors
    /// When the table can't be read, or the claim is broken.
    pub async fn claim(&self, address: AddressKey) -> Result<Option<AccountId>, StoreError> {
        let found = self.tables.get(keys::GUARDS, &keys::address(address), keys::CLAIM).await?;
        found.as_ref().map(account_of).transpose()
    }

    /// Gives an address to an account, unless somebody has it.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn claim_put(&self, address: AddressKey, account: AccountId) -> Result<Extra, StoreError> {
        let mut item = Tables::key(keys::GUARDS, &keys::address(address), keys::CLAIM);
        item.insert(keys::ACCOUNT.to_owned(), text(account.to_string()));
        self.tables.extra_put(keys::GUARDS, item, Some(Condition::absent(keys::GUARDS)))
    }

    /// Takes an address from an account in one transaction with a commit, which fails if another account
    /// has it. Where nobody has it, as when the table was lost, there is nothing to take.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn address_release(
        &self,
        address: AddressKey,
        account: AccountId,
    ) -> Result<Extra, StoreError> {
        let key = Tables::key(keys::GUARDS, &keys::address(address), keys::CLAIM);
        let its = Condition::new(
            "attribute_not_exists(#account) OR #account = :account",
            &[("#account", keys::ACCOUNT)],
            [(":account", text(account.to_string()))],
        );
        self.tables.extra_delete(keys::GUARDS, key, Some(its))
    }
}
