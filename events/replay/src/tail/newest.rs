//! The newest of all that was seen.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::entry::{Entry, Tampered};
use crate::line::Line;
use crate::row::Row;

/// Where it stands among the others: by time, and then by stream and sequence, since the events of a commit are
/// of one time.
type Place = (Timestamp, String, u64);

/// The most that a time has beyond its second.
const REST_OF_A_SECOND: SignedDuration = SignedDuration::from_nanos(999_999_999);

/// How much of what was tampered with is kept to be shown in its order: nobody may tamper with anything, and
/// whoever does may wipe a table of millions.
pub(super) const IN_ORDER: usize = 1_000;

/// The newest rows, and what was tampered with, however long ago.
#[derive(Default)]
pub(super) struct Newest {
    most: usize,
    rows: BTreeMap<Place, Line>,
    tampered: Vec<(Place, Tampered)>,
}

impl Newest {
    pub(super) fn of(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Sees a row; one that says no time of its own is of the time `at`.
    pub(super) fn see(&mut self, line: &Line, at: Option<Timestamp>) {
        let own = Row::read(line).ok().and_then(|it| it.time.parse().ok());
        let time = own.or(at).unwrap_or(Timestamp::MIN);
        let place = (time, line.stream().to_owned(), line.sequence());
        if self.rows.len() == self.most && self.rows.keys().next().is_none_or(|it| *it >= place) {
            return;
        }
        self.rows.insert(place, line.clone());
        if self.rows.len() > self.most {
            self.rows.pop_first();
        }
    }

    /// Sees what was tampered with, or gives it back where there is no room for more.
    pub(super) fn see_tampered(&mut self, it: Tampered) -> Option<Tampered> {
        if self.tampered.len() == IN_ORDER {
            return Some(it);
        }
        // Its time is cut to the second; whatever it was done to in that second was there before.
        let end = it.time.and_then(|time| time.checked_add(REST_OF_A_SECOND).ok());
        let commit = it.commit.as_u64().unwrap_or_default();
        self.tampered.push(((end.unwrap_or(Timestamp::MIN), it.stream.clone(), commit), it));
        None
    }

    /// What it has come to, in order.
    pub(super) fn entries(self) -> Vec<Entry> {
        let rows = self.rows.into_iter().map(|(place, it)| (place, Entry::Row(it)));
        let tampered = self.tampered.into_iter().map(|(place, it)| (place, Entry::Tampered(it)));
        let mut entries: Vec<_> = rows.chain(tampered).collect();
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        entries.into_iter().map(|(_, it)| it).collect()
    }
}
