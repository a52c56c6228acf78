//! How often an owner's phones may be asked without a right code.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::budgets::{DAY, five_sends, nearly};
use crate::phones::{BLUE, asked_by, owner_with_push, pushed_to, told};
use crate::world::{EMAIL, PASSWORD, World, ok, refused};

/// Signs the owner in on a new device and returns what that is answered.
async fn answered(phone: &Client) -> Value {
    ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body
}

/// The app can't be asked for, and will be in about so many seconds.
#[track_caller]
fn spent_for(seconds: u64, body: &Value) {
    assert_eq!(body["available_methods"], json!(["email"]));
    let without = &body["unavailable_methods"][0];
    assert_eq!(without["method"], "app");
    assert_eq!(without["because"], "too_many_pushes");
    nearly(seconds, &without["available_in"]);
}

/// C1, C5: whoever is asked ten times without wanting it is asked no more, for a day.
#[tokio::test]
async fn after_ten_pushes_without_a_right_code_the_app_is_not_offered() {
    let world = World::open().await;
    let _owner = owner_with_push(&world).await;
    for _ in 0..2 {
        five_sends(&world, &world.phone(), "app").await;
    }
    assert_eq!(told(&world, BLUE).await.len(), 10);
    let phone = world.phone();
    let asked = answered(&phone).await;
    assert_eq!(asked["method"], "email");
    spent_for(DAY - 420, &asked);
    let attempt = asked["id"].as_str().unwrap();
    let by_app = refused(phone.resend_by(attempt, "app").await, 409, "channel_unavailable");
    assert_eq!(by_app.body["because"], "too_many_pushes");
    assert_eq!(told(&world, BLUE).await.len(), 10);

    world.local.advance(DAY - 420).await.unwrap();
    asked_by("app", &world.phone()).await;
}

/// C1, C4: the answer to the last push says at once for how long it was the last.
#[tokio::test]
async fn the_tenth_push_tells_when_there_is_another_one() {
    for by_resend in [true, false] {
        let world = World::open().await;
        let _owner = owner_with_push(&world).await;
        five_sends(&world, &world.phone(), "app").await;
        let phone = world.phone();
        let attempt = asked_by("app", &phone).await;
        for pause in [30, 60, 60] {
            world.local.drain().await.unwrap();
            world.local.advance(pause).await.unwrap();
            let sent = ok(phone.resend(&attempt).await, 202).body;
            assert_eq!(sent.get("unavailable_methods"), None);
        }
        world.local.drain().await.unwrap();
        world.local.advance(60).await.unwrap();
        let last = if by_resend {
            ok(phone.resend(&attempt).await, 202).body
        } else {
            answered(&world.phone()).await
        };
        assert_eq!(last["method"], "app");
        assert_eq!(last["delivery"], "queued");
        spent_for(DAY - 420, &last);
        spent_for(DAY - 420, &ok(phone.poll(&attempt).await, 200).body);
        assert_eq!(told(&world, BLUE).await.len(), 10);
    }
}

/// C1: a right code, by whichever way it came, shows that the owner was asking.
#[tokio::test]
async fn a_right_code_makes_the_app_available_again() {
    let world = World::open().await;
    let _owner = owner_with_push(&world).await;
    for _ in 0..2 {
        five_sends(&world, &world.phone(), "app").await;
    }
    let phone = world.phone();
    let attempt = asked_by("email", &phone).await;
    ok(phone.verify(&attempt, &world.code().await).await, 200);
    let asked = answered(&world.phone()).await;
    assert_eq!(asked["method"], "app");
    assert_eq!(asked["available_methods"], json!(["app", "email"]));
    assert_eq!(asked.get("unavailable_methods"), None);
}

/// C1, C3, S9: where pushes and mails are spent, whichever comes back first is waited for.
#[tokio::test]
async fn when_pushes_and_mails_are_spent_the_owner_is_unreachable_for_now() {
    let world = World::open().await;
    let _owner = owner_with_push(&world).await;
    for method in ["app", "app", "email"] {
        five_sends(&world, &world.phone(), method).await;
    }
    let phone = world.phone();
    let asked = answered(&phone).await;
    assert_eq!(asked["status"], "unreachable");
    assert_eq!(asked["next"], "wait");
    nearly(90, &asked["available_in"]);
    assert_eq!(told(&world, BLUE).await.len(), 10);
    world.local.advance(90).await.unwrap();
    asked_by("email", &phone).await;
}

/// C1, C2: what is pushed to nobody tires nobody, and takes nothing of what may be pushed.
#[tokio::test]
async fn codes_by_app_that_reach_no_phone_leave_all_ten_pushes() {
    let world = World::open().await;
    let owner = world.owner().await;
    for _ in 0..3 {
        let phone = world.phone();
        let attempt = asked_by("email", &phone).await;
        for (pause, left) in [(0, 3), (30, 2), (60, 1), (60, 0)] {
            world.local.drain().await.unwrap();
            world.local.advance(pause).await.unwrap();
            let sent = ok(phone.resend_by(&attempt, "app").await, 202).body;
            assert_eq!(sent["delivery"], "undeliverable");
            assert_eq!(sent["sends_left"], left);
            assert_eq!(sent["available_methods"], json!(["app", "email"]));
        }
    }
    ok(owner.refresh().await, 200);
    pushed_to(&owner, BLUE).await;
    for _ in 0..2 {
        five_sends(&world, &world.phone(), "app").await;
    }
    assert_eq!(told(&world, BLUE).await.len(), 10);
}
