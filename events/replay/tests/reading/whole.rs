//! A log that is whole is found to be so, wherever it lies.

use serde_json::json;

use crate::desk::Desk;
use crate::history::{
    ASKED, COMMITS, rows, shown, write_days, write_export, write_file, write_full, write_lines,
};

fn is_whole(desk: &Desk, from: &str) {
    let (told, code) = desk.verify(from);
    let due = json!({ "events": 284, "streams": 79, "broken": 0, "breaks": [], "other_states": 0 });
    assert_eq!((told, code), (due, 0), "{from}");
    let text = desk.done(&["verify", "--from", from]);
    assert_eq!(text, "284 events of 79 streams: whole\n", "{from}");
    assert!(desk.is_tidy(), "{from}");
}

#[test]
fn in_a_folder_of_days() {
    let desk = Desk::new();
    write_days(&desk.path("log"), &rows());
    is_whole(&desk, "@log");
}

#[test]
fn in_one_file_of_all_days_one_after_the_other() {
    let desk = Desk::new();
    let mut rows = rows();
    write_file(&desk.path("sorted.jsonl"), &rows);
    is_whole(&desk, "@sorted.jsonl");
    rows.sort_by_cached_key(|it| (it.day(), it.stream.clone(), it.sequence));
    write_file(&desk.path("by-day.jsonl"), &rows);
    is_whole(&desk, "@by-day.jsonl");
    rows.sort_by_cached_key(|it| it.member("time"));
    write_file(&desk.path("by-time.ndjson"), &rows);
    is_whole(&desk, "@by-time.ndjson");
}

#[test]
fn in_files_of_this_tool_and_in_exports_of_them() {
    let desk = Desk::new();
    desk.done(&[&["generate", "@jsonl"], ASKED.as_slice()].concat());
    desk.done(&[&["generate", "@parquet", "--format", "parquet"], ASKED.as_slice()].concat());
    desk.done(&["export", "@again", "--from", "@parquet"]);
    for from in ["@jsonl", "@parquet", "@again"] {
        is_whole(&desk, from);
    }
}

#[test]
fn in_an_export_of_dynamodb() {
    let desk = Desk::new();
    let manifest = write_full(&desk.path("copied"));
    is_whole(&desk, "@copied");
    is_whole(&desk, manifest.to_str().unwrap());
    is_whole(&desk, manifest.join("manifest-files.json").to_str().unwrap());
}

#[test]
fn in_what_a_local_stack_shows() {
    let desk = Desk::new();
    let lines: Vec<_> = COMMITS.iter().enumerate().map(|(it, commit)| shown(it, commit)).collect();
    write_lines(&desk.path("dump.jsonl"), &lines);
    is_whole(&desk, "@dump.jsonl");
    write_lines(&desk.path("dump/events.json"), lines.iter().rev());
    is_whole(&desk, "@dump");
}

#[test]
fn a_log_without_events_is_whole() {
    let desk = Desk::new();
    write_file(&desk.path("empty.jsonl"), &[]);
    write_export(&desk.path("empty"), "01-empty", &[]);
    for from in ["@empty.jsonl", "@empty"] {
        assert_eq!(desk.done(&["verify", "--from", from]), "0 events of 0 streams: whole\n");
        assert_eq!(desk.replay(from, &[]), [""; 4]);
    }
}

#[test]
fn what_is_no_log_is_refused() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("nothing")).unwrap();
    std::fs::write(desk.path("nothing/_about.jsonl"), "{}").unwrap();
    assert!(desk.refused(&["verify", "--from", "@nothing"]).contains("holds neither"));
    assert!(desk.refused(&["verify", "--from", "@nowhere"]).contains("there is no file or folder"));
    write_lines(&desk.path("other.jsonl"), ["{\"a\":1}"]);
    let said = desk.refused(&["verify", "--from", "@other.jsonl"]);
    assert!(
        said.contains("line 1 of") && said.contains("other.jsonl is no row of the log"),
        "{said}"
    );
    write_lines(&desk.path("other.parquet"), ["no columns"]);
    let said = desk.refused(&["verify", "--from", "@other.parquet"]);
    assert!(said.contains("other.parquet is no Parquet file of the log"), "{said}");
    assert!(desk.is_tidy());
}
