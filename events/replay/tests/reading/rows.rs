//! What a row of an export tells, and in which types.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

use jiff::Timestamp;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use postern_replay::line::Line;
use postern_replay::log;
use postern_replay::row::Row;
use serde_json::{Map, Value, json};

use crate::desk::{Desk, files};
use crate::history::{Entry, rows, write_file};

const TEXTS: [&str; 24] = [
    "stream",
    "id",
    "type",
    "aggregate",
    "account",
    "device",
    "platform",
    "country",
    "method",
    "purpose",
    "kind",
    "because",
    "data",
    "request",
    "actor",
    "function",
    "meta",
    "events",
    "types",
    "state",
    "chain",
    "broken",
    "time_text",
    "time",
];
const NUMBERS: [&str; 5] = ["sequence", "commit", "version", "policy", "state_schema"];

/// The history exported in both forms.
fn exported(rows: &[Entry]) -> Desk {
    let desk = Desk::new();
    write_file(&desk.path("log.jsonl"), rows);
    desk.done(&["export", "@lines", "--from", "@log.jsonl"]);
    desk.done(&["export", "@columns", "--from", "@log.jsonl", "--format", "parquet"]);
    desk
}

/// Every row of the lines.
fn lines(desk: &Desk) -> Vec<Map<String, Value>> {
    let files = files(&desk.path("lines")).into_iter().filter(|(name, _)| !name.starts_with('_'));
    let texts = files.map(|(_, text)| String::from_utf8(text).unwrap());
    let rows = texts.flat_map(|it| it.lines().map(serde_json::from_str).collect::<Vec<_>>());
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_row_has_no_other_members_than_documented_and_none_is_a_word_of_a_query_language() {
    let desk = exported(&rows());
    let known: BTreeSet<&str> = TEXTS.into_iter().chain(NUMBERS).collect();
    for row in lines(&desk) {
        for (name, value) in &row {
            assert!(known.contains(name.as_str()), "{name}");
            assert_eq!(value.is_number(), NUMBERS.contains(&name.as_str()), "{name}: {value}");
        }
    }
    assert!(!known.contains("at"), "Trino and DuckDB know `AT TIME ZONE`");
}

/// Every event that there can be tells in columns what its data tell.
#[test]
fn columns_repeat_what_data_tell_of_every_event() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden");
    let mut all = Vec::new();
    for (number, entry) in fs::read_dir(golden).unwrap().enumerate() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let event: Value = serde_json::from_str(&text).unwrap();
        let aggregate = event["type"].as_str().unwrap().split('.').next().unwrap();
        let stream = format!("{aggregate}/x_{number:03}");
        let rest = text.trim_end().strip_prefix('{').unwrap();
        let text = format!("{{\"stream\":\"{stream}\",\"sequence\":1,\"commit\":1,{rest}");
        all.push(Entry { stream, sequence: 1, text });
    }
    let rows = lines(&exported(&all));
    assert!(rows.len() > 60, "{}", rows.len());
    for row in rows {
        let (name, data) = (row["type"].as_str().unwrap(), &row["data"]);
        for column in ["device", "platform", "country", "purpose", "kind", "because"] {
            let due = data.get(column).filter(|it| it.is_string());
            assert_eq!(row.get(column), due, "{column} of {name}");
        }
        let method = data.get("method").or(data.get("channel"));
        assert_eq!(row.get("method"), method, "{name}");
        let account = data.get("account").or(data.get("recipient")).cloned();
        let own = name.starts_with("account.").then(|| row["stream"].as_str()?.split_once('/'));
        let account = own.flatten().map(|it| json!(it.1)).or(account);
        assert_eq!(row.get("account"), account.as_ref(), "{name}");
    }
}

#[test]
fn a_stream_s_account_is_on_every_row_of_it_also_on_another_day() {
    let mut all = rows();
    // An attempt and a message that end on the day after.
    for kind in ["sign_in/", "message/", "verification/"] {
        let last =
            all.iter_mut().rfind(|it| it.stream.starts_with(kind) && it.sequence > 1).unwrap();
        let (day, next) = (last.day(), "2026-02-01");
        last.replace(&format!("\"time\":\"{day}"), &format!("\"time\":\"{next}"));
    }
    let desk = exported(&all);
    let mut streams: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
    let mut days: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in lines(&desk) {
        let stream = row["stream"].as_str().unwrap().to_owned();
        let account = row.get("account").map(|it| it.as_str().unwrap().to_owned());
        days.entry(stream.clone())
            .or_default()
            .insert(row["time"].as_str().unwrap()[..10].to_owned());
        streams.entry(stream).or_default().insert(account);
    }
    for (stream, accounts) in &streams {
        assert_eq!(accounts.len(), 1, "{stream} {accounts:?}");
        let known = accounts.iter().all(Option::is_some);
        assert!(known || days[stream].len() == 1 && !stream.starts_with("account/"), "{stream}");
    }
    let later = days.iter().filter(|(_, days)| days.contains("2026-02-01"));
    assert_eq!(later.filter(|(_, days)| days.len() == 2).count(), 3);
    let without = streams.iter().filter(|(_, it)| it.contains(&None)).count();
    let refused = lines(&desk);
    let nobody = |it: &&Map<String, Value>| {
        it["data"].get("account").is_none() && it["type"] == "sign_in.refused"
    };
    assert_eq!(without, refused.iter().filter(nobody).count(), "addresses that nobody has");
}

