//! One stream, one writer at a time.

use std::collections::HashMap;

use cqrs_es::{CqrsFramework, EventStore as _};
use postern_events::ids::AccountId;
use postern_events::personal::Personal;
use postern_store::StoreError;
use postern_store::model::Model;
use postern_store::seal::{DataKey, Unsealed};
use postern_store::streams::{EventStore, ExecuteError, Meta};
use zeroize::Zeroizing;

use crate::costs::Cost;
use crate::tally::{LaterTally, Tally, TallyCommand, Zero};
use crate::world::{World, meta};

pub(crate) async fn add(world: &World, id: AccountId, amount: u64) {
    let streams = world.store.streams();
    let command = || TallyCommand::Add(amount);
    streams.execute::<Tally>(id, command, || world.scribe(), &meta()).await.unwrap();
}

fn key(id: AccountId) -> DataKey {
    DataKey::from_bytes(id, &Zeroizing::new([3; 32])).unwrap()
}

async fn note(world: &World, id: AccountId, ballast: usize) {
    let command = || TallyCommand::Note { note: Personal::Clear("private".into()), ballast };
    let scribe = || world.scribe_with(&key(id));
    world.store.streams().execute::<Tally>(id, command, scribe, &meta()).await.unwrap();
}

async fn state_equals_fold(streams: &EventStore, id: AccountId) {
    let loaded = streams.load::<Tally>(id).await.unwrap();
    let folded = streams.fold::<Tally>(id).await.unwrap();
    let newest = streams.newest_commit(loaded.stream()).await.unwrap().unwrap();
    assert_eq!(serde_json::to_string(folded.state()).unwrap(), newest.state);
    assert_eq!(serde_json::to_string(loaded.state()).unwrap(), newest.state);
    assert_eq!(loaded.sequence(), folded.sequence());
}

#[tokio::test]
async fn commits_are_read_in_the_order_they_were_made() {
    let world = World::new().await;
    let id = world.account();
    for amount in 1..=12 {
        add(&world, id, amount).await;
    }
    let streams = world.store.streams();
    let each = || TallyCommand::AddEach(vec![13, 14, 15]);
    streams.execute::<Tally>(id, each, || world.scribe(), &meta()).await.unwrap();
    add(&world, id, 16).await;
    let commits = streams.load_commits(&format!("tally/{id}")).await.unwrap();
    let versions: Vec<u64> = commits.iter().map(|it| it.version).collect();
    assert_eq!(versions, (1..=13).chain([16]).collect::<Vec<_>>());
    assert_eq!(streams.load::<Tally>(id).await.unwrap().state().total, (1..=16).sum::<u64>());
    state_equals_fold(&streams, id).await;
}

#[tokio::test]
async fn the_first_commit_is_one_read_at_any_length() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    assert!(streams.first_commit::<Tally>(id).await.unwrap().is_none());
    for amount in 1..=12 {
        add(&world, id, amount).await;
    }
    world.costs.take();
    let first = streams.first_commit::<Tally>(id).await.unwrap().unwrap();
    assert_eq!(world.costs.take(), Cost { read: 1.0, write: 0.0 });
    let all = streams.load_commits(&first.stream).await.unwrap();
    assert_eq!((first.version, &first.events_json), (1, &all[0].events_json));
}

#[tokio::test]
async fn a_usual_commit_takes_less_than_a_kilobyte() {
    let world = World::new().await;
    let id = world.account();
    note(&world, id, 0).await;
    let commit =
        world.store.streams().load_commits(&format!("tally/{id}")).await.unwrap().remove(0);
    let size = commit.events_json.len() + commit.meta_json.len() + commit.state.len() + 200;
    assert!(size <= 1_024, "{size} bytes");
}

#[tokio::test]
async fn a_refusal_and_a_decision_of_no_events_write_nothing() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    let refused =
        streams.execute::<Tally>(id, || TallyCommand::Add(0), || world.scribe(), &meta()).await;
    assert!(matches!(refused, Err(ExecuteError::Refused(Zero))));
    let nothing =
        streams.execute::<Tally>(id, || TallyCommand::Nothing, || world.scribe(), &meta()).await;
    assert!(nothing.unwrap().events.is_empty());
    assert!(!streams.load::<Tally>(id).await.unwrap().exists());
}

#[tokio::test]
async fn a_personal_value_without_a_key_is_written_nowhere() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    let command = || TallyCommand::Note { note: Personal::Clear("private".into()), ballast: 0 };
    let answer = streams.execute::<Tally>(id, command, || world.scribe(), &meta()).await;
    assert!(matches!(answer, Err(ExecuteError::Sealing(Unsealed::NoKey))));
    assert!(!streams.load::<Tally>(id).await.unwrap().exists());
}

#[tokio::test]
async fn state_and_log_hold_one_token_and_a_sealed_value_stays_verbatim() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    note(&world, id, 0).await;
    let context = streams.load::<Tally>(id).await.unwrap();
    let sealed = context.state().note.clone().unwrap();
    let commit = streams.newest_commit(context.stream()).await.unwrap().unwrap();
    assert!(commit.events_json.contains(sealed.token().unwrap().as_str()));
    assert!(!commit.events_json.contains("private"));
    assert_eq!(key(id).open(&sealed).unwrap(), "private");

    let again = || TallyCommand::Note { note: sealed.clone(), ballast: 0 };
    let done = streams.execute::<Tally>(id, again, || world.scribe(), &meta()).await.unwrap();
    assert!(done.state().note.as_ref() == Some(&sealed));
    state_equals_fold(&streams, id).await;
}

