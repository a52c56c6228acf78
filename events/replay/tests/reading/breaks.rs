//! Every way in which a log can be broken is found, with its place, and nothing else is.

use jiff::{SignedDuration, Timestamp};
use postern_domain::account::Account;
use postern_domain::decider::Decider as _;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::history::{COMMITS, Entry, rows, shown, write_days, write_file, write_lines};

/// The longest stream. Its first commit has three events; the fourth event and those behind it have a
/// commit each.
pub(crate) fn longest(rows: &[Entry]) -> String {
    let accounts = rows.iter().filter(|it| it.stream.starts_with("account/"));
    accounts.max_by_key(|it| it.sequence).unwrap().stream.clone()
}

/// A row's place among all.
fn at(rows: &[Entry], sequence: u64) -> usize {
    let stream = longest(rows);
    rows.iter().position(|it| it.stream == stream && it.sequence == sequence).unwrap()
}

/// What is found after a change to the longest stream, in one file and in a folder of days: its
/// version, sequence, kind and the exit code. Every other stream has to be whole.
#[track_caller]
fn found(change: impl Fn(&mut Vec<Entry>)) -> (u64, u64, String, i32) {
    let mut changed = rows();
    let stream = longest(&changed);
    change(&mut changed);
    let desk = Desk::new();
    write_file(&desk.path("log.jsonl"), &changed);
    write_days(&desk.path("log"), &changed);
    let [one, other] = ["@log.jsonl", "@log"].map(|from| {
        let (told, code) = desk.verify(from);
        assert_eq!(told["events"], json!(changed.len()), "every row is looked at");
        assert_eq!((&told["streams"], &told["broken"]), (&json!(79), &json!(1)), "{told}");
        let breaks = told["breaks"].as_array().unwrap();
        assert_eq!((breaks.len(), &breaks[0]["stream"]), (1, &json!(stream)));
        let number = |name: &str| breaks[0][name].as_u64().unwrap();
        (
            number("version"),
            number("sequence"),
            breaks[0]["kind"].as_str().unwrap().to_owned(),
            code,
        )
    });
    assert_eq!(one, other, "it lies in one file as in many");
    one
}

#[track_caller]
fn is_found(due: (u64, u64, &str, i32), change: impl Fn(&mut Vec<Entry>)) {
    let (version, sequence, kind, code) = found(change);
    assert_eq!((version, sequence, kind.as_str(), code), due);
}

/// Without the events in these places.
pub(crate) fn without(range: std::ops::RangeInclusive<u64>) -> impl Fn(&mut Vec<Entry>) {
    move |rows| {
        let stream = longest(rows);
        rows.retain(|it| it.stream != stream || !range.contains(&it.sequence));
    }
}

/// With other text in one row.
fn with<'a>(sequence: u64, old: &'a str, new: &'a str) -> impl Fn(&mut Vec<Entry>) + 'a {
    move |rows| {
        let at = at(rows, sequence);
        rows[at].replace(old, new);
    }
}

#[test]
fn a_missing_event_is_found_where_the_next_one_comes() {
    is_found((1, 2, "gap", 10), without(1..=1));
    is_found((1, 3, "gap", 10), without(2..=2));
    is_found((4, 4, "gap", 10), without(3..=3));
}

#[test]
fn a_missing_commit_is_found_where_the_next_one_comes() {
    is_found((6, 6, "gap", 10), without(5..=5));
    is_found((9, 9, "gap", 10), without(5..=8));
    is_found((4, 4, "gap", 10), without(1..=3));
}

#[test]
fn the_missing_end_of_a_last_commit_is_found() {
    is_found((1, 3, "gap", 10), without(3..=99));
    is_found((1, 2, "gap", 10), without(2..=99));
}

/// Nothing in a stream says where it ends: what is kept elsewhere has to, such as its heads.
#[test]
fn missing_last_commits_can_not_be_seen() {
    let desk = Desk::new();
    let mut rows = rows();
    without(7..=99)(&mut rows);
    write_file(&desk.path("log.jsonl"), &rows);
    let (told, code) = desk.verify("@log.jsonl");
    assert_eq!((&told["broken"], code), (&json!(0), 0));
    assert_eq!(told["events"], json!(rows.len()), "fewer than there were");
}

#[test]
fn a_doubled_event_is_found() {
    let twice = |sequence| {
        move |rows: &mut Vec<Entry>| {
            let at = at(rows, sequence);
            rows.insert(at, rows[at].clone());
        }
    };
    is_found((1, 1, "duplicate", 11), twice(1));
    is_found((1, 3, "duplicate", 11), twice(3));
    is_found((5, 5, "duplicate", 11), twice(5));
    is_found((4, 4, "duplicate", 11), |rows| {
        // Somewhere later.
        let again = rows[at(rows, 4)].clone();
        rows.push(again);
    });
}

