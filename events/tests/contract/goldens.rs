//! Golden files: data as they lie in a log, one for each event version, never changed.

use std::collections::BTreeSet;
use std::fs;

use postern_events::catalogue::{Entry, catalogue};
use postern_events::schema::stem;
use postern_events::stored::StoredEvent;
use serde_json::Value;

use crate::files;
use crate::reading::reread;
use crate::samples::samples;

/// Every golden file: its name, its text without the line's end, and the event in it.
fn golden_files() -> Vec<(String, String, StoredEvent)> {
    let read = |name: String| {
        let text = fs::read_to_string(files::goldens().join(&name)).unwrap();
        let line = text.strip_suffix('\n').expect("a line's end").to_owned();
        let stored = serde_json::from_str(&line).unwrap_or_else(|why| panic!("{name}: {why}"));
        (name, line, stored)
    };
    files::names(&files::goldens()).into_iter().map(read).collect()
}

fn members(entry: &Entry, list: &str) -> BTreeSet<String> {
    let schema = serde_json::to_value((entry.schema)()).unwrap();
    match &schema[list] {
        Value::Object(members) => members.keys().cloned().collect(),
        Value::Array(members) => members.iter().map(|it| it.as_str().unwrap().into()).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => BTreeSet::new(),
    }
}

#[test]
fn every_event_of_today_has_its_golden_files() {
    for (name, stored) in samples() {
        let path = files::goldens().join(&name);
        if files::blessing() && !path.exists() {
            fs::write(&path, serde_json::to_string(&stored).unwrap() + "\n").unwrap();
        }
        assert!(path.exists(), "golden/{name} is missing; POSTERN_BLESS=1 writes it");
    }
    let present = files::names(&files::goldens());
    for entry in catalogue() {
        let stem = stem(entry.name, entry.version);
        assert!(
            present.contains(&format!("{stem}.json")),
            "{stem} has no sample and no golden file"
        );
        let has_options = members(&entry, "properties") != members(&entry, "required");
        let minimal = present.contains(&format!("{stem}.minimal.json"));
        assert_eq!(minimal, has_options, "{stem}: a minimal file where members are optional");
    }
}

#[test]
fn every_golden_file_has_a_reader() {
    for (file, _, stored) in golden_files() {
        let (entry, version) =
            files::about(&file).unwrap_or_else(|| panic!("golden/{file} is of no event"));
        assert_eq!((stored.name.as_str(), stored.version), (entry.name, version), "{file}");
        reread(&stored).unwrap_or_else(|why| panic!("{file}: {why}"));
    }
}

#[test]
fn what_was_stored_is_written_again_byte_for_byte() {
    for (file, line, stored) in golden_files() {
        assert_eq!(serde_json::to_string(&stored).unwrap(), line, "{file}: the envelope");
        let (entry, version) = files::about(&file).expect("a reader");
        if version < entry.version {
            continue;
        }
        let data = stored.data.get();
        assert_eq!((entry.rewrite)(data).expect("readable"), data, "{file}: the data");
        assert_eq!(reread(&stored).expect("readable"), data, "{file}: the event");
    }
}

#[test]
fn a_golden_file_shows_every_member_and_a_minimal_one_only_those_that_must_be() {
    for (file, _, stored) in golden_files() {
        let (entry, version) = files::about(&file).expect("a reader");
        if version < entry.version {
            continue;
        }
        let data: serde_json::Map<String, Value> = serde_json::from_str(stored.data.get()).unwrap();
        let shown: BTreeSet<_> = data.keys().cloned().collect();
        let list = if file.ends_with(".minimal.json") { "required" } else { "properties" };
        assert_eq!(shown, members(&entry, list), "{file}");
    }
}
