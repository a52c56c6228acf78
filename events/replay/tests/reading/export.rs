//! What an export writes, and what it leaves alone.

use std::fs;

use postern_store::streams::{ORIGIN, chain};
use serde_json::{Value, json};

use crate::desk::{Desk, files};
use crate::history::{
    ASKED, COMMITS, Entry, full, rows, shown, write_days, write_file, write_full, write_lines,
};

/// All files of an export but what it says of itself, which names its source.
fn data(desk: &Desk, name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = files(&desk.path(name));
    files.retain(|(name, _)| !name.starts_with('_'));
    files
}

fn about(desk: &Desk, name: &str) -> Value {
    serde_json::from_slice(&fs::read(desk.path(name).join("_export.json")).unwrap()).unwrap()
}

#[test]
fn an_export_is_a_file_a_day_grouped_by_stream_a_row_an_event() {
    let desk = Desk::new();
    let mut all = rows();
    all.reverse();
    write_file(&desk.path("log.jsonl"), &all);
    let said = desk.done(&["export", "@out", "--from", "@log.jsonl"]);
    let (mut events, mut bytes, mut newest) = (0, 0, String::new());
    let found = data(&desk, "out");
    for (name, text) in &found {
        let day = name.strip_prefix("date=").and_then(|it| it.strip_suffix("/events.jsonl"));
        let mut before = (String::new(), 0);
        for line in String::from_utf8(text.clone()).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            assert_eq!(row["time"].as_str().and_then(|it| it.get(..10)), day);
            let place =
                (row["stream"].as_str().unwrap().to_owned(), row["sequence"].as_u64().unwrap());
            assert!(before < place, "{before:?} before {place:?}");
            before = place;
            newest = newest.max(row["time"].as_str().unwrap().to_owned());
            events += 1;
        }
        bytes += text.len();
    }
    assert_eq!((events, found.len()), (284, 20));
    assert_eq!(said, format!("284 events of 79 streams on 20 days, {bytes} bytes\n"));
    let source = desk.path("log.jsonl").canonicalize().unwrap();
    let due = json!({
        "source": source, "events": 284, "streams": 79, "days": 20, "newest": newest, "repeated": 0,
        "bytes": bytes,
    });
    assert_eq!(about(&desk, "out"), due);
    assert_eq!(files(&desk.path("out")).len(), 21, "nothing of the making stays");
}

#[test]
fn equal_logs_are_exported_to_equal_bytes() {
    let desk = Desk::new();
    desk.done(&[&["generate", "@due"], ASKED.as_slice()].concat());
    desk.done(&[&["generate", "@columns", "--format", "parquet"], ASKED.as_slice()].concat());
    write_days(&desk.path("log"), &rows());
    let doubled: Vec<Entry> = rows().into_iter().rev().flat_map(|it| [it.clone(), it]).collect();
    write_file(&desk.path("doubled.jsonl"), &doubled);
    write_full(&desk.path("dynamodb"));
    let mut due = data(&desk, "due");
    due.retain(|(name, _)| name.starts_with("date="));
    for (number, from) in
        ["@log", "@doubled.jsonl", "@dynamodb", "@due", "@columns"].iter().enumerate()
    {
        desk.done(&["export", &format!("@lines{number}"), "--from", from]);
        assert!(data(&desk, &format!("lines{number}")) == due, "{from}");
        let columns = format!("columns{number}");
        desk.done(&["export", &format!("@{columns}"), "--from", from, "--format", "parquet"]);
        assert!(data(&desk, &columns) == data(&desk, "columns"), "{from}");
    }
    assert_eq!(about(&desk, "lines1")["repeated"], json!(284), "of those that were doubled");
}

