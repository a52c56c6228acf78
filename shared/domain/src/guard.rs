//! What is counted over all attempts of an account: guesses, pauses, open attempts.
//!
//! A guard is a value with one revision: a caller loads it, asks, and saves it on the condition
//! that nobody else has saved meanwhile. So no count is ever lost, however many ask at once.

use jiff::Timestamp;
use postern_events::vocabulary::{DeviceKey, Method};
use serde::{Deserialize, Serialize};

use crate::budget::{CODE_MAILS, DAY, Exhausted, PUSHES, Spent};
use crate::{millis, policy};

mod claims;
mod recount;
mod resuming;
pub use recount::{Counted, Recount};
pub use resuming::{Resumed, Unresumable};

/// The shorter of the two windows that attempts are counted in.
const HOUR: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// An attempt that can still be guessed at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OpenAttempt {
    id: String,
    /// The key that attempts.
    key: DeviceKey,
    /// Guesses claimed, judged or not.
    claimed: u8,
    /// What marks the claims of calls that may be repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    marks: Vec<u64>,
    #[serde(with = "millis")]
    ends_at: Timestamp,
}

impl OpenAttempt {
    fn left(&self) -> u8 {
        policy::GUESSES_PER_ATTEMPT.saturating_sub(self.claimed)
    }
}

/// How code entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// Codes are accepted.
    #[default]
    Open,
    /// No code is accepted on untrusted keys before this time.
    PausedUntil(#[serde(with = "millis")] Timestamp),
    /// No code is accepted on untrusted keys until the password is changed.
    Off,
}

/// The counts of one account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountGuard {
    /// Guesses behind the right password since the last right one.
    #[serde(default)]
    wrong: u16,
    #[serde(default)]
    entry: Entry,
    #[serde(default)]
    open: Vec<OpenAttempt>,
    /// When attempts on untrusted keys were opened, oldest first, within the last day.
    #[serde(default, with = "millis::list")]
    opened: Vec<Timestamp>,
    /// When step-ups by a code were opened, oldest first, within the last day.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "millis::list")]
    step_ups: Vec<Timestamp>,
    /// Guesses at codes that stand alone; a right one behind the password forgives none of them.
    #[serde(default, skip_serializing_if = "Spent::is_empty")]
    recovery: Spent,
    /// Codes sent by mail.
    #[serde(default, skip_serializing_if = "Spent::is_empty")]
    mails: Spent,
    /// Codes sent by app since the last right one.
    #[serde(default, skip_serializing_if = "Spent::is_empty")]
    pushes: Spent,
}

/// No code is accepted, and none is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("code entry is paused")]
pub struct Paused {
    /// When to try again; absent when only a new password helps.
    pub until: Option<Timestamp>,
}

/// Why a guess can't be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclaimable {
    /// The account's code entry is paused.
    #[error(transparent)]
    Paused(#[from] Paused),
    /// The attempt is unknown, over, or has no guess left.
    #[error("the attempt has no guess left")]
    Spent,
}

/// A guess that may be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Wrong codes in a row if this one is wrong too.
    pub wrong_in_a_row: u16,
    /// The pause that this guess brings about if it is wrong.
    pub pause: Option<Paused>,
    /// Guesses at the attempt that can still be claimed after this one.
    pub left: u8,
}

impl AccountGuard {
    /// Whether code entry is paused now, and until when.
    #[must_use]
    pub fn paused(&self, now: Timestamp) -> Option<Paused> {
        match self.entry {
            Entry::Open => None,
            Entry::PausedUntil(until) => (now < until).then_some(Paused { until: Some(until) }),
            Entry::Off => Some(Paused { until: None }),
        }
    }

    /// Wrong codes in a row so far, claimed ones included.
    #[must_use]
    pub fn wrong_in_a_row(&self) -> u16 {
        self.wrong
    }

    /// Lets an attempt behind the right password, on a key that isn't trusted, be guessed at.
    ///
    /// # Errors
    /// While code entry is paused, or when there were too many such attempts.
    pub fn open_attempt(
        &mut self,
        id: &str,
        key: DeviceKey,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), Paused> {
        self.forget(now);
        if let Some(paused) = self.paused(now) {
            return Err(paused);
        }
        if let Some(until) = full_until(&self.opened, now) {
            return Err(Paused { until: Some(until) });
        }
        self.opened.push(now);
        self.open.push(OpenAttempt {
            id: id.to_owned(),
            key,
            claimed: 0,
            marks: Vec::new(),
            ends_at,
        });
        Ok(())
    }

