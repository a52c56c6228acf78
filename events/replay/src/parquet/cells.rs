//! A row as its columns' cells; and cells in a file, on their way from one day's rows to its columns.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::COLUMNS;
use crate::columns::Columns;
use crate::merge::Unread;
use crate::row::Row;

/// What is in the place of a row's cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Text(&'a str),
    Number(i64),
    Nothing,
}

/// The cells of a row, in the order of the columns.
pub(crate) type Cells<'a> = [Cell<'a>; COLUMNS.len()];

/// How a cell begins in a file that says nothing, a text or a number.
const NOTHING: u8 = 0;
const TEXT: u8 = 1;
const NUMBER: u8 = 2;

/// How much of a file is read at once.
const BUFFER: usize = 128 * 1024;

/// The cells of a row.
pub(crate) fn cells<'a>(row: &'a Row<'_>, columns: &'a Columns<'_>) -> Cells<'a> {
    let whole = row.broken.is_none();
    let text = |it: &'a str| if whole { Cell::Text(it) } else { Cell::Nothing };
    let maybe = |it: Option<&'a str>| it.map_or(Cell::Nothing, Cell::Text);
    let raw = |it: Option<&'a RawValue>| maybe(it.map(RawValue::get));
    let number = |it: u64| Cell::Number(i64::try_from(it).unwrap_or(i64::MAX));
    let small = |it: Option<u32>| it.map_or(Cell::Nothing, |it| Cell::Number(i64::from(it)));
    let time = row.time.parse::<Timestamp>().ok().map(Timestamp::as_millisecond);
    let same = |it: i64| Timestamp::from_millisecond(it).is_ok_and(|it| it.to_string() == row.time);
    let odd = whole && !time.is_some_and(same);
    [
        Cell::Text(&row.stream),
        number(row.sequence),
        number(row.commit),
        text(&row.id),
        text(&row.name),
        small(whole.then_some(row.version.into())),
        time.map_or(Cell::Nothing, Cell::Number),
        Cell::Text(columns.aggregate),
        maybe(columns.account),
        maybe(columns.device),
        maybe(columns.platform),
        maybe(columns.country),
        maybe(columns.method),
        maybe(columns.purpose),
        maybe(columns.kind),
        maybe(columns.because),
        raw(row.data),
        text(columns.request),
        text(columns.actor),
        text(columns.function),
        small(whole.then_some(columns.policy.into())),
        raw(row.meta),
        raw(row.events),
        raw(row.types),
        raw(row.state),
        small(row.state_schema),
        maybe(row.chain.as_deref()),
        maybe(row.broken.as_deref()),
        if odd { Cell::Text(&row.time) } else { Cell::Nothing },
    ]
}

/// Adds the cells to what goes into a file of them: their length, then one after the other.
pub(crate) fn write(cells: &Cells<'_>, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; LENGTH]);
    for cell in cells {
        match cell {
            Cell::Nothing => bytes.push(NOTHING),
            Cell::Text(text) => {
                bytes.push(TEXT);
                bytes.extend_from_slice(&length(text.len()));
                bytes.extend_from_slice(text.as_bytes());
            }
            Cell::Number(number) => {
                bytes.push(NUMBER);
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
    let whole = length(bytes.len() - start - LENGTH);
    if let Some(place) = bytes.get_mut(start..start + LENGTH) {
        place.copy_from_slice(&whole);
    }
}

/// Bytes of a length.
const LENGTH: usize = size_of::<u32>();

/// A row is an item of the table at most, some hundred kilobytes.
fn length(bytes: usize) -> [u8; LENGTH] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

/// The cells in a file.
pub(crate) struct CellsFile {
    path: PathBuf,
    file: BufReader<File>,
    bytes: Vec<u8>,
}

impl CellsFile {
    pub(crate) fn open(path: &Path) -> Result<Self, Unread> {
        let file = File::open(path).map_err(Unread::file(path))?;
        let file = BufReader::with_capacity(BUFFER, file);
        Ok(Self { path: path.to_owned(), file, bytes: Vec::new() })
    }

    /// The cells of the next row, if there is one.
    pub(crate) fn next(&mut self) -> Result<Option<Cells<'_>>, Unread> {
        if self.file.fill_buf().map_err(Unread::file(&self.path))?.is_empty() {
            return Ok(None);
        }
        let mut length = [0; LENGTH];
        let read = self.file.read_exact(&mut length).and_then(|()| {
            let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
            self.bytes.resize(length, 0);
            self.file.read_exact(&mut self.bytes)
        });
        read.map_err(Unread::file(&self.path))?;
        let cells = read_cells(&self.bytes);
        let broken = || Unread::file(&self.path)(ErrorKind::InvalidData.into());
        cells.map(Some).ok_or_else(broken)
    }
}

/// Takes the cells of the next row from bytes that [`write()`] made.
pub(crate) fn take<'a>(bytes: &mut &'a [u8]) -> Option<Cells<'a>> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (row, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    read_cells(row)
}

