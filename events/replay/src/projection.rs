//! What the log comes to, as of any time: its projections, made anew.
//!
//! Rows become facts, each with the key of what it is about; facts are sorted by that key, and those of
//! one key come to one item. So it doesn't matter in which order streams come, how often a row is there,
//! or how much of it there is: equal logs give equal bytes.

mod accounts;
mod activity;
mod devices;
mod guards;
mod rows;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use postern_store::StoreError;

use crate::gather::NotGathered;
use crate::line::Line;
use crate::log::{Log, Unordered};
use crate::merge::{Order, Unread};
use crate::row::Row;
use crate::sort::{Sorted, Sorter};

/// What can be made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Each account's state.
    Accounts,
    /// Login activity, as the views show it.
    Activity,
    /// What trusted devices are, as the views show it.
    Devices,
    /// What guards count.
    Guards,
}

/// Why a projection came to no end.
#[derive(Debug, thiserror::Error)]
pub enum NotProjected {
    /// The log.
    #[error(transparent)]
    Log(#[from] NotGathered),
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
    /// A row.
    #[error("event {sequence} of {stream} can't be read")]
    Event {
        /// Its stream.
        stream: String,
        /// Its place in it.
        sequence: u64,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Events are missing.
    #[error("stream {stream} lacks event {due}; `postern verify` tells more")]
    Gap {
        /// The stream.
        stream: String,
        /// The event that was due.
        due: u64,
    },
    /// A part was not projected.
    #[error("a worker came to a sudden end")]
    Ended,
    /// What was projected can't be written or read.
    #[error("a fact can't be read again")]
    Fact(#[from] serde_json::Error),
    /// An item can't be made.
    #[error(transparent)]
    Item(#[from] StoreError),
}

impl Unordered for NotProjected {
    fn is_unordered(&self) -> bool {
        match self {
            Self::Log(it) => it.is_unordered(),
            Self::File(it) => it.is_unordered(),
            // What lacks may come later.
            Self::Gap { .. } => true,
            Self::Event { .. } | Self::Ended | Self::Fact(_) | Self::Item(_) => false,
        }
    }
}

/// A fact: a line whose key is that of the item it is about.
type Emit<'a> = dyn FnMut(Line) -> Result<(), Unread> + 'a;

/// One of the views, while rows become facts and facts items.
trait Projection {
    /// Whether anything in streams of this name matters.
    fn wants(&self, stream: &str) -> bool;

    /// Takes a row; each stream's come together and in order.
    fn row(&mut self, row: &Row<'_>, emit: &mut Emit<'_>) -> Result<(), NotProjected>;

    /// Whether further rows of the stream don't matter.
    fn is_over(&self) -> bool {
        false
    }

    /// The stream has no further rows.
    fn end(&mut self, emit: &mut Emit<'_>) -> Result<(), NotProjected>;

    /// What the facts of one key come to as of a time, as JSON; nothing where there is no such item then.
    fn item(&self, facts: &[Line], as_of: Timestamp) -> Result<Option<String>, NotProjected>;

    /// The part of a fact's key that names the item.
    fn key<'a>(&self, fact: &'a Line) -> &'a str {
        fact.stream()
    }
}

fn begin(view: View) -> Box<dyn Projection> {
    match view {
        View::Accounts => Box::<accounts::Accounts>::default(),
        View::Activity => Box::<activity::Attempts>::default(),
        View::Devices => Box::<devices::Devices>::default(),
        View::Guards => Box::<guards::Guards>::default(),
    }
}

/// The facts of a view, sorted.
pub struct Projected {
    view: View,
    facts: Sorted,
    /// As of when: the time that was asked for, or that of the newest event.
    pub as_of: Timestamp,
    /// Events that were read.
    pub events: u64,
    folder: PathBuf,
}

/// Projects the log, up to and with a time if one is given.
///
/// # Errors
/// When the log can't be read, or lacks something.
pub fn project(
    log: &Log,
    view: View,
    until: Option<Timestamp>,
    folder: &Path,
) -> Result<Projected, NotProjected> {
    // Two may project one log at once.
    let folder = folder.join(format!("facts-{}", std::process::id()));
    let told = log.read("projecting", Order::Sequence, |merge, progress| {
        let mut sorter = Sorter::new(&folder, Order::Sequence);
        let newest = rows::facts(view, merge, progress, until, &mut sorter)?;
        Ok::<_, NotProjected>((sorter.finish()?, newest, progress.events()))
    });
    if told.is_err() {
        // Nobody goes on with it; what can't be removed is only in the way.
        let _ = std::fs::remove_dir_all(&folder);
    }
    let (facts, newest, events) = told?;
    Ok(Projected { view, facts, as_of: until.unwrap_or(newest), events, folder })
}

fn unreadable(
    stream: &str,
    sequence: u64,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> NotProjected {
    NotProjected::Event { stream: stream.to_owned(), sequence, source: source.into() }
}

impl Projected {
    /// Hands over every item that there is as of a time, in the order of its key, as JSON.
    ///
    /// # Errors
    /// What `each` says, or when the facts can't be read.
    pub fn items<E: From<NotProjected>>(
        &self,
        as_of: Timestamp,
        mut each: impl FnMut(&str, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let projection = begin(self.view);
        let mut merge = self.facts.merge().map_err(NotProjected::from)?;
        let mut of_one: Vec<Line> = Vec::new();
        loop {
            let next = merge.next_line().map_err(NotProjected::from)?;
            let same =
                |it: &Line| next.is_some_and(|line| projection.key(it) == projection.key(line));
            if let Some(first) = of_one.first().filter(|it| !same(it)) {
                if let Some(item) = projection.item(&of_one, as_of)? {
                    each(projection.key(first), &item)?;
                }
                of_one.clear();
            }
            let Some(line) = next else { return Ok(()) };
            of_one.push(line.clone());
        }
    }
}

impl Drop for Projected {
    fn drop(&mut self) {
        // It is made anew each time; what can't be removed is only in the way.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A fact, as a line.
fn fact(key: &str, sequence: u64, value: &impl serde::Serialize) -> Result<Line, NotProjected> {
    Ok(Line::begin(key, sequence).member("fact", &serde_json::to_string(value)?).end())
}

/// The fact in a line.
fn of_fact<T: serde::de::DeserializeOwned>(line: &Line) -> Result<T, NotProjected> {
    #[derive(serde::Deserialize)]
    struct Fact<T> {
        fact: T,
    }
    Ok(serde_json::from_slice::<Fact<T>>(line.bytes())?.fact)
}
