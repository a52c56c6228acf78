//! Rows on their way into files: one for each day, or one for all.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use super::{DATE, Format, NotExported, Place};
use crate::columns::Columns;
use crate::line::Line;
use crate::merge::{FileLines, Lines as _, Unread};
use crate::parquet::ParquetWriter;
use crate::row::Row;

/// Days whose files are open at once.
const OPEN_AT_ONCE: usize = 128;
/// What is written to a file at once.
const BUFFER: usize = 128 * 1024;
/// Where rows go whose time can't be read, as Hive names it.
const NO_DATE: &str = "__HIVE_DEFAULT_PARTITION__";
/// The name of the only file while it is made.
const WHOLE: &str = "whole";

/// What takes the rows.
pub(super) enum Days {
    /// Lines, in a file for each day.
    Lines(Lines),
    /// Columns, in one file. For more of them at once there would be too much in memory.
    Columns(Box<ParquetWriter>),
}

impl Days {
    /// Begins in a folder, which is emptied.
    pub(super) fn begin(place: &Place, making: &Path) -> Result<Self, Unread> {
        if making.is_dir() {
            fs::remove_dir_all(making).map_err(Unread::file(making))?;
        }
        fs::create_dir_all(making).map_err(Unread::file(making))?;
        if place.single && place.format == Format::Parquet {
            let writer = ParquetWriter::create(&making.join(WHOLE))?;
            return Ok(Self::Columns(Box::new(writer)));
        }
        let (folder, single) = (making.to_owned(), place.single);
        if single {
            // Also of a log without events.
            let whole = making.join(WHOLE);
            File::create(&whole).map_err(Unread::file(&whole))?;
        }
        Ok(Self::Lines(Lines {
            folder,
            single,
            open: BTreeMap::new(),
            all: BTreeMap::new(),
            bytes: Vec::new(),
        }))
    }

    pub(super) fn write(&mut self, row: &Row<'_>, columns: &Columns<'_>) -> Result<(), Unread> {
        match self {
            Self::Lines(it) => it.write(row, columns),
            Self::Columns(it) => it.add(row, columns),
        }
    }

    /// Ends all files, and names them.
    pub(super) fn close(self) -> Result<Vec<String>, Unread> {
        match self {
            Self::Lines(mut it) => {
                close_all(&it.folder, &mut it.open)?;
                for day in it.all.keys() {
                    let path = it.folder.join(day);
                    let file = File::open(&path).and_then(|it| it.sync_all());
                    file.map_err(Unread::file(&path))?;
                }
                if it.single {
                    Ok(vec![WHOLE.to_owned()])
                } else {
                    Ok(it.all.into_keys().collect())
                }
            }
            Self::Columns(it) => it.close().map(|()| vec![WHOLE.to_owned()]),
        }
    }
}

/// Brings each file into its place, as columns if that is wanted, and says how large they are together.
pub(super) fn place_all(place: &Place, making: &Path, days: &[String]) -> Result<u64, NotExported> {
    // As many at a time as there are cores: each is worked on alone.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let next = Mutex::new(days.iter());
    let take = || next.lock().ok().and_then(|mut it| it.next());
    let work = || {
        let mut bytes = 0;
        while let Some(day) = take() {
            bytes += one(place, &making.join(day), &place.file(day)?)?;
        }
        Ok(bytes)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|it| it.join().unwrap_or(Err(NotExported::Ended))).sum()
    })
}

fn one(place: &Place, from: &Path, to: &Path) -> Result<u64, NotExported> {
    if place.format == Format::Parquet && !place.single {
        columnar(from, to)?;
        fs::remove_file(from).map_err(Unread::file(from))?;
    } else {
        fs::rename(from, to).map_err(Unread::file(to))?;
    }
    Ok(to.metadata().map_err(Unread::file(to))?.len())
}

/// Turns the rows of a file into columns.
fn columnar(from: &Path, to: &Path) -> Result<(), NotExported> {
    let part = to.with_extension("part");
    let mut writer = ParquetWriter::create(&part)?;
    let (mut lines, mut line) = (FileLines::open(from)?, Line::default());
    while lines.next(&mut line)? {
        let broken = |source| {
            let (path, line) = lines.place();
            Unread::Line { path, line, source }
        };
        let row = Row::read(&line).map_err(broken)?;
        // Those of a stream that began on another day are told by the row alone.
        let columns: Columns<'_> = serde_json::from_slice(line.bytes()).map_err(broken)?;
        writer.add(&row, &columns)?;
    }
    writer.close()?;
    fs::rename(&part, to).map_err(Unread::file(to))?;
    Ok(())
}

/// The day of a row (UTC), as its partition is called.
fn day_of<'a>(row: &'a Row<'_>) -> &'a str {
    let day = row.time.get(..DATE).unwrap_or_default();
    let fits = day.bytes().enumerate().all(|(place, it)| match place {
        4 | 7 => it == b'-',
        _ => it.is_ascii_digit(),
    });
    if fits && !day.is_empty() { day } else { NO_DATE }
}

/// The files of the days, as many open as may be.
pub(super) struct Lines {
    folder: PathBuf,
    single: bool,
    open: BTreeMap<String, BufWriter<File>>,
    /// How many rows each has.
    all: BTreeMap<String, u64>,
    bytes: Vec<u8>,
}

impl Lines {
    fn write(&mut self, row: &Row<'_>, columns: &Columns<'_>) -> Result<(), Unread> {
        self.bytes.clear();
        columns.write(row, &mut self.bytes);
        self.bytes.push(b'\n');
        let day = if self.single { WHOLE } else { day_of(row) };
        if let Some(file) = self.open.get_mut(day) {
            file.write_all(&self.bytes).map_err(Unread::file(&self.folder.join(day)))?;
        } else {
            self.begin(day)?;
        }
        if let Some(rows) = self.all.get_mut(day) {
            *rows += 1;
        } else {
            self.all.insert(day.to_owned(), 1);
        }
        Ok(())
    }

    /// Opens a day's file, and writes the first row of now.
    fn begin(&mut self, day: &str) -> Result<(), Unread> {
        if self.open.len() >= OPEN_AT_ONCE {
            close_all(&self.folder, &mut self.open)?;
        }
        let path = self.folder.join(day);
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let mut file = BufWriter::with_capacity(BUFFER, file.map_err(Unread::file(&path))?);
        file.write_all(&self.bytes).map_err(Unread::file(&path))?;
        self.open.insert(day.to_owned(), file);
        Ok(())
    }
}

fn close_all(folder: &Path, open: &mut BTreeMap<String, BufWriter<File>>) -> Result<(), Unread> {
    for (day, file) in std::mem::take(open) {
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
        file.map_err(Unread::file(&folder.join(day)))?;
    }
    Ok(())
}
