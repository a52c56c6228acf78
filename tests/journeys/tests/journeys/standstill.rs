//! When a function stands still, or is given something that it can't read: the others go on, and
//! what was held up is done as far as there is still use in it.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, World, id, ok};

/// The names of the devices that a phone lists, in order.
async fn names(phone: &Client) -> Vec<String> {
    let listed = ok(phone.devices().await, 200).body;
    let devices = listed["devices"].as_array().unwrap().iter();
    devices.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

/// How many items of the views belong to keys that start so.
async fn viewed(world: &World, start: &str) -> usize {
    let rows = world.rows("views").await;
    rows.iter().filter(|row| row["key"]["S"].as_str().unwrap().starts_with(start)).count()
}

async fn paused(world: &World) -> Value {
    world.local.drain().await.unwrap().body
}

/// S3, T1, L1: nothing is decided by a view; a view that stands still is behind and nothing more.
#[tokio::test]
async fn sign_ins_and_device_names_do_not_wait_for_the_views() {
    let world = World::open().await;
    let owner = world.owner().await;
    assert_eq!(paused(&world).await, json!({ "paused": [] }));
    let (devices, activity) = (viewed(&world, "devices/").await, viewed(&world, "activity/").await);
    world.local.faults(&json!({ "project": "paused" })).await.unwrap();
    let second = world.second().await;
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    assert_eq!(paused(&world).await, json!({ "paused": ["project"] }));
    assert_eq!(viewed(&world, "devices/").await, devices);
    assert_eq!(viewed(&world, "activity/").await, activity);
    for phone in [&owner, &second] {
        assert_eq!(names(phone).await, ["Phone 1", "Phone 2"]);
    }

    world.local.faults(&json!({})).await.unwrap();
    assert_eq!(paused(&world).await, json!({ "paused": [] }));
    assert_eq!(viewed(&world, "devices/").await, devices + 1);
    assert_eq!(viewed(&world, "activity/").await, activity + 2);
    for phone in [&owner, &second] {
        assert_eq!(names(phone).await, ["Phone 1", "Phone 2"]);
    }
    assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
}

/// A commit that none of Postern's parts can have written.
fn poison(stream: &str, kind: &str) -> Value {
    json!({
        "stream": { "S": stream },
        "version": { "N": "1" },
        "events": { "S": "poison" },
        "meta": { "S": "{}" },
        "types": { "SS": [kind] },
        "state": { "S": "{}" },
        "state_schema": { "N": "1" },
        "chain": { "B": "cG9pc29u" },
    })
}

/// C3, L1: one record that can't be read is set aside for people to look at; all others go on.
#[tokio::test]
async fn a_record_that_nobody_can_read_is_set_aside_and_holds_nobody_up() {
    let world = World::open().await;
    world.owner().await;
    let first = world.second().await;
    let mails = world.mails(EMAIL).await;
    let activity = viewed(&world, "activity/").await;
    let (asking, silent) = (
        "sign_in/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
        "account/acc_01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
    );
    world.slip_into_the_log(&poison(&asking, "sign_in.code_issued")).await;
    world.slip_into_the_log(&poison(&silent, "account.device_seen")).await;
    let third = world.second().await;
    // Its code, and the news of it.
    assert_eq!(world.mails(EMAIL).await, mails + 2);
    assert_eq!(viewed(&world, "activity/").await, activity + 1);
    assert_eq!(names(&first).await, ["Phone 1", "Phone 2", "Phone 3"]);
    assert_eq!(names(&third).await, ["Phone 1", "Phone 2", "Phone 3"]);

    let letters = world.local.dead_letters().await.unwrap();
    let mut given_up: Vec<_> = letters.as_array().unwrap().iter().map(told).collect();
    given_up.sort_unstable();
    let expected = [
        ("notify", asking.as_str(), "1"),
        ("project", silent.as_str(), "1"),
        ("project", asking.as_str(), "1"),
    ];
    assert_eq!(given_up, expected);
}

/// Which function gave up which commit.
fn told(letter: &Value) -> (&str, &str, &str) {
    let text = |member: &str| letter[member].as_str().unwrap();
    (text("function"), text("stream"), text("version"))
}

/// Lets a new device in by the code that the owner's phone shows.
async fn let_in_by_app(world: &World, owner: &Client) -> String {
    let phone = world.phone();
    let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(asked.body["method"], "app", "{}", asked.body);
    let attempt = id(&asked);
    let shown = ok(owner.open_request(&attempt).await, 200);
    ok(phone.verify(&attempt, shown.text("code").unwrap()).await, 200);
    attempt
}

fn stream(attempt: &str) -> String {
    format!("sign_in/{attempt}")
}

/// C1, C3, L3: a day and an hour without `notify`: what is too late is never said, what isn't is
/// said late, and nobody is forgotten.
#[tokio::test]
async fn after_a_day_without_messages_only_what_is_still_of_use_is_said() {
    let world = World::open().await;
    let owner = world.owner().await;
    let token = "5a".repeat(32);
    ok(owner.register_push("apns", &token, "allowed").await, 204);
    let before = world.messages().await.len();
    let (mails, pushes) = (world.mails(EMAIL).await, world.local.pushes(None).await.unwrap().len());
    world.local.faults(&json!({ "notify": "paused" })).await.unwrap();

    let stranger = world.phone();
    let refused = id(&ok(stranger.register(EMAIL, PASSWORD).await, 202));
    let waiting = world.phone();
    let asked = id(&ok(waiting.sign_in(EMAIL, PASSWORD).await, 201));
    ok(waiting.resend_by(&asked, "email").await, 202);
    let early = let_in_by_app(&world, &owner).await;
    world.local.advance(2 * 3_600).await.unwrap();
    ok(owner.refresh().await, 200);
    let late = let_in_by_app(&world, &owner).await;
    world.local.advance(23 * 3_600).await.unwrap();
    assert_eq!(world.messages().await.len(), before);
    assert_eq!(paused(&world).await, json!({ "paused": ["notify"] }));

    world.local.faults(&json!({})).await.unwrap();
    let messages = world.messages().await.split_off(before);
    let (said, unsaid): (Vec<_>, Vec<_>) =
        messages.iter().partition(|told| told.story == ["claimed", "sent", "delivered"]);
    // The news of the later one is 23 hours old.
    assert_eq!(said.len(), 1, "{messages:?}");
    assert_eq!((said[0].by.as_str(), &said[0].of), ("sign_in.completed", &stream(&late)));
    for told in unsaid {
        assert_eq!(told.story, ["failed expired"], "{told:?}");
    }
    let asked_for =
        |by: &str, of: &str| messages.iter().filter(|told| told.by == by && told.of == of).count();
    // The push of the request, and the mail that was asked for instead.
    assert_eq!(asked_for("sign_in.code_issued", &stream(&asked)), 2);
    for attempt in [&early, &late] {
        assert_eq!(asked_for("sign_in.code_issued", &stream(attempt)), 1);
        // The news by mail, and the end of the request by push.
        assert_eq!(asked_for("sign_in.completed", &stream(attempt)), 2);
    }
    // To the owner, that somebody tried to register the address.
    assert_eq!(asked_for("verification.code_issued", &format!("verification/{refused}")), 1);
    assert_eq!(messages.len(), 9, "{messages:?}");
    assert_eq!(world.mails(EMAIL).await, mails + 1);
    assert_eq!(world.local.pushes(None).await.unwrap().len(), pushes);
    assert_eq!(world.local.dead_letters().await.unwrap(), json!([]));
}
