//! What is told of a log in files that lacks rows: never less than that it lacks them.

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::history::{Entry, rows, write_days, write_file};

/// The longest stream: its first commit has three events, and each further one has one.
fn longest(rows: &[Entry]) -> String {
    let accounts = rows.iter().filter(|it| it.stream.starts_with("account/"));
    accounts.max_by_key(|it| it.sequence).unwrap().stream.clone()
}

/// The history with the rows of one stream changed, or left out where `change` says false.
fn with(stream: &str, change: impl Fn(&mut Entry) -> bool) -> Desk {
    let (desk, mut rows) = (Desk::new(), rows());
    rows.retain_mut(|it| it.stream != stream || change(it));
    write_file(&desk.path("log.jsonl"), &rows);
    write_days(&desk.path("log"), &rows);
    desk
}

/// The same with the longest stream.
fn with_longest(change: impl Fn(&mut Entry) -> bool) -> (Desk, String) {
    let stream = longest(&rows());
    (with(&stream, change), stream)
}

/// What `show` says is missing, and the sequences that it tells; from one file as from many.
#[track_caller]
fn shown(desk: &Desk, stream: &str) -> (Value, Vec<u64>) {
    let [one, other] = ["@log.jsonl", "@log"].map(|from| {
        let said = desk.done(&["show", stream, "--json", "--from", from]);
        let told: Value = serde_json::from_str(&said).unwrap();
        let lines = told["lines"].as_array().unwrap();
        (told["missing"].clone(), lines.iter().map(|it| it["version"].as_u64().unwrap()).collect())
    });
    assert_eq!(one, other);
    one
}

#[test]
fn of_a_whole_stream_nothing_is_missing() {
    let (desk, stream) = with_longest(|_| true);
    let (missing, told) = shown(&desk, &stream);
    assert_eq!((missing, told.get(..5)), (Value::Null, Some([1, 2, 3, 4, 5].as_slice())));
}

#[test]
fn a_commit_without_one_of_its_rows_is_missing_and_not_joined_to_the_next() {
    for lost in 1..=3 {
        let (desk, stream) = with_longest(|it| it.sequence != lost);
        let (missing, told) = shown(&desk, &stream);
        assert_eq!(missing, json!([{ "stream": stream, "first": 1, "last": 3 }]), "{lost}");
        assert_eq!(told.first(), Some(&4), "{lost}");
    }
}

#[test]
fn a_commit_that_is_gone_is_missing() {
    let (desk, stream) = with_longest(|it| it.sequence != 5);
    let (missing, told) = shown(&desk, &stream);
    assert_eq!(missing, json!([{ "stream": stream, "first": 5, "last": 5 }]));
    assert_eq!(told.get(..5), Some([1, 2, 3, 4, 6].as_slice()));
    let said = desk.done(&["show", &stream, "--from", "@log"]);
    assert!(said.contains("\n –  event 5 can't be told: rows are missing\n"), "{said}");
    let said = desk.refused(&["show", &stream, "--version", "5", "--from", "@log"]);
    assert_eq!(said, format!("postern: {stream}: event 5 can't be told: rows are missing\n"));
}

#[test]
fn a_last_commit_without_its_end_is_missing() {
    // Its link marks a commit's last row.
    let (desk, stream) = with_longest(|it| {
        if it.sequence == 5 {
            it.replace("\"chain\":", "\"chian\":");
        }
        it.sequence <= 5
    });
    let (missing, told) = shown(&desk, &stream);
    assert_eq!((missing, told), (json!([{ "stream": stream, "first": 5 }]), vec![1, 2, 3, 4]));
    let said = desk.done(&["show", &stream, "--from", "@log"]);
    let due = "–  event 5 and whatever follows it can't be told: rows are missing\n";
    assert!(said.ends_with(due), "{said}");
}

/// An attempt with a code, whose first commit has two events, and its account's stream.
fn attempt() -> (String, String) {
    let asked = |it: &&Entry| it.stream.starts_with("sign_in/") && it.sequence == 2;
    let rows = rows();
    let stream = rows.iter().find(asked).unwrap().stream.clone();
    let first = rows.iter().find(|it| it.stream == stream).unwrap();
    let account = format!("account/{}", first.member("account"));
    (stream, account)
}

