//! Rows on their way into files: one for each day, or one for all.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use jiff::Timestamp;

use super::encoder::Encoder;
use super::place::WHOLE;
use super::{Format, NotExported, Place};
use crate::columns::Columns;
use crate::merge::Unread;
use crate::parquet::{CellsFile, ParquetWriter, cells, write_cells};
use crate::row::Row;

/// Days whose files are open at once.
const OPEN_AT_ONCE: usize = 128;
/// What is written to a file at once.
const BUFFER: usize = 128 * 1024;
/// Where rows go whose time can't be read, as Hive names it.
const NO_DATE: &str = "__HIVE_DEFAULT_PARTITION__";
/// Characters of a date in a time (RFC 3339).
const DATE: usize = 10;

/// What takes the rows.
pub(super) enum Days {
    /// A file for each day, or one for all.
    Files(Files),
    /// Columns, in one file.
    Columns(Encoder),
}

/// What a file holds while it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Lines, as they stay.
    Lines,
    /// Cells, which become columns once the day is whole: there would be too much in memory if all days
    /// were columns at once.
    Cells,
}

impl Days {
    /// Begins in a folder, which is emptied.
    pub(super) fn begin(place: &Place, making: &Path) -> Result<Self, Unread> {
        if making.is_dir() {
            fs::remove_dir_all(making).map_err(Unread::file(making))?;
        }
        fs::create_dir_all(making).map_err(Unread::file(making))?;
        let whole = making.join(WHOLE);
        let form = match (place.format, place.single) {
            (Format::Parquet, true) => {
                return Ok(Self::Columns(Encoder::create(&whole)?));
            }
            (Format::Parquet, false) => Form::Cells,
            (Format::Jsonl, _) => Form::Lines,
        };
        if place.single {
            // Also of a log without events.
            File::create(&whole).map_err(Unread::file(&whole))?;
        }
        Ok(Self::Files(Files {
            folder: making.to_owned(),
            single: place.single,
            form,
            open: BTreeMap::new(),
            all: BTreeSet::new(),
            bytes: Vec::new(),
        }))
    }

    /// Adds a row to those of its day.
    pub(super) fn write(
        &mut self,
        day: &str,
        row: &Row<'_>,
        columns: &Columns<'_>,
    ) -> Result<(), NotExported> {
        match self {
            Self::Files(it) => Ok(it.write(day, row, columns)?),
            Self::Columns(it) => it.add(&cells(row, columns)),
        }
    }

    /// Ends all files, and names them.
    pub(super) fn close(self) -> Result<Vec<String>, NotExported> {
        match self {
            Self::Files(mut it) => {
                close_all(&it.folder, &mut it.open)?;
                if it.single {
                    it.all.insert(WHOLE.to_owned());
                }
                // Cells are read once more, and gone then.
                for file in it.all.iter().filter(|_| it.form == Form::Lines) {
                    let path = it.folder.join(file);
                    let file = File::open(&path).and_then(|it| it.sync_all());
                    file.map_err(Unread::file(&path))?;
                }
                Ok(it.all.into_iter().collect())
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
    if place.single {
        place.put(from)?;
    } else if place.format == Format::Parquet {
        columnar(from, to)?;
        fs::remove_file(from).map_err(Unread::file(from))?;
    } else {
        fs::rename(from, to).map_err(Unread::file(to))?;
    }
    Ok(to.metadata().map_err(Unread::file(to))?.len())
}

/// Turns the cells of a file into columns.
fn columnar(from: &Path, to: &Path) -> Result<(), NotExported> {
    let part = to.with_extension("part");
    let mut writer = ParquetWriter::create(&part)?;
    let mut rows = CellsFile::open(from)?;
    while let Some(cells) = rows.next()? {
        writer.add_cells(&cells)?;
    }
    writer.close()?;
    fs::rename(&part, to).map_err(Unread::file(to))?;
    Ok(())
}

/// The day of a row (UTC), as its partition is called, from its time as it is written and as it was read.
pub(super) fn day_of(written: &str, time: Option<Timestamp>) -> Cow<'_, str> {
    match time {
        None => Cow::Borrowed(NO_DATE),
        // As Postern writes times.
        Some(_) if written.ends_with('Z') => Cow::Borrowed(written.get(..DATE).unwrap_or(NO_DATE)),
        Some(time) => Cow::Owned(time.to_string().chars().take(DATE).collect()),
    }
}

/// The files of the days, as many open as may be.
pub(super) struct Files {
    folder: PathBuf,
    single: bool,
    form: Form,
    open: BTreeMap<String, BufWriter<File>>,
    /// Every file that has rows.
    all: BTreeSet<String>,
    bytes: Vec<u8>,
}

impl Files {
    fn write(&mut self, day: &str, row: &Row<'_>, columns: &Columns<'_>) -> Result<(), Unread> {
        self.bytes.clear();
        match self.form {
            Form::Lines => {
                columns.write(row, &mut self.bytes);
                self.bytes.push(b'\n');
            }
            Form::Cells => write_cells(&cells(row, columns), &mut self.bytes),
        }
        let day = if self.single { WHOLE } else { day };
        if let Some(file) = self.open.get_mut(day) {
            return file.write_all(&self.bytes).map_err(Unread::file(&self.folder.join(day)));
        }
        self.begin(day)
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
        self.all.insert(day.to_owned());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_lies_in_the_day_of_its_time_in_utc_or_in_none() {
        let day = |written: &str| day_of(written, written.parse().ok()).into_owned();
        assert_eq!(day("2026-11-24T23:59:59.999Z"), "2026-11-24");
        assert_eq!(day("2026-11-24T23:59:59.999-01:00"), "2026-11-25");
        for odd in ["", "2026-11-24", "2026-13-24T00:00:00Z", "../../../../etc/Z", "2026-11-24Z"] {
            assert_eq!(day(odd), NO_DATE, "{odd}");
        }
    }
}
