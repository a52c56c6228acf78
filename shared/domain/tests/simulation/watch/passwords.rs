//! Wrong passwords: five from a network, then waits that double up to an hour; a hundred a day for
//! the address; ten a day on a trusted key, which nobody else's touch.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{DAY, HOUR, MINUTE, SLACK, Watch};
use crate::actors::passwords::Counted;

/// Wrong passwords, as they were settled.
#[derive(Debug, Default)]
pub(super) struct Passwords {
    day: Vec<Timestamp>,
    /// In a row, since the last right one.
    wrong: BTreeMap<Counted, Vec<Timestamp>>,
}

impl Passwords {
    /// Wrong ones of one who is counted apart, within a day that is so much longer.
    fn in_a_day(&self, by: Counted, now: Timestamp, more: SignedDuration) -> usize {
        let all = self.wrong.get(&by).into_iter().flatten();
        all.filter(|at| **at > now - DAY - more).count()
    }

    fn of_the_day(&self, now: Timestamp, more: SignedDuration) -> usize {
        self.day.iter().filter(|at| **at > now - DAY - more).count()
    }

    fn waits_until(&self, by: Counted) -> Option<Timestamp> {
        let wrong = self.wrong.get(&by)?;
        let beyond = i32::try_from(wrong.len()).unwrap() - 5;
        let doubled = 2_i32.pow(u32::try_from(beyond).ok()?.min(10));
        wrong.last().map(|at| *at + (MINUTE * doubled).min(HOUR))
    }
}

impl Watch {
    /// A password was settled: it has been compared, and counts.
    pub(super) fn settled(&mut self, by: Counted, right: bool, now: Timestamp) {
        let passwords = &mut self.passwords;
        let last = passwords.wrong.get(&by).and_then(|it| it.last().copied());
        if matches!(by, Counted::Network(_)) && last.is_some_and(|at| at <= now - DAY) {
            passwords.wrong.remove(&by);
        }
        let allowed = match by {
            Counted::Network(_) => {
                passwords.waits_until(by).is_none_or(|until| now >= until)
                    && passwords.of_the_day(now, -SLACK) < 100
            }
            Counted::Key(_) => passwords.in_a_day(by, now, -SLACK) < 10,
        };
        if right {
            passwords.wrong.remove(&by);
        } else {
            passwords.wrong.entry(by).or_default().push(now);
            if matches!(by, Counted::Network(_)) {
                passwords.day.push(now);
            }
        }
        self.rule(allowed, || format!("a password of {by:?} was compared too early, at {now}"));
    }

    /// A password was not compared: only for what the same network or key did, or for the day.
    pub(crate) fn password_refused(&mut self, by: Counted, now: Timestamp) {
        let passwords = &self.passwords;
        let deserved = match by {
            Counted::Network(_) => {
                passwords.waits_until(by).is_some_and(|until| now < until)
                    || passwords.of_the_day(now, SLACK) >= 100
            }
            Counted::Key(_) => passwords.in_a_day(by, now, SLACK) >= 10,
        };
        self.rule(deserved, || format!("a password of {by:?} was refused at {now} for nothing"));
    }
}
