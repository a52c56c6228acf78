//! Equal logs give equal bytes, in whatever form they lie and in whatever order their rows come.

use std::path::Path;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use postern_replay::log::Log;
use postern_replay::projection::{NotProjected, View, project};
use postern_replay::source::Source;
use proptest::prelude::*;

use crate::desk::Desk;
use crate::history::{
    COMMITS, Entry, added, full, rows, shown, write_days, write_export, write_file, write_full,
    write_lines,
};

/// In no order, and the same each time: by the chance in the events' names.
fn shuffled(mut rows: Vec<Entry>) -> Vec<Entry> {
    rows.sort_by_cached_key(|it| it.member("id").chars().rev().collect::<String>());
    rows
}

#[test]
fn every_form_of_a_log_replays_to_the_same_bytes() {
    let desk = Desk::new();
    write_days(&desk.path("log"), &rows());
    let due = desk.replay("@log", &[]);
    for (view, lines) in crate::desk::VIEWS.iter().zip(&due) {
        assert!(lines.lines().count() >= 7, "{view}: {lines}");
    }
    write_file(&desk.path("shuffled.jsonl"), &shuffled(rows()));
    let doubled = [rows(), shuffled(rows())].concat();
    write_file(&desk.path("doubled.jsonl"), &shuffled(doubled.clone()));
    write_days(&desk.path("doubled"), &doubled);
    let dump = COMMITS.iter().enumerate().map(|(it, commit)| shown(it, commit));
    write_lines(&desk.path("dump.jsonl"), dump);
    for from in ["@shuffled.jsonl", "@doubled.jsonl", "@doubled", "@dump.jsonl"] {
        assert_eq!(desk.replay(from, &[]), due, "{from}");
    }
    assert!(desk.is_tidy());
}

#[test]
fn exports_of_this_tool_replay_to_the_same_bytes_also_exported_again() {
    let desk = Desk::new();
    write_file(&desk.path("log.jsonl"), &shuffled(rows()));
    let due = desk.replay("@log.jsonl", &[]);
    desk.done(&["export", "@one", "--from", "@log.jsonl"]);
    desk.done(&["export", "@two", "--from", "@one", "--format", "parquet"]);
    desk.done(&["export", "@three", "--from", "@two", "--format", "parquet"]);
    desk.done(&["export", "@four", "--from", "@three"]);
    desk.done(&["export", "@five.parquet", "--from", "@four"]);
    desk.done(&["export", "@six.jsonl", "--from", "@five.parquet"]);
    for from in ["@one", "@two", "@three", "@four", "@five.parquet", "@six.jsonl"] {
        assert_eq!(desk.replay(from, &[]), due, "{from}");
    }
}

#[test]
fn exports_of_dynamodb_replay_to_the_same_bytes_also_where_they_overlap() {
    let desk = Desk::new();
    write_days(&desk.path("log"), &rows());
    let due = desk.replay("@log", &[]);
    write_full(&desk.path("full"));
    assert_eq!(desk.replay("@full", &[]), due);
    // The full export has the first half, the increments the rest and some of what it has.
    let part = |range: std::ops::Range<usize>, line: fn(&_) -> String| {
        COMMITS.get(range).unwrap().iter().map(line).collect::<Vec<_>>()
    };
    let (third, half, most) = (COMMITS.len() / 3, COMMITS.len() / 2, COMMITS.len() * 3 / 4);
    let folder = desk.path("both");
    let key = "AWSDynamoDB/01-full/data/a.json.gz";
    write_export(&folder, "01-full", &[(key, part(0..half, full))]);
    let key = "AWSDynamoDB/data/b.json.gz";
    write_export(&folder, "02-increment", &[(key, part(third..most, added))]);
    let key = "AWSDynamoDB/data/c.json";
    write_export(&folder, "03-increment", &[(key, part(most - 9..COMMITS.len(), added))]);
    assert_eq!(desk.replay("@both", &[]), due);
    let (told, code) = desk.verify("@both");
    assert_eq!((told["broken"].as_u64(), told["events"].as_u64(), code), (Some(0), Some(284), 0));
}

