//! Two different commits in one place: of two writers, of a change, of a deletion.

use postern_store::streams::CommitParts;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::history::{
    COMMITS, added, full, incremental, item, rows, rows_of, shown, write_days, write_export,
    write_file, write_lines,
};

/// A commit in the middle of the log, and another one in its place.
fn forked() -> (CommitParts, CommitParts) {
    let of_two = |it: &&CommitParts| it.version > 1 && it.types.len() == 2;
    let one = COMMITS.iter().find(of_two).unwrap().clone();
    let meta = one.meta.replace("\"request\":\"", "\"request\":\"another-");
    let other = CommitParts { meta, ..one.clone() };
    (one, other)
}

/// The only break has to be this one, and all other streams whole.
#[track_caller]
fn is_only(told: &Value, commit: &CommitParts, kind: &str) {
    assert_eq!((&told["streams"], &told["broken"]), (&json!(79), &json!(1)), "{told}");
    let found = &told["breaks"][0];
    assert_eq!(found["stream"], json!(commit.stream));
    assert_eq!(
        (&found["version"], &found["kind"]),
        (&json!(commit.version), &json!(kind)),
        "{found}"
    );
    assert_eq!(found["sequence"], json!(commit.version));
}

#[test]
fn in_files_the_second_of_two_commits_in_one_place_is_a_double() {
    let desk = Desk::new();
    let (commit, other) = forked();
    write_days(&desk.path("log"), &rows());
    write_file(&desk.path("log/zzz.jsonl"), &rows_of([&other]));
    let (told, code) = desk.verify("@log");
    is_only(&told, &commit, "duplicate");
    assert_eq!((&told["events"], code), (&json!(286), 11));
    let said = desk.refused(&["replay", "accounts", "--from", "@log"]);
    assert!(said.contains(&format!("{} has two different events", commit.stream)), "{said}");
}

#[test]
fn in_what_is_gathered_two_commits_in_one_place_are_a_double_and_other_streams_whole() {
    let desk = Desk::new();
    let (commit, other) = forked();
    let commits = COMMITS.iter().chain([&other]);
    let lines: Vec<_> = commits.enumerate().map(|(it, commit)| shown(it, commit)).collect();
    write_lines(&desk.path("dump.jsonl"), lines);
    let (told, code) = desk.verify("@dump.jsonl");
    is_only(&told, &commit, "duplicate");
    assert_eq!(code, 11);
    assert_eq!(told["events"], json!(285), "its second event is the same in both");
    assert!(
        desk.refused(&["export", "@out", "--from", "@dump.jsonl"]).contains("two different events")
    );
}

#[test]
fn a_commit_that_differs_in_its_end_is_told_by_its_version() {
    let desk = Desk::new();
    let (commit, _) = forked();
    let other = CommitParts { chain: vec![7; 32], ..commit.clone() };
    let lines = [write_all(), vec![full(&other)]].concat();
    write_lines(&desk.path("data.json"), lines);
    let (told, code) = desk.verify("@data.json");
    let found = &told["breaks"][0];
    assert_eq!(found["version"], json!(commit.version));
    assert_eq!((&found["sequence"], code), (&json!(commit.version + 1), 11));
}

fn write_all() -> Vec<String> {
    COMMITS.iter().map(full).collect()
}

/// A full export and an increment behind it, which says one thing more.
fn with_increment(line: String) -> Desk {
    let desk = Desk::new();
    let folder = desk.path("both");
    write_export(&folder, "01-full", &[("AWSDynamoDB/01-full/data/a.json.gz", write_all())]);
    let lines = vec![added(&COMMITS[0]), line];
    write_export(&folder, "02-increment", &[("AWSDynamoDB/data/b.json.gz", lines)]);
    desk
}

#[test]
fn an_item_that_was_changed_is_unreadable_whatever_the_full_export_says() {
    let (commit, other) = forked();
    let images = json!({ "OldImage": item(&commit), "NewImage": item(&other) });
    let desk = with_increment(incremental(&commit, &images));
    let (told, code) = desk.verify("@both");
    is_only(&told, &commit, "unreadable");
    assert_eq!((&told["breaks"][0]["what"], code), (&json!("the item was changed"), 18));
    // Also where nothing else is known of it.
    write_lines(&desk.path("alone.json"), [incremental(&commit, &images)]);
    let (told, code) = desk.verify("@alone.json");
    assert_eq!((&told["breaks"][0]["what"], code), (&json!("the item was changed"), 18));
}

#[test]
fn an_item_that_was_deleted_is_unreadable_whatever_the_full_export_says() {
    let (commit, _) = forked();
    for images in [json!({}), json!({ "OldImage": item(&commit) })] {
        let desk = with_increment(incremental(&commit, &images));
        let (told, code) = desk.verify("@both");
        is_only(&told, &commit, "unreadable");
        assert_eq!((&told["breaks"][0]["what"], code), (&json!("the item was deleted"), 18));
        let said = desk.refused(&["replay", "guards", "--from", "@both"]);
        assert!(said.contains("two different events"), "{said}");
    }
}
