//! Attacks on many accounts at once: which there are follows from the seed alone, and each account
//! draws for itself whether it is reached.

use jiff::{SignedDuration, Timestamp};

use super::chance::{Seeded, hours};
use super::places::{Country, LAIRS};
use super::story::Story;

/// What the part of chance is called that campaigns come from; no account has this number.
const CAMPAIGNS: u64 = u64::MAX;
/// One wave of sprayed passwords comes in about so many days, one of stolen lists in so many.
const DAYS_A_SPRAYING: u16 = 12;
const DAYS_A_STUFFING: u16 = 20;

/// One campaign.
#[derive(Debug)]
pub(super) struct Campaign {
    pub(super) story: Story,
    pub(super) begins_at: Timestamp,
    pub(super) lasts: SignedDuration,
    /// How many accounts it reaches, in ten thousand.
    pub(super) reach: u64,
    /// Where its machines stand.
    pub(super) lair: &'static Country,
}

/// Every campaign of a history.
pub(super) fn campaigns(seed: u64, begin: Timestamp, days: u16) -> Vec<Campaign> {
    let chance = Seeded::part(seed, CAMPAIGNS);
    let sprayings = (0..=days / DAYS_A_SPRAYING).map(|_| Story::PasswordSpraying);
    let stuffings = (0..=days / DAYS_A_STUFFING).map(|_| Story::CredentialStuffing);
    let all = sprayings.chain(stuffings);
    all.map(|story| {
        let day = chance.below(u64::from(days).max(1));
        let begins = hours(24 * i64::try_from(day).unwrap_or_default());
        Campaign {
            story,
            begins_at: begin + begins + chance.between(SignedDuration::ZERO, hours(24)),
            lasts: chance.around(hours(7), 200),
            reach: 800 + chance.below(2_500),
            lair: chance.weighted(&LAIRS),
        }
    })
    .collect()
}
