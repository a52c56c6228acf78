//! A log that is held against the heads of its streams: what no chain tells is found, and nothing else.

use std::collections::BTreeMap;

use postern_store::streams::{CommitParts, ORIGIN, chain};
use serde_json::{Value, json};

use crate::breaks::{longest, without};
use crate::desk::Desk;
use crate::history::{
    COMMITS, Entry, full, rows, rows_of, write_days, write_everywhere, write_file, write_lines,
};

const HEADS: &str = "@heads.jsonl";

/// A desk with the heads of these rows.
pub(crate) fn noted(rows: &[Entry]) -> Desk {
    let desk = Desk::new();
    write_file(&desk.path("before.jsonl"), rows);
    desk.done(&["verify", "--from", "@before.jsonl", "--save-heads", HEADS]);
    desk
}

/// What a log answers that is held against them, and the exit code.
pub(crate) fn held(desk: &Desk, from: &str) -> (Value, i32) {
    let ran = desk.run(&["verify", "--from", from, "--heads", HEADS, "--json"]);
    let told = serde_json::from_str(&ran.out);
    (told.unwrap_or_else(|_| panic!("{from}: {} {}", ran.code, ran.err)), ran.code)
}

/// The first of these breaks: its stream, version, sequence and kind.
fn place(told: &Value) -> (&str, u64, u64, &str) {
    let first = &told["breaks"][0];
    let text = |name: &str| first[name].as_str().unwrap();
    let number = |name: &str| first[name].as_u64().unwrap();
    (text("stream"), number("version"), number("sequence"), text("kind"))
}

/// The only break that is found after a change, in one file and in a folder of days; without heads
/// nothing may be found.
#[track_caller]
fn is_found(due: (&str, u64, u64, &str, i32), what: &str, change: impl Fn(&mut Vec<Entry>)) {
    let (stream, version, sequence, kind, code) = due;
    let desk = noted(&rows());
    let mut changed = rows();
    change(&mut changed);
    write_file(&desk.path("log.jsonl"), &changed);
    write_days(&desk.path("log"), &changed);
    for from in ["@log.jsonl", "@log"] {
        let (told, ended) = desk.verify(from);
        assert_eq!((&told["broken"], ended), (&json!(0), 0), "no chain tells it");
        let (told, ended) = held(&desk, from);
        assert_eq!(place(&told), (stream, version, sequence, kind), "{from}");
        assert_eq!(told["breaks"][0]["what"], what);
        assert_eq!((&told["broken"], &told["compared"], ended), (&json!(1), &json!(79), code));
    }
}

/// The streams' names in order, and where each ends.
fn ends() -> BTreeMap<String, u64> {
    rows().into_iter().map(|it| (it.stream, it.sequence)).collect()
}

#[test]
fn the_same_log_is_whole_wherever_it_lies() {
    let desk = noted(&rows());
    for from in write_everywhere(&desk.path("")).map(|it| format!("@{it}")) {
        let due = json!({
            "events": 284, "streams": 79, "broken": 0, "breaks": [], "other_states": 0, "compared": 79,
        });
        assert_eq!(held(&desk, &from), (due, 0), "{from}");
        let text = desk.done(&["verify", "--from", &from, "--heads", HEADS]);
        let path = desk.path("heads.jsonl");
        let due = format!(
            "284 events of 79 streams: whole\nheld against 79 heads of {}\n",
            path.display()
        );
        assert_eq!(text, due);
    }
    assert!(desk.is_tidy());
}

#[test]
fn streams_that_came_and_streams_that_grew_are_no_break() {
    let mut before = rows();
    without(5..=99)(&mut before);
    let names: Vec<_> = ends().into_keys().collect();
    let new = [&names[0], &names[40], &names[78]];
    before.retain(|it| !new.contains(&&it.stream));
    let desk = noted(&before);
    write_days(&desk.path("log"), &rows());
    let (told, code) = held(&desk, "@log");
    assert_eq!((&told["broken"], &told["compared"], code), (&json!(0), &json!(76), 0));
}

