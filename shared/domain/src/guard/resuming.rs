//! A pause of code entry can be lifted before its time; what was counted can't be undone.

use jiff::Timestamp;

use super::{AccountGuard, Entry, Paused};

/// A pause that was lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resumed {
    /// When it would have ended by itself.
    pub until: Timestamp,
    /// Wrong codes in a row, which stay counted.
    pub wrong_in_a_row: u16,
}

/// Why there is nothing to lift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unresumable {
    /// Codes are accepted as it is.
    #[error("code entry is not paused")]
    NotPaused,
    /// So many codes were wrong that only a new password helps.
    #[error("code entry is off until the password is a new one")]
    Off,
}

impl AccountGuard {
    /// Lifts a pause of code entry that ends by itself, and nothing else: were the count lowered too,
    /// whoever talks support into it would get free guesses. The next pause comes after as many
    /// further wrong codes as ever, and is longer.
    ///
    /// # Errors
    /// When nothing is paused, or only a new password lifts it.
    pub fn resume(&mut self, now: Timestamp) -> Result<Resumed, Unresumable> {
        match self.paused(now) {
            None => Err(Unresumable::NotPaused),
            Some(Paused { until: None }) => Err(Unresumable::Off),
            Some(Paused { until: Some(until) }) => {
                self.entry = Entry::Open;
                Ok(Resumed { until, wrong_in_a_row: self.wrong })
            }
        }
    }
}
