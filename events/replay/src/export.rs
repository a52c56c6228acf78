//! The log in files: a folder a day, each file grouped by stream, a row an event.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::columns::{Columns, Stream};
use crate::gather::NotGathered;
use crate::line::Line;
use crate::log::{Log, Unordered};
use crate::merge::{FileLines, Lines as _, Order, Unread};
use crate::parquet::ParquetWriter;
use crate::row::Row;
use crate::sort::write_whole;

/// Days whose files are open at once.
const OPEN_AT_ONCE: usize = 128;
/// What is written to a file at once.
const BUFFER: usize = 128 * 1024;
/// What an export says of itself. Hive, Athena and DuckDB pass over what begins with an underscore.
const SUMMARY: &str = "_export.json";
/// The folder that an export is made in.
pub const UNFINISHED: &str = ".unfinished";
/// Where rows go whose time can't be read, as Hive names it.
const NO_DATE: &str = "__HIVE_DEFAULT_PARTITION__";

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
    #[error("{0} is not empty, and no export that was begun from this source")]
    NotEmpty(PathBuf),
    /// The log.
    #[error(transparent)]
    Log(#[from] NotGathered),
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
    /// A line.
    #[error("a row can't be read")]
    Row(#[from] serde_json::Error),
}

impl Unordered for NotExported {
    fn is_unordered(&self) -> bool {
        match self {
            Self::Log(it) => it.is_unordered(),
            Self::File(it) => it.is_unordered(),
            Self::NotEmpty(_) | Self::Row(_) => false,
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

/// Whether an export can go into this folder: it is empty, or was begun for it.
///
/// # Errors
/// When something else lies there.
pub fn prepare(folder: &Path) -> Result<PathBuf, NotExported> {
    fs::create_dir_all(folder).map_err(Unread::file(folder))?;
    let unfinished = folder.join(UNFINISHED);
    let mut entries = fs::read_dir(folder).map_err(Unread::file(folder))?;
    if !unfinished.is_dir() && entries.next().is_some() {
        return Err(NotExported::NotEmpty(folder.to_owned()));
    }
    Ok(unfinished)
}

/// Writes the log into the folder. Whatever kills the process, no file that is not whole has a name that
/// a reader would take.
///
/// # Errors
/// When the log can't be read, or a file can't be written.
pub fn export(
    log: &Log,
    source: &str,
    folder: &Path,
    format: Format,
) -> Result<Exported, NotExported> {
    let making = folder.join(UNFINISHED).join("days");
    let (mut told, days) = log.read("writing", Order::Sequence, |merge, progress| {
        if making.is_dir() {
            fs::remove_dir_all(&making).map_err(Unread::file(&making))?;
        }
        fs::create_dir_all(&making).map_err(Unread::file(&making))?;
        let mut days = Days { folder: making.clone(), open: BTreeMap::new(), all: BTreeMap::new() };
        let (mut streams, mut last) = (0, String::new());
        let (mut stream, mut bytes) = (Stream::default(), Vec::new());
        while let Some(line) = merge.next()? {
            if line.stream() != last {
                line.stream().clone_into(&mut last);
                streams += 1;
            }
            let row = Row::read(line)?;
            bytes.clear();
            stream.columns(&row).write(&row, &mut bytes);
            bytes.push(b'\n');
            days.write(day_of(&row), &bytes)?;
            progress.add(1, u64::try_from(line.bytes().len()).unwrap_or_default() + 1);
        }
        days.close()?;
        let exported = Exported {
            source: source.to_owned(),
            events: progress.events(),
            streams,
            days: u64::try_from(days.all.len()).unwrap_or_default(),
            repeated: merge.repeated(),
            bytes: 0,
            read_units: log.read_units(),
        };
        Ok::<_, NotExported>((exported, days.all.into_keys().collect::<Vec<_>>()))
    })?;
    for day in &days {
        let (from, to) = (making.join(day), folder.join(format!("date={day}")));
        fs::create_dir_all(&to).map_err(Unread::file(&to))?;
        let to = to.join(if format == Format::Parquet { "events.parquet" } else { "events.jsonl" });
        match format {
            Format::Jsonl => fs::rename(&from, &to).map_err(Unread::file(&to))?,
            Format::Parquet => {
                columnar(&from, &to)?;
                fs::remove_file(&from).map_err(Unread::file(&from))?;
            }
        }
        told.bytes += to.metadata().map_err(Unread::file(&to))?.len();
    }
    let summary = serde_json::to_vec_pretty(&told)?;
    write_whole(&folder.join(SUMMARY), |file| file.write_all(&summary))?;
    fs::remove_dir_all(&making).map_err(Unread::file(&making))?;
    Ok(told)
}

/// The day of a row (UTC), as its partition is called.
fn day_of<'a>(row: &'a Row<'_>) -> &'a str {
    let day = row.time.get(..10).unwrap_or_default();
    let fits = day.bytes().enumerate().all(|(place, it)| match place {
        4 | 7 => it == b'-',
        _ => it.is_ascii_digit(),
    });
    if fits && !day.is_empty() { day } else { NO_DATE }
}

/// Turns the rows of a file into columns.
fn columnar(from: &Path, to: &Path) -> Result<(), NotExported> {
    let part = to.with_extension("part");
    let mut writer = ParquetWriter::create(&part)?;
    let (mut lines, mut line) = (FileLines::open(from)?, Line::default());
    while lines.next(&mut line)? {
        let row = Row::read(&line)?;
        // Those of a stream that began on another day are told by the row alone.
        let columns: Columns<'_> = serde_json::from_slice(line.bytes())?;
        writer.add(&row, &columns)?;
    }
    writer.close()?;
    fs::rename(&part, to).map_err(Unread::file(to))?;
    Ok(())
}

/// The files of the days, as many open as may be.
struct Days {
    folder: PathBuf,
    open: BTreeMap<String, BufWriter<File>>,
    /// How many rows each has.
    all: BTreeMap<String, u64>,
}

impl Days {
    fn write(&mut self, day: &str, bytes: &[u8]) -> Result<(), Unread> {
        let path = || self.folder.join(day);
        if !self.open.contains_key(day) {
            if self.open.len() >= OPEN_AT_ONCE {
                close_all(&self.folder, &mut self.open)?;
            }
            let path = path();
            let file = OpenOptions::new().create(true).append(true).open(&path);
            let file = BufWriter::with_capacity(BUFFER, file.map_err(Unread::file(&path))?);
            self.open.insert(day.to_owned(), file);
        }
        if let Some(file) = self.open.get_mut(day) {
            file.write_all(bytes).map_err(Unread::file(&self.folder.join(day)))?;
        }
        if let Some(rows) = self.all.get_mut(day) {
            *rows += 1;
        } else {
            self.all.insert(day.to_owned(), 1);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unread> {
        close_all(&self.folder, &mut self.open)
    }
}

fn close_all(folder: &Path, open: &mut BTreeMap<String, BufWriter<File>>) -> Result<(), Unread> {
    for (day, file) in std::mem::take(open) {
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
        file.and_then(|it| it.sync_all()).map_err(Unread::file(&folder.join(day)))?;
    }
    Ok(())
}
