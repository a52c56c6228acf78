//! Wrong passwords: counted for an address whether it has an account or not, and for a trusted key
//! apart, so that nobody's guesses stand in the way of the owner's own phone.
//!
//! A password takes too long to compare to be claimed and given back: both a wrong one and a right
//! one are settled by one write on the value they were judged from, before anything is answered.
//! That write is what puts them in an order, and one that comes after the last allowed one is
//! answered as if it had never been compared.

use jiff::{SignedDuration, Timestamp};
use postern_events::vocabulary::{DeviceKey, SourceKey};
use serde::{Deserialize, Serialize};

use crate::budget::DAY;
use crate::{millis, policy};

/// No password is compared now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there were too many wrong passwords")]
pub struct TooManyTries {
    /// When one is compared again.
    pub until: Timestamp,
}

/// Wrong passwords from one network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct FromSource {
    #[serde(rename = "s")]
    source: SourceKey,
    #[serde(rename = "n")]
    wrong: u16,
    #[serde(rename = "t", with = "millis")]
    last: Timestamp,
}

/// Wrong passwords for one address over keys that aren't trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AddressTries {
    /// Within the last day, oldest first.
    #[serde(default, with = "millis::list")]
    day: Vec<Timestamp>,
    /// By network, as far as the last day goes.
    #[serde(default)]
    sources: Vec<FromSource>,
}

impl AddressTries {
    /// Whether a password from this network is compared now.
    ///
    /// # Errors
    /// When it isn't, with the time when it will be.
    pub fn may_try(&self, source: SourceKey, now: Timestamp) -> Result<(), TooManyTries> {
        let of_source = self.sources.iter().find(|it| it.source == source && it.last > now - DAY);
        let delayed = of_source.and_then(|it| Some(it.last + delay(it.wrong)?));
        let day: Vec<_> = self.day.iter().filter(|at| **at > now - DAY).collect();
        let full = day.len().checked_sub(policy::WRONG_PASSWORDS_A_DAY);
        let full = full.and_then(|place| day.get(place)).map(|oldest| **oldest + DAY);
        match delayed.max(full).filter(|until| now < *until) {
            None => Ok(()),
            Some(until) => Err(TooManyTries { until }),
        }
    }

    /// Counts a wrong one.
    ///
    /// # Errors
    /// When it came too late to be compared at all.
    pub fn wrong(&mut self, source: SourceKey, now: Timestamp) -> Result<(), TooManyTries> {
        self.forget(now);
        self.may_try(source, now)?;
        self.day.push(now);
        if let Some(known) = self.sources.iter_mut().find(|it| it.source == source) {
            known.wrong = known.wrong.saturating_add(1);
            known.last = now;
        } else {
            self.sources.push(FromSource { source, wrong: 1, last: now });
        }
        Ok(())
    }

    /// A right one ends the network's delay; the day's count stays.
    ///
    /// # Errors
    /// When it came too late to be compared at all.
    pub fn right(&mut self, source: SourceKey, now: Timestamp) -> Result<(), TooManyTries> {
        self.forget(now);
        self.may_try(source, now)?;
        self.sources.retain(|it| it.source != source);
        Ok(())
    }

    fn forget(&mut self, now: Timestamp) {
        self.day.retain(|at| *at > now - DAY);
        self.sources.retain(|it| it.last > now - DAY);
    }
}

/// How long a network waits after so many wrong passwords in a row.
fn delay(wrong: u16) -> Option<SignedDuration> {
    let doublings = u32::from(wrong.checked_sub(policy::WRONG_PASSWORDS_AT_ONCE)?);
    let delay = 2_i32
        .checked_pow(doublings)
        .and_then(|factor| policy::FIRST_PASSWORD_DELAY.checked_mul(factor))
        .unwrap_or(policy::LONGEST_PASSWORD_DELAY);
    Some(delay.min(policy::LONGEST_PASSWORD_DELAY))
}

/// Wrong passwords on one trusted key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OnKey {
    key: DeviceKey,
    #[serde(with = "millis::list")]
    wrong: Vec<Timestamp>,
}

/// Wrong passwords on the trusted keys of one account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyTries(Vec<OnKey>);

impl KeyTries {
    /// Whether a password on this key is compared now.
    ///
    /// # Errors
    /// When it isn't, with the time when it will be.
    pub fn may_try(&self, key: DeviceKey, now: Timestamp) -> Result<(), TooManyTries> {
        let wrong = self.0.iter().filter(|it| it.key == key).flat_map(|it| &it.wrong);
        let day: Vec<_> = wrong.filter(|at| **at > now - DAY).collect();
        let full = day.len().checked_sub(policy::WRONG_PASSWORDS_ON_A_TRUSTED_KEY);
        match full.and_then(|place| day.get(place)) {
            None => Ok(()),
            Some(oldest) => Err(TooManyTries { until: **oldest + DAY }),
        }
    }

    /// Counts a wrong one.
    ///
    /// # Errors
    /// When it came too late to be compared at all.
    pub fn wrong(&mut self, key: DeviceKey, now: Timestamp) -> Result<(), TooManyTries> {
        self.forget(now);
        self.may_try(key, now)?;
        if let Some(known) = self.0.iter_mut().find(|it| it.key == key) {
            known.wrong.push(now);
        } else {
            self.0.push(OnKey { key, wrong: vec![now] });
        }
        Ok(())
    }

    /// A right one starts the count again.
    ///
    /// # Errors
    /// When it came too late to be compared at all.
    pub fn right(&mut self, key: DeviceKey, now: Timestamp) -> Result<(), TooManyTries> {
        self.forget(now);
        self.may_try(key, now)?;
        self.0.retain(|it| it.key != key);
        Ok(())
    }

    fn forget(&mut self, now: Timestamp) {
        for it in &mut self.0 {
            it.wrong.retain(|at| *at > now - DAY);
        }
        self.0.retain(|it| !it.wrong.is_empty());
    }
}
