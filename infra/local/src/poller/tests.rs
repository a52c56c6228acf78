#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::Mutex;

use super::*;
use crate::faults::Asked;
use crate::fixtures::{Ground, append, faults, noon};

/// What the function under test was given: the versions of each call.
type Calls = Arc<Mutex<Vec<Vec<u32>>>>;

/// What a function answers to a batch of versions: those that failed, or that all did.
type Verdict = fn(&[u32], usize) -> Result<Vec<u32>, BoxError>;

fn function(calls: &Calls, verdict: Verdict) -> StreamFunction {
    let calls = Arc::clone(calls);
    Arc::new(move |event: Event| {
        let versions: Vec<u32> = event
            .records
            .iter()
            .map(|record| {
                let keys: serde_json::Value = serde_json::to_value(&record.change.keys).unwrap();
                keys["version"]["N"].as_str().unwrap().parse().unwrap()
            })
            .collect();
        let call = {
            let mut calls = calls.lock().unwrap();
            calls.push(versions.clone());
            calls.len()
        };
        let answer = verdict(&versions, call).map(|failed| {
            let mut response = DynamoDbEventResponse::default();
            for (record, version) in event.records.iter().zip(&versions) {
                if failed.contains(version) {
                    let number = record.change.sequence_number.clone().unwrap();
                    let failure = serde_json::json!({ "itemIdentifier": number });
                    response.batch_item_failures.push(serde_json::from_value(failure).unwrap());
                }
            }
            response
        });
        Box::pin(async move { answer })
    })
}

/// Runs one function until it has handled everything there is, and gives its calls.
async fn calls_of(ground: &Ground, filter: Option<Filter>, verdict: Verdict) -> Vec<Vec<u32>> {
    let calls = Calls::default();
    let poller = poller(ground, filter, function(&calls, verdict), Faults::default());
    let (progress, world) = (poller.progress.clone(), poller.world.clone());
    let running = tokio::spawn(poller.run());
    progress.reached(ground.database.latest().unwrap(), &[]).await;
    world.stop();
    running.await.unwrap();
    let calls = calls.lock().unwrap();
    calls.clone()
}

fn poller(
    ground: &Ground,
    filter: Option<Filter>,
    function: StreamFunction,
    faults: Faults,
) -> Poller {
    Poller {
        subscription: Subscription { name: "notify".to_owned(), filter, function },
        database: ground.database.clone(),
        progress: Progress::open(ground.state.clone(), ["notify"]).unwrap(),
        clock: ground.clock.clone(),
        world: World::default(),
        faults,
    }
}

fn append_some(ground: &Ground, versions: std::ops::RangeInclusive<u32>) {
    for version in versions {
        let event_type = if version % 2 == 0 { "sign_in.attempted" } else { "message.sent" };
        append(&ground.database, "account/acc_1", version, event_type);
    }
}

fn letters(ground: &Ground) -> Vec<DeadLetter> {
    Progress::open(ground.state.clone(), []).unwrap().dead_letters().unwrap()
}

#[tokio::test]
async fn records_come_in_order_and_at_most_ten_at_once() {
    let ground = Ground::new();
    append_some(&ground, 1..=23);
    let calls = calls_of(&ground, None, |_, _| Ok(vec![])).await;
    assert_eq!(calls.concat(), (1..=23).collect::<Vec<u32>>());
    assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 3]);
}

#[tokio::test]
async fn a_function_goes_on_where_it_stood_before_a_restart() {
    let ground = Ground::new();
    append_some(&ground, 1..=3);
    assert_eq!(calls_of(&ground, None, |_, _| Ok(vec![])).await, [[1, 2, 3]]);
    let ground = ground.reopened();
    append_some(&ground, 4..=5);
    assert_eq!(calls_of(&ground, None, |_, _| Ok(vec![])).await, [[4, 5]]);
}

