//! Commits that somebody changed or removed, which nobody may, and items that are no commits.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::json;

use super::super::super::newest::IN_ORDER;
use super::super::super::{Tampered, Tampering};
use super::endpoint::{Answer, BEGAN, Endpoint, Shard};
use super::{A_DAY, appended, following, newest, record, told};

#[tokio::test(start_paused = true)]
async fn what_was_changed_or_removed_is_shown_however_long_ago_it_was() {
    // A changed commit comes with all that it holds now, and is no event for that.
    let mut changed = appended("gate/1", 1, -40);
    changed["eventName"] = json!("MODIFY");
    let records = vec![
        appended("gate/1", 1, -40),
        changed,
        record("REMOVE", "gate/1", 2, -30),
        record("OTHER", "gate/2", 5, -20),
        appended("gate/3", 1, -10),
    ];
    let endpoint = Endpoint::of([("one", Shard::of([Answer::Records(records)]))]);
    let (told, ended) = told(&endpoint, &newest(1), A_DAY).await;
    let due = ["CHANGED gate/1 1", "REMOVED gate/1 2", "CHANGED gate/2 5", "gate/3 1"];
    assert_eq!(told, due.map(|it| format!("1800 {it}")));
    assert_eq!(ended, Some(Ok(())));
}

#[tokio::test(start_paused = true)]
async fn of_a_table_that_was_wiped_no_more_is_kept_than_can_be_and_all_is_told() {
    let most = u64::try_from(IN_ORDER).unwrap();
    let wiped = |versions: RangeInclusive<u64>| {
        Answer::Records(versions.map(|it| record("REMOVE", "gate/1", it, -40)).collect())
    };
    let commit = Answer::Records(vec![appended("gate/2", 1, -50)]);
    let shard = Shard::of([wiped(1..=7), wiped(8..=most + 2), commit]);
    let (told, ended) = told(&Endpoint::of([("one", shard)]), &newest(1), A_DAY).await;
    let removed = |time: u64, version: u64| format!("{time} REMOVED gate/1 {version}");
    let mut due = vec![removed(600, most + 1), removed(600, most + 2)];
    due.push("3000 gate/2 1".to_owned());
    due.extend((1..=most).map(|it| removed(3_000, it)));
    assert_eq!((told, ended), (due, Some(Ok(()))));
}

#[tokio::test(start_paused = true)]
async fn what_was_done_to_a_commit_comes_after_the_commit() {
    let mut commit = appended("gate/1", 1, -10);
    let events = commit["dynamodb"]["NewImage"]["events"]["S"].as_str().unwrap();
    // The stream's own times are cut to their second.
    let events = events.replace(":50Z", ":50.999Z");
    assert!(events.contains(".999Z"), "{events}");
    commit["dynamodb"]["NewImage"]["events"]["S"] = json!(events);
    let records = vec![commit, record("REMOVE", "gate/1", 1, -10)];
    let endpoint = Endpoint::of([("one", Shard::of([Answer::Records(records)]))]);
    let (told, _) = told(&endpoint, &newest(9), A_DAY).await;
    assert_eq!(told, ["1800 gate/1 1", "1800 REMOVED gate/1 1"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_follows_sees_at_once_what_is_changed_or_removed() {
    let records = vec![record("MODIFY", "gate/1", 1, 2), record("REMOVE", "gate/2", 4, 2)];
    let endpoint = Endpoint::of([("one", Shard::of([Answer::Records(records)]))]);
    let wanted = super::Wanted { stream: Some("gate/2".to_owned()), ..following(0) };
    let (told, ended) = told(&endpoint, &wanted, Duration::from_secs(1)).await;
    assert_eq!((told, ended), (vec!["0 REMOVED gate/2 4".to_owned()], None));
}

#[tokio::test(start_paused = true)]
async fn an_item_that_is_no_commit_is_shown_in_its_place() {
    let mut no_commit = appended("gate/1", 2, -10);
    no_commit["dynamodb"]["NewImage"].as_object_mut().unwrap().remove("chain").unwrap();
    let records = vec![appended("gate/1", 1, -20), no_commit, appended("gate/1", 3, -5)];
    let endpoint = Endpoint::of([("one", Shard::of([Answer::Records(records)]))]);
    let (told, _) = told(&endpoint, &newest(2), A_DAY).await;
    assert_eq!(told, ["1800 gate/1 2", "1800 gate/1 3"]);
}

#[test]
fn what_was_tampered_with_is_told_in_json_as_no_event_is() {
    let it = Tampered {
        stream: "gate/1".to_owned(),
        commit: 4.into(),
        tampered: Tampering::Removed,
        time: jiff::Timestamp::from_second(BEGAN).ok(),
    };
    let due =
        r#"{"stream":"gate/1","commit":4,"tampered":"removed","time":"2026-11-24T10:00:00Z"}"#;
    assert_eq!(serde_json::to_string(&it).unwrap(), due);
}
