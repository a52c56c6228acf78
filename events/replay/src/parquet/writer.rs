//! Writing rows by columns.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, Type};
use serde_json::value::RawValue;

use super::{COLUMNS, Kind};
use crate::columns::Columns;
use crate::merge::Unread;
use crate::row::Row;

/// Rows of a group: enough to compress well, and some tens of megabytes in memory.
const GROUP: usize = 32 * 1024;

/// Columns that analysts look for rows by, and that are in some order.
const FOUND_BY: [&str; 5] = ["stream", "sequence", "time", "type", "aggregate"];

/// Bytes of a page: who reads many files at once holds one of each column of each.
const PAGE: usize = 64 * 1024;

/// The cells of a column that are not written yet.
#[derive(Default)]
struct Cells {
    /// Whether each row has one.
    present: Vec<i16>,
    numbers: Vec<i64>,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// A cell.
enum Cell<'a> {
    Text(&'a str),
    Number(i64),
    Nothing,
}

/// Writes one file.
pub struct ParquetWriter {
    path: PathBuf,
    file: SerializedFileWriter<File>,
    columns: Vec<Cells>,
    rows: usize,
}

impl ParquetWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn create(path: &Path) -> Result<Self, Unread> {
        let file = File::create(path).map_err(Unread::file(path))?;
        let broken =
            |source: ParquetError| Unread::Parquet { path: path.to_owned(), source: source.into() };
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("postern".to_owned())
            .set_dictionary_enabled(false)
            .set_data_page_size_limit(PAGE)
            .set_statistics_enabled(EnabledStatistics::None);
        for (name, kind) in COLUMNS {
            let column = || ColumnPath::from(name);
            if kind == Kind::Word {
                properties = properties.set_column_dictionary_enabled(column(), true);
            }
            // What a reader passes over groups of rows by.
            if FOUND_BY.contains(&name) {
                let chunk = EnabledStatistics::Chunk;
                properties = properties.set_column_statistics_enabled(column(), chunk);
            }
        }
        let schema = schema().map_err(broken)?;
        let file = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build()));
        let columns = COLUMNS.iter().map(|_| Cells::default()).collect();
        Ok(Self { path: path.to_owned(), file: file.map_err(broken)?, columns, rows: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When a group of rows can't be written.
    pub fn add(&mut self, row: &Row<'_>, columns: &Columns<'_>) -> Result<(), Unread> {
        for (cells, cell) in self.columns.iter_mut().zip(cells(row, columns)) {
            cells.add(&cell);
        }
        self.rows += 1;
        if self.rows == GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Unread> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let path = &self.path;
        let broken =
            |source: ParquetError| Unread::Parquet { path: path.clone(), source: source.into() };
        let mut group = self.file.next_row_group().map_err(broken)?;
        for ((_, kind), cells) in COLUMNS.iter().zip(&mut self.columns) {
            cells.write(*kind, &mut group).map_err(broken)?;
        }
        group.close().map(drop).map_err(broken)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When its end can't be written.
    pub fn close(mut self) -> Result<(), Unread> {
        self.flush()?;
        let path = self.path;
        let broken =
            |source: ParquetError| Unread::Parquet { path: path.clone(), source: source.into() };
        let file = self.file.into_inner().map_err(broken)?;
        file.sync_all().map_err(Unread::file(&path))
    }
}

impl Cells {
    fn add(&mut self, cell: &Cell<'_>) {
        self.present.push(i16::from(!matches!(cell, Cell::Nothing)));
        match cell {
            Cell::Text(text) => {
                self.text.extend_from_slice(text.as_bytes());
                self.ends.push(self.text.len());
            }
            Cell::Number(number) => self.numbers.push(*number),
            Cell::Nothing => {}
        }
    }

    fn write(
        &mut self,
        kind: Kind,
        group: &mut SerializedRowGroupWriter<'_, File>,
    ) -> Result<(), ParquetError> {
        let Self { present, numbers, text, ends } = std::mem::take(self);
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        match kind {
            Kind::Word | Kind::Text => {
                let (text, mut start) = (Bytes::from(text), 0);
                let cell =
                    |end| ByteArray::from(text.slice(std::mem::replace(&mut start, end)..end));
                let values: Vec<ByteArray> = ends.into_iter().map(cell).collect();
                column.typed::<ByteArrayType>().write_batch(&values, Some(&present), None)?;
            }
            Kind::Number | Kind::Time => {
                column.typed::<Int64Type>().write_batch(&numbers, Some(&present), None)?;
            }
        }
        column.close()
    }
}

fn schema() -> Result<Type, ParquetError> {
    let column = |(name, kind): &(&str, Kind)| match kind {
        Kind::Word | Kind::Text => format!("OPTIONAL BYTE_ARRAY {name} (STRING);"),
        Kind::Number => format!("OPTIONAL INT64 {name};"),
        Kind::Time => format!("OPTIONAL INT64 {name} (TIMESTAMP(MILLIS,true));"),
    };
    let columns: Vec<String> = COLUMNS.iter().map(column).collect();
    parse_message_type(&format!("message postern {{ {} }}", columns.join(" ")))
}

fn cells<'a>(row: &'a Row<'_>, columns: &'a Columns<'_>) -> [Cell<'a>; COLUMNS.len()] {
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
        Cell::Text(&columns.aggregate),
        maybe(columns.account.as_deref()),
        maybe(columns.device.as_deref()),
        maybe(columns.platform.as_deref()),
        maybe(columns.country.as_deref()),
        maybe(columns.method.as_deref()),
        maybe(columns.purpose.as_deref()),
        maybe(columns.kind.as_deref()),
        maybe(columns.because.as_deref()),
        raw(row.data),
        text(&columns.request),
        text(&columns.actor),
        text(&columns.function),
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