#[test]
fn an_export_does_not_go_where_something_lies() {
    let desk = Desk::new();
    write_file(&desk.path("log.jsonl"), &rows());
    for name in ["notes.txt", ".hidden", "date=2026-01-01/events.jsonl"] {
        let desk_is = format!("out-{}", name.len());
        let out = desk.path(&desk_is);
        write_lines(&out.join(name), ["mine"]);
        let said = desk.refused(&["export", &format!("@{desk_is}"), "--from", "@log.jsonl"]);
        assert!(said.contains("is not empty"), "{said}");
        assert_eq!(files(&out), [(name.to_owned(), b"mine\n".to_vec())], "nothing is touched");
    }
    desk.done(&["export", "@out", "--from", "@log.jsonl"]);
    let before = files(&desk.path("out"));
    assert!(desk.refused(&["export", "@out", "--from", "@log.jsonl"]).contains("is not empty"));
    assert!(desk.refused(&["export", "@log.jsonl", "--from", "@out"]).contains("exists"));
    assert_eq!(files(&desk.path("out")), before);
}

#[test]
fn an_export_of_another_source_does_not_take_up_what_was_begun() {
    let desk = Desk::new();
    write_full(&desk.path("copied"));
    let cut = desk.path("copied/AWSDynamoDB/01-full/data/two.json.gz");
    fs::write(&cut, &fs::read(&cut).unwrap()[..99]).unwrap();
    desk.refused(&["export", "@out", "--from", "@copied"]);
    write_full(&desk.path("other"));
    let said = desk.refused(&["export", "@out", "--from", "@other"]);
    assert!(said.contains("holds work on "), "{said}");
}

#[test]
fn an_empty_log_is_an_export_without_days() {
    let desk = Desk::new();
    write_file(&desk.path("empty.jsonl"), &[]);
    let said = desk.done(&["export", "@out", "--from", "@empty.jsonl"]);
    assert_eq!(said, "0 events of 0 streams on 0 days, 0 bytes\n");
    assert_eq!(data(&desk, "out"), []);
    assert_eq!(about(&desk, "out")["events"], json!(0));
}

#[test]
fn a_commit_that_can_not_be_read_stays_so_in_an_export() {
    let desk = Desk::new();
    let mut commits = COMMITS.clone();
    let torn = commits.iter_mut().find(|it| it.version == 5).unwrap();
    torn.events = "\"torn\"".to_owned();
    let stream = torn.stream.clone();
    write_lines(&desk.path("dump.jsonl"), commits.iter().enumerate().map(|(it, of)| shown(it, of)));
    desk.done(&["export", "@lines", "--from", "@dump.jsonl"]);
    desk.done(&["export", "@columns", "--from", "@dump.jsonl", "--format", "parquet"]);
    desk.done(&["export", "@again", "--from", "@columns"]);
    let due = json!([{
        "stream": stream, "version": 5, "sequence": 5, "kind": "unreadable",
        "what": "its events can't be read",
    }]);
    for from in ["@dump.jsonl", "@lines", "@columns", "@again"] {
        let (told, code) = desk.verify(from);
        assert_eq!((&told["breaks"], code), (&due, 18), "{from}");
    }
}

#[test]
fn text_that_is_spelt_otherwise_keeps_its_letters_through_every_form() {
    let desk = Desk::new();
    let mut commits = COMMITS.clone();
    let mut alone = commits.iter_mut().filter(|it| it.stream.starts_with("sign_in/"));
    let odd = alone.find(|it| it.types == ["sign_in.refused"]).unwrap();
    odd.events =
        odd.events.replacen("\"data\":{", "\"data\": {\n", 1).replacen("Z\"", "+00:00\"", 1);
    odd.meta = odd.meta.replacen('{', "{ \r\n", 1);
    odd.chain = chain(&ORIGIN, &odd.stream, 1, &odd.meta, &odd.events).to_vec();
    write_lines(&desk.path("data.json"), commits.iter().map(full));
    desk.done(&["export", "@lines", "--from", "@data.json"]);
    desk.done(&["export", "@columns", "--from", "@lines", "--format", "parquet"]);
    desk.done(&["export", "@again", "--from", "@columns"]);
    for from in ["@data.json", "@lines", "@columns", "@again"] {
        let (told, code) = desk.verify(from);
        assert_eq!((&told["events"], code), (&json!(284), 0), "{from} {told}");
    }
    assert_eq!(data(&desk, "again"), data(&desk, "lines"));
}
