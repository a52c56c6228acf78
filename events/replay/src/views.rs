//! The views held against the log, and what they lack put there.
//!
//! The log is read, then the views, while others go on writing. Where the two don't agree it is looked
//! again, at the log and at the view as they are by then: what agrees then was only of two times.

mod live;
mod scanning;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use postern_store::views::{Place, ViewItem};
use postern_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

use self::live::{Ended, Live};
use crate::at_once::{self, Taker, Untaken};
use crate::gather::NotGathered;
use crate::line::Line;
use crate::log::Log;
use crate::merge::{Order, Unread};
use crate::pace::Pace;
use crate::progress::{Progress, Unit};
use crate::projection::{NotProjected, View, project};
use crate::sort::{Sorted, Sorter};

/// How many differences are named: whoever has more has one cause.
pub const NAMED: usize = 20;

/// Why it came to no end.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The log.
    #[error(transparent)]
    Projection(#[from] NotProjected),
    /// The views, or the log while it was looked at again.
    #[error("the views can't be read or written, or held against the log")]
    Table(#[from] StoreError),
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
    /// A part of the work came to a sudden end.
    #[error("a part of the work came to a sudden end")]
    Ended(#[from] tokio::task::JoinError),
    /// What was written down can't be read again.
    #[error("an item can't be read again")]
    Item(#[from] serde_json::Error),
    /// Somebody else failed before.
    #[error(transparent)]
    Untaken(#[from] Untaken),
}

impl From<NotGathered> for Failed {
    fn from(error: NotGathered) -> Self {
        Self::Projection(error.into())
    }
}

/// How an item of the views is not what the log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The views lack it.
    Missing,
    /// The log tells nothing of it.
    Surplus,
    /// It shows something else.
    Different,
}

/// An item that is not what the log tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// How.
    pub how: How,
    /// The item's key.
    pub key: String,
    /// And the rest of its key.
    pub item: String,
    /// What the log tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<ViewItem>,
    /// What the views show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<ViewItem>,
}

/// What a comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Compared {
    /// Items that the log tells of.
    pub items: u64,
    /// Those that the views lack.
    pub missing: u64,
    /// Those that show something else.
    pub different: u64,
    /// Items of the views that the log tells nothing of. Nothing is done about these.
    pub surplus: u64,
    /// Those that show something newer than the log that was read.
    pub ahead: u64,
    /// Those that showed something else each time they were looked at: the next run finds them at rest.
    pub unsettled: u64,
    /// Those that were put right.
    pub restored: u64,
    /// The first of those that differ.
    pub differences: Vec<Difference>,
    /// What reading all views cost, in units of reading.
    pub read_units: f64,
}

impl Compared {
    /// Whether log and views tell the same.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.missing + self.different + self.surplus + self.unsettled == 0
    }

    fn add(&mut self, ended: Ended) {
        let (found, restored) = match ended {
            Ended::Same => return,
            Ended::Ahead => {
                self.ahead += 1;
                return;
            }
            Ended::Unsettled => {
                self.unsettled += 1;
                return;
            }
            Ended::Differs { found, restored } => (found, restored),
        };
        match found.how {
            How::Missing => self.missing += 1,
            How::Surplus => self.surplus += 1,
            How::Different => self.different += 1,
        }
        self.restored += u64::from(restored);
        // They end in no order, and are named in theirs.
        let place = |it: &Difference| (it.key.clone(), it.item.clone());
        let at = self.differences.partition_point(|it| place(it) < place(&found));
        self.differences.insert(at, *found);
        self.differences.truncate(NAMED);
    }
}

/// An item of which log and views don't tell the same, by what was read of both.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Doubt {
    place: Place,
    /// What the log told.
    log: Option<ViewItem>,
    /// What the view showed.
    view: Option<ViewItem>,
}

/// How the tables are read.
#[derive(Debug, Clone)]
pub struct Reach {
    /// How many segments of the views are read at once.
    pub segments: u16,
    /// How fast.
    pub pace: Pace,
    /// Whether whoever waits is told how far it is.
    pub seen: bool,
}

impl Reach {
    fn progress(&self, what: &'static str, length: u64) -> Progress {
        if self.seen { Progress::begin(what, length, Unit::Items) } else { Progress::unseen() }
    }
}

/// What the log tells of the views, and what they show, in the order of their keys.
pub struct Both {
    items: Sorted,
    live: Live,
    reach: Reach,
    /// Items that the log tells of.
    told: u64,
    read_units: f64,
    folder: PathBuf,
}

impl Both {
    /// Projects the log and reads the views, as they are at `now`.
    ///
    /// # Errors
    /// When one of them can't be read.
    pub async fn of(
        log: &Log,
        store: &Store,
        reach: Reach,
        now: Timestamp,
        folder: &Path,
    ) -> Result<Self, Failed> {
        // Two may compare at once.
        let folder = folder.join(format!("views-{}", std::process::id()));
        let mut sorter = Sorter::new(&folder, Order::Sequence);
        let (mut as_of, mut told) = (now, 0);
        for view in [View::Activity, View::Devices] {
            let projected = project(log, view, None, &folder)?;
            as_of = as_of.max(projected.as_of);
            projected.items(as_of, |key, item| {
                told += 1;
                sorter.push(&line(key, Side::Log, item)).map_err(NotProjected::from)
            })?;
        }
        let mut progress = reach.progress("reading the views", told);
        let read_units = scanning::all(store, &reach, |it| {
            progress.step();
            Ok(sorter.push(&line(&key_of(&it.place()), Side::View, &serde_json::to_string(it)?))?)
        });
        let read_units = read_units.await?;
        progress.end();
        let (items, live) = (sorter.finish()?, Live::new(store, &reach.pace, as_of));
        Ok(Self { items, live, reach, told, read_units, folder })
    }

