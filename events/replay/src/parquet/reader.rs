//! Reading rows from columns.

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde_json::value::RawValue;

use super::{COLUMNS, Kind};
use crate::line::Line;
use crate::merge::{Lines, Unread};
use crate::row::Row;

/// Rows that are taken from each column at once: many files are open at a time.
const AT_ONCE: usize = 512;

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
#[derive(Default)]
struct Column {
    present: Vec<i16>,
    texts: Vec<ByteArray>,
    numbers: Vec<i64>,
    /// The value that comes next.
    next: usize,
}

/// What is in the place of a row's cell.
enum Cell<'a> {
    Text(&'a str),
    Number(i64),
    Nothing,
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
        let columns = COLUMNS.iter().map(|_| Column::default()).collect();
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
        let mut cell = || cells.next().unwrap_or(Cell::Nothing);
        let missing = |name: &str| ParquetError::General(format!("a row has no {name}"));
        let stream = cell().text().ok_or_else(|| missing("stream"))?;
        let sequence = cell().number().ok_or_else(|| missing("sequence"))?;
        let commit = cell().number().ok_or_else(|| missing("commit"))?;
        let (id, name, version) = (cell().text(), cell().text(), cell().number());
        let time = cell().number().and_then(|it| {
            i64::try_from(it).ok().and_then(|it| Timestamp::from_millisecond(it).ok())
        });
        // What is told for analysts alone is made anew from the rest.
        for _ in 7..16 {
            cell();
        }
        let data = cell().text();
        for _ in 17..21 {
            cell();
        }
        let (meta, events, types) = (cell().text(), cell().text(), cell().text());
        let (state, state_schema) = (cell().text(), cell().number());
        let (chain, broken, odd) = (cell().text(), cell().text(), cell().text());
        let raw = |text: Option<&'_ str>| {
            let raw = text.map(serde_json::from_str::<Box<RawValue>>).transpose();
            raw.map_err(|why| ParquetError::External(why.into()))
        };
        let (data, meta, events) = (raw(data)?, raw(meta)?, raw(events)?);
        let (types, state) = (raw(types)?, raw(state)?);
        Row {
            stream: Cow::Borrowed(stream),
            sequence,
            commit,
            id: id.unwrap_or_default().into(),
            name: name.unwrap_or_default().into(),
            version: version.and_then(|it| u16::try_from(it).ok()).unwrap_or_default(),
            time: match odd {
                Some(text) => Cow::Borrowed(text),
                None => time.map(|it| it.to_string()).unwrap_or_default().into(),
            },
            data: data.as_deref(),
            meta: meta.as_deref(),
            types: types.as_deref(),
            state: state.as_deref(),
            state_schema: state_schema.and_then(|it| u32::try_from(it).ok()),
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
        let written = self.write(line.buffer());
        written.map_err(|it| Unread::Parquet { path: self.path.clone(), source: it.into() })?;
        self.next += 1;
        self.line += 1;
        let (path, number) = (&self.path, self.line);
        let broken = |source| Unread::Line { path: path.clone(), line: number, source };
        line.settle().map(|()| true).map_err(broken)
    }

    fn place(&self) -> (PathBuf, u64) {
        (self.path.clone(), self.line)
    }
}

impl Column {
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
        if self.present.get(row).is_none_or(|it| *it == 0) {
            return Cell::Nothing;
        }
        let value = self.next;
        self.next += 1;
        let text = self.texts.get(value).and_then(|it| str::from_utf8(it.data()).ok());
        text.map(Cell::Text)
            .or_else(|| self.numbers.get(value).map(|it| Cell::Number(*it)))
            .unwrap_or(Cell::Nothing)
    }
}

impl<'a> Cell<'a> {
    fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(it) => Some(it),
            Self::Number(_) | Self::Nothing => None,
        }
    }

    fn number(self) -> Option<u64> {
        match self {
            Self::Number(it) => u64::try_from(it).ok(),
            Self::Text(_) | Self::Nothing => None,
        }
    }
}
