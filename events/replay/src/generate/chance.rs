//! Chance from a seed: the same seed, the same history, on every machine.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::SignedDuration;
use postern_domain::ports::{Chance, draw};

/// What the state advances by: 2^64 divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
/// How far the sum of four bytes usually is from its middle: its standard deviation.
const USUAL: i64 = 148;
/// So many parts make one doubling.
const DOUBLING: i64 = 256;

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): small,
/// fast, and good enough to draw histories from. No secret may come from it.
#[derive(Debug)]
pub(super) struct Seeded(AtomicU64);

impl Seeded {
    pub(super) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The source of one part of a history, whatever else is drawn from that of the others.
    pub(super) fn part(seed: u64, number: u64) -> Self {
        Self::new(mix(mix(seed.wrapping_add(STEP)) ^ number.wrapping_mul(STEP)))
    }

    pub(super) fn next(&self) -> u64 {
        mix(self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
    }

    /// A number from 0 up to, not including, `end`.
    pub(super) fn below(&self, end: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(end);
        u64::try_from(product >> u64::BITS).unwrap_or_default()
    }

    /// A place in a list of so many.
    pub(super) fn place(&self, length: usize) -> usize {
        let end = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.below(end)).unwrap_or_default()
    }

    pub(super) fn pick<'a, T, const N: usize>(&self, from: &'a [T; N]) -> &'a T {
        const { assert!(N > 0, "there is nothing to pick") };
        &from[self.place(N)]
    }

    /// One of a list, each as often as its weight says.
    pub(super) fn weighted<'a, T, const N: usize>(&self, from: &'a [(u64, T); N]) -> &'a T {
        const { assert!(N > 0, "there is nothing to pick") };
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, it) in from {
            if left < *weight {
                return it;
            }
            left -= weight;
        }
        &from[0].1
    }

    /// Whether something happens that happens so many times in ten thousand.
    pub(super) fn happens(&self, in_ten_thousand: u64) -> bool {
        self.below(10_000) < in_ten_thousand
    }

    /// Any time between two, the later one not included.
    pub(super) fn between(&self, least: SignedDuration, most: SignedDuration) -> SignedDuration {
        let span = u64::try_from(most.saturating_sub(least).as_millis()).unwrap_or_default();
        least + millis(self.below(span))
    }

    /// A wait as people and mails take it: close to log-normal about its median, two in three within
    /// `spread` (256 is twice or half) of it. By whole numbers alone: logarithms and exponentials
    /// differ from machine to machine.
    pub(super) fn around(&self, median: SignedDuration, spread: i64) -> SignedDuration {
        let sum: i64 = draw::<4>(self).into_iter().map(i64::from).sum();
        let power = (sum - 510) * spread / USUAL;
        let (doublings, rest) = (power.div_euclid(DOUBLING), power.rem_euclid(DOUBLING));
        let median = i64::try_from(median.as_millis()).unwrap_or(i64::MAX);
        let wait = median.saturating_mul(DOUBLING + rest) / DOUBLING;
        let shift = u32::try_from(doublings.unsigned_abs()).unwrap_or(u32::MAX).min(40);
        let wait = if doublings < 0 { wait >> shift } else { wait.saturating_mul(1 << shift) };
        SignedDuration::from_millis(wait.max(1))
    }
}

impl Chance for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(size_of::<u64>()) {
            let drawn = self.next().to_be_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }
}

/// Of everything that it is made of, every bit changes about half of what comes out.
const fn mix(state: u64) -> u64 {
    let mut mixed = state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

pub(super) fn millis(count: u64) -> SignedDuration {
    SignedDuration::from_millis(i64::try_from(count).unwrap_or(i64::MAX))
}

pub(super) const fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

pub(super) const fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

pub(super) const fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of the generator's own test, seed 1234567.
    #[test]
    fn the_generator_is_the_one_that_its_name_says() {
        let chance = Seeded::new(1_234_567);
        let drawn = [chance.next(), chance.next(), chance.next()];
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn waits_lie_about_their_median() {
        let chance = Seeded::new(1);
        let mut drawn: Vec<_> = (0..1_001).map(|_| chance.around(seconds(10), 256)).collect();
        drawn.sort();
        assert!((seconds(9)..seconds(11)).contains(&drawn[500]), "{:?}", drawn[500]);
        assert!(drawn[160] > seconds(4) && drawn[840] < seconds(24));
    }
}
