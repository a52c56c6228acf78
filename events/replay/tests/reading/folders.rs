//! A folder is read as one source, and all of it; or it is refused.

use std::fs;
use std::path::PathBuf;

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

/// An export of this tool, and the folder of its last day.
fn exported(desk: &Desk) -> PathBuf {
    write_days(&desk.path("log"), &rows());
    desk.done(&["export", "@out", "--from", "@log"]);
    let mut days: Vec<_> = rows().iter().map(crate::history::Entry::day).collect();
    days.sort();
    desk.path("out").join(format!("date={}", days.last().unwrap()))
}

#[test]
fn an_export_that_lacks_a_day_is_refused() {
    let desk = Desk::new();
    let last = exported(&desk);
    desk.done(&["verify", "--from", "@out"]);
    fs::remove_dir_all(last).unwrap();
    let summary = desk.path("out/_export.json");
    for asked in ["verify", "stats"] {
        let said = desk.refused(&[asked, "--from", "@out"]);
        let due = format!(
            "postern: {} says 20 days, and 19 are there; copy all of it, or remove that file if these \
             days are meant\n",
            summary.display()
        );
        assert_eq!(said, due);
    }
    // Whoever wants these days says so.
    fs::remove_file(summary).unwrap();
    desk.done(&["stats", "--from", "@out"]);
}

#[test]
fn of_several_exports_each_has_to_have_its_days() {
    let desk = Desk::new();
    let last = exported(&desk);
    desk.done(&["generate", "@all/made", "--accounts", "3", "--seed", "99"]);
    fs::rename(desk.path("out"), desk.path("all/out")).unwrap();
    desk.done(&["stats", "--from", "@all"]);
    // A day of another export makes up for none.
    fs::rename(
        desk.path("all/out").join(last.file_name().unwrap()),
        desk.path("all/date=1999-01-01"),
    )
    .unwrap();
    let said = desk.refused(&["stats", "--from", "@all"]);
    assert!(said.contains("all/out/_export.json says 20 days, and 19 are there"), "{said}");
}

#[test]
fn an_export_that_has_lost_all_its_days_is_no_empty_log() {
    let desk = Desk::new();
    exported(&desk);
    for day in fs::read_dir(desk.path("out")).unwrap().map(|it| it.unwrap().path()) {
        if day.is_dir() {
            fs::remove_dir_all(day).unwrap();
        }
    }
    let said = desk.refused(&["stats", "--from", "@out"]);
    assert!(said.contains("says 20 days, and 0 are there"), "{said}");
}

#[test]
fn a_summary_that_says_nothing_of_days_is_held_against_nothing() {
    let desk = Desk::new();
    fs::remove_dir_all(exported(&desk)).unwrap();
    fs::write(desk.path("out/_export.json"), "{\"events\":284}").unwrap();
    desk.done(&["stats", "--from", "@out"]);
    fs::write(desk.path("out/_export.json"), "{\"events\":").unwrap();
    let said = desk.refused(&["stats", "--from", "@out"]);
    assert!(said.contains("_export.json can't be read: EOF"), "{said}");
}
