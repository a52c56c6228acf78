//! Whoever meets another's transaction once decides again, and nobody notices.

use postern_client::log;
use serde_json::json;

use crate::phones::{BLUE, push_of, pushed_to};
use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused};

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Lets the next append meet another's transaction. What is still being sent appends too, so that
/// comes first.
async fn meet_one(world: &World) {
    world.local.drain().await.unwrap();
    let conflict = json!({ "store": "conflict", "times": 1 });
    world.local.faults(&conflict).await.unwrap();
}

/// S1, C8: both ends of a registration.
#[tokio::test]
async fn a_registration_that_meets_conflicts_opens_one_account() {
    let world = World::open().await;
    let phone = world.phone();
    meet_one(&world).await;
    let opened = id(&ok(phone.register(EMAIL, PASSWORD).await, 202));
    world.local.advance(30).await.unwrap();
    meet_one(&world).await;
    assert_eq!(ok(phone.resend_registration(&opened).await, 202).body["sends_left"], 0);
    let code = world.code().await;
    meet_one(&world).await;
    let done = ok(phone.verify_registration(&opened, &code).await, 200);
    assert_eq!(done.body["status"], "complete", "{}", done.body);
    let commits = world.log(None).await;
    let names = log::names(&commits);
    for once in ["verification.opened", "verification.completed", "account.registered"] {
        assert_eq!(names.iter().filter(|name| **name == once).count(), 1, "{once}");
    }
    ok(phone.account().await, 200);
}

/// S7, T1: the day's first use of a device is noted, and the sign-in with it.
#[tokio::test]
async fn a_days_first_sign_in_that_meets_a_conflict_is_noted_once() {
    let world = World::open().await;
    let owner = world.owner().await;
    world.local.advance(DAY).await.unwrap();
    meet_one(&world).await;
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    let commits = world.log(None).await;
    let seen = log::names(&commits).into_iter().filter(|name| *name == "account.device_seen");
    assert_eq!(seen.count(), 1);
    ok(owner.account().await, 200);
}

/// C1, C4, T2, T3: all that an app or an owner does beside signing in.
#[tokio::test]
async fn whatever_else_meets_a_conflict_is_done_all_the_same() {
    let world = World::open().await;
    let owner = world.owner().await;
    let second = world.second().await;
    meet_one(&world).await;
    pushed_to(&owner, BLUE).await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    meet_one(&world).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    meet_one(&world).await;
    ok(owner.deny(&attempt).await, 200);
    assert_eq!(world.story(&attempt).await.last().unwrap(), "sign_in.denied");
    let attempt = asked(&phone).await;
    meet_one(&world).await;
    ok(phone.cancel(&attempt).await, 204);
    meet_one(&world).await;
    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    refused(second.account().await, 401, "invalid_token");
    meet_one(&world).await;
    ok(owner.sign_out().await, 204);
    refused(owner.account().await, 401, "invalid_token");
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    assert_eq!(push_of(&owner, &owner).await, "none");
    meet_one(&world).await;
    ok(owner.sign_out_everywhere().await, 204);
    let commits = world.log(None).await;
    let revoked = log::names(&commits).into_iter().filter(|it| *it == "account.device_revoked");
    assert_eq!(revoked.count(), 1);
}