fn read_cells(mut bytes: &[u8]) -> Option<Cells<'_>> {
    let mut cells = [Cell::Nothing; COLUMNS.len()];
    for cell in &mut cells {
        let (kind, rest) = bytes.split_first()?;
        bytes = rest;
        *cell = match *kind {
            NOTHING => Cell::Nothing,
            TEXT => {
                let (length, rest) = bytes.split_first_chunk()?;
                let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
                let (text, rest) = rest.split_at_checked(length)?;
                bytes = rest;
                Cell::Text(str::from_utf8(text).ok()?)
            }
            NUMBER => {
                let (number, rest) = bytes.split_first_chunk()?;
                bytes = rest;
                Cell::Number(i64::from_le_bytes(*number))
            }
            _ => return None,
        };
    }
    bytes.is_empty().then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row with a text, one that is empty, the least and the greatest number.
    fn some() -> Cells<'static> {
        let mut cells = [Cell::Nothing; COLUMNS.len()];
        let first = [Cell::Text("é"), Cell::Text(""), Cell::Number(i64::MIN), Cell::Nothing];
        cells.iter_mut().zip(first).for_each(|(place, cell)| *place = cell);
        if let Some(last) = cells.last_mut() {
            *last = Cell::Number(i64::MAX);
        }
        cells
    }

    fn file(bytes: &[u8]) -> (tempfile::TempDir, CellsFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day");
        std::fs::write(&path, bytes).unwrap();
        let cells = CellsFile::open(&path).unwrap();
        (folder, cells)
    }

    #[test]
    fn cells_come_out_of_a_file_as_they_went_in() {
        let mut bytes = Vec::new();
        write(&some(), &mut bytes);
        write(&[Cell::Nothing; COLUMNS.len()], &mut bytes);
        let (_folder, mut cells) = file(&bytes);
        assert_eq!(cells.next().unwrap(), Some(some()));
        assert_eq!(cells.next().unwrap(), Some([Cell::Nothing; COLUMNS.len()]));
        assert_eq!(cells.next().unwrap(), None);
    }

    #[test]
    fn cells_are_taken_one_row_after_the_other() {
        let mut bytes = Vec::new();
        write(&some(), &mut bytes);
        write(&[Cell::Nothing; COLUMNS.len()], &mut bytes);
        let mut rest = bytes.as_slice();
        assert_eq!(take(&mut rest), Some(some()));
        assert_eq!(take(&mut rest), Some([Cell::Nothing; COLUMNS.len()]));
        assert_eq!((take(&mut rest), rest), (None, [].as_slice()));
    }

    #[test]
    fn a_file_of_cells_that_is_cut_off_or_changed_is_no_shorter_file() {
        let mut bytes = Vec::new();
        write(&some(), &mut bytes);
        for length in 1..bytes.len() {
            let (_folder, mut cells) = file(bytes.get(..length).unwrap());
            assert!(matches!(cells.next(), Err(Unread::File { .. })), "{length}");
        }
        // The first cell is of no kind.
        bytes[LENGTH] = 9;
        let (_folder, mut cells) = file(&bytes);
        assert!(matches!(cells.next(), Err(Unread::File { .. })));
    }
}