#[tokio::test]
async fn a_stream_longer_than_a_page_folds_whole() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    for _ in 0..15 {
        note(&world, id, 100_000).await;
    }
    add(&world, id, 7).await;
    let folded = streams.fold::<Tally>(id).await.unwrap();
    assert_eq!((folded.state().count, folded.state().total), (16, 7));
    state_equals_fold(&streams, id).await;
}

#[tokio::test]
async fn a_state_of_another_shape_is_ignored_and_folded_anew() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    for amount in [3, 9, 4] {
        add(&world, id, amount).await;
    }
    assert_eq!(streams.load::<LaterTally>(id).await.unwrap().state().largest, 9);
    let command = || TallyCommand::Add(11);
    let done =
        streams.execute::<LaterTally>(id, command, || world.scribe(), &meta()).await.unwrap();
    assert_eq!(done.state().largest, 11);
    let back = streams.load::<Tally>(id).await.unwrap();
    assert_eq!((back.state().total, back.sequence()), (27, 4));
}

#[tokio::test]
async fn the_next_decision_can_start_from_the_last_without_a_read() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    let mut context = postern_store::streams::StreamContext::<Tally>::new(id);
    for amount in 1..=3 {
        let command = TallyCommand::Add(amount);
        let decided = streams.decide(context, command, &world.scribe()).await.unwrap();
        context = streams.commit_one(decided, &meta()).await.unwrap().context;
    }
    assert_eq!(context.state().total, 6);
    state_equals_fold(&streams, id).await;
}

#[tokio::test]
async fn cqrs_es_drives_the_same_streams() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    let framework =
        CqrsFramework::<Model<Tally>, _>::new(streams.clone(), Vec::new(), world.scribe());
    let given = HashMap::from([("actor".to_owned(), "ada".to_owned())]);
    framework
        .execute_with_metadata(&id.to_string(), TallyCommand::AddEach(vec![1, 2]), given)
        .await
        .unwrap();
    framework.execute(&id.to_string(), TallyCommand::Add(3)).await.unwrap();
    let name = id.to_string();
    let events = cqrs_es::EventStore::<Model<Tally>>::load_events(&streams, &name).await.unwrap();
    assert_eq!(events.iter().map(|it| it.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(events[0].metadata["actor"], "ada");
    let context: postern_store::streams::StreamContext<Tally> =
        streams.load_aggregate(&name).await.unwrap();
    assert_eq!((context.state().total, context.sequence()), (6, 3));
    assert!(framework.execute("not an id", TallyCommand::Add(1)).await.is_err());
}

#[tokio::test]
async fn an_unreadable_commit_is_broken_not_absent() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    add(&world, id, 1).await;
    world
        .client
        .update_item()
        .table_name("postern-events")
        .key("stream", aws_sdk_dynamodb::types::AttributeValue::S(format!("tally/{id}")))
        .key("version", aws_sdk_dynamodb::types::AttributeValue::N("1".into()))
        .update_expression("SET #e = :e")
        .expression_attribute_names("#e", "events")
        .expression_attribute_values(":e", aws_sdk_dynamodb::types::AttributeValue::S("[".into()))
        .send()
        .await
        .unwrap();
    assert!(matches!(streams.load::<Tally>(id).await, Err(StoreError::Broken { .. })));
}

#[tokio::test]
async fn a_call_finds_the_commit_that_it_led_to_and_no_other() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    for (amount, name) in [(1, Some("one")), (2, Some("one and more")), (3, None)] {
        let meta = Meta { idempotency: name.map(ToOwned::to_owned), ..meta() };
        let command = || TallyCommand::Add(amount);
        streams.execute::<Tally>(id, command, || world.scribe(), &meta).await.unwrap();
    }
    let found = async |name| streams.commit_of_call::<Tally>(id, name).await.unwrap();
    assert_eq!(found("one").await.map(|it| it.version), Some(1));
    assert_eq!(found("one and more").await.map(|it| it.version), Some(2));
    assert!(found("contract").await.is_none(), "a function's name is no call's");
    let nobody = world.account();
    assert!(streams.commit_of_call::<Tally>(nobody, "one").await.unwrap().is_none());
}

#[tokio::test]
async fn a_call_finds_its_commit_in_a_stream_longer_than_a_page() {
    let world = World::new().await;
    let (id, streams) = (world.account(), world.store.streams());
    let meta = Meta { idempotency: Some("first".to_owned()), ..meta() };
    let first = || TallyCommand::Add(1);
    streams.execute::<Tally>(id, first, || world.scribe(), &meta).await.unwrap();
    for _ in 0..6 {
        note(&world, id, 200_000).await;
    }
    let found = streams.commit_of_call::<Tally>(id, "first").await.unwrap().unwrap();
    assert_eq!(found.version, 1);
}
