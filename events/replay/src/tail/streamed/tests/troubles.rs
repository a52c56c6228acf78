//! A stream that gives no answer, or that has forgotten where its reader stood.

use std::time::Duration;

use serde_json::json;

use super::endpoint::{Answer, Endpoint, Shard};
use super::{A_DAY, appended, following, newest, told};

fn one(version: u64, after: i64) -> Answer {
    Answer::Records(vec![appended("gate/1", version, after)])
}

const EXPIRED: Answer = Answer::Fails(400, "ExpiredIteratorException");
const TRIMMED: Answer = Answer::Fails(400, "TrimmedDataAccessException");
const GONE: Answer = Answer::Fails(400, "ResourceNotFoundException");
const REFUSED: Answer = Answer::Fails(400, "AccessDeniedException");

#[tokio::test(start_paused = true)]
async fn whoever_asks_too_often_or_too_early_waits_longer_each_time_and_goes_on() {
    type Answers = fn() -> Answer;
    let calls: [(Answers, &str); 6] = [
        (|| Answer::Fails(400, "LimitExceededException"), "LimitExceededException"),
        (
            || Answer::Fails(400, "ProvisionedThroughputExceededException"),
            "ProvisionedThroughputExceededException",
        ),
        (|| Answer::Fails(400, "ThrottlingException"), "ThrottlingException"),
        (|| Answer::Fails(500, "InternalServerError"), "InternalServerError"),
        (|| Answer::Fails(503, "ServiceUnavailable"), "ServiceUnavailable"),
        (|| Answer::Breaks, "the connection broke"),
    ];
    for (fails, why) in calls {
        let fails = (0..6).map(|_| fails());
        let answers = [one(1, -10)].into_iter().chain(fails).chain([one(2, 100), one(3, 101)]);
        let endpoint = Endpoint::of([("one", Shard::of(answers))]);
        let (told, ended) = told(&endpoint, &following(9), Duration::from_secs(50)).await;
        let [waiting, events @ ..] = told.as_slice() else { panic!("{told:?}") };
        assert!(waiting.starts_with("15600 waiting: ") && waiting.contains(why), "{waiting}");
        assert_eq!(events, ["47600 gate/1 1", "47600 gate/1 2", "48200 gate/1 3"], "{why}");
        assert_eq!(ended, None, "it goes on");
        let tries = [0, 600, 1_600, 3_600, 7_600, 15_600, 31_600, 47_600, 48_200, 48_800];
        let asked = endpoint.asked();
        let tries = tries.map(|it| format!("{it} one GetRecords"));
        assert_eq!(asked[1..=tries.len()], tries, "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn trouble_with_one_shard_keeps_no_other_one_waiting() {
    let fails = (0..20).map(|_| Answer::Fails(400, "ThrottlingException"));
    let fine = Shard::of([one(1, 0), Answer::Records(Vec::new()), one(2, 1)]);
    let endpoint = Endpoint::of([("bad", Shard::of(fails)), ("fine", fine)]);
    let (told, ended) = told(&endpoint, &following(0), Duration::from_secs(2)).await;
    assert_eq!(told, ["0 gate/1 1", "1200 gate/1 2"]);
    assert_eq!(ended, None, "it goes on");
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_follow_gives_up_at_last() {
    let fails = (0..20).map(|_| Answer::Fails(400, "ThrottlingException"));
    let endpoint = Endpoint::of([("one", Shard::of(fails))]);
    let (told, ended) = told(&endpoint, &newest(9), A_DAY).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let why = ended.unwrap().unwrap_err();
    assert!(why.starts_with("the table's stream can't be read: "), "{why}");
    let last = endpoint.asked().pop();
    assert_eq!(last.as_deref(), Some("127000 one GetRecords"));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_may_ask_is_not_asked_again() {
    let refused = Endpoint::of([("one", Shard::of([one(1, -10), REFUSED]))]);
    let (shown, ended) = told(&refused, &following(9), A_DAY).await;
    assert_eq!(shown, [""; 0]);
    let why = ended.unwrap().unwrap_err();
    assert!(why.contains("AccessDeniedException"), "{why}");
    for refusal in [REFUSED, GONE] {
        let unlisted = Endpoint::of([]).whose_listings_fail([refusal]);
        let (shown, ended) = told(&unlisted, &following(9), A_DAY).await;
        assert_eq!(shown, [""; 0]);
        assert!(ended.unwrap().is_err());
        assert_eq!(unlisted.listed(), [0]);
    }
}

#[tokio::test(start_paused = true)]
async fn shards_are_listed_again_when_the_stream_was_too_busy_for_it() {
    let fails = (0..2).map(|_| Answer::Fails(400, "LimitExceededException"));
    let endpoint = Endpoint::of([("one", Shard::of([one(1, -10)]))]).whose_listings_fail(fails);
    let (told, ended) = told(&endpoint, &newest(9), A_DAY).await;
    assert_eq!((told, ended), (vec!["4800 gate/1 1".to_owned()], Some(Ok(()))));
}

#[tokio::test(start_paused = true)]
async fn an_iterator_that_expired_is_made_anew_where_the_reader_stands() {
    let answers = [one(1, -10), EXPIRED, one(2, 3), EXPIRED, one(3, 5)];
    let endpoint = Endpoint::of([("one", Shard::of(answers))]);
    let (told, ended) = told(&endpoint, &following(9), Duration::from_millis(3_500)).await;
    assert_eq!(told, ["1600 gate/1 1", "1600 gate/1 2", "3200 gate/1 3"]);
    assert_eq!(ended, None, "it goes on");
    let reads = [
        "0 one TRIM_HORIZON",
        "0 one GetRecords",
        "600 one GetRecords",
        "1600 one AFTER_SEQUENCE_NUMBER 1",
        "1600 one GetRecords",
        "2200 one GetRecords",
        "3200 one AFTER_SEQUENCE_NUMBER 2",
        "3200 one GetRecords",
    ];
    assert_eq!(endpoint.asked(), reads);
}

#[tokio::test(start_paused = true)]
async fn what_came_meanwhile_is_found_also_where_nothing_had_come_before() {
    let both = vec![appended("gate/1", 1, -5), appended("gate/1", 2, 0), appended("gate/1", 3, 2)];
    let endpoint = Endpoint::of([("one", Shard::of([EXPIRED, Answer::Records(both)]))]);
    let (told, ended) = told(&endpoint, &following(0), Duration::from_millis(1_500)).await;
    assert_eq!(told, ["1000 gate/1 2", "1000 gate/1 3"]);
    assert_eq!(ended, None, "it goes on");
    let reads =
        ["0 one LATEST", "0 one GetRecords", "1000 one TRIM_HORIZON", "1000 one GetRecords"];
    assert_eq!(endpoint.asked(), reads);
}

/// A shard with what was there, and what has come since it was listed.
fn come() -> Shard {
    Shard::of([Answer::Records(vec![
        appended("gate/1", 1, -5),
        appended("gate/1", 2, 0),
        appended("gate/1", 3, 2),
    ])])
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_the_end_of_a_shard_is_not_told_is_shown() {
    let refusals = [
        Answer::Fails(400, "LimitExceededException"),
        Answer::Fails(500, "InternalServerError"),
        Answer::Breaks,
    ];
    for refusal in refusals {
        let endpoint = Endpoint::of([("one", come().refusing([refusal]))]);
        let (told, ended) = told(&endpoint, &following(0), Duration::from_millis(1_500)).await;
        assert_eq!(told, ["1000 gate/1 2", "1000 gate/1 3"]);
        assert_eq!(ended, None, "it goes on");
        let reads = ["0 one LATEST", "1000 one TRIM_HORIZON", "1000 one GetRecords"];
        assert_eq!(endpoint.asked(), reads);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shard_whose_end_is_told_late_keeps_no_other_one_from_its_end() {
    let late = Answer::Late(Duration::from_mins(1), json!({ "ShardIterator": "a late one" }));
    let fine = Shard::of([Answer::Records(vec![appended("gate/2", 7, 0)])]);
    let endpoint = Endpoint::of([("a late one", come().refusing([late])), ("fine", fine)]);
    let (told, ended) = told(&endpoint, &following(0), Duration::from_millis(2_500)).await;
    assert_eq!(told, ["2000 gate/1 2", "2000 gate/1 3", "2000 gate/2 7"]);
    assert_eq!(ended, None, "it goes on");
    let reads = [
        "0 a late one LATEST",
        "0 fine LATEST",
        "2000 a late one TRIM_HORIZON",
        "2000 a late one GetRecords",
        "2000 fine GetRecords",
    ];
    assert_eq!(endpoint.asked(), reads);
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_the_shards_are_listed_is_shown() {
    let listing = json!({ "StreamDescription": { "Shards": [{ "ShardId": "one" }] } });
    let late = Answer::Late(Duration::from_secs(3), listing);
    let endpoint = Endpoint::of([("one", come())]).whose_listings_fail([late]);
    let (told, ended) = told(&endpoint, &following(0), Duration::from_millis(3_500)).await;
    assert_eq!(told, ["3000 gate/1 2", "3000 gate/1 3"]);
    assert_eq!(ended, None, "it goes on");
    let asked = endpoint.asked();
    assert_eq!(asked[asked.len() - 2..], ["3000 one TRIM_HORIZON", "3000 one GetRecords"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_ask_where_a_shard_ends_is_told_so() {
    let endpoint = Endpoint::of([("one", come().refusing([REFUSED]))]);
    let (told, ended) = told(&endpoint, &following(0), A_DAY).await;
    assert_eq!(told, [""; 0]);
    let why = ended.unwrap().unwrap_err();
    assert!(why.contains("AccessDeniedException"), "{why}");
    assert_eq!(endpoint.asked(), ["0 one LATEST"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_trimmed_is_told_and_the_rest_is_read() {
    let answers = [one(1, -10), TRIMMED, one(7, 3)];
    let endpoint = Endpoint::of([("one", Shard::of(answers))]);
    let (shown, ended) = told(&endpoint, &following(9), Duration::from_secs(2)).await;
    assert_eq!(shown, ["600 trimmed one", "1600 gate/1 1", "1600 gate/1 7"]);
    assert_eq!(ended, None, "it goes on");
    assert_eq!(endpoint.asked()[3], "1600 one TRIM_HORIZON");

    // So it is where an iterator was to be made anew.
    let expired = Shard::of([one(1, -10), EXPIRED, one(7, 3)]);
    let endpoint =
        Endpoint::of([("one", expired.refusing([Answer::Records(Vec::new()), TRIMMED]))]);
    let (shown, ended) = told(&endpoint, &following(9), Duration::from_secs(4)).await;
    assert_eq!(shown, ["1600 trimmed one", "3600 gate/1 1", "3600 gate/1 7"]);
    assert_eq!(ended, None, "it goes on");
}

#[tokio::test(start_paused = true)]
async fn a_shard_that_is_gone_is_told_and_what_continues_it_is_read() {
    let gone = Shard::default().refusing([GONE]);
    let endpoint = Endpoint::of([("one", gone), ("two", Shard::of([one(3, -10)]).after("one"))]);
    let (told, ended) = told(&endpoint, &newest(9), A_DAY).await;
    assert_eq!(told, ["0 trimmed one", "1800 gate/1 3"]);
    assert_eq!(ended, Some(Ok(())));
}