    /// Lets a step-up that needs a code be guessed at; as many of them as of attempts on new devices,
    /// and counted apart from those.
    ///
    /// # Errors
    /// When there were too many.
    pub fn open_step_up(
        &mut self,
        id: &str,
        key: DeviceKey,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), Paused> {
        self.forget(now);
        if let Some(until) = full_until(&self.step_ups, now) {
            return Err(Paused { until: Some(until) });
        }
        self.step_ups.push(now);
        self.open_verification(id, key, now, ends_at);
        Ok(())
    }

    /// Lets a verification be guessed at; it has no part in the account's counts.
    pub fn open_verification(
        &mut self,
        id: &str,
        key: DeviceKey,
        now: Timestamp,
        ends_at: Timestamp,
    ) {
        self.forget(now);
        self.open.push(OpenAttempt {
            id: id.to_owned(),
            key,
            claimed: 0,
            marks: Vec::new(),
            ends_at,
        });
    }

    /// Whether an attempt can still be guessed at, as far as this guard knows.
    #[must_use]
    pub fn is_open(&self, id: &str, now: Timestamp) -> bool {
        self.open(now).any(|it| it.id == id)
    }

    /// Guesses that can still be claimed at an attempt. Every claim counts, also one whose outcome
    /// was never recorded because somebody died in between.
    #[must_use]
    pub fn guesses_left(&self, id: &str, now: Timestamp) -> u8 {
        let open = self.open(now).find(|it| it.id == id);
        open.map_or(0, OpenAttempt::left)
    }

    /// The attempts that can still be guessed at, oldest first.
    pub fn pending(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.open(now).filter(|it| it.left() > 0).map(|it| it.id.as_str())
    }

    /// Closes every attempt of a key at once, and names them.
    pub fn deny(&mut self, key: DeviceKey, now: Timestamp) -> Vec<String> {
        let denied = self.open(now).filter(|it| it.key == key).map(|it| it.id.clone()).collect();
        self.open.retain(|it| it.key != key);
        denied
    }

    fn open(&self, now: Timestamp) -> impl Iterator<Item = &OpenAttempt> {
        self.open.iter().filter(move |it| it.ends_at > now)
    }

    /// Codes sent by mail within the last day.
    #[must_use]
    pub fn mails(&self) -> &Spent {
        &self.mails
    }

    /// Codes sent by app within the last day and since the last right one.
    #[must_use]
    pub fn pushes(&self) -> &Spent {
        &self.pushes
    }

    /// Takes one send from the budget of a method.
    ///
    /// # Errors
    /// When none is left.
    pub fn claim_send(&mut self, method: Method, now: Timestamp) -> Result<(), Exhausted> {
        match method {
            Method::App => PUSHES.take(&mut self.pushes, now),
            Method::Email => CODE_MAILS.take(&mut self.mails, now),
        }
    }

    /// A right code behind the right password: the count starts again, the attempt is over.
    pub fn verified(&mut self, id: &str) {
        self.wrong = 0;
        self.entry = Entry::Open;
        self.pushes.clear();
        self.close(id);
    }

    /// There is a new password: wrong codes behind the former one are forgiven. What only a new
    /// password lifts is lifted by a trusted key or a proven mailbox, not by whoever just got in.
    pub fn forgive(&mut self, lift: bool) {
        if lift || self.entry != Entry::Off {
            self.wrong = 0;
            self.entry = Entry::Open;
        }
    }

    /// A right code that stood alone: the class starts again, the process is over.
    pub fn recovered(&mut self, id: &str) {
        self.recovery.clear();
        self.close(id);
    }

    /// The attempt can't be guessed at any more.
    pub fn close(&mut self, id: &str) {
        self.open.retain(|it| it.id != id);
    }

    /// Drops what no longer matters, so that the guard stays small.
    fn forget(&mut self, now: Timestamp) {
        self.open.retain(|it| it.ends_at > now);
        self.opened.retain(|at| *at > now - DAY);
        self.step_ups.retain(|at| *at > now - DAY);
        self.recovery.forget(now);
        self.mails.forget(now);
        self.pushes.forget(now);
    }
}

/// When a further one fits again behind those that were opened, if it doesn't now.
fn full_until(opened: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    let window = |length: jiff::SignedDuration, limit: usize| {
        let recent: Vec<_> = opened.iter().filter(|at| **at > now - length).collect();
        let oldest_to_leave = recent.len().checked_sub(limit)?;
        recent.get(oldest_to_leave).map(|at| **at + length)
    };
    window(HOUR, policy::NEW_DEVICE_ATTEMPTS_AN_HOUR)
        .max(window(DAY, policy::NEW_DEVICE_ATTEMPTS_A_DAY))
}
