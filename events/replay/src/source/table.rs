//! The log in a live table, read in several segments at once.

use std::fmt;

use postern_store::Store;
use postern_store::streams::{Asked, Found, Position};
use tokio::task::JoinSet;

use super::{Lost, Marks, Part, Parts, done};
use crate::line::Line;
use crate::pace::{Pace, patiently};
use crate::row;

/// A live table.
#[derive(Clone)]
pub struct Table {
    /// The tables of the deployment.
    pub store: Store,
    /// What their names begin with.
    pub prefix: String,
    /// What tells the log's table from others of its name.
    pub id: String,
    /// How many segments are read at once.
    pub segments: u16,
    /// Units of reading a second, if there is a limit.
    pub rate: Option<u32>,
    /// Whether what was just committed has to be there.
    pub consistent: bool,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, id, segments, consistent, .. } = self;
        let how = if *consistent { ", consistently" } else { "" };
        write!(f, "table {prefix}events ({id}) in {segments} segments{how}")
    }
}

/// Reads every segment from where it stood.
///
/// # Errors
/// When the table can't be read; what came before was handed over.
pub async fn read(table: &Table, marks: &Marks, parts: Parts) -> Result<(), Lost> {
    let pace = Pace::new(table.rate);
    let mut readers = JoinSet::new();
    for segment in 0..table.segments {
        let mark = marks.get(&usize::from(segment)).cloned();
        if mark.as_ref() == Some(&done()) {
            continue;
        }
        let after = mark.and_then(|it| serde_json::from_value::<Position>(it).ok());
        let asked = Asked {
            segment,
            segments: table.segments,
            after,
            limit: pace.limit::<Found, Position>(None),
            consistent: table.consistent,
        };
        readers.spawn(segment_of(table.clone(), asked, pace.clone(), parts.clone()));
    }
    drop(parts);
    while let Some(ended) = readers.join_next().await {
        ended??;
    }
    Ok(())
}

async fn segment_of(table: Table, mut asked: Asked, pace: Pace, parts: Parts) -> Result<(), Lost> {
    let streams = table.store.streams();
    loop {
        pace.wait().await;
        let read = patiently(|| streams.page(&asked)).await?;
        pace.spend(read.read_units).await;
        asked.limit = pace.limit(Some(&read));
        let mark = match &read.next {
            Some(next) => serde_json::to_value(next).unwrap_or_default(),
            None => done(),
        };
        let part = Part {
            reader: usize::from(asked.segment),
            length: u64::try_from(read.found.len()).unwrap_or_default(),
            lines: read.found.iter().flat_map(lines_of).collect(),
            mark,
            read_units: read.read_units,
        };
        // Nobody takes it: whoever gathers has failed, and says why.
        if parts.send(part).await.is_err() {
            return Ok(());
        }
        asked.after = read.next;
        if asked.after.is_none() {
            return Ok(());
        }
    }
}

/// The rows of an item.
#[must_use]
pub fn lines_of(found: &Found) -> Vec<Line> {
    match found {
        Found::Commit(parts) => row::lines(parts),
        Found::Broken { stream, version, why } => vec![row::broken(stream, *version, why)],
    }
}
