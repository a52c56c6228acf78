//! The log in files: a folder a day, each file grouped by stream, a row an event.

mod days;
mod place;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use crate::columns::Stream;
use crate::gather::NotGathered;
use crate::log::{Log, Unordered};
use crate::merge::{Order, Unread};
use crate::row::Row;
use crate::sort::write_whole;
use days::{Days, place_all};
pub use place::Place;

pub use crate::source::SUMMARY;

/// Characters of a date in a time (RFC 3339).
const DATE: usize = 10;

/// The form of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON Lines.
    Jsonl,
    /// Parquet.
    Parquet,
}

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    /// There is something already.
    #[error("{0} is not empty, and no export was begun there")]
    NotEmpty(PathBuf),
    /// The file is there already.
    #[error("{0} exists")]
    Exists(PathBuf),
    /// The log.
    #[error(transparent)]
    Log(#[from] NotGathered),
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
    /// A row.
    #[error("event {sequence} of {stream} can't be read")]
    Row {
        /// Its stream.
        stream: String,
        /// Its place in it.
        sequence: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// A file was not finished.
    #[error("a worker came to a sudden end")]
    Ended,
    /// What the export says of itself can't be written.
    #[error("the summary can't be written")]
    Summary(#[from] serde_json::Error),
}

impl Unordered for NotExported {
    fn is_unordered(&self) -> bool {
        match self {
            Self::Log(it) => it.is_unordered(),
            Self::File(it) => it.is_unordered(),
            Self::NotEmpty(_)
            | Self::Exists(_)
            | Self::Row { .. }
            | Self::Ended
            | Self::Summary(_) => false,
        }
    }
}

/// What an export came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exported {
    /// Where it was read from.
    pub source: String,
    /// Events.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Days.
    pub days: u64,
    /// Rows that were there more than once.
    pub repeated: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// What reading the table cost, in units of reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_units: Option<f64>,
}

/// Writes the log into its place. Whatever kills the process, no file that is not whole has a name that
/// a reader would take.
///
/// # Errors
/// When the log can't be read, or a file can't be written.
pub fn export(log: &Log, source: &str, place: &Place) -> Result<Exported, NotExported> {
    let making = place.unfinished.join("days");
    let (mut told, files) = log.read("writing", Order::Sequence, |merge, progress| {
        let mut days = Days::begin(place, &making)?;
        let (mut stream, mut streams, mut dates) = (Stream::default(), 0, BTreeSet::new());
        while let Some(line) = merge.next_line()? {
            let row = Row::read(line).map_err(|source| NotExported::Row {
                stream: line.stream().to_owned(),
                sequence: line.sequence(),
                source,
            })?;
            streams += u64::from(!stream.is_of(&row));
            let date = row.time.get(..DATE).unwrap_or_default();
            if !dates.contains(date) {
                dates.insert(date.to_owned());
            }
            days.write(&row, &stream.columns(&row))?;
            progress.add(1, u64::try_from(line.bytes().len()).unwrap_or_default() + 1);
        }
        let exported = Exported {
            source: source.to_owned(),
            events: progress.events(),
            streams,
            days: u64::try_from(dates.len()).unwrap_or_default(),
            repeated: merge.repeated(),
            bytes: 0,
            read_units: log.read_units(),
        };
        Ok::<_, NotExported>((exported, days.close()?))
    })?;
    place.clear()?;
    told.bytes = place_all(place, &making, &files)?;
    if !place.single {
        let summary = serde_json::to_vec_pretty(&told)?;
        write_whole(&place.out.join(SUMMARY), |file| file.write_all(&summary))?;
    }
    fs::remove_dir_all(&making).map_err(Unread::file(&making))?;
    Ok(told)
}
