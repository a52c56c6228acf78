//! Which push token belongs to which device: a token reaches one app on one phone, whoever is
//! signed in there.

use aws_sdk_dynamodb::types::AttributeValue;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::vocabulary::PushTokenKey;

use super::Guards;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, Reader, text};
use crate::keys;
use crate::tables::{Condition, Tables};

const NAMES: [(&str, &str); 2] = [("#account", keys::ACCOUNT), ("#device", keys::DEVICE)];

fn key(token: PushTokenKey) -> Item {
    Tables::key(keys::GUARDS, &keys::push_token(token), keys::CLAIM)
}

fn values(account: AccountId, device: DeviceId) -> [(&'static str, AttributeValue); 2] {
    [(":account", text(account.to_string())), (":device", text(device.to_string()))]
}

/// The token is this device's or nobody's.
fn not_of_another(account: AccountId, device: DeviceId) -> Condition {
    Condition::new(
        "attribute_not_exists(#account) OR (#account = :account AND #device = :device)",
        &NAMES,
        values(account, device),
    )
}

impl Guards {
    /// The account and the device that a push token reaches.
    ///
    /// # Errors
    /// When the table can't be read, or the claim is broken.
    pub async fn push_claim(
        &self,
        token: PushTokenKey,
    ) -> Result<Option<(AccountId, DeviceId)>, StoreError> {
        let hash = keys::push_token(token);
        let found = self.tables.get(keys::GUARDS, &hash, keys::CLAIM).await?;
        let owner = |item| {
            let read = Reader::new("a push token's claim", item);
            Ok((read.parsed(keys::ACCOUNT)?, read.parsed(keys::DEVICE)?))
        };
        found.as_ref().map(owner).transpose()
    }

    /// Gives a push token to a device, if it is nobody's or still the `previous` owner's.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn push_claim_put(
        &self,
        token: PushTokenKey,
        account: AccountId,
        device: DeviceId,
        previous: Option<(AccountId, DeviceId)>,
    ) -> Result<Extra, StoreError> {
        let condition = previous.map_or_else(
            || Condition::absent(keys::GUARDS),
            |(account, device)| not_of_another(account, device),
        );
        let mut item = key(token);
        item.insert(keys::ACCOUNT.to_owned(), text(account.to_string()));
        item.insert(keys::DEVICE.to_owned(), text(device.to_string()));
        self.tables.extra_put(keys::GUARDS, item, Some(condition))
    }

    /// Takes a push token from a device in one transaction with a commit, which fails if another
    /// has it; one that nobody has is fine.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn push_claim_delete(
        &self,
        token: PushTokenKey,
        account: AccountId,
        device: DeviceId,
    ) -> Result<Extra, StoreError> {
        let condition = Some(not_of_another(account, device));
        self.tables.extra_delete(keys::GUARDS, key(token), condition)
    }

    /// Takes a push token from a device; one that another has stays there, and one that nobody has
    /// is fine.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn forget_push_claim(
        &self,
        token: PushTokenKey,
        account: AccountId,
        device: DeviceId,
    ) -> Result<(), StoreError> {
        let condition = not_of_another(account, device);
        self.tables.delete_if(keys::GUARDS, key(token), condition).await?;
        Ok(())
    }
}
