//! An erasure happens, whatever is broken while it does.

use serde_json::json;

use crate::erasure::{account_of, erase, left, rich_owner, uploads_are_over};
use crate::integrity::sound;
use crate::letters::mails;
use crate::uploads::files;
use crate::world::{EMAIL, PASSWORD, World, ok, refused};

/// A little more than a lease lasts: somebody else takes over what a dead sender left.
const OVER_THE_LEASE: u64 = 61;
/// For so long the goodbye is waited for.
const AN_HOUR: u64 = 60 * 60;

/// How many goodbyes have come.
async fn goodbyes(world: &World) -> usize {
    let mails = mails(world, EMAIL).await;
    mails.iter().filter(|it| it.subject.contains("was erased")).count()
}

/// Nothing about the person is left anywhere, and the log holds.
async fn is_gone(world: &World, account: &str) {
    world.local.drain().await.unwrap();
    uploads_are_over(world).await;
    assert_eq!(left(world, &[account]).await, [json!(null); 0]);
    assert_eq!(files(world), []);
    sound(&world.local.dump(None).await.unwrap());
    assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
}

/// Erases while something is broken; it is whole again after the lease is over.
async fn erased_with(fault: &str) -> (World, String) {
    let world = World::open().await;
    let (owner, _) = rich_owner(&world).await;
    let account = account_of(&owner).await;
    world.local.faults(&json!({ "notify": fault, "times": 1 })).await.unwrap();
    erase(&owner).await;
    world.local.drain().await.unwrap();
    refused(owner.account().await, 401, "invalid_token");
    world.local.faults(&json!({})).await.unwrap();
    some_minutes_pass(&world).await;
    (world, account)
}

/// Long enough for leases to be over, and for what was put off to be taken up again.
async fn some_minutes_pass(world: &World) {
    for _ in 0..4 {
        world.local.advance(OVER_THE_LEASE).await.unwrap();
        world.local.drain().await.unwrap();
    }
}

/// L1, S9: a function that dies before it says goodbye has said nothing; the next one does all of it.
#[tokio::test]
async fn a_crash_before_the_goodbye_only_delays_it() {
    let (world, account) = erased_with("crash_after_claim").await;
    is_gone(&world, &account).await;
    assert_eq!(goodbyes(&world).await, 1);
}

/// L1, S9: one that dies after it has not to be believed either.
#[tokio::test]
async fn a_crash_after_the_goodbye_leaves_nothing_behind() {
    let (world, account) = erased_with("crash_after_send").await;
    is_gone(&world, &account).await;
    assert_eq!(goodbyes(&world).await, 1);
}

/// L1, S9: what is delivered twice is done once.
#[tokio::test]
async fn an_erasure_that_is_delivered_twice_is_one() {
    let (world, account) = erased_with("twice").await;
    is_gone(&world, &account).await;
    assert_eq!(goodbyes(&world).await, 1);
}

/// L1, S9: an erasure that nobody works on yet is one all the same, and survives a power cut.
#[tokio::test]
async fn an_erasure_waits_for_its_function_over_a_power_cut() {
    let mut world = World::open().await;
    let (owner, _) = rich_owner(&world).await;
    let account = account_of(&owner).await;
    world.local.faults(&json!({ "notify": "paused" })).await.unwrap();
    erase(&owner).await;
    world.local.drain().await.unwrap();
    refused(owner.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
    world.stack.restart().await.unwrap();
    world.local.faults(&json!({})).await.unwrap();
    is_gone(&world, &account).await;
    assert_eq!(goodbyes(&world).await, 1);
}

/// C3, L1, S9: while mail is down the goodbye is waited for, for an hour; then the person is forgotten
/// without it.
#[tokio::test]
async fn a_goodbye_that_can_not_be_sent_holds_nothing_up_for_more_than_an_hour() {
    let world = World::open().await;
    let (owner, _) = rich_owner(&world).await;
    let account = account_of(&owner).await;
    world.local.faults(&json!({ "email": "down" })).await.unwrap();
    erase(&owner).await;
    world.local.drain().await.unwrap();
    assert!(!left(&world, &[account.as_str()]).await.is_empty());
    // And so is what the goodbye can be written with.
    let vault = world.rows("vault").await;
    assert!(vault.iter().any(|row| row.to_string().contains(&account)));
    world.local.advance(AN_HOUR).await.unwrap();
    world.local.drain().await.unwrap();
    some_minutes_pass(&world).await;
    assert_eq!(left(&world, &[account.as_str()]).await, [json!(null); 0]);
    is_gone(&world, &account).await;
    world.local.faults(&json!({})).await.unwrap();
    world.local.advance(AN_HOUR).await.unwrap();
    assert_eq!(goodbyes(&world).await, 0);
}

/// C3, L1: and comes once if mail is back in time.
#[tokio::test]
async fn a_goodbye_that_had_to_wait_comes_once() {
    let world = World::open().await;
    let (owner, _) = rich_owner(&world).await;
    let account = account_of(&owner).await;
    world.local.faults(&json!({ "email": "down" })).await.unwrap();
    erase(&owner).await;
    world.local.drain().await.unwrap();
    world.local.faults(&json!({})).await.unwrap();
    some_minutes_pass(&world).await;
    is_gone(&world, &account).await;
    assert_eq!(goodbyes(&world).await, 1);
}

/// S9, T3: an erasure whose commit is not answered has happened.
#[tokio::test]
async fn an_erasure_whose_commit_is_not_answered_happens_once() {
    let world = World::open().await;
    let (owner, _) = rich_owner(&world).await;
    let account = account_of(&owner).await;
    world.local.faults(&json!({ "store": "lost_answer", "times": 1 })).await.unwrap();
    ok(owner.erase_account().await, 202);
    world.local.faults(&json!({})).await.unwrap();
    is_gone(&world, &account).await;
    assert_eq!(goodbyes(&world).await, 1);
}
