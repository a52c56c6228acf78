//! An account's trusted devices as its owner's list shows them: what they are and where they were
//! last seen.
//!
//! Commits of many streams speak of one device, the account's and those of its sign-ins, and they
//! come in any order and more than once. A device has one identifier from the moment it is trusted
//! to the moment it no longer is, and never gets it back: so the end of its trust outweighs
//! everything else that is said about it, whenever that arrives, and among the rest what was seen
//! last outweighs what was seen before. What its owner called it outweighs what its app calls it,
//! and the newest such name counts. An end is therefore remembered as an item without a
//! profile, for longer than a stream's records or the dead letters made of them can come again.
//! Should an older commit be replayed after that, it shows a profile that nobody asks for: which
//! devices are trusted is read from the account, and this view only describes them.

mod news;
mod replayed;

pub(super) use replayed::shown;
pub use replayed::{DeviceFact, DeviceReplay, device_facts};

use jiff::{SignedDuration, Timestamp};
use postern_events::ids::{AccountId, DeviceId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{DeviceDescription, Origin, Platform};
use serde::{Deserialize, Serialize};

use super::{Projected, Views};
use crate::error::StoreError;
use crate::items::{Item, Reader, json, number, seconds, text};
use crate::keys;
use crate::streams::Commit;
use crate::tables::{Condition, Tables, Written};
use news::News;

/// How long the end of a device's trust is remembered. A stream keeps its records for a day and a
/// queue of dead letters keeps them for two weeks; this is twice that.
pub const REVOKED_KNOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

const WHAT: &str = "a device's profile";

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

impl Views {
    /// Shows what a commit says about an account's trusted devices. Safe to repeat, and in any
    /// order.
    ///
    /// # Errors
    /// When the commit can't be read, or the tables can't be read or written.
    pub async fn project_devices(&self, commit: &Commit) -> Result<Projected, StoreError> {
        let mut projected = Projected::Nothing;
        for news in news::of(commit)? {
            let changed = match news {
                News::Trusted { account, profile, by } => {
                    let country = self.country_of(by).await?;
                    self.show_profile(account, &DeviceProfile { country, ..profile }).await?
                }
                News::Seen { account, profile } => self.show_profile(account, &profile).await?,
                News::Revoked { account, device, at } => {
                    self.remember_end(account, device, at).await?
                }
                News::Renamed { account, device, description, sequence } => {
                    self.show_name(account, device, &description, sequence).await?
                }
            };
            projected = match (projected, changed) {
                (Projected::Shown, _) | (_, true) => Projected::Shown,
                (Projected::Known | Projected::Nothing, false) => Projected::Known,
            };
        }
        Ok(projected)
    }

    fn device_key(account: AccountId, device: DeviceId) -> Item {
        Tables::key(keys::VIEWS, &keys::devices(account), &device.to_string())
    }

    /// Whether it was new: neither has the device's trust ended, nor was it seen later than this.
    async fn show_profile(
        &self,
        account: AccountId,
        profile: &DeviceProfile,
    ) -> Result<bool, StoreError> {
        let newer = Condition::new(
            "attribute_not_exists(#revoked) AND (attribute_not_exists(#seen) OR #seen < :seen)",
            &[("#revoked", keys::REVOKED), ("#seen", keys::SEEN)],
            [(":seen", number(profile.seen_at.as_millisecond()))],
        );
        let update = newer
            .on_update(self.tables.update(keys::VIEWS, Self::device_key(account, profile.device)))
            .update_expression("SET #body = :body, #seen = :seen")
            .expression_attribute_names("#body", keys::BODY)
            .expression_attribute_values(":body", text(json(WHAT, profile)?));
        Ok(matches!(Tables::update_if(update).await?, Written::Done))
    }

    /// Whether it was new: neither has the device's trust ended, nor was it renamed later.
    async fn show_name(
        &self,
        account: AccountId,
        device: DeviceId,
        description: &Personal<DeviceDescription>,
        sequence: u64,
    ) -> Result<bool, StoreError> {
        let newer = Condition::new(
            "attribute_not_exists(#revoked) AND (attribute_not_exists(#named) OR #named < :named)",
            &[("#revoked", keys::REVOKED), ("#named", keys::NAMED)],
            [(":named", number(sequence))],
        );
        let update = newer
            .on_update(self.tables.update(keys::VIEWS, Self::device_key(account, device)))
            .update_expression("SET #name = :name, #named = :named")
            .expression_attribute_names("#name", keys::NAME)
            .expression_attribute_values(":name", text(json(WHAT, description)?));
        Ok(matches!(Tables::update_if(update).await?, Written::Done))
    }

    /// Whether it was new. The profile goes with it.
    async fn remember_end(
        &self,
        account: AccountId,
        device: DeviceId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let forgotten = at.checked_add(REVOKED_KNOWN_FOR).unwrap_or(Timestamp::MAX);
        let mut item = Self::device_key(account, device);
        item.insert(keys::REVOKED.to_owned(), number(at.as_millisecond()));
        item.insert(keys::EXPIRES.to_owned(), number(seconds(forgotten)));
        let unknown =
            Condition::new("attribute_not_exists(#revoked)", &[("#revoked", keys::REVOKED)], []);
        let written = Tables::put_if(unknown.on(self.tables.put(keys::VIEWS, item))).await?;
        Ok(matches!(written, Written::Done))
    }

    /// The profiles of an account's devices, in the order of their identifiers. One query.
    ///
    /// # Errors
    /// When the table can't be read, or a profile is broken.
    pub async fn devices(&self, account: AccountId) -> Result<Vec<DeviceProfile>, StoreError> {
        let call = self.tables.query(keys::VIEWS, &keys::devices(account));
        let items = Tables::pages(call).await?;
        items.iter().filter_map(|it| read(it).transpose()).collect()
    }
}

/// Reads a profile; a device whose trust has ended, or of which only a name has arrived yet, has
/// none.
fn read(item: &Item) -> Result<Option<DeviceProfile>, StoreError> {
    let read = Reader::new(WHAT, item);
    if item.contains_key(keys::REVOKED) {
        return Ok(None);
    }
    let Some(profile) = read.maybe_json::<DeviceProfile>(keys::BODY)? else { return Ok(None) };
    let name = read.maybe_json(keys::NAME)?;
    Ok(Some(DeviceProfile { description: name.unwrap_or(profile.description), ..profile }))
}