#[test]
fn events_out_of_order_are_found() {
    let swapped = |one, other| {
        move |rows: &mut Vec<Entry>| {
            let (one, other) = (at(rows, one), at(rows, other));
            rows.swap(one, other);
        }
    };
    is_found((1, 2, "order", 12), swapped(1, 2));
    is_found((4, 4, "order", 12), swapped(3, 4));
    is_found((1, 3, "order", 12), swapped(1, 3));
}

/// Clocks differ: what they say is covered by the chain, and is no order.
#[test]
fn events_in_the_files_of_each_other_s_day_come_in_their_order() {
    let desk = Desk::new();
    let mut rows = rows();
    let (one, other) = (at(&rows, 5), at(&rows, 6));
    let (day, next) = (rows[one].member("time"), rows[other].member("time"));
    assert_ne!(rows[one].day(), rows[other].day());
    rows[one].replace(&format!("\"time\":\"{day}\""), &format!("\"time\":\"{next}\""));
    rows[other].replace(&format!("\"time\":\"{next}\""), &format!("\"time\":\"{day}\""));
    write_days(&desk.path("log"), &rows);
    let (told, code) = desk.verify("@log");
    assert_eq!(
        (&told["breaks"][0]["kind"], &told["breaks"][0]["sequence"]),
        (&json!("chain"), &json!(5))
    );
    assert_eq!((&told["broken"], code), (&json!(1), 17));
}

#[test]
fn an_event_that_nobody_knows_is_found() {
    let (seen, never) = ("\"type\":\"account.device_seen\"", "\"type\":\"account.never_heard_of\"");
    is_found((5, 5, "unknown", 13), with(5, seen, never));
    is_found((1, 2, "unknown", 13), with(2, "\"version\":1,", "\"version\":99,"));
    // It is known, but of another stream.
    is_found((5, 5, "unknown", 13), with(5, seen, "\"type\":\"sign_in.denied\""));
}

#[test]
fn data_that_do_not_fit_are_found() {
    is_found(
        (5, 5, "schema", 14),
        with(5, "\"data\":{\"device\":\"dev_", "\"data\":{\"device\":\"acc_"),
    );
    is_found((5, 5, "schema", 14), with(5, "\"data\":{\"device\":", "\"data\":{\"devise\":"));
    is_found((1, 1, "schema", 14), with(1, "\"locale\":\"de\"", "\"locale\":7"));
}

#[test]
fn other_types_than_those_of_the_events_are_found() {
    is_found((5, 5, "types", 15), with(5, "\"types\":[\"account.device_seen\"]", "\"types\":[]"));
    is_found((1, 3, "types", 15), with(3, "\"account.email_verified\",", ""));
    is_found((5, 5, "types", 15), with(5, "\"types\":", "\"tapes\":"));
}

#[test]
fn a_state_that_the_events_do_not_lead_to_is_found() {
    is_found((5, 5, "state", 16), with(5, "\"two_step\":true", "\"two_step\":false"));
    is_found((1, 3, "state", 16), with(3, "\"two_step\":true", "\"two_step\":false"));
    is_found((5, 5, "state", 16), with(5, "\"state\":{\"open\":", "\"state\":{\"shut\":"));
}

#[test]
fn a_state_of_a_schema_that_there_is_not_is_found() {
    is_found((5, 5, "state", 16), with(5, "\"state_schema\":", "\"state_schema\":9"));
    is_found((5, 5, "state", 16), with(5, "\"state_schema\":", "\"state_scheme\":"));
}

#[test]
fn metadata_that_can_not_be_read_are_found() {
    is_found((5, 5, "unreadable", 18), with(5, "\"meta\":{\"request\"", "\"meta\":{\"requests\""));
}

#[test]
fn rows_that_are_not_what_the_chain_covers_are_found() {
    let told = rows();
    let text = |rows: &[Entry]| {
        let data = format!("{{\"device\":\"{}\"}}", rows[at(rows, 5)].member("device"));
        let (id, time) = (rows[at(rows, 5)].member("id"), rows[at(rows, 5)].member("time"));
        let name = rows[at(rows, 5)].member("type");
        format!(
            "\"events\":[{{\"id\":\"{id}\",\"type\":\"{name}\",\"version\":1,\"time\":\"{time}\",\"data\":{data}}}],\"types\":"
        )
    };
    let events = text(&told);
    // What is covered is beside the rows, and they say something else.
    is_found((5, 5, "chain", 17), move |rows: &mut Vec<Entry>| {
        with(5, "\"types\":", &events)(rows);
        with(5, "\"data\":{\"device\":\"dev_0", "\"data\":{\"device\":\"dev_1")(rows);
    });
}