    /// Compares them, and with `write` puts there what the views lack. Nothing that is newer gives way, so
    /// the API and its projection may go on meanwhile; killed, it goes on with what is still missing.
    ///
    /// # Errors
    /// When what was read can't be read again, or the tables don't do what is asked.
    pub async fn compare(&self, write: bool) -> Result<Compared, Failed> {
        let (items, read_units) = (self.told, self.read_units);
        let mut compared = Compared { items, read_units, ..Compared::default() };
        let mut doubtful = Sorter::new(self.folder.join("doubtful"), Order::Arrival);
        let mut doubts = 0;
        let mut progress = self.reach.progress("looking again", 0);
        let (sorted, as_of) = (self.items.clone(), self.live.as_of);
        let first = at_once::each(
            move |taker| differing(&sorted, as_of, taker),
            |doubt| self.live.look(doubt),
            |looked| {
                progress.step();
                match looked {
                    live::Looked::Ended(it) => compared.add(it),
                    live::Looked::Doubtful(it) => {
                        doubts += 1;
                        let key = key_of(it.place());
                        doubtful.push(&line(&key, Side::Log, &serde_json::to_string(&it)?))?;
                    }
                }
                Ok(())
            },
        );
        first.await?;
        progress.end();
        if doubts > 0 {
            self.insist(doubtful.finish()?, doubts, write, &mut compared).await?;
        }
        Ok(compared)
    }

    /// Looks at what is doubtful after a while, when everything that was under way has come.
    async fn insist(
        &self,
        doubtful: Sorted,
        doubts: u64,
        write: bool,
        compared: &mut Compared,
    ) -> Result<(), Failed> {
        let mut progress = self.reach.progress("looking once more", doubts);
        tokio::time::sleep(live::UNDER_WAY).await;
        at_once::each(
            move |taker| {
                let mut merge = doubtful.merge()?;
                while let Some(line) = merge.next_line()? {
                    taker.give(serde_json::from_slice::<Kept<live::Look>>(line.bytes())?.fact)?;
                }
                Ok(())
            },
            |look| self.live.insist(look, write),
            |ended| {
                progress.step();
                compared.add(ended);
                Ok(())
            },
        )
        .await
    }
}

impl Drop for Both {
    fn drop(&mut self) {
        // It is made anew each time; what can't be removed is only in the way.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Gives every item that isn't on both sides the same.
fn differing(items: &Sorted, as_of: Timestamp, taker: &Taker<Doubt>) -> Result<(), Failed> {
    let mut merge = items.merge()?;
    let mut told: Option<(String, ViewItem)> = None;
    let give = |log: Option<ViewItem>, view: Option<ViewItem>| {
        let view = view.filter(|it| log.is_some() || !it.is_over(as_of));
        match log.as_ref().or(view.as_ref()).map(ViewItem::place) {
            Some(place) if log != view => Ok(taker.give(Doubt { place, log, view })?),
            Some(_) | None => Ok::<_, Failed>(()),
        }
    };
    loop {
        let next = merge.next_line()?;
        let key = next.map(Line::stream);
        if let Some((_, log)) = told.take_if(|(told, _)| Some(told.as_str()) != key) {
            give(Some(log), None)?;
        }
        let Some(line) = next else { return Ok(()) };
        let item = serde_json::from_slice::<Kept<ViewItem>>(line.bytes())?.fact;
        if line.sequence() == Side::Log as u64 {
            told = Some((line.stream().to_owned(), item));
        } else {
            give(told.take().map(|(_, it)| it), Some(item))?;
        }
    }
}

/// Where an item was found.
#[derive(Clone, Copy)]
enum Side {
    Log = 0,
    View = 1,
}

#[derive(Deserialize)]
struct Kept<T> {
    fact: T,
}

fn line(key: &str, side: Side, item: &str) -> Line {
    Line::begin(key, side as u64).member("fact", item).end()
}

/// An item's place among all items of the views: no two have the same, and a line may begin with it.
fn key_of(place: &Place) -> String {
    format!("{}#{}", plain(&place.key), plain(&place.item))
}

/// A part of a key as it is, if it is one of ours. In another's each letter that ours don't have is named
/// by its number.
fn plain(part: &str) -> String {
    let mut plain = String::with_capacity(part.len());
    for letter in part.chars() {
        if letter.is_ascii_alphanumeric() || matches!(letter, '/' | '_') {
            plain.push(letter);
        } else {
            // Writing into text doesn't fail.
            let _ = write!(plain, "%{:x};", u32::from(letter));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str, item: &str) -> String {
        key_of(&Place { key: key.to_owned(), item: item.to_owned() })
    }

    #[test]
    fn keys_of_ours_stay_as_the_log_tells_them() {
        assert_eq!(key("activity/acc_01J", "sin_01J"), "activity/acc_01J#sin_01J");
    }

    #[test]
    fn no_two_places_have_one_key_whatever_they_are_called() {
        assert_eq!(key("a#b", "c"), "a%23;b#c");
        assert_eq!(key("a", "b#c"), "a#b%23;c");
        assert_eq!(key("a%23;b", "c"), "a%25;23%3b;b#c");
        assert_eq!(key("\"\\", "\nž"), "%22;%5c;#%a;%17e;");
    }
}
