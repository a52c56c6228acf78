//! The shards of a stream, each read after the one that it continues.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::asking::{Asking, Listed, Page, Place};
use super::record::Seen;
use super::trouble::Trouble;
use super::turn::Turn;

/// How often a shard is read: AWS lets five calls a second read one, and two functions do already. So this is
/// a third of it, and nobody takes from them.
pub(super) const READ_EVERY: Duration = Duration::from_millis(600);
/// How often an open shard has to have nothing before it is believed: there may be some behind an empty answer.
const EMPTY_ANSWERS: u8 = 3;

/// A shard that is being read.
#[derive(Debug)]
pub(super) struct Shard {
    parent: Option<String>,
    /// Whether another one continues it: then nothing is added to it any more.
    closed: bool,
    place: Place,
    iterator: Option<String>,
    empty: u8,
    /// Whether all that was there at the beginning has been read.
    passed: bool,
    /// Before what it is not to be shown, where it is read anew to find what came meanwhile.
    since: Option<Timestamp>,
    pub(super) turn: Turn,
}

impl Shard {
    /// Asks for what comes next.
    pub(super) async fn ask(&mut self, id: &str, asking: &Asking) -> Result<Page, Trouble> {
        let iterator = match self.iterator.take() {
            Some(it) => it,
            None => asking.iterator(id, &self.place).await?,
        };
        let answer = asking.records(&iterator).await;
        self.iterator = Some(iterator);
        answer
    }

    /// Goes on behind a page.
    pub(super) fn pass(&mut self, page: &Page, began: Timestamp) {
        self.iterator.clone_from(&page.next);
        self.empty = if page.last.is_none() { self.empty.saturating_add(1) } else { 0 };
        if let Some(last) = &page.last {
            self.place = Place::After(last.clone());
        }
        // What a closed shard held at the beginning is all that it holds.
        let came_later = page.seen.iter().any(|it| it.at > Some(began));
        self.passed |= !self.closed && (came_later || self.empty >= EMPTY_ANSWERS);
        self.turn.again_in(READ_EVERY);
    }

    /// Begins with what comes after this iterator was made.
    pub(super) fn begin_at(&mut self, iterator: String) {
        self.iterator = Some(iterator);
    }

    /// Goes on where it stands.
    pub(super) fn go_on(&mut self, began: Timestamp) {
        if self.iterator.is_none() && self.place == Place::Coming {
            // It stands nowhere yet; what came meanwhile is found from the oldest on.
            self.begin_anew(began);
        }
    }

    /// Goes on with a new iterator where it stands.
    pub(super) fn resume(&mut self, began: Timestamp) {
        self.iterator = None;
        self.go_on(began);
    }

    /// Goes on with the oldest that is left.
    pub(super) fn begin_anew(&mut self, began: Timestamp) {
        if self.place == Place::Coming {
            self.since = Some(began);
        }
        (self.iterator, self.place) = (None, Place::Oldest);
    }

    /// Whether it is for whoever reads this shard.
    pub(super) fn shows(&self, seen: &Seen) -> bool {
        self.since.is_none() || seen.at >= self.since
    }
}

/// What is read of shards that nobody knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// All there is, and that is the backlog.
    Backlog,
    /// What comes.
    Coming,
    /// All there is; it came when all others were known.
    Later,
}

/// All shards.
#[derive(Debug, Default)]
pub(super) struct Shards {
    reading: BTreeMap<String, Shard>,
    ended: BTreeSet<String>,
}

impl Shards {
    /// Takes up what is listed and isn't known.
    pub(super) fn learn(&mut self, listed: &[Listed], begin: Begin) {
        let parents: BTreeSet<_> = listed.iter().filter_map(|it| it.parent.as_ref()).collect();
        for it in listed {
            if self.reading.contains_key(&it.id) || self.ended.contains(&it.id) {
                continue;
            }
            let closed = parents.contains(&it.id);
            if closed && begin == Begin::Coming {
                self.ended.insert(it.id.clone());
                continue;
            }
            let place = if begin == Begin::Coming { Place::Coming } else { Place::Oldest };
            let shard = Shard {
                parent: it.parent.clone(),
                closed,
                place,
                iterator: None,
                empty: 0,
                passed: begin != Begin::Backlog,
                since: None,
                turn: Turn::now(),
            };
            self.reading.insert(it.id.clone(), shard);
        }
    }

    /// Those that begin with what comes, and whose end nobody knows yet.
    pub(super) fn coming(&self) -> Vec<String> {
        let coming = |it: &Shard| it.place == Place::Coming && it.iterator.is_none();
        self.reading.iter().filter(|(_, it)| coming(it)).map(|(id, _)| id.clone()).collect()
    }

    /// Takes out one whose turn it is. It comes back by [`Self::put`], or it ended.
    pub(super) fn take(&mut self, id: &str) -> Option<Shard> {
        self.reading.remove(id)
    }

    pub(super) fn put(&mut self, id: String, shard: Shard) {
        self.reading.insert(id, shard);
    }

    /// Nothing more comes of it; whatever continues it may be read. Says whether that is known.
    pub(super) fn end(&mut self, id: String) -> bool {
        let continued = self.reading.values().any(|it| it.parent.as_ref() == Some(&id));
        self.ended.insert(id);
        continued
    }

    /// Whether all that was there at the beginning has been read.
    pub(super) fn have_passed(&self) -> bool {
        self.reading.values().all(|it| it.passed)
    }

    /// Those whose turn it is; `all`, or only those that have not passed.
    pub(super) fn due(&self, all: bool) -> Vec<String> {
        let due = self.readable(all).filter(|(_, it)| it.turn.has_come());
        due.map(|(id, _)| id.clone()).collect()
    }

    /// When the next one's turn is.
    pub(super) fn next_due(&self, all: bool) -> Option<Instant> {
        self.readable(all).map(|(_, it)| it.turn.due()).min()
    }

    fn readable(&self, all: bool) -> impl Iterator<Item = (&String, &Shard)> {
        let is_next =
            |it: &Shard| it.parent.as_ref().is_none_or(|it| !self.reading.contains_key(it));
        self.reading.iter().filter(move |(_, it)| (all || !it.passed) && is_next(it))
    }
}
