//! Guesses that were claimed and never recorded, because the tables failed in between: each is spent.

use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::json;

use crate::phones::{asked_by, listed, owner_with_push, shown};
use crate::world::{World, ok, refused};

/// Gives the right code so often while nothing can be appended, and mends the tables again.
async fn claim_in_vain(world: &World, phone: &Client, attempt: &str, code: &str, times: usize) {
    let events = world.events().await;
    world.local.faults(&json!({ "store": "conflict" })).await.unwrap();
    for _ in 0..times {
        refused(phone.verify(attempt, code).await, 503, "unavailable");
    }
    world.local.faults(&json!({})).await.unwrap();
    assert_eq!(world.events().await, events);
    assert_eq!(phone.session(), None);
}

/// S4: five claims are five guesses, and an attempt without a guess is over for everybody.
#[tokio::test]
async fn five_guesses_that_were_never_recorded_lock_the_attempt() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let (phone, friend) = (world.phone(), world.phone());
    let attempt = asked_by("app", &phone).await;
    let other = asked_by("app", &friend).await;
    let code = shown(&owner, &attempt).await;
    claim_in_vain(&world, &phone, &attempt, &code, 5).await;

    let polled = ok(phone.poll(&attempt).await, 200).body;
    assert_eq!(polled, json!({ "id": attempt, "status": "locked", "session": null }));
    assert_eq!(listed(&owner).await, [other.as_str()]);
    refused(owner.open_request(&attempt).await, 410, "attempt_closed");
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    world.local.advance(30).await.unwrap();
    refused(phone.resend(&attempt).await, 410, "attempt_closed");
    refused(phone.resend_by(&attempt, "email").await, 410, "attempt_closed");
    ok(friend.verify(&other, &shown(&owner, &other).await).await, 200);
    let again = asked_by("app", &phone).await;
    ok(phone.verify(&again, &shown(&owner, &again).await).await, 200);
}

/// S4: what is left counts what was claimed, not only what was recorded.
#[tokio::test]
async fn a_wrong_code_after_four_unrecorded_guesses_is_the_last() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    claim_in_vain(&world, &phone, &attempt, &code, 4).await;
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["attempts_left"], 1);
    let wrong = phone.verify(&attempt, &wrong_code(&code, 1)).await;
    assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], 0);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "locked");
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    assert_eq!(listed(&owner).await, [""; 0]);
}

/// S4, S9: and the fifth guess is as good as the first.
#[tokio::test]
async fn the_right_code_after_four_unrecorded_guesses_lets_in() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    claim_in_vain(&world, &phone, &attempt, &code, 4).await;
    ok(phone.verify(&attempt, &code).await, 200);
}
