//! What is shown about devices, so that no decider has to carry it.

use jiff::Timestamp;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{DeviceDescription, Origin, Platform};
use serde::{Deserialize, Serialize};

use super::Vault;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, Reader, json, text};
use crate::keys;
use crate::tables::{METERED, Tables};

/// A device as its owner's list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceProfile {
    /// The device.
    pub device: DeviceId,
    /// What its owner calls it and what it is, sealed.
    pub description: Personal<DeviceDescription>,
    /// Where it was last seen, sealed.
    pub origin: Personal<Origin>,
    /// The country of that place (ISO 3166-1 alpha-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Its platform.
    pub platform: Platform,
    /// When it was last seen.
    pub seen_at: Timestamp,
}

impl Vault {
    fn profile_item(account: AccountId, profile: &DeviceProfile) -> Result<Item, StoreError> {
        let range = keys::device(profile.device);
        let mut item = Tables::key(keys::VAULT, &account.to_string(), &range);
        item.insert(keys::BODY.to_owned(), text(json("a device's profile", profile)?));
        Ok(item)
    }

    /// Keeps or replaces a device's profile, in one transaction with a commit.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when its values are not sealed.
    pub fn profile_put(
        &self,
        account: AccountId,
        profile: &DeviceProfile,
    ) -> Result<Extra, StoreError> {
        self.tables.extra_put(keys::VAULT, Self::profile_item(account, profile)?, None)
    }

    /// The profiles of an account's devices, in the order of their identifiers.
    ///
    /// # Errors
    /// When the table can't be read, or a profile is broken.
    pub async fn profiles(&self, account: AccountId) -> Result<Vec<DeviceProfile>, StoreError> {
        let call = self
            .tables
            .client
            .query()
            .table_name(self.tables.name(keys::VAULT))
            .consistent_read(true)
            .return_consumed_capacity(METERED)
            .key_condition_expression("#hash = :hash AND begins_with(#item, :prefix)")
            .expression_attribute_names("#hash", keys::ACCOUNT)
            .expression_attribute_names("#item", keys::ITEM)
            .expression_attribute_values(":hash", text(account.to_string()))
            .expression_attribute_values(":prefix", text(keys::DEVICE_PREFIX));
        let items = Tables::pages(call).await?;
        items.iter().map(|it| Reader::new("a device's profile", it).json(keys::BODY)).collect()
    }

    /// Forgets a device's profile, in one transaction with a commit.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn profile_delete(
        &self,
        account: AccountId,
        device: DeviceId,
    ) -> Result<Extra, StoreError> {
        let key = Tables::key(keys::VAULT, &account.to_string(), &keys::device(device));
        self.tables.extra_delete(keys::VAULT, key)
    }
}