#[test]
fn an_end_that_was_cut_off_is_found() {
    let (stream, end) = (longest(&rows()), ends()[&longest(&rows())]);
    let what = format!("the stream's end is gone, which had come to event {end}");
    is_found((&stream, 7, 7, "lost", 19), &what, without(7..=99));
    is_found((&stream, end, end, "lost", 19), &what, without(end..=end));
    is_found((&stream, 4, 4, "lost", 19), &what, without(4..=99));
}

#[test]
fn a_stream_that_is_gone_is_found_wherever_it_stood() {
    for at in [0, 1, 40, 77, 78] {
        let (stream, end) = ends().into_iter().nth(at).unwrap();
        let what = format!("the whole stream is gone, which had come to event {end}");
        let gone = |rows: &mut Vec<Entry>| rows.retain(|it| it.stream != stream);
        is_found((&stream, 1, 1, "lost", 19), &what, gone);
    }
}

#[test]
fn of_streams_that_are_gone_all_are_counted_and_the_first_are_named() {
    let desk = noted(&rows());
    let kept = ends().into_keys().nth(30).unwrap();
    let few: Vec<_> = rows().into_iter().filter(|it| it.stream == kept).collect();
    write_file(&desk.path("log.jsonl"), &few);
    write_file(&desk.path("empty.jsonl"), &[]);
    for (from, streams, broken) in [("@log.jsonl", 1, 78), ("@empty.jsonl", 0, 79)] {
        let (told, code) = held(&desk, from);
        assert_eq!(
            (&told["streams"], &told["broken"], code),
            (&json!(streams), &json!(broken), 19)
        );
        let breaks = told["breaks"].as_array().unwrap();
        let streams = ends().into_keys().take(breaks.len());
        let named = breaks.iter().map(|it| it["stream"].as_str().unwrap());
        assert_eq!((breaks.len(), named.eq(streams)), (20, true));
    }
}

/// The longest stream's commits from a version on with other metadata, and with the links that are then
/// right.
fn made_anew(from: u64) -> Vec<Entry> {
    let mut commits = COMMITS.clone();
    let stream = longest(&rows());
    commits.sort_by_key(|it| it.version);
    let mut previous = ORIGIN;
    for it in commits.iter_mut().filter(|it| it.stream == stream) {
        if it.version >= from {
            it.meta = it.meta.replace("\"request\":\"", "\"request\":\"another-");
        }
        let CommitParts { version, meta, events, .. } = &it;
        previous = chain(&previous, &stream, *version, meta, events);
        it.chain = previous.to_vec();
    }
    rows_of(&commits)
}

#[test]
fn an_end_that_was_made_anew_with_its_links_is_found() {
    let (stream, end) = (longest(&rows()), ends()[&longest(&rows())]);
    let what = "it is not what was noted here: the stream's end was made anew since";
    for from in [1, 5, end] {
        is_found((&stream, end, end, "chain", 17), what, |it| *it = made_anew(from));
    }
}

#[test]
fn an_end_that_was_made_anew_and_has_grown_since_is_found_where_it_was_noted() {
    let mut before = rows();
    without(6..=99)(&mut before);
    let desk = noted(&before);
    write_file(&desk.path("anew.jsonl"), &made_anew(4));
    let (told, code) = held(&desk, "@anew.jsonl");
    let stream = longest(&rows());
    assert_eq!((place(&told), code), ((stream.as_str(), 5, 5, "chain"), 17));
    write_file(&desk.path("later.jsonl"), &made_anew(6));
    assert_eq!(held(&desk, "@later.jsonl").1, 0, "nothing was noted of it");
}

