//! Parquet files that other tools wrote, or that something changed: what can't be is an error.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::desk::Desk;

/// A column of one row: its type, and the value.
struct Column {
    name: &'static str,
    form: &'static str,
    value: Value,
}

#[derive(Clone)]
enum Value {
    Text(Vec<u8>),
    Number(i64),
}

/// An event's row as this tool writes it.
fn row() -> Vec<Column> {
    let text = |name, text: &str| {
        let value = Value::Text(text.as_bytes().to_vec());
        Column { name, form: "(STRING)", value }
    };
    let number = |name, value| Column { name, form: "", value: Value::Number(value) };
    let time = Value::Number(1_772_355_600_000);
    vec![
        text("stream", "account/acc_01J9ZT000000000000000000ZZ"),
        number("sequence", 1),
        number("commit", 1),
        text("id", "evt_01J9ZT000000000000000000ZZ"),
        text("type", "account.device_seen"),
        number("version", 1),
        Column { name: "time", form: "(TIMESTAMP(MILLIS,true))", value: time },
        text("data", "{}"),
        text("meta", "{}"),
        text("types", "[]"),
        text("state", "{}"),
        number("state_schema", 1),
        text("chain", "AAAA"),
    ]
}

fn write(path: &Path, row: &[Column]) {
    let column = |it: &Column| {
        let kind = if matches!(it.value, Value::Text(_)) { "BYTE_ARRAY" } else { "INT64" };
        format!("OPTIONAL {kind} {} {};", it.name, it.form)
    };
    let columns: Vec<_> = row.iter().map(column).collect();
    let schema = parse_message_type(&format!("message log {{ {} }}", columns.join(" "))).unwrap();
    let properties = Arc::new(WriterProperties::builder().build());
    let file = File::create(path).unwrap();
    let mut file = SerializedFileWriter::new(file, Arc::new(schema), properties).unwrap();
    let mut group = file.next_row_group().unwrap();
    for it in row {
        let mut column = group.next_column().unwrap().unwrap();
        let present = Some([1].as_slice());
        match &it.value {
            Value::Text(text) => {
                let text = [ByteArray::from(text.clone())];
                column.typed::<ByteArrayType>().write_batch(&text, present, None).unwrap();
            }
            Value::Number(number) => {
                column.typed::<Int64Type>().write_batch(&[*number], present, None).unwrap();
            }
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    file.close().unwrap();
}

/// What is said of a file with another value in one column.
fn refused(column: &str, change: impl FnOnce(&mut Column)) -> String {
    let desk = Desk::new();
    let mut row = row();
    change(row.iter_mut().find(|it| it.name == column).unwrap());
    write(&desk.path("log.parquet"), &row);
    let said = desk.refused(&["stats", "--from", "@log.parquet"]);
    assert!(said.contains("log.parquet is no Parquet file of the log: "), "{said}");
    said
}

#[test]
fn a_row_of_columns_that_fit_is_read() {
    let desk = Desk::new();
    write(&desk.path("log.parquet"), &row());
    let said = desk.done(&["tail", "--json", "--from", "@log.parquet"]);
    let due = r#"{"stream":"account/acc_01J9ZT000000000000000000ZZ","sequence":1,"commit":1,"id":"evt_01J9ZT000000000000000000ZZ","type":"account.device_seen","version":1,"time":"2026-03-01T09:00:00Z","data":{},"meta":{},"types":[],"state":{},"state_schema":1,"chain":"AAAA"}"#;
    assert_eq!(said, format!("{due}\n"));
}

#[test]
fn text_that_is_none_is_an_error_that_names_its_column() {
    for column in ["stream", "id", "type", "data", "meta", "types", "state", "chain"] {
        let said = refused(column, |it| it.value = Value::Text(b"{}\xff".to_vec()));
        let due = format!("row 1 can't be read: Parquet error: column {column}: invalid utf-8");
        assert!(said.contains(&due), "{said}");
    }
}

#[test]
fn a_number_that_can_t_be_is_an_error_that_names_its_column() {
    for (column, number) in [
        ("sequence", -1),
        ("commit", -1),
        ("version", -1),
        ("version", 65_536),
        ("state_schema", -1),
        ("state_schema", 4_294_967_296),
    ] {
        let said = refused(column, |it| it.value = Value::Number(number));
        let due = format!("Parquet error: column {column}: {number} is out of range\n");
        assert!(said.ends_with(&due), "{said}");
    }
}

#[test]
fn a_time_that_can_t_be_is_an_error_that_names_its_column() {
    for time in [i64::MIN, i64::MAX, 1_772_355_600_000_000] {
        let said = refused("time", |it| it.value = Value::Number(time));
        assert!(said.contains("row 1 can't be read: Parquet error: column time: "), "{said}");
    }
}

/// As other tools write them: the number would be another time.
#[test]
fn times_in_another_unit_are_an_error() {
    for form in ["(TIMESTAMP(MICROS,true))", "(TIMESTAMP(NANOS,true))"] {
        let said = refused("time", |it| it.form = form);
        let due = "Parquet error: column time: its times are not in milliseconds\n";
        assert!(said.ends_with(due), "{said}");
    }
}

#[test]
fn a_stream_that_no_stream_is_called_is_an_error() {
    let name = "a/1\",\"sequence\":2,\"x\":\"";
    let said = refused("stream", |it| it.value = Value::Text(name.as_bytes().to_vec()));
    assert!(said.contains("column stream: no stream is called "), "{said}");
}

#[test]
fn what_is_no_json_is_an_error_that_names_its_column() {
    for column in ["data", "meta", "types", "state"] {
        let said = refused(column, |it| it.value = Value::Text(b"{".to_vec()));
        assert!(said.contains(&format!("column {column}: EOF")), "{said}");
    }
}
