//! Time and chance, which rules are given and never take.

use jiff::Timestamp;

/// The one clock of a process.
pub trait Clock: Send + Sync {
    /// The present, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// A source of unpredictable bytes.
pub trait Chance: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// As many unpredictable bytes as the array holds.
pub fn draw<const N: usize>(chance: &dyn Chance) -> [u8; N] {
    let mut bytes = [0; N];
    chance.fill(&mut bytes);
    bytes
}
