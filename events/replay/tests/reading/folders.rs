//! A folder is read as one source, and all of it; or it is refused.

use std::fs;

use serde_json::json;

use crate::desk::Desk;
use crate::history::{COMMITS, rows, shown, write_days, write_full, write_lines};

fn write_dump(desk: &Desk, name: &str) {
    let lines = COMMITS.iter().enumerate().map(|(it, commit)| shown(it, commit));
    write_lines(&desk.path(name), lines);
}

/// What is said of a folder that holds these two.
#[track_caller]
fn is_refused(desk: &Desk, one: &str, other: &str) {
    for asked in ["verify", "stats"] {
        let said = desk.refused(&[asked, "--from", "@both"]);
        let folder = desk.path("both");
        let due = format!(
            "postern: {} holds {one} and {other}; name the one that is meant\n",
            folder.display()
        );
        assert_eq!(said, due.replace('@', &format!("{}/", folder.display())));
    }
}

#[test]
fn files_of_this_tool_beside_an_export_of_dynamodb_are_refused() {
    let desk = Desk::new();
    let day = rows()[0].day();
    write_days(&desk.path("both"), &rows());
    write_full(&desk.path("both/s3"));
    let days: Vec<_> = fs::read_dir(desk.path("both")).unwrap().collect();
    assert!(days.len() > 2 && !day.is_empty());
    let mut all: Vec<_> = rows().iter().map(crate::history::Entry::day).collect();
    all.sort();
    let first = format!("files of this tool (@date={}/events.jsonl)", all[0]);
    let manifest = "an export of DynamoDB (@s3/AWSDynamoDB/01-full/manifest-files.json)";
    is_refused(&desk, &first, manifest);
    // Also where its manifest was not copied.
    fs::remove_dir_all(desk.path("both/s3/AWSDynamoDB/01-full")).unwrap();
    write_lines(&desk.path("both/s3/a.json"), COMMITS.iter().map(crate::history::full));
    is_refused(&desk, &first, "an export of DynamoDB (@s3/a.json)");
}

#[test]
fn what_a_local_stack_showed_beside_files_of_this_tool_is_refused() {
    let desk = Desk::new();
    write_lines(&desk.path("both/a.jsonl"), rows().iter().map(|it| &it.text));
    write_dump(&desk, "both/b.jsonl");
    let ours = "files of this tool (@a.jsonl)";
    is_refused(&desk, ours, "what a local stack showed (@b.jsonl)");
}

#[test]
fn what_a_local_stack_showed_beside_an_export_of_dynamodb_is_refused() {
    let desk = Desk::new();
    write_full(&desk.path("both/s3"));
    write_dump(&desk, "both/a.json");
    let exported = "an export of DynamoDB (@s3/AWSDynamoDB/01-full/manifest-files.json)";
    is_refused(&desk, exported, "what a local stack showed (@a.json)");
}

/// They are the same rows, and whoever has only one form of a day misses nothing.
#[test]
fn both_forms_of_days_are_read_as_one_log() {
    let desk = Desk::new();
    write_days(&desk.path("log"), &rows());
    desk.done(&["export", "@lines", "--from", "@log"]);
    desk.done(&["export", "@columns", "--from", "@log", "--format", "parquet"]);
    let due = desk.done(&["stats", "--json", "--from", "@log"]);
    // Of each day one form, and of one both.
    fs::create_dir(desk.path("both")).unwrap();
    let mut days: Vec<_> = rows().iter().map(crate::history::Entry::day).collect();
    days.sort();
    days.dedup();
    for (number, day) in days.iter().enumerate() {
        let folder = desk.path(&format!("both/date={day}"));
        fs::create_dir(&folder).unwrap();
        let forms = [("lines", "events.jsonl", 0), ("columns", "events.parquet", 1)];
        for (form, name, parity) in forms {
            if number % 2 == parity || number == 0 {
                let from = desk.path(&format!("{form}/date={day}/{name}"));
                fs::copy(from, folder.join(name)).unwrap();
            }
        }
    }
    assert_eq!(desk.done(&["stats", "--json", "--from", "@both"]), due);
}

#[test]
fn what_is_no_log_beside_one_does_not_matter() {
    let desk = Desk::new();
    write_days(&desk.path("log"), &rows());
    write_lines(&desk.path("log/settings.json"), ["{\"a\": 1}"]);
    write_lines(&desk.path("log/notes.txt"), ["{\"Item\":{}}"]);
    write_lines(&desk.path("log/_labels.jsonl"), ["{}"]);
    let (told, code) = desk.verify("@log");
    assert_eq!((&told["events"], code), (&json!(284), 0));
}

#[test]
fn an_export_that_was_killed_is_no_log_yet() {
    let desk = Desk::new();
    write_days(&desk.path("log"), &rows());
    fs::create_dir(desk.path("log/.unfinished")).unwrap();
    let said = desk.refused(&["stats", "--from", "@log"]);
    let folder = desk.path("log");
    let due = format!(
        "postern: {} holds an export that isn't finished: run it again\n",
        folder.display()
    );
    assert_eq!(said, due);
}
