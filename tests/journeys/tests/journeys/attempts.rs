//! Whose an attempt is, and what it is worth before it is complete.

use serde_json::Value;

use crate::world::{EMAIL, PASSWORD, World, alike, asked, id, ok, refused};

/// S4, S5: an attempt belongs to the key that began it; to others it does not exist.
#[tokio::test]
async fn another_keys_attempt_is_answered_like_one_that_never_was() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let story = world.story(&attempt).await;

    let stranger = world.phone();
    let unknown = "sin_01J00000000000000000000000";
    let never = alike(&refused(stranger.poll(unknown).await, 404, "not_found"));
    assert_eq!(alike(&refused(stranger.poll(&attempt).await, 404, "not_found")), never);
    for answer in [
        stranger.verify(&attempt, &code).await,
        stranger.verify(unknown, &code).await,
        stranger.resend(&attempt).await,
        stranger.resend(unknown).await,
        stranger.cancel(&attempt).await,
        stranger.cancel(unknown).await,
        stranger.poll("nonsense").await,
    ] {
        assert_eq!(alike(&refused(answer, 404, "not_found")), never);
    }
    assert_eq!(world.story(&attempt).await, story);
    ok(phone.verify(&attempt, &code).await, 200);
}

/// S5: whoever knows only the password has no rights at all.
#[tokio::test]
async fn a_half_way_attempt_opens_nothing() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    for (method, path) in [
        ("GET", "/v1/account"),
        ("GET", "/v1/devices"),
        ("DELETE", "/v1/devices/dev_01J00000000000000000000000"),
        ("POST", "/v1/sign-out"),
    ] {
        refused(phone.call(method, path, None).await, 401, "invalid_token");
        let half_way = phone.request(method, path).token(&attempt).send().await;
        refused(half_way, 401, "invalid_token");
    }
    let body = serde_json::json!({ "refresh_token": attempt });
    let fetched = ok(phone.call("POST", "/v1/tokens", Some(&body)).await, 401);
    assert_eq!(fetched.code(), "invalid_token");
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["session"], Value::Null);
}

/// S4: an attempt that was given up can't be taken up again.
#[tokio::test]
async fn a_cancelled_attempt_takes_no_code() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    ok(phone.cancel(&attempt).await, 204);
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    refused(phone.resend(&attempt).await, 410, "attempt_closed");
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "cancelled");
    assert_eq!(world.story(&attempt).await.last().unwrap(), "sign_in.cancelled");
}

/// S6: a shared tablet can be let in just this once.
#[tokio::test]
async fn a_device_let_in_just_this_once_needs_a_code_next_time() {
    let world = World::open().await;
    let owner = world.owner().await;
    let tablet = world.phone();
    let attempt = asked(&tablet).await;
    let code = world.code().await;
    let done = ok(tablet.verify_just_this_once(&attempt, &code).await, 200);
    assert_eq!(done.body["session"]["device"]["trusted"], false);
    ok(tablet.account().await, 200);
    let listed = ok(owner.devices().await, 200).body;
    let untrusted =
        listed["devices"].as_array().unwrap().iter().find(|device| device["trusted_at"].is_null());
    assert_eq!(untrusted.unwrap()["id"], tablet.session().unwrap().device);
    asked(&tablet).await;
}

/// T5: two new devices at once are two attempts, and each has its own code.
#[tokio::test]
async fn two_devices_are_let_in_side_by_side() {
    let world = World::open().await;
    world.owner().await;
    let (one, other) = (world.phone(), world.phone());
    let first = asked(&one).await;
    let code_one = world.code().await;
    let second = asked(&other).await;
    let code_other = world.code().await;
    assert_ne!(first, second);
    ok(other.verify(&second, &code_other).await, 200);
    ok(one.verify(&first, &code_one).await, 200);
}

/// S4, C4: five new devices an hour are plenty; the owner's own device is never held up.
#[tokio::test]
async fn the_sixth_new_device_attempt_in_an_hour_has_to_wait() {
    let world = World::open().await;
    let owner = world.owner().await;
    for _ in 0..5 {
        asked(&world.phone()).await;
    }
    let before = world.mails(EMAIL).await;
    let phone = world.phone();
    let held_up = ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(held_up["status"], "locked");
    assert!(held_up["retry_in"].as_u64().unwrap() > 0, "{held_up}");
    assert_eq!(world.mails(EMAIL).await, before);
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// S3: signing in twice on one new device makes two attempts; either can be completed.
#[tokio::test]
async fn an_attempt_that_lost_its_answer_can_simply_be_made_again() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let lost = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    let attempt = asked(&phone).await;
    assert_ne!(id(&lost), attempt);
    ok(phone.verify(&attempt, &world.code().await).await, 200);
}
