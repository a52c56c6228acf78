//! Reading rows from columns.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use serde_json::value::RawValue;

use super::{COLUMNS, Kind};
use crate::line::Line;
use crate::merge::{Lines, Unread};
use crate::row::{Row, is_plain};

/// Rows that are taken from each column at once: many files are open at a time.
const AT_ONCE: usize = 512;

/// The place of `time` among our columns.
const TIME: usize = 6;

/// Columns that are told for analysts alone: between an event's time and its data, and behind these.
const BEFORE_DATA: usize = 9;
const BEHIND_DATA: usize = 4;

/// The rows of a Parquet file.
pub struct ParquetLines {
    path: PathBuf,
    file: SerializedFileReader<File>,
    /// Where each of our columns lies in the file.
    places: Vec<Option<usize>>,
    group: usize,
    readers: Vec<Option<Reader>>,
    columns: Vec<Column>,
    rows: usize,
    next: usize,
    line: u64,
}

enum Reader {
    Text(ColumnReaderImpl<ByteArrayType>),
    Number(ColumnReaderImpl<Int64Type>),
}

/// Some cells of a column; those that are absent have no value.
struct Column {
    name: &'static str,
    present: Vec<i16>,
    texts: Vec<ByteArray>,
    numbers: Vec<i64>,
    /// The value that comes next.
    next: usize,
}

/// What is in the place of a row's cell.
struct Cell<'a> {
    column: &'static str,
    value: Value<'a>,
}

enum Value<'a> {
    Text(&'a [u8]),
    Number(i64),
    Nothing,
}

/// A cell's value can't be what its column says.
fn invalid(column: &str, why: impl fmt::Display) -> ParquetError {
    ParquetError::General(format!("column {column}: {why}"))
}

/// A row that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("row {row} can't be read")]
struct NoRow {
    /// Which, from 1.
    row: u64,
    source: ParquetError,
}

impl ParquetLines {
    /// Opens a file.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn open(path: &Path) -> Result<Self, Unread> {
        let broken =
            |source: ParquetError| Unread::Parquet { path: path.to_owned(), source: source.into() };
        let file = File::open(path).map_err(Unread::file(path))?;
        let file = SerializedFileReader::new(file).map_err(broken)?;
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        let place = |name: &str| schema.columns().iter().position(|it| it.name() == name);
        let places: Vec<_> = COLUMNS.iter().map(|(name, _)| place(name)).collect();
        if places.first().is_none_or(Option::is_none) {
            return Err(broken(ParquetError::General("it has no column stream".to_owned())));
        }
        if let Some(time) = places.get(TIME).copied().flatten() {
            in_milliseconds(&schema.column(time)).map_err(broken)?;
        }
        let columns = COLUMNS.iter().map(|(name, _)| Column::of(name)).collect();
        let path = path.to_owned();
        Ok(Self {
            path,
            file,
            places,
            group: 0,
            readers: Vec::new(),
            columns,
            rows: 0,
            next: 0,
            line: 0,
        })
    }

    /// Takes the next rows; false where there are none.
    fn fill(&mut self) -> Result<bool, ParquetError> {
        loop {
            if self.readers.is_empty() {
                if self.group == self.file.num_row_groups() {
                    return Ok(false);
                }
                self.open_group()?;
            }
            self.next = 0;
            self.rows = 0;
            for (reader, column) in self.readers.iter_mut().zip(&mut self.columns) {
                if let Some(reader) = reader {
                    self.rows = self.rows.max(column.fill(reader)?);
                }
            }
            if self.rows > 0 {
                return Ok(true);
            }
            self.readers.clear();
        }
    }

    fn open_group(&mut self) -> Result<(), ParquetError> {
        let group = self.file.get_row_group(self.group)?;
        self.group += 1;
        for (place, (name, kind)) in self.places.iter().zip(COLUMNS) {
            let Some(place) = place else {
                self.readers.push(None);
                continue;
            };
            let reader = match (kind, group.get_column_reader(*place)?) {
                (Kind::Word | Kind::Text, it @ ColumnReader::ByteArrayColumnReader(_)) => {
                    Reader::Text(get_typed_column_reader(it))
                }
                (Kind::Number | Kind::Time, it @ ColumnReader::Int64ColumnReader(_)) => {
                    Reader::Number(get_typed_column_reader(it))
                }
                _ => {
                    let why = format!("column {name} is of another type");
                    return Err(ParquetError::General(why));
                }
            };
            self.readers.push(Some(reader));
        }
        Ok(())
    }

    fn write(&mut self, bytes: &mut Vec<u8>) -> Result<(), ParquetError> {
        let row = self.next;
        let mut cells = self.columns.iter_mut().map(|it| it.take(row));
        let mut cell = || cells.next().unwrap_or(Cell { column: "", value: Value::Nothing });
        let missing = |name: &str| ParquetError::General(format!("a row has no {name}"));
        let stream = cell().text()?.ok_or_else(|| missing("stream"))?;
        if !is_plain(stream) {
            return Err(invalid("stream", format_args!("no stream is called {stream:?}")));
        }
        let sequence = cell().number()?.ok_or_else(|| missing("sequence"))?;
        let commit = cell().number()?.ok_or_else(|| missing("commit"))?;
        let (id, name, version) = (cell().text()?, cell().text()?, cell().number()?);
        let time = cell().time()?;
        // What is told for analysts alone is made anew from the rest.
        for _ in 0..BEFORE_DATA {
            cell();
        }
        let data = cell().text()?;
        for _ in 0..BEHIND_DATA {
            cell();
        }
        let (meta, events, types) = (cell().text()?, cell().text()?, cell().text()?);
        let (state, state_schema) = (cell().text()?, cell().number()?);
        let (chain, broken, odd) = (cell().text()?, cell().text()?, cell().text()?);
        let raw = |column: &str, text: Option<&'_ str>| {
            let raw = text.map(serde_json::from_str::<Box<RawValue>>).transpose();
            raw.map_err(|why| invalid(column, why))
        };
        let (data, meta, events) = (raw("data", data)?, raw("meta", meta)?, raw("events", events)?);
        let (types, state) = (raw("types", types)?, raw("state", state)?);
        Row {
            stream: Cow::Borrowed(stream),
            sequence,
            commit,
            id: id.unwrap_or_default().into(),
            name: name.unwrap_or_default().into(),
            version: version.unwrap_or_default(),
            time: match odd {
                Some(text) => Cow::Borrowed(text),
                None => time.map(|it| it.to_string()).unwrap_or_default().into(),
            },
            data: data.as_deref(),
            meta: meta.as_deref(),
            types: types.as_deref(),
            state: state.as_deref(),
            state_schema,
            chain: chain.map(Cow::Borrowed),
            events: events.as_deref(),
            broken: broken.map(Cow::Borrowed),
        }
        .write(bytes);
        Ok(())
    }
}

