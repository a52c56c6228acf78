//! Writing rows by columns.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, Type};

use super::cells::{Cell, Cells};
use super::{COLUMNS, Kind};
use crate::merge::Unread;

/// Rows of a group: enough to compress well, and some tens of megabytes in memory.
const GROUP: usize = 32 * 1024;

/// Columns that analysts look for rows by, and that are in some order.
const FOUND_BY: [&str; 5] = ["stream", "sequence", "time", "type", "aggregate"];

/// Bytes of a page: who reads many files at once holds one of each column of each.
const PAGE: usize = 64 * 1024;

/// What a column has that is not written yet.
#[derive(Default)]
struct Column {
    /// Whether each row has one.
    present: Vec<i16>,
    numbers: Vec<i64>,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// Writes one file.
pub(crate) struct ParquetWriter {
    path: PathBuf,
    file: SerializedFileWriter<File>,
    columns: Vec<Column>,
    rows: usize,
}

impl ParquetWriter {
    /// Begins a file.
    ///
    /// # Errors
    /// When it can't be made.
    pub(crate) fn create(path: &Path) -> Result<Self, Unread> {
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
        let columns = COLUMNS.iter().map(|_| Column::default()).collect();
        Ok(Self { path: path.to_owned(), file: file.map_err(broken)?, columns, rows: 0 })
    }

    /// Adds a row by its cells.
    pub(crate) fn add_cells(&mut self, cells: &Cells<'_>) -> Result<(), Unread> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.add(cell);
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
        for ((_, kind), column) in COLUMNS.iter().zip(&mut self.columns) {
            column.write(*kind, &mut group).map_err(broken)?;
        }
        group.close().map(drop).map_err(broken)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When its end can't be written.
    pub(crate) fn close(mut self) -> Result<(), Unread> {
        self.flush()?;
        let path = self.path;
        let broken =
            |source: ParquetError| Unread::Parquet { path: path.clone(), source: source.into() };
        let file = self.file.into_inner().map_err(broken)?;
        file.sync_all().map_err(Unread::file(&path))
    }
}

impl Column {
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