#[tokio::test]
async fn a_filter_keeps_away_what_a_function_does_not_want() {
    let ground = Ground::new();
    append_some(&ground, 1..=5);
    let wants: Filter = |types| types.contains(&"sign_in.attempted");
    assert_eq!(calls_of(&ground, Some(wants), |_, _| Ok(vec![])).await, [[2, 4]]);
    assert!(calls_of(&ground, Some(wants), |_, _| Ok(vec![])).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_partial_failure_is_repeated_from_the_first_record_that_failed() {
    let ground = Ground::new();
    append_some(&ground, 1..=4);
    let verdict: Verdict = |_, call| Ok(if call == 1 { vec![3] } else { vec![] });
    assert_eq!(calls_of(&ground, None, verdict).await, [vec![1, 2, 3, 4], vec![3, 4]]);
    assert!(letters(&ground).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_record_that_always_fails_becomes_a_dead_letter_and_the_others_go_on() {
    let ground = Ground::new();
    append_some(&ground, 1..=4);
    let poisoned: Verdict =
        |versions, _| Ok(versions.iter().copied().filter(|v| *v == 2).collect());
    let calls = calls_of(&ground, None, poisoned).await;
    let tries = calls.iter().filter(|call| call.contains(&2)).count();
    assert_eq!(tries, 1 + usize::try_from(batch::RETRIES).unwrap());
    assert_eq!(calls.last().unwrap(), &[3, 4]);
    let letters = letters(&ground);
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].version.as_deref(), letters[0].at), (Some("2"), noon()));
    assert_eq!(letters[0].sequence_number.len(), 21);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_as_a_whole_is_halved_until_the_culprit_is_alone() {
    let ground = Ground::new();
    append_some(&ground, 1..=4);
    let verdict: Verdict = |versions, _| {
        if versions.contains(&2) { Err("no".into()) } else { Ok(vec![]) }
    };
    let calls = calls_of(&ground, None, verdict).await;
    let wanted: &[&[u32]] =
        &[&[1, 2, 3, 4], &[1, 2], &[1], &[2, 3, 4], &[2], &[2], &[2], &[2], &[3, 4]];
    assert_eq!(calls, wanted);
    assert_eq!(letters(&ground)[0].reason, "no");
}

#[tokio::test(start_paused = true)]
async fn a_function_that_panics_fails_and_takes_nothing_with_it() {
    let ground = Ground::new();
    append_some(&ground, 1..=1);
    let verdict: Verdict = |_, call| {
        assert!(call > 2, "on purpose");
        Ok(vec![])
    };
    assert_eq!(calls_of(&ground, None, verdict).await.len(), 3);
    assert!(letters(&ground).is_empty());
}

#[tokio::test]
async fn a_paused_function_is_given_nothing_and_goes_on_where_it_stood() {
    let ground = Ground::new();
    append_some(&ground, 1..=3);
    let (calls, faults) = (Calls::default(), faults(r#"{"notify":"paused","project":"paused"}"#));
    let poller = poller(&ground, None, function(&calls, |_, _| Ok(vec![])), faults.clone());
    let (progress, world) = (poller.progress.clone(), poller.world.clone());
    let running = tokio::spawn(poller.run());
    // Nobody waits for a paused function, and it does not move.
    progress.reached(ground.database.latest().unwrap(), &["notify"]).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!((calls.lock().unwrap().len(), progress.position("notify")), (0, 0));
    append_some(&ground, 4..=4);
    faults.replace(&serde_json::from_str::<Asked>(r#"{"project":"paused"}"#).unwrap());
    progress.reached(ground.database.latest().unwrap(), &[]).await;
    assert_eq!(calls.lock().unwrap().concat(), [1, 2, 3, 4]);
    world.stop();
    running.await.unwrap();
}

#[tokio::test]
async fn a_paused_function_ends_with_the_process() {
    let ground = Ground::new();
    append_some(&ground, 1..=1);
    let calls = Calls::default();
    let poller = poller(
        &ground,
        None,
        function(&calls, |_, _| Ok(vec![])),
        faults(r#"{"notify":"paused"}"#),
    );
    let world = poller.world.clone();
    let running = tokio::spawn(poller.run());
    tokio::task::yield_now().await;
    world.stop();
    running.await.unwrap();
    assert!(calls.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_given_twice_only_after_it_was_handled() {
    let ground = Ground::new();
    append_some(&ground, 1..=2);
    let calls = Calls::default();
    let verdict: Verdict = |_, call| Ok(if call == 1 { vec![2] } else { vec![] });
    let faults = faults(r#"{"notify":"twice","times":1}"#);
    let poller = poller(&ground, None, function(&calls, verdict), faults);
    let (progress, world) = (poller.progress.clone(), poller.world.clone());
    let running = tokio::spawn(poller.run());
    progress.reached(ground.database.latest().unwrap(), &[]).await;
    append_some(&ground, 3..=3);
    progress.reached(ground.database.latest().unwrap(), &[]).await;
    world.stop();
    running.await.unwrap();
    assert_eq!(*calls.lock().unwrap(), [vec![1, 2], vec![2], vec![2], vec![3]]);
}
