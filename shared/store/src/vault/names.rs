//! What owners call their devices. Views show it too, but later; whoever gave a name sees it at once.

use std::collections::HashMap;

use postern_events::ids::{AccountId, DeviceId};
use postern_events::personal::Personal;
use postern_events::vocabulary::DeviceDescription;

use super::Vault;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, Reader, json, text};
use crate::keys;
use crate::tables::Tables;

const WHAT: &str = "a device's name";

fn read(item: &Item) -> Result<(DeviceId, Personal<DeviceDescription>), StoreError> {
    let read = Reader::new(WHAT, item);
    Ok((read.parsed(keys::DEVICE)?, read.json(keys::BODY)?))
}

impl Vault {
    /// Keeps or replaces a device's description, in one transaction with a commit.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the description is not sealed.
    pub fn device_name_put(
        &self,
        account: AccountId,
        device: DeviceId,
        description: &Personal<DeviceDescription>,
    ) -> Result<Extra, StoreError> {
        let name = keys::device_name(device);
        let mut item = Tables::key(keys::VAULT, &account.to_string(), &name);
        item.insert(keys::DEVICE.to_owned(), text(device.to_string()));
        item.insert(keys::BODY.to_owned(), text(json(WHAT, description)?));
        self.tables.extra_put(keys::VAULT, item, None)
    }

    /// The descriptions of those of an account's devices that were ever renamed. One query.
    ///
    /// # Errors
    /// When the table can't be read, or an item is broken.
    pub async fn device_names(
        &self,
        account: AccountId,
    ) -> Result<HashMap<DeviceId, Personal<DeviceDescription>>, StoreError> {
        let call = self.tables.query_prefix(keys::VAULT, &account.to_string(), keys::NAMES);
        Tables::pages(call).await?.iter().map(read).collect()
    }
}
