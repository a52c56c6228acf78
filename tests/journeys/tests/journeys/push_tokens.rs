//! Push tokens that change, or go, at the worst moment.

use postern_client::answer::Answer;
use postern_client::client::Client;
use serde_json::{Value, json};

use crate::phones::{BLUE, GREEN, asked_by, owner_with_push, push_of, pushed_to, told};
use crate::world::{World, ok};

/// Longer than a message's first wait, and the part of a second by which a note of it is rounded.
const BACK_OFF: u64 = 16;
/// Longer than it takes until unsent messages are looked for again.
const A_SWEEP: u64 = 61;

/// An owner who is pushed to at [`BLUE`], and got [`GREEN`] instead while SNS is down.
async fn new_token_during_an_outage(world: &World) -> Client {
    let owner = owner_with_push(world).await;
    world.local.drain().await.unwrap();
    world.local.faults(&json!({ "push": "down" })).await.unwrap();
    pushed_to(&owner, GREEN).await;
    world.local.drain().await.unwrap();
    assert_eq!(push_of(&owner, &owner).await, "reachable");
    owner
}

/// C1, S3: a token that was given up tells nobody anything more, whatever SNS still knows of it.
#[tokio::test]
async fn a_token_that_changed_while_sns_was_down_is_the_one_that_is_pushed_to() {
    let world = World::open().await;
    new_token_during_an_outage(&world).await;
    world.local.faults(&json!({})).await.unwrap();
    let attempt = asked_by("app", &world.phone()).await;
    assert_eq!(told(&world, GREEN).await, [format!("sign_in_request {attempt}")]);
    assert_eq!(told(&world, BLUE).await, [""; 0]);
}

/// C1, S3: nor does a request that waits for SNS go to the old token.
#[tokio::test]
async fn a_request_that_waits_for_sns_goes_to_the_token_that_changed_meanwhile() {
    let world = World::open().await;
    new_token_during_an_outage(&world).await;
    let attempt = asked_by("app", &world.phone()).await;
    assert_eq!(told(&world, GREEN).await, [""; 0]);
    world.local.faults(&json!({})).await.unwrap();
    world.local.advance(BACK_OFF).await.unwrap();
    assert_eq!(told(&world, GREEN).await, [format!("sign_in_request {attempt}")]);
    assert_eq!(told(&world, BLUE).await, [""; 0]);
}

/// T2, T3: whichever of a removal and a registration is first, nothing is left of the removed
/// device.
#[tokio::test]
async fn a_device_that_registers_while_it_is_removed_leaves_no_token_behind() {
    for (first, known) in [("removal", true), ("registration", true), ("registration", false)] {
        let world = World::open().await;
        let owner = world.owner().await;
        let second = world.second().await;
        if known {
            pushed_to(&second, BLUE).await;
        }
        world.local.drain().await.unwrap();
        assert_eq!(named(&world.rows("vault").await, "item").len(), usize::from(known));
        world.local.faults(&json!({ "store": "conflict", "times": 1 })).await.unwrap();
        let device = second.session().unwrap().device;
        let removal = owner.remove_device(&device);
        let registration = second.register_push("apns", GREEN, "allowed");
        let (removed, registered) = if first == "removal" {
            tokio::join!(removal, registration)
        } else {
            let (registered, removed) = tokio::join!(registration, removal);
            (removed, registered)
        };
        ok(removed, 204);
        // Too late for its session, or only for its device.
        let registered: Answer = registered.unwrap();
        assert!(matches!(registered.status, 204 | 401), "{}", registered.body);

        world.local.faults(&json!({})).await.unwrap();
        world.local.drain().await.unwrap();
        world.local.advance(A_SWEEP).await.unwrap();
        world.local.drain().await.unwrap();
        assert_eq!(named(&world.rows("vault").await, "item"), [""; 0], "{first}");
        assert_eq!(named(&world.rows("guards").await, "key"), [""; 0], "{first}");
        asked_by("email", &world.phone()).await;
        assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
    }
}

/// What a table's rows that are about push tokens are called.
fn named(rows: &[Value], key: &str) -> Vec<String> {
    let names = rows.iter().map(|row| row[key]["S"].as_str().unwrap().to_owned());
    names.filter(|name| name.starts_with("push/")).collect()
}
