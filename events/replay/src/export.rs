//! The log in files: a folder a day, each file grouped by stream, a row an event.

mod days;
mod encoder;
mod place;
mod writing;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::gather::NotGathered;
use crate::log::{Log, Unordered};
use crate::merge::{Order, Unread};
use crate::sort::write_whole;
use days::place_all;
pub(crate) use place::MAKING;
pub use place::Place;
use writing::write;

pub use crate::source::SUMMARY;

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
    /// The time of the newest event: the log is as of then.
    pub newest: Option<Timestamp>,
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
    let making = place.making();
    let (written, events, repeated) = log.read("writing", Order::Sequence, |merge, progress| {
        let written = write(merge, progress, place, &making)?;
        Ok::<_, NotExported>((written, progress.events(), merge.repeated()))
    })?;
    place.clear()?;
    let told = Exported {
        source: source.to_owned(),
        events,
        streams: written.streams,
        days: u64::try_from(written.days.len()).unwrap_or_default(),
        newest: written.newest,
        repeated,
        bytes: place_all(place, &making, &written.files)?,
        read_units: log.read_units(),
    };
    if !place.single {
        let summary = serde_json::to_vec_pretty(&told)?;
        write_whole(&place.out.join(SUMMARY), |file| file.write_all(&summary))?;
    }
    fs::remove_dir_all(&making).map_err(Unread::file(&making))?;
    Ok(told)
}
