//! Where a device can be pushed to, and what becomes of that.

use serde_json::{Value, json};

use crate::phones::{
    BLUE, GREEN, RED, account_story, asked_by, let_in, listed, neighbour, neighbour_asked,
    owner_with_push, push_of, pushed_to, shown, told, two_phones,
};
use crate::world::{EMAIL, PASSWORD, World, id, ok, refused};

/// C2, T1: the list of devices tells which of them a push reaches.
#[tokio::test]
async fn a_device_is_shown_as_it_can_be_pushed_to() {
    let world = World::open().await;
    let phone = world.owner().await;
    assert_eq!(push_of(&phone, &phone).await, "none");
    pushed_to(&phone, BLUE).await;
    assert_eq!(push_of(&phone, &phone).await, "reachable");
    ok(phone.register_push("apns", BLUE, "unknown").await, 204);
    assert_eq!(push_of(&phone, &phone).await, "reachable");
    ok(phone.register_push("apns", BLUE, "denied").await, 204);
    assert_eq!(push_of(&phone, &phone).await, "unreachable");
    ok(phone.remove_push().await, 204);
    assert_eq!(push_of(&phone, &phone).await, "none");
}

/// C2: an app may say where it can be pushed to at each of its starts.
#[tokio::test]
async fn saying_the_same_twice_leaves_no_trace() {
    let world = World::open().await;
    let phone = owner_with_push(&world).await;
    let events = world.events().await;
    pushed_to(&phone, BLUE).await;
    assert_eq!(world.events().await, events);
    ok(phone.remove_push().await, 204);
    assert_eq!(world.events().await, events + 1);
    ok(phone.remove_push().await, 204);
    assert_eq!(world.events().await, events + 1);
}

/// C1: a phone that got a new token is told there, and the old one is forgotten.
#[tokio::test]
async fn a_new_token_takes_the_old_ones_place() {
    let world = World::open().await;
    let phone = owner_with_push(&world).await;
    pushed_to(&phone, RED).await;
    assert_eq!(push_of(&phone, &phone).await, "reachable");
    let attempt = asked_by("app", &world.phone()).await;
    assert_eq!(told(&world, RED).await, [format!("sign_in_request {attempt}")]);
    assert_eq!(told(&world, BLUE).await, [""; 0]);
}

/// C1, T1: a token reaches one phone, so it belongs to the device that named it last.
#[tokio::test]
async fn a_token_moves_to_the_device_that_names_it() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let earlier = told(&world, BLUE).await.len();
    pushed_to(&second, BLUE).await;
    assert_eq!(push_of(&owner, &owner).await, "none");
    assert_eq!(push_of(&second, &owner).await, "reachable");
    let asked = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(asked.body["sent_to"]["devices"], 1);
    assert_eq!(told(&world, BLUE).await[earlier..], [format!("sign_in_request {}", id(&asked))]);
    assert_eq!(told(&world, GREEN).await, [""; 0]);
}

/// C1, S3: a phone that changed hands tells its new owner nothing about the old one.
#[tokio::test]
async fn a_token_that_moves_to_another_account_gets_nothing_of_the_first() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let neighbour = neighbour(&world).await;
    pushed_to(&neighbour, BLUE).await;
    assert_eq!(push_of(&owner, &owner).await, "none");
    assert_eq!(push_of(&neighbour, &neighbour).await, "reachable");
    let story = account_story(&world, &owner).await;
    assert_eq!(story.last().unwrap(), "account.push_endpoint_removed");
    asked_by("email", &world.phone()).await;
    assert_eq!(told(&world, BLUE).await, [""; 0]);
    let own = neighbour_asked(&world).await;
    assert_eq!(told(&world, BLUE).await, [format!("sign_in_request {own}")]);
}

/// C2, P4: whoever turned notifications off is not waited for, but may open the app and look.
#[tokio::test]
async fn a_phone_without_permission_for_alerts_is_not_chosen_by_itself() {
    let world = World::open().await;
    let owner = world.owner().await;
    ok(owner.register_push("apns", BLUE, "denied").await, 204);
    assert_eq!(push_of(&owner, &owner).await, "unreachable");
    let asked = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(asked["method"], "email");
    assert_eq!(asked["available_methods"], json!(["app", "email"]));
    assert_eq!(told(&world, BLUE).await, [""; 0]);
}

/// C1: an endpoint that turns out to be dead is known as such until its app says otherwise.
#[tokio::test]
async fn a_dead_endpoint_is_noted_and_mail_is_chosen_until_the_app_is_back() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    world.local.drain().await.unwrap();
    world.local.faults(&json!({ "push": "disabled", "times": 1 })).await.unwrap();
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    assert_eq!(told(&world, BLUE).await, [""; 0]);
    let story = account_story(&world, &owner).await;
    assert_eq!(story.last().unwrap(), "account.push_endpoint_disabled");
    assert_eq!(push_of(&owner, &owner).await, "unreachable");
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["delivery"], "undeliverable");
    asked_by("email", &world.phone()).await;

    pushed_to(&owner, BLUE).await;
    assert_eq!(push_of(&owner, &owner).await, "reachable");
    let attempt = asked_by("app", &world.phone()).await;
    assert_eq!(told(&world, BLUE).await, [format!("sign_in_request {attempt}")]);
}