#[test]
fn a_state_of_an_earlier_schema_is_counted_and_not_compared() {
    let desk = Desk::new();
    let mut rows = rows();
    let now = format!("\"state_schema\":{}", Account::STATE_SCHEMA);
    with(5, &now, "\"state_schema\":1")(&mut rows);
    with(5, "\"two_step\":true", "\"two_step\":false")(&mut rows);
    write_file(&desk.path("log.jsonl"), &rows);
    let (told, code) = desk.verify("@log.jsonl");
    assert_eq!((&told["broken"], &told["other_states"], code), (&json!(0), &json!(1), 0));
    let text = desk.done(&["verify", "--from", "@log.jsonl"]);
    assert!(text.contains("1 states have another schema and were not compared"), "{text}");
}

#[test]
fn a_commit_that_is_not_what_was_committed_is_found() {
    is_found((5, 5, "chain", 17), with(5, "\"function\":\"account\"", "\"function\":\"project\""));
    is_found((1, 3, "chain", 17), with(1, "\"policy\":1}}", "\"policy\":2}}"));
    is_found((1, 3, "chain", 17), with(1, "\"locale\":\"de\"", "\"locale\":\"cs\""));
    is_found((5, 5, "chain", 17), |rows| {
        let at = at(rows, 5);
        let time: Timestamp = rows[at].member("time").parse().unwrap();
        let later = time + SignedDuration::from_millis(1);
        rows[at].replace(&format!("\"time\":\"{time}\""), &format!("\"time\":\"{later}\""));
    });
    is_found((5, 5, "chain", 17), with(5, "\"chain\":\"", "\"chain\":\"AAAA"));
    is_found((5, 5, "chain", 17), with(5, "\"chain\":\"", "\"chain\":\"no base64 "));
}

#[test]
fn a_commit_whose_last_row_has_lost_its_link_is_cut_off() {
    is_found((6, 6, "gap", 10), with(5, "\"chain\":", "\"chian\":"));
}

#[test]
fn a_commit_that_can_not_be_read_is_found() {
    is_found((5, 5, "unreadable", 18), |rows| {
        let at = at(rows, 5);
        let Entry { stream, text, .. } = &mut rows[at];
        *text = format!(
            "{{\"stream\":\"{stream}\",\"sequence\":5,\"commit\":5,\"broken\":\"it was burnt\"}}"
        );
    });
    is_found((5, 5, "unreadable", 18), with(5, "\"id\":\"evt_", "\"id\":\"acc_"));
    let desk = Desk::new();
    let mut commits = COMMITS.clone();
    let stream = longest(&rows());
    let torn = commits.iter_mut().find(|it| it.stream == stream && it.version == 1).unwrap();
    torn.events = "[]".to_owned();
    let lines: Vec<_> = commits.iter().enumerate().map(|(it, commit)| shown(it, commit)).collect();
    write_lines(&desk.path("dump.jsonl"), lines);
    let (told, code) = desk.verify("@dump.jsonl");
    let due = json!([{
        "stream": stream, "version": 1, "sequence": 1, "kind": "unreadable", "what": "it holds no event",
    }]);
    assert_eq!((&told["breaks"], &told["streams"], code), (&due, &json!(79), 18));
}

#[test]
fn a_stream_of_no_known_kind_is_found() {
    let desk = Desk::new();
    let mut rows = rows();
    let mut stray = rows[0].clone();
    stray.replace(&format!("\"stream\":\"{}\"", stray.stream), "\"stream\":\"gate/1\"");
    rows.push(stray);
    write_file(&desk.path("log.jsonl"), &rows);
    let (told, code) = desk.verify("@log.jsonl");
    assert_eq!((&told["streams"], &told["broken"], code), (&json!(80), &json!(1), 13));
    assert_eq!(told["breaks"][0]["stream"], json!("gate/1"));
}

#[test]
fn the_first_broken_stream_decides_and_all_are_named() {
    let desk = Desk::new();
    let mut rows = rows();
    let last = rows.iter().rfind(|it| it.sequence == 2).unwrap().stream.clone();
    rows.retain(|it| it.stream != last || it.sequence > 1);
    with(5, "\"two_step\":true", "\"two_step\":false")(&mut rows);
    write_file(&desk.path("log.jsonl"), &rows);
    let (told, code) = desk.verify("@log.jsonl");
    let text = desk.run(&["verify", "--from", "@log.jsonl"]);
    assert_eq!(text.code, 16);
    let lines: Vec<_> = text.out.lines().collect();
    assert_eq!(lines[0], "283 events of 79 streams: 2 streams are broken");
    let what = "version 5, event 5: its state is not what the events lead to";
    assert_eq!(lines[1], format!("  {} {what}", longest(&rows)));
    assert_eq!(lines[2], format!("  {last} version 1, event 2: event 1 was due"));
    let kinds: Vec<&Value> =
        told["breaks"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!((kinds, code), (vec![&json!("state"), &json!("gap")], 16));
}
