//! Several writes that happen all or not at all.

use postern_domain::guard::AccountGuard;
use postern_events::ids::AccountId;
use postern_events::vocabulary::AddressKey;
use postern_store::streams::{Decided, Loser, StreamContext, TogetherError};

use crate::streams::add;
use crate::tally::{Tally, TallyCommand};
use crate::world::{World, meta};

async fn decided(world: &World, id: AccountId, amount: u64) -> Decided<Tally> {
    let streams = world.store.streams();
    let context = streams.load::<Tally>(id).await.unwrap();
    streams.decide(context, TallyCommand::Add(amount), &world.scribe()).await.unwrap()
}

async fn total(world: &World, id: AccountId) -> u64 {
    world.store.streams().load::<Tally>(id).await.unwrap().state().total
}

#[tokio::test]
async fn two_streams_and_an_extra_write_commit_together() {
    let world = World::new().await;
    let (one, two, address) = (world.account(), world.account(), AddressKey::from_bytes([1; 16]));
    let staged = [
        decided(&world, one, 1).await.stage(&meta()).unwrap(),
        decided(&world, two, 2).await.stage(&meta()).unwrap(),
    ];
    let claim = world.store.guards().claim_put(address, one).unwrap();
    world.store.streams().commit_together(&staged, vec![claim], [1; 16]).await.unwrap();
    assert_eq!((total(&world, one).await, total(&world, two).await), (1, 2));
    assert_eq!(world.store.guards().claim(address).await.unwrap(), Some(one));
}

#[tokio::test]
async fn where_the_second_stream_loses_the_first_is_not_written_either() {
    let world = World::new().await;
    let (one, two) = (world.account(), world.account());
    let staged = [
        decided(&world, one, 1).await.stage(&meta()).unwrap(),
        decided(&world, two, 2).await.stage(&meta()).unwrap(),
    ];
    add(&world, two, 9).await;
    let answer = world.store.streams().commit_together(&staged, vec![], [1; 16]).await;
    assert!(matches!(answer, Err(TogetherError::Conflict { which: Loser::Stream(1) })));
    assert_eq!((total(&world, one).await, total(&world, two).await), (0, 9));
}

#[tokio::test]
async fn where_an_extra_write_loses_no_stream_is_written() {
    let world = World::new().await;
    let (one, two, address) = (world.account(), world.account(), AddressKey::from_bytes([1; 16]));
    let guards = world.store.guards();
    let streams = world.store.streams();
    let first = [decided(&world, one, 1).await.stage(&meta()).unwrap()];
    let claim = guards.claim_put(address, one).unwrap();
    streams.commit_together(&first, vec![claim], [1; 16]).await.unwrap();

    let second = [decided(&world, two, 2).await.stage(&meta()).unwrap()];
    let guard = guards.load_guard::<AccountGuard>(two).await.unwrap();
    let extras =
        vec![guards.guard_put(two, &guard).unwrap(), guards.claim_put(address, two).unwrap()];
    let answer = streams.commit_together(&second, extras, [2; 16]).await;
    assert!(matches!(answer, Err(TogetherError::Conflict { which: Loser::Extra(1) })));
    assert_eq!(total(&world, two).await, 0);
    assert_eq!(guards.load_guard::<AccountGuard>(two).await.unwrap().revision, 0);
    assert_eq!(guards.claim(address).await.unwrap(), Some(one));
}

#[tokio::test]
async fn a_transaction_whose_answer_was_lost_is_a_success() {
    let world = World::new().await;
    let (one, two, streams) = (world.account(), world.account(), world.store.streams());
    let staged = [
        decided(&world, one, 1).await.stage(&meta()).unwrap(),
        decided(&world, two, 2).await.stage(&meta()).unwrap(),
    ];
    streams.commit_together(&staged, vec![], [1; 16]).await.unwrap();
    streams.commit_together(&staged, vec![], [1; 16]).await.unwrap();
    // Under another token the request is a new one, and its conditions fail on our own commits.
    streams.commit_together(&staged, vec![], [2; 16]).await.unwrap();
    assert_eq!((total(&world, one).await, total(&world, two).await), (1, 2));
}

#[tokio::test]
async fn a_decision_of_no_events_leaves_only_the_extra_writes() {
    let world = World::new().await;
    let (one, streams) = (world.account(), world.store.streams());
    let context = StreamContext::<Tally>::new(one);
    let nothing = streams.decide(context, TallyCommand::Nothing, &world.scribe()).await.unwrap();
    let staged = [nothing.stage(&meta()).unwrap()];
    streams.commit_together(&staged, vec![], [1; 16]).await.unwrap();
    assert!(!streams.load::<Tally>(one).await.unwrap().exists());
}
