//! Phones that were let in just this once: nothing is pushed to them, and what reached their owner
//! before reaches nobody else either.

use serde_json::json;

use crate::phones::{
    BLUE, GREEN, account_story, asked_by, guest, neighbour, neighbour_asked, push_of, pushed_to,
    told,
};
use crate::world::{World, refused};

/// C1, T1: nobody who isn't trusted is told who signs in; an app need not know that.
#[tokio::test]
async fn of_a_session_that_is_not_trusted_no_endpoint_is_kept() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = guest(&world).await;
    let events = world.events().await;
    pushed_to(&guest, GREEN).await;
    assert_eq!(push_of(&guest, &owner).await, "none");
    assert_eq!(push_of(&guest, &guest).await, "none");
    assert_eq!(world.events().await, events);
    for (table, key) in [("vault", "item"), ("guards", "key")] {
        let rows = world.rows(table).await;
        let mut names = rows.iter().map(|row| row[key]["S"].as_str().unwrap());
        assert!(!names.any(|name| name.starts_with("push/")), "{table}");
    }
    let unsigned = json!({ "platform": "apns", "token": GREEN, "alerts": "allowed" });
    let path = "/v1/devices/current/push";
    refused(owner.call("PUT", path, Some(&unsigned)).await, 401, "invalid_token");
    refused(owner.call("DELETE", path, None).await, 401, "invalid_token");
    asked_by("email", &world.phone()).await;
    world.local.drain().await.unwrap();
    assert_eq!(world.local.pushes(None).await.unwrap(), []);
}

/// C1, S3: a token is where a phone is; whoever had it before is somewhere else.
#[tokio::test]
async fn a_token_named_by_a_session_that_is_not_trusted_is_taken_from_whoever_had_it() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = guest(&world).await;
    pushed_to(&owner, BLUE).await;
    pushed_to(&guest, BLUE).await;
    assert_eq!(push_of(&owner, &owner).await, "none");
    assert_eq!(push_of(&guest, &owner).await, "none");
    let story = account_story(&world, &owner).await;
    assert_eq!(story.last().unwrap(), "account.push_endpoint_removed");
    asked_by("email", &world.phone()).await;
    assert_eq!(told(&world, BLUE).await, [""; 0]);

    // Once more changes nothing, and the owner's app mends it with its next start.
    let events = world.events().await;
    pushed_to(&guest, BLUE).await;
    assert_eq!(world.events().await, events);
    pushed_to(&owner, BLUE).await;
    assert_eq!(push_of(&owner, &owner).await, "reachable");
    let attempt = asked_by("app", &world.phone()).await;
    assert_eq!(told(&world, BLUE).await, [format!("sign_in_request {attempt}")]);
}

/// C1, S3: also from another account, whose owner has lent or sold the phone.
#[tokio::test]
async fn a_token_of_another_account_is_taken_from_it_by_a_session_that_is_not_trusted() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = guest(&world).await;
    let neighbour = neighbour(&world).await;
    pushed_to(&neighbour, GREEN).await;
    let own = neighbour_asked(&world).await;
    let told_so_far = [format!("sign_in_request {own}")];
    assert_eq!(told(&world, GREEN).await, told_so_far);

    pushed_to(&guest, GREEN).await;
    assert_eq!(push_of(&neighbour, &neighbour).await, "none");
    assert_eq!(push_of(&guest, &owner).await, "none");
    let story = account_story(&world, &neighbour).await;
    assert_eq!(story.last().unwrap(), "account.push_endpoint_removed");
    asked_by("email", &world.phone()).await;
    assert_eq!(told(&world, GREEN).await, told_so_far);
}