/// C2: a phone that wants no pushes gets none.
#[tokio::test]
async fn a_removed_endpoint_gets_nothing_more() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    ok(owner.remove_push().await, 204);
    asked_by("email", &world.phone()).await;
    assert_eq!(told(&world, BLUE).await, [""; 0]);
}

/// T2, T3: a removed device is told so once, and of nothing that comes later.
#[tokio::test]
async fn a_removed_device_is_told_that_it_is_signed_out_and_nothing_more() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    assert_eq!(told(&world, GREEN).await, ["signed_out"]);
    asked_by("app", &world.phone()).await;
    assert_eq!(told(&world, GREEN).await, ["signed_out"]);

    // The phone gets in again, as a new device: nothing is left of the old one.
    let_in(&owner, &second).await;
    assert_eq!(push_of(&second, &owner).await, "none");
    pushed_to(&second, GREEN).await;
    let attempt = asked_by("app", &world.phone()).await;
    let all = ["signed_out".to_owned(), format!("sign_in_request {attempt}")];
    assert_eq!(told(&world, GREEN).await, all);
}

/// T3, S3: nor is the phone's next owner told that somebody else's device was signed out.
#[tokio::test]
async fn a_token_that_moved_before_its_device_was_told_hears_nothing_of_the_removal() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let neighbour = neighbour(&world).await;
    world.local.faults(&json!({ "notify": "paused" })).await.unwrap();
    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    pushed_to(&neighbour, GREEN).await;
    world.local.faults(&json!({})).await.unwrap();
    assert_eq!(told(&world, GREEN).await, [""; 0]);
    assert_eq!(push_of(&neighbour, &neighbour).await, "reachable");
    let own = neighbour_asked(&world).await;
    assert_eq!(told(&world, GREEN).await, [format!("sign_in_request {own}")]);
}

/// T3: signing out everywhere tells every other phone so.
#[tokio::test]
async fn signing_out_everywhere_is_said_to_all_the_other_phones() {
    let world = World::open().await;
    let (owner, _second) = two_phones(&world).await;
    let earlier = told(&world, BLUE).await.len();
    ok(owner.sign_out_everywhere().await, 204);
    ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(told(&world, GREEN).await, ["signed_out"]);
    assert_eq!(told(&world, BLUE).await.len(), earlier);
    assert_eq!(push_of(&owner, &owner).await, "reachable");
}

/// T3: a push that is on its way when its device is removed doesn't arrive. The attempt ends with
/// the removal too, for whoever holds the removed phone may have read its code.
#[tokio::test]
async fn a_device_removed_while_a_request_is_open_gets_and_shows_nothing_more() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let earlier = told(&world, BLUE).await;
    world.local.faults(&json!({ "notify": "paused" })).await.unwrap();
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&second, &attempt).await;
    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    refused(second.requests().await, 401, "invalid_token");
    refused(second.open_request(&attempt).await, 401, "invalid_token");
    refused(second.deny(&attempt).await, 401, "invalid_token");
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");

    world.local.faults(&json!({})).await.unwrap();
    assert_eq!(told(&world, GREEN).await, ["signed_out"]);
    // It was never said that the attempt began, only that it is over: that can't come too early.
    let closed = vec![format!("request_closed {attempt}")];
    assert_eq!(told(&world, BLUE).await, [earlier, closed].concat());
    assert_eq!(listed(&owner).await, [""; 0]);
    let again = asked_by("app", &phone).await;
    assert_eq!(listed(&owner).await, [again.as_str()]);
    assert_eq!(told(&world, GREEN).await, ["signed_out"]);
    ok(phone.verify(&again, &shown(&owner, &again).await).await, 200);
}

/// C1: only what can be a token is taken for one.
#[tokio::test]
async fn an_endpoint_that_cannot_be_one_is_refused() {
    let world = World::open().await;
    let phone = world.owner().await;
    let events = world.events().await;
    let with = |member: &str, value: Value| {
        let mut body = json!({ "platform": "apns", "token": BLUE, "alerts": "allowed" });
        body[member] = value;
        (format!("/{member}"), body)
    };
    for (pointer, body) in [
        with("token", json!("")),
        with("token", json!("with a blank")),
        with("token", json!("with\na line")),
        with("token", json!("příliš žluťoučký")),
        with("token", json!("x".repeat(2_049))),
        with("token", json!(7)),
        with("token", Value::Null),
        with("platform", json!("pigeon")),
        with("platform", json!("APNS")),
        with("platform", Value::Null),
        with("alerts", json!("perhaps")),
        with("alerts", json!(true)),
        with("sound", json!("loud")),
    ] {
        let answer = refused(phone.put_push(&body).await, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], *pointer, "{}", answer.body);
    }
    for missing in ["platform", "token", "alerts"] {
        let (_, mut body) = with("token", json!(BLUE));
        body.as_object_mut().unwrap().remove(missing);
        refused(phone.put_push(&body).await, 422, "invalid_request");
    }
    assert_eq!(world.events().await, events);
    assert_eq!(push_of(&phone, &phone).await, "none");
}
