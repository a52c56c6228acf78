//! How devices are pushed to. Decisions know an endpoint by its token's keyed name alone; the
//! token itself, and what the push service calls it, lie here, where erasing deletes them.

use std::fmt;

use jiff::Timestamp;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::vocabulary::{Alerts, PushPlatform, PushTokenKey};
use serde::{Deserialize, Serialize};

use super::Vault;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, Reader, json, number, text};
use crate::keys;
use crate::tables::{Condition, Tables, Written};

const WHAT: &str = "a push endpoint";

/// What the push service called a device before it registered anew.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The name (SNS: the endpoint's ARN).
    pub endpoint: String,
    /// The token that it stands for there.
    pub key: PushTokenKey,
}

/// How a device is pushed to.
#[derive(Clone, PartialEq, Eq)]
pub struct PushEndpoint {
    /// The device.
    pub device: DeviceId,
    /// Through whom it is reached.
    pub platform: PushPlatform,
    /// The token that its platform gave to the app.
    pub token: String,
    /// The same under the lookup key.
    pub key: PushTokenKey,
    /// Whether its owner sees what is pushed.
    pub alerts: Alerts,
    /// The push service's name for it (SNS: the endpoint's ARN), once this very registration is
    /// known there.
    pub endpoint: Option<String>,
    /// What it was called there before, until that is renewed or forgotten.
    pub earlier: Option<Earlier>,
    /// When it was registered, which tells it from earlier ones of the device: kept in whole
    /// milliseconds, as the account's state keeps it.
    pub since: Timestamp,
}

impl fmt::Debug for PushEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushEndpoint")
            .field("device", &self.device)
            .field("platform", &self.platform)
            .field("key", &self.key)
            .field("alerts", &self.alerts)
            .field("since", &self.since)
            .finish_non_exhaustive()
    }
}

/// What an item says about an endpoint in one piece; the rest is asked for or changed by itself.
#[derive(Serialize, Deserialize)]
struct Body {
    platform: PushPlatform,
    token: String,
    key: PushTokenKey,
    alerts: Alerts,
}

fn key(account: AccountId, device: DeviceId) -> Item {
    Tables::key(keys::VAULT, &account.to_string(), &keys::push_endpoint(device))
}

fn read(item: &Item) -> Result<PushEndpoint, StoreError> {
    let read = Reader::new(WHAT, item);
    let Body { platform, token, key, alerts } = read.json(keys::BODY)?;
    Ok(PushEndpoint {
        device: read.parsed(keys::DEVICE)?,
        platform,
        token,
        key,
        alerts,
        endpoint: read.maybe_text(keys::ENDPOINT).map(ToOwned::to_owned),
        earlier: read.maybe_json(keys::EARLIER)?,
        since: read.moment(keys::SINCE)?,
    })
}

/// The device has not registered anew.
fn registered(since: Timestamp) -> Condition {
    let names = [("#since", keys::SINCE)];
    Condition::new("#since = :since", &names, [(":since", number(since.as_millisecond()))])
}

impl Vault {
    /// Keeps or replaces a device's endpoint, in one transaction with a commit.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn push_put(
        &self,
        account: AccountId,
        endpoint: &PushEndpoint,
    ) -> Result<Extra, StoreError> {
        let PushEndpoint { device, platform, token, key: name, alerts, .. } = endpoint;
        let body = Body { platform: *platform, token: token.clone(), key: *name, alerts: *alerts };
        let mut item = key(account, *device);
        item.insert(keys::BODY.to_owned(), text(json(WHAT, &body)?));
        item.insert(keys::DEVICE.to_owned(), text(device.to_string()));
        item.insert(keys::SINCE.to_owned(), number(endpoint.since.as_millisecond()));
        if let Some(arn) = &endpoint.endpoint {
            item.insert(keys::ENDPOINT.to_owned(), text(arn));
        }
        if let Some(earlier) = &endpoint.earlier {
            item.insert(keys::EARLIER.to_owned(), text(json(WHAT, earlier)?));
        }
        self.tables.extra_put(keys::VAULT, item, None)
    }

    /// Forgets the endpoint that a device registered at `since`, in one transaction, which fails
    /// where that one is gone or replaced.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn push_delete(
        &self,
        account: AccountId,
        device: DeviceId,
        since: Timestamp,
    ) -> Result<Extra, StoreError> {
        self.tables.extra_delete(keys::VAULT, key(account, device), Some(registered(since)))
    }

    /// Forgets the endpoint that a device registered at `since`; a newer one stays, and one that
    /// is gone is fine.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn forget_push(
        &self,
        account: AccountId,
        device: DeviceId,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let key = key(account, device);
        self.tables.delete_if(keys::VAULT, key, registered(since)).await?;
        Ok(())
    }

    /// How a device is pushed to, if it is.
    ///
    /// # Errors
    /// When the table can't be read, or the endpoint is broken.
    pub async fn push_endpoint(
        &self,
        account: AccountId,
        device: DeviceId,
    ) -> Result<Option<PushEndpoint>, StoreError> {
        let (account, item) = (account.to_string(), keys::push_endpoint(device));
        let found = self.tables.get(keys::VAULT, &account, &item).await?;
        found.as_ref().map(read).transpose()
    }

    /// How all of an account's devices are pushed to. One query.
    ///
    /// # Errors
    /// As [`Self::push_endpoint`].
    pub async fn push_endpoints(
        &self,
        account: AccountId,
    ) -> Result<Vec<PushEndpoint>, StoreError> {
        let call = self.tables.query_prefix(keys::VAULT, &account.to_string(), keys::PUSHES);
        Tables::pages(call).await?.iter().map(read).collect()
    }

    /// Notes what the push service calls the endpoint that a device registered at `since`, whatever
    /// it was called before; `false`
    /// where that one is gone or replaced.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn note_push_arn(
        &self,
        account: AccountId,
        device: DeviceId,
        since: Timestamp,
        arn: &str,
    ) -> Result<bool, StoreError> {
        let update = registered(since)
            .on_update(self.tables.update(keys::VAULT, key(account, device)))
            .update_expression("SET #endpoint = :endpoint REMOVE #earlier")
            .expression_attribute_names("#endpoint", keys::ENDPOINT)
            .expression_attribute_names("#earlier", keys::EARLIER)
            .expression_attribute_values(":endpoint", text(arn));
        Ok(matches!(Tables::update_if(update).await?, Written::Done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_token_nor_the_endpoints_name_can_be_printed() {
        let endpoint = PushEndpoint {
            device: DeviceId::from_bytes([1; 16]),
            platform: PushPlatform::Fcm,
            token: "SECRET-TOKEN".to_owned(),
            key: PushTokenKey::from_bytes([2; 16]),
            alerts: Alerts::Allowed,
            endpoint: Some("SECRET-ARN".to_owned()),
            earlier: None,
            since: Timestamp::UNIX_EPOCH,
        };
        let printed = format!("{endpoint:?}");
        assert!(printed.contains("Fcm") && !printed.contains("SECRET"), "{printed}");
    }
}