#[test]
fn an_end_that_was_made_anew_of_other_commits_is_found() {
    let stream = longest(&rows());
    let only = COMMITS.iter().filter(|it| it.stream == stream && it.version <= 4);
    let desk = noted(&rows_of(only));
    let path = desk.path("heads.jsonl");
    let head = std::fs::read_to_string(&path).unwrap();
    write_file(&desk.path("log.jsonl"), &rows());
    assert_eq!(held(&desk, "@log.jsonl").1, 0);
    // Its first commit has three events, the next one each.
    for (sequence, commit, found) in [(2, 2, (1, 3)), (3, 2, (1, 3)), (5, 4, (5, 5))] {
        let other = head.replace("\"sequence\":4", &format!("\"sequence\":{sequence}"));
        let other = other.replace("\"commit\":4", &format!("\"commit\":{commit}"));
        std::fs::write(&path, other).unwrap();
        let (told, code) = held(&desk, "@log.jsonl");
        assert_eq!((place(&told), code), ((stream.as_str(), found.0, found.1, "chain"), 17));
    }
}

/// What is broken anyway is told once, and what is lost beside it too, also where it is read twice
/// because it had to be sorted.
#[test]
fn a_broken_stream_is_told_once_and_hides_no_other() {
    let desk = noted(&rows());
    let stream = longest(&rows());
    let others: Vec<_> = ends().into_keys().filter(|it| *it != stream).collect();
    let gone = [0, 1, 50, 77].map(|it: usize| others[it].clone());
    let mut rows = rows();
    without(5..=5)(&mut rows);
    rows.retain(|it| !gone.contains(&it.stream));
    write_days(&desk.path("log"), &rows);
    rows.sort_by_cached_key(|it| it.member("time"));
    write_file(&desk.path("by-time.jsonl"), &rows);
    let mut due: Vec<_> = gone.iter().map(|it| (it.clone(), "lost")).collect();
    due.push((stream, "gap"));
    due.sort();
    for from in ["@log", "@by-time.jsonl"] {
        let (told, code) = held(&desk, from);
        let breaks = told["breaks"].as_array().unwrap().iter();
        let breaks =
            breaks.map(|it| (it["stream"].as_str().unwrap(), it["kind"].as_str().unwrap()));
        let breaks: Vec<_> = breaks.map(|(stream, kind)| (stream.to_owned(), kind)).collect();
        assert_eq!((breaks, &told["broken"], code), (due.clone(), &json!(5), 10), "{from}");
        // The broken stream was not looked at as far as its head.
        assert_eq!((&told["streams"], &told["compared"]), (&json!(75), &json!(78)));
    }
}

#[test]
fn a_head_counts_once_the_log_was_held_against_it() {
    let mut before = rows();
    without(6..=99)(&mut before);
    let desk = noted(&before);
    for (at, compared) in [(1, 78), (4, 78), (5, 78), (6, 79), (7, 79)] {
        let mut gap = rows();
        without(at..=at)(&mut gap);
        write_days(&desk.path(&format!("without {at}")), &gap);
        let (told, code) = held(&desk, &format!("@without {at}"));
        assert_eq!((&told["broken"], code), (&json!(1), 10), "{at}");
        assert_eq!(told["compared"], json!(compared), "{at}");
    }
}

#[test]
fn two_commits_in_one_place_are_a_double_and_hide_no_other() {
    let desk = noted(&rows());
    let last =
        COMMITS.iter().filter(|it| it.stream == longest(&rows())).max_by_key(|it| it.version);
    let other = CommitParts { chain: vec![7; 32], ..last.unwrap().clone() };
    let gone = ends().into_keys().nth(78).unwrap();
    let commits = COMMITS.iter().filter(|it| it.stream != gone).chain([&other]);
    write_lines(&desk.path("data.json"), commits.map(full));
    let (told, code) = held(&desk, "@data.json");
    let kinds: Vec<_> = told["breaks"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!((kinds, code), (vec![&json!("duplicate"), &json!("lost")], 11));
    assert_eq!((&told["broken"], &told["compared"]), (&json!(2), &json!(79)));
}