#[test]
fn nothing_personal_is_there_to_read() {
    let desk = exported(&rows());
    let personal =
        ["@", "iPhone", "Pixel", "Galaxy", "Mozilla", "Prague", "Amsterdam", "The code does not"];
    for folder in ["lines", "columns"] {
        for (name, bytes) in files(&desk.path(folder)) {
            if name.starts_with('_') {
                continue;
            }
            let text = String::from_utf8_lossy(&bytes);
            for it in personal.iter().filter(|it| folder == "lines" || it.len() > 1) {
                assert!(!text.contains(it), "{it} in {name}");
            }
        }
    }
    let sealed = ["email", "description", "origin"];
    for row in lines(&desk) {
        for value in sealed.iter().filter_map(|it| row["data"].get(it)) {
            // 96 bytes at least: a key, an event and a field, a nonce, what is sealed, its seal.
            assert!(
                value.as_str().is_some_and(|it| it.len() >= 64 && !it.contains(' ')),
                "{value}"
            );
        }
    }
}

#[test]
fn columns_are_text_whole_numbers_and_a_time_in_milliseconds() {
    let desk = exported(&rows());
    for (name, _) in files(&desk.path("columns")).iter().filter(|(name, _)| !name.starts_with('_'))
    {
        assert!(name.starts_with("date=") && name.ends_with("/events.parquet"), "{name}");
        let file = File::open(desk.path("columns").join(name)).unwrap();
        let file = SerializedFileReader::new(file).unwrap();
        let schema = file.metadata().file_metadata().schema_descr();
        assert_eq!(schema.num_columns(), 29);
        for column in schema.columns() {
            let (name, logical) = (column.name(), column.logical_type_ref());
            let told = (column.physical_type(), logical.cloned());
            let due = if name == "time" {
                let unit = TimeUnit::MILLIS;
                (Type::INT64, Some(LogicalType::timestamp(true, unit)))
            } else if NUMBERS.contains(&name) {
                (Type::INT64, None)
            } else {
                assert!(TEXTS.contains(&name), "{name}");
                (Type::BYTE_ARRAY, Some(LogicalType::String))
            };
            assert_eq!(told, due, "{name}");
            assert_eq!(column.self_type().get_basic_info().repetition(), Repetition::OPTIONAL);
        }
    }
}

/// A cell as the lines would tell it.
fn told(name: &str, field: &Field) -> Option<Value> {
    let is_json = ["data", "meta", "types", "state", "events"].contains(&name);
    if let Field::Str(it) = field {
        return Some(if is_json { serde_json::from_str(it).unwrap() } else { json!(it) });
    }
    if let Field::Long(it) = field {
        return Some(json!(it));
    }
    if let Field::TimestampMillis(it) = field {
        return Some(json!(Timestamp::from_millisecond(*it).unwrap().to_string()));
    }
    assert_eq!(field, &Field::Null, "{name}");
    None
}

#[test]
fn columns_tell_what_lines_tell() {
    let desk = exported(&rows());
    let mut found = Vec::new();
    for (name, _) in files(&desk.path("columns")).iter().filter(|(name, _)| !name.starts_with('_'))
    {
        let file = File::open(desk.path("columns").join(name)).unwrap();
        let file = SerializedFileReader::new(file).unwrap();
        for row in file.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            let cells = row.get_column_iter();
            let told = cells.filter_map(|(name, it)| Some((name.clone(), told(name, it)?)));
            found.push(told.collect::<Map<_, _>>());
        }
    }
    let due = lines(&desk);
    assert_eq!(found.len(), due.len());
    for (found, due) in found.iter().zip(&due) {
        assert_eq!(found, due);
    }
}

#[test]
fn both_forms_read_back_to_the_rows_that_were_exported() {
    let desk = exported(&rows());
    let due: BTreeSet<String> = rows().into_iter().map(|it| it.text).collect();
    for folder in ["lines", "columns"] {
        let mut found = BTreeSet::new();
        for (name, _) in files(&desk.path(folder)).iter().filter(|(name, _)| !name.starts_with('_'))
        {
            let mut lines = log::open(&desk.path(folder).join(name)).unwrap();
            let mut line = Line::default();
            while lines.next(&mut line).unwrap() {
                let mut text = Vec::new();
                Row::read(&line).unwrap().write(&mut text);
                found.insert(String::from_utf8(text).unwrap());
            }
        }
        assert!(found == due, "{folder}");
    }
}
