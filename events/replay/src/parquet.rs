//! The log in Parquet: the same rows, a column each.

mod cells;
mod reader;
mod writer;

pub(crate) use cells::{Cells, CellsFile, cells, take as take_cells, write as write_cells};
pub use reader::ParquetLines;
pub(crate) use writer::ParquetWriter;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Text of which few differ.
    Word,
    /// Text of which most differ.
    Text,
    /// A whole number.
    Number,
    /// A time, to the millisecond.
    Time,
}

/// Every column, in the order of a row's cells.
const COLUMNS: [(&str, Kind); 29] = [
    ("stream", Kind::Text),
    ("sequence", Kind::Number),
    ("commit", Kind::Number),
    ("id", Kind::Text),
    ("type", Kind::Word),
    ("version", Kind::Number),
    ("time", Kind::Time),
    ("aggregate", Kind::Word),
    ("account", Kind::Text),
    ("device", Kind::Text),
    ("platform", Kind::Word),
    ("country", Kind::Word),
    ("method", Kind::Word),
    ("purpose", Kind::Word),
    ("kind", Kind::Word),
    ("because", Kind::Word),
    ("data", Kind::Text),
    ("request", Kind::Text),
    ("actor", Kind::Text),
    ("function", Kind::Word),
    ("policy", Kind::Number),
    ("meta", Kind::Text),
    ("events", Kind::Text),
    ("types", Kind::Word),
    ("state", Kind::Text),
    ("state_schema", Kind::Number),
    ("chain", Kind::Text),
    ("broken", Kind::Word),
    // Only where `time` doesn't tell it to the letter.
    ("time_text", Kind::Word),
];