#[test]
fn rows_with_what_is_told_for_analysts_and_without_it_are_the_same_rows() {
    let desk = Desk::new();
    write_file(&desk.path("mixed/tailed.jsonl"), &rows());
    let due = desk.replay("@mixed", &[]);
    desk.done(&["export", "@mixed/lines", "--from", "@mixed/tailed.jsonl"]);
    desk.done(&[
        "export",
        "@mixed/columns",
        "--from",
        "@mixed/tailed.jsonl",
        "--format",
        "parquet",
    ]);
    assert_eq!(desk.replay("@mixed", &[]), due);
    desk.done(&["export", "@one", "--from", "@mixed"]);
    assert_eq!(desk.verify("@one").1, 0);
}

/// The times of some events: the first, the last, and those that part the log in three.
fn times() -> Vec<Timestamp> {
    let mut times: Vec<Timestamp> =
        rows().iter().map(|it| it.member("time").parse().unwrap()).collect();
    times.sort();
    (0..=3).map(|it| times[(times.len() - 1) * it / 3]).collect()
}

#[test]
fn until_a_time_is_a_log_that_ends_then() {
    let desk = Desk::new();
    let log = shuffled(rows());
    write_file(&desk.path("log.jsonl"), &log);
    let made = |name: &str, until| in_process(&desk.path(name), &desk.path("work"), until);
    let whole = made("log.jsonl", None);
    for time in times() {
        let (before, after) =
            (time - SignedDuration::from_millis(1), time + SignedDuration::from_mins(7));
        for until in [before, time, after] {
            let is_there = |it: &&Entry| it.member("time").parse::<Timestamp>().unwrap() <= until;
            let there: Vec<_> = log.iter().filter(is_there).cloned().collect();
            write_file(&desk.path("ended.jsonl"), &there);
            let until_then = made("log.jsonl", Some(until));
            assert!(until_then == made("ended.jsonl", Some(until)), "until {until}");
            // As of when it is, the newest event says.
            let as_of = until_then == made("ended.jsonl", None);
            assert!(as_of || until != time, "as of {until}");
            if there.len() < log.len() / 2 {
                assert!(until_then != whole, "{until} is early");
            }
        }
    }
    let last = times().last().unwrap().to_string();
    let until = desk.replay("@log.jsonl", &["--until", &last]);
    assert_eq!(until, desk.replay("@log.jsonl", &[]));
    let half = desk.replay("@log.jsonl", &["--until", &times()[1].to_string()]);
    assert!(half.iter().zip(&until).all(|(half, all)| half.len() < all.len()));
}

#[test]
fn what_lacks_is_no_replay() {
    let desk = Desk::new();
    let mut rows = rows();
    rows.retain(|it| it.sequence != 4 || !it.stream.starts_with("account/"));
    write_file(&desk.path("log.jsonl"), &rows);
    for view in crate::desk::VIEWS {
        let said = desk.refused(&["replay", view, "--from", "@log.jsonl"]);
        assert!(said.contains("lacks event 4; `postern verify` tells more"), "{said}");
    }
    assert!(desk.is_tidy(), "nor does what was sorted in vain stay");
}

/// All views of a file, made in this process.
fn in_process(path: &Path, folder: &Path, until: Option<Timestamp>) -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let source = Source::named(path.to_str().unwrap()).unwrap();
    let log = runtime.block_on(Log::open(&source, folder, false)).unwrap();
    let mut all = String::new();
    for view in [View::Accounts, View::Activity, View::Devices, View::Guards] {
        let projected = project(&log, view, until, folder).unwrap();
        let each = |key: &str, item: &str| {
            all.extend([key, " ", item, "\n"]);
            Ok::<_, NotProjected>(())
        };
        projected.items(projected.as_of, each).unwrap();
    }
    all
}

static DUE: LazyLock<String> = LazyLock::new(|| {
    let desk = Desk::new();
    write_file(&desk.path("log.jsonl"), &rows());
    in_process(&desk.path("log.jsonl"), &desk.path("work"), None)
});

/// All rows in any order, each once to three times.
fn any_order() -> impl Strategy<Value = Vec<Entry>> {
    let count = rows().len();
    prop::collection::vec(1..=3_usize, count).prop_flat_map(|often| {
        let rows = rows().into_iter().zip(often);
        let all: Vec<_> = rows.flat_map(|(row, often)| vec![row; often]).collect();
        Just(all).prop_shuffle()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_any_order_and_however_often_a_row_is_there_it_is_the_same(rows in any_order()) {
        let desk = Desk::new();
        write_file(&desk.path("log.jsonl"), &rows);
        let found = in_process(&desk.path("log.jsonl"), &desk.path("work"), None);
        prop_assert!(found == *DUE, "it differs");
    }
}