#[test]
fn a_stream_of_which_no_commit_is_whole_is_not_called_none() {
    let (stream, _) = attempt();
    let desk = with(&stream, |it| it.sequence == 1);
    let due = "event 1 and whatever follows it can't be told: rows are missing";
    for asked in ["show", "explain"] {
        let said = desk.refused(&[asked, &stream, "--from", "@log"]);
        assert_eq!(said, format!("postern: {stream}: {due}\n"), "{asked}");
    }
}

#[test]
fn an_explanation_says_what_its_streams_lack() {
    let (stream, account) = attempt();
    let desk = with(&account, |it| it.sequence != 4);
    let said = desk.done(&["explain", &stream, "--from", "@log"]);
    let warned = format!(
        "\n\nEvents are missing in what was read, so this may be wrong:\n    \
         {account}: event 4 can't be told: rows are missing\n"
    );
    assert!(said.contains(&warned), "{said}");
    let said = desk.done(&["explain", &stream, "--json", "--from", "@log"]);
    let told: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(told["missing"], json!([{ "stream": account, "first": 4, "last": 4 }]));
}

#[test]
fn a_commit_whose_last_row_lacks_what_it_must_have_is_an_error() {
    for (name, other) in [("types", "tapes"), ("state", "stata"), ("state_schema", "state_scheme")]
    {
        let (desk, stream) = with_longest(|it| {
            if it.sequence == 5 {
                it.replace(&format!("\"{name}\":"), &format!("\"{other}\":"));
            }
            true
        });
        let said = desk.refused(&["show", &stream, "--from", "@log"]);
        let due = format!("commit 5 of {stream} can't be read: its last row has no {name}");
        assert_eq!(said, format!("postern: {due}\n"));
    }
}

#[test]
fn a_commit_that_is_broken_is_an_error_and_no_part_of_the_next() {
    let (desk, stream) = with_longest(|it| {
        if it.sequence == 5 {
            let (stream, more) = (&it.stream, "\"commit\":5,\"broken\":\"it was burnt\"");
            it.text = format!("{{\"stream\":\"{stream}\",\"sequence\":5,{more}}}");
        }
        true
    });
    let said = desk.refused(&["show", &stream, "--from", "@log.jsonl"]);
    assert_eq!(said, format!("postern: commit 5 of {stream} can't be read: it was burnt\n"));
}

/// What `stats` counts of streams that lack events, and what it says beside its figures.
fn counted(desk: &Desk, more: &[&str]) -> (Value, String) {
    let ran = desk.run(&[&["stats", "--json", "--from", "@log"], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    (told["incomplete_streams"].clone(), ran.err)
}

#[test]
fn figures_say_of_how_many_streams_events_are_missing() {
    let (desk, _) = with_longest(|_| true);
    assert_eq!(counted(&desk, &[]), (json!(0), String::new()));
    let due = "postern: of 1 streams events are missing, so the figures are not all; `postern verify` \
               names them\n";
    for lost in 1..=5 {
        let (desk, _) = with_longest(|it| it.sequence != lost);
        assert_eq!(counted(&desk, &[]), (json!(1), due.to_owned()), "{lost}");
        // Whenever they were.
        let late = ["--since", "2100-01-01T00:00:00Z"];
        assert_eq!(counted(&desk, &late), (json!(1), due.to_owned()), "{lost}");
    }
    let (desk, _) = with_longest(|it| it.sequence == 1);
    assert_eq!(counted(&desk, &[]), (json!(1), due.to_owned()), "its only commit is cut off");
}

#[test]
fn each_stream_that_lacks_events_counts_once() {
    let (desk, mut rows) = (Desk::new(), rows());
    let lost = rows.iter().filter(|it| it.sequence == 2).count();
    rows.retain(|it| it.sequence != 1 && it.sequence != 3);
    write_days(&desk.path("log"), &rows);
    assert_eq!(counted(&desk, &[]).0, json!(lost));
}
