//! What the log makes of a device, from facts of several streams in any order.

use jiff::Timestamp;
use postern_events::account::TrustedBy;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::personal::Personal;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::StoredEvent;
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::DeviceDescription;
use serde::{Deserialize, Serialize};

use super::news::{self, News};
use super::{DeviceProfile, REVOKED_KNOWN_FOR, WHAT};
use crate::error::StoreError;
use crate::items::{json, seconds};
use crate::keys;
use crate::views::{Attribute, ViewItem};

/// A fact about one device.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceFact {
    /// Somebody asked to be let in as it, from this country.
    Asked {
        /// By what it would be trusted.
        by: TrustedBy,
        /// The country.
        country: Option<String>,
    },
    /// It is trusted.
    Trusted {
        /// What it is.
        profile: DeviceProfile,
        /// What made it trusted.
        by: TrustedBy,
    },
    /// It was used.
    Seen {
        /// What it is.
        profile: DeviceProfile,
    },
    /// It is trusted no longer.
    Revoked {
        /// Since when.
        at: Timestamp,
    },
    /// It is called otherwise.
    Renamed {
        /// How.
        description: Personal<DeviceDescription>,
        /// Since which event of its account.
        sequence: u64,
    },
}

impl DeviceFact {
    /// What made the device trusted, if this did.
    pub(in crate::views) fn trusted_by(&self) -> Option<TrustedBy> {
        match self {
            Self::Trusted { by, .. } => Some(*by),
            Self::Asked { .. }
            | Self::Seen { .. }
            | Self::Revoked { .. }
            | Self::Renamed { .. } => None,
        }
    }
}

/// The facts in a commit, each with its device.
///
/// # Errors
/// When the commit can't be read.
pub fn device_facts(
    stream: &str,
    version: u64,
    events: &[StoredEvent],
) -> Result<Vec<(AccountId, DeviceId, DeviceFact)>, StoreError> {
    let what = || format!("commit {version} of stream {stream}");
    let (asked, news) = match keys::stream_parts(stream) {
        // The account says what becomes of an attempt or a process after its first commit.
        Some((SignInEvent::AGGREGATE, _)) if version == 1 => {
            let events = news::events(events, what)?;
            (signing_in(&events), news::of_sign_in(events))
        }
        Some((VerificationEvent::AGGREGATE, _)) if version == 1 => {
            (opened(&news::events(events, what)?), Vec::new())
        }
        Some(_) | None => (None, news::of_events(stream, version, events)?),
    };
    let told = news.into_iter().map(|news| match news {
        News::Trusted { account, profile, by } => {
            (account, profile.device, DeviceFact::Trusted { profile, by })
        }
        News::Seen { account, profile } => (account, profile.device, DeviceFact::Seen { profile }),
        News::Revoked { account, device, at } => (account, device, DeviceFact::Revoked { at }),
        News::Renamed { account, device, description, sequence } => {
            (account, device, DeviceFact::Renamed { description, sequence })
        }
    });
    Ok(asked.into_iter().chain(told).collect())
}

/// The profile that an item shows, if it shows one; what its owner calls the device is not in it.
pub(in crate::views) fn shown(item: &ViewItem) -> Result<Option<DeviceProfile>, StoreError> {
    let profile = item.text(keys::BODY).map(serde_json::from_str).transpose();
    profile.map_err(|why| StoreError::broken(WHAT, why))
}

/// An attempt that may make its device trusted; one on a trusted device doesn't.
fn signing_in(events: &[(Timestamp, SignInEvent)]) -> Option<(AccountId, DeviceId, DeviceFact)> {
    let Some((_, SignInEvent::Attempted(it))) = events.first() else { return None };
    let (by, country) = (TrustedBy::SignIn(it.attempt), it.country.clone());
    let asked = (it.account, it.device, DeviceFact::Asked { by, country });
    (!it.inputs.trusted).then_some(asked)
}

fn opened(events: &[(Timestamp, VerificationEvent)]) -> Option<(AccountId, DeviceId, DeviceFact)> {
    let Some((_, VerificationEvent::Opened(it))) = events.first() else { return None };
    let (by, country) = (TrustedBy::Registration(it.verification), it.country.clone());
    Some((it.account, it.device, DeviceFact::Asked { by, country }))
}

/// A device while its facts come, in any order: in the end it is what projecting their commits leads to.
#[derive(Debug, Default)]
pub struct DeviceReplay {
    asked: Vec<(TrustedBy, Option<String>)>,
    trusted: Option<(DeviceProfile, TrustedBy)>,
    seen: Option<DeviceProfile>,
    revoked: Option<Timestamp>,
    renamed: Option<(u64, Personal<DeviceDescription>)>,
}

impl DeviceReplay {
    /// Adds a fact; one that was added before changes nothing.
    pub fn add(&mut self, fact: DeviceFact) {
        match fact {
            DeviceFact::Asked { by, country } => self.asked.push((by, country)),
            DeviceFact::Trusted { profile, by } => self.trusted = Some((profile, by)),
            DeviceFact::Seen { profile } => {
                let newer = |it: &DeviceProfile| it.seen_at < profile.seen_at;
                if self.seen.as_ref().is_none_or(newer) {
                    self.seen = Some(profile);
                }
            }
            DeviceFact::Revoked { at } => {
                self.revoked = Some(self.revoked.map_or(at, |before| before.min(at)));
            }
            DeviceFact::Renamed { description, sequence } => {
                if self.renamed.as_ref().is_none_or(|(before, _)| *before < sequence) {
                    self.renamed = Some((sequence, description));
                }
            }
        }
    }

    /// The item that shows it; none where it never was trusted.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn item(
        self,
        account: AccountId,
        device: DeviceId,
    ) -> Result<Option<ViewItem>, StoreError> {
        let mut item = ViewItem::new(keys::devices(account), device.to_string());
        if let Some(at) = self.revoked {
            let forgotten = at.checked_add(REVOKED_KNOWN_FOR).unwrap_or(Timestamp::MAX);
            item.set(keys::REVOKED, Attribute::Number(at.as_millisecond()));
            item.set(keys::EXPIRES, Attribute::Number(seconds(forgotten)));
            return Ok(Some(item));
        }
        let trusted = self.trusted.map(|(profile, by)| {
            let asked = self.asked.into_iter().find(|it| it.0 == by);
            DeviceProfile { country: asked.and_then(|it| it.1), ..profile }
        });
        // Of two that were seen at once, the one that says what made it trusted.
        let newest = match (trusted, self.seen) {
            (Some(trusted), Some(seen)) if seen.seen_at > trusted.seen_at => Some(seen),
            (Some(it), _) | (None, Some(it)) => Some(it),
            (None, None) => None,
        };
        if newest.is_none() && self.renamed.is_none() {
            return Ok(None);
        }
        if let Some(profile) = newest {
            item.set(keys::BODY, Attribute::Text(json(WHAT, &profile)?));
            item.set(keys::SEEN, Attribute::Number(profile.seen_at.as_millisecond()));
        }
        if let Some((sequence, description)) = self.renamed {
            item.set(keys::NAME, Attribute::Text(json(WHAT, &description)?));
            let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
            item.set(keys::NAMED, Attribute::Number(sequence));
        }
        Ok(Some(item))
    }
}
