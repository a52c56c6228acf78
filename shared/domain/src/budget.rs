//! How often something may be sent: so many at once, one more after a while, so many a day.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{millis, policy};

/// What "a day" means: any 24 hours, not a date.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A budget's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// So many at once, and one more each time this long has passed; absent where only the day
    /// counts.
    pub burst: Option<(u8, SignedDuration)>,
    /// So many within any 24 hours.
    pub a_day: u8,
}

/// Codes by mail behind the right password, over all attempts of an account.
pub const CODE_MAILS: Allowance = Allowance {
    burst: Some((policy::MAILS_AT_ONCE, policy::MAIL_EVERY)),
    a_day: policy::MAILS_A_DAY,
};

/// Mails to an address that anybody can ask for without a password.
pub const OPEN_MAILS: Allowance = Allowance {
    burst: Some((policy::OPEN_MAILS_AT_ONCE, policy::OPEN_MAIL_EVERY)),
    a_day: policy::OPEN_MAILS_A_DAY,
};

/// Pushes to an account's devices since the last right code.
pub const PUSHES: Allowance = Allowance { burst: None, a_day: policy::PUSHES_A_DAY };

/// Guesses at codes that stand alone, over all processes of an account.
pub const RECOVERY_GUESSES: Allowance =
    Allowance { burst: None, a_day: policy::WRONG_RECOVERY_CODES_A_DAY };

/// Requests for help about an account or an address.
pub const SUPPORT_REQUESTS: Allowance =
    Allowance { burst: None, a_day: policy::SUPPORT_REQUESTS_A_DAY };

/// Nothing is left for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the budget is spent")]
pub struct Exhausted {
    /// When there is something again.
    pub until: Timestamp,
}

/// What was spent within the last day, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spent(#[serde(with = "millis::list")] Vec<Timestamp>);

impl Spent {
    /// Whether nothing was spent within memory.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets everything: an act succeeded.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The one of both with more in it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if other.0.len() > self.0.len() { other } else { self }
    }

    /// Forgets what is older than a day.
    pub fn forget(&mut self, now: Timestamp) {
        self.0.retain(|at| *at > now - DAY);
    }

    fn of_the_day(&self, now: Timestamp) -> impl DoubleEndedIterator<Item = Timestamp> + '_ {
        self.0.iter().copied().filter(move |at| *at > now - DAY)
    }
}

impl Allowance {
    /// How many are left now.
    #[must_use]
    pub fn left(&self, spent: &Spent, now: Timestamp) -> u8 {
        let count = spent.of_the_day(now).count();
        let of_the_day = usize::from(self.a_day).saturating_sub(count);
        let of_the_burst =
            self.burst.map_or(of_the_day, |burst| whole(credit(burst, spent, now).0, burst));
        u8::try_from(of_the_day.min(of_the_burst)).unwrap_or(u8::MAX)
    }

    /// When one is there to be taken: now, if one is left.
    #[must_use]
    pub fn available_at(&self, spent: &Spent, now: Timestamp) -> Timestamp {
        let day: Vec<Timestamp> = spent.of_the_day(now).collect();
        let by_day = day
            .len()
            .checked_sub(usize::from(self.a_day))
            .and_then(|place| day.get(place))
            .map_or(now, |oldest| *oldest + DAY);
        let by_burst = self.burst.map_or(now, |burst| {
            let (credit, counted) = credit(burst, spent, now);
            let missing = i64::try_from(burst.1.as_millis().saturating_sub(credit));
            match missing {
                Ok(missing) if missing > 0 => counted + SignedDuration::from_millis(missing),
                Ok(_) | Err(_) => now,
            }
        });
        by_day.max(by_burst)
    }

    /// Takes one.
    ///
    /// # Errors
    /// When none is left.
    pub fn take(&self, spent: &mut Spent, now: Timestamp) -> Result<(), Exhausted> {
        spent.forget(now);
        if self.left(spent, now) == 0 {
            return Err(Exhausted { until: self.available_at(spent, now) });
        }
        spent.0.push(now);
        Ok(())
    }
}

/// What a bucket holds, in milliseconds of waiting, and up to when they are counted: it was full a
/// day ago, for a day refills it many times over. A clock that was set back refills nothing, and
/// what it passes a second time isn't counted again.
fn credit(
    (at_once, every): (u8, SignedDuration),
    spent: &Spent,
    now: Timestamp,
) -> (i128, Timestamp) {
    let every = every.as_millis();
    let full = every * i128::from(at_once);
    let refill = |credit: i128, from: Timestamp, to: Timestamp| {
        full.min(credit + to.duration_since(from).as_millis().max(0))
    };
    let (mut credit, mut counted) = (full, None);
    for at in spent.of_the_day(now) {
        let last = counted.unwrap_or(at);
        credit = refill(credit, last, at) - every;
        counted = Some(at.max(last));
    }
    let last = counted.unwrap_or(now);
    (refill(credit, last, now), now.max(last))
}

fn whole(credit: i128, (_, every): (u8, SignedDuration)) -> usize {
    usize::try_from(credit / every.as_millis().max(1)).unwrap_or(0)
}