impl Lines for ParquetLines {
    fn next(&mut self, line: &mut Line) -> Result<bool, Unread> {
        if self.next == self.rows {
            let filled = self.fill();
            let path = || self.path.clone();
            if !filled.map_err(|it| Unread::Parquet { path: path(), source: it.into() })? {
                return Ok(false);
            }
        }
        line.buffer().clear();
        self.line += 1;
        let written = self.write(line.buffer());
        let broken = |source| NoRow { row: self.line, source };
        written
            .map_err(|it| Unread::Parquet { path: self.path.clone(), source: broken(it).into() })?;
        self.next += 1;
        let (path, number) = (&self.path, self.line);
        let broken = |source| Unread::Line { path: path.clone(), line: number, source };
        line.settle().map(|()| true).map_err(broken)
    }

    fn place(&self) -> (PathBuf, u64) {
        (self.path.clone(), self.line)
    }
}

impl Column {
    fn of(name: &'static str) -> Self {
        let (present, texts, numbers) = (Vec::new(), Vec::new(), Vec::new());
        Self { name, present, texts, numbers, next: 0 }
    }

    fn fill(&mut self, reader: &mut Reader) -> Result<usize, ParquetError> {
        self.present.clear();
        self.texts.clear();
        self.numbers.clear();
        self.next = 0;
        let present = Some(&mut self.present);
        let (rows, ..) = match reader {
            Reader::Text(it) => it.read_records(AT_ONCE, present, None, &mut self.texts)?,
            Reader::Number(it) => it.read_records(AT_ONCE, present, None, &mut self.numbers)?,
        };
        // A column that has to have its cells says nothing about which it has.
        self.present.resize(rows, 1);
        Ok(rows)
    }

    fn take(&mut self, row: usize) -> Cell<'_> {
        let column = self.name;
        if self.present.get(row).is_none_or(|it| *it == 0) {
            return Cell { column, value: Value::Nothing };
        }
        let place = self.next;
        self.next += 1;
        let text = self.texts.get(place).map(|it| Value::Text(it.data()));
        let number = || self.numbers.get(place).map(|it| Value::Number(*it));
        Cell { column, value: text.or_else(number).unwrap_or(Value::Nothing) }
    }
}

impl<'a> Cell<'a> {
    fn text(self) -> Result<Option<&'a str>, ParquetError> {
        match self.value {
            Value::Text(it) => str::from_utf8(it).map(Some).map_err(|it| invalid(self.column, it)),
            Value::Number(_) | Value::Nothing => Ok(None),
        }
    }

    fn number<T: TryFrom<i64>>(self) -> Result<Option<T>, ParquetError> {
        match self.value {
            Value::Number(it) => {
                let out = |_| invalid(self.column, format_args!("{it} is out of range"));
                T::try_from(it).map(Some).map_err(out)
            }
            Value::Text(_) | Value::Nothing => Ok(None),
        }
    }

    fn time(self) -> Result<Option<Timestamp>, ParquetError> {
        let column = self.column;
        let time = |it| Timestamp::from_millisecond(it).map_err(|it| invalid(column, it));
        self.number()?.map(time).transpose()
    }
}

/// Other tools write times also in other units: read as milliseconds they would be other times.
fn in_milliseconds(column: &ColumnDescriptor) -> Result<(), ParquetError> {
    let micros = column.converted_type() == ConvertedType::TIMESTAMP_MICROS;
    let other = match column.logical_type_ref() {
        Some(LogicalType::Timestamp(it)) => it.unit != TimeUnit::MILLIS,
        Some(_) | None => micros,
    };
    if other { Err(invalid(column.name(), "its times are not in milliseconds")) } else { Ok(()) }
}
