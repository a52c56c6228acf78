//! The code comes to the trusted devices, in the app.

use postern_client::mail::wrong_code;
use serde_json::{Value, json};

use crate::phones::{
    BLUE, GREEN, RED, asked_by, guest, let_in, listed, neighbour, owner_with_push, pushed_to,
    shown, told,
};
use crate::world::{EMAIL, PASSWORD, World, alike, ok, refused};

/// C1, C2, P4: the app is the way by itself as soon as a push reaches a trusted device.
#[tokio::test]
async fn the_code_comes_by_app_once_a_push_reaches_a_trusted_device() {
    let world = World::open().await;
    let owner = world.owner().await;
    asked_by("email", &world.phone()).await;
    pushed_to(&owner, BLUE).await;
    let mails = world.mails(EMAIL).await;
    let attempt = asked_by("app", &world.phone()).await;
    assert_eq!(told(&world, BLUE).await, [format!("sign_in_request {attempt}")]);
    assert_eq!(world.mails(EMAIL).await, mails);
}

/// C1: all trusted devices that can be reached are told, and nobody else.
#[tokio::test]
async fn every_live_trusted_device_is_pushed_to_and_no_other() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let (second, silent) = (world.phone(), world.phone());
    let_in(&owner, &second).await;
    let_in(&owner, &silent).await;
    pushed_to(&second, RED).await;
    pushed_to(&neighbour(&world).await, GREEN).await;
    let earlier = told(&world, BLUE).await.len();

    let asked = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(asked.body["sent_to"]["devices"], 2);
    let request = format!("sign_in_request {}", asked.text("id").unwrap());
    assert_eq!(told(&world, BLUE).await[earlier..], [request.as_str()]);
    assert_eq!(told(&world, RED).await, [request]);
    assert_eq!(told(&world, GREEN).await, [""; 0]);
    assert_eq!(world.local.pushes(None).await.unwrap().len(), earlier + 2);
}

/// C1, L4: a push says who asks and until when; neither it nor what carries it knows the code.
#[tokio::test]
async fn a_push_says_who_asks_and_nothing_that_is_secret() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let second = world.phone();
    let_in(&owner, &second).await;
    pushed_to(&second, RED).await;
    let phone = world.phone().described(json!({
        "name": "Ultramarine", "model": "Quillfone", "platform": "ios", "os_version": "98.76.5",
    }));
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    world.local.drain().await.unwrap();
    let log = world.log(Some(&format!("sign_in/{attempt}"))).await;
    let mut events = log.into_iter().flat_map(|commit| commit.events);
    let issued = events.find(|event| event.name == "sign_in.code_issued").unwrap();
    for token in [BLUE, RED] {
        let push = world.local.pushes(Some(token)).await.unwrap().remove(0);
        let said = json!({
            "v": 1,
            "type": "sign_in_request",
            "id": attempt,
            "device": { "name": "Ultramarine", "platform": "ios" },
            "location": { "country": null, "city": null },
            "expires_at": issued.data["expires_at"],
        });
        assert_eq!(push.postern(), Some(said), "{}", push.payload);
        let all = format!("{} {}", push.payload, push.attributes);
        let mut words = all.split(|c: char| !c.is_alphanumeric());
        assert!(!words.any(|word| word == code), "{all}");
        for secret in ["jana", "127.0.", "98.76.5"] {
            assert!(!all.to_lowercase().contains(secret), "{secret}: {all}");
        }
    }
}

/// C2, S9: the app shows a request at once, whatever becomes of every push.
#[tokio::test]
async fn a_request_is_there_at_once_also_when_no_push_arrives() {
    for faults in [json!({ "push": "down" }), json!({ "notify": "paused" })] {
        let world = World::open().await;
        let owner = owner_with_push(&world).await;
        world.local.faults(&faults).await.unwrap();
        let phone = world.phone();
        let attempt = asked_by("app", &phone).await;
        assert_eq!(listed(&owner).await, [attempt.as_str()]);
        let code = shown(&owner, &attempt).await;
        assert_eq!(told(&world, BLUE).await, [""; 0], "{faults}");
        ok(phone.verify(&attempt, &code).await, 200);
    }
}

/// C1, S5: a code is for the eyes of those who are trusted on this very account.
#[tokio::test]
async fn a_request_is_shown_only_to_a_trusted_session_of_its_account() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = guest(&world).await;
    pushed_to(&owner, BLUE).await;
    let stranger = neighbour(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;

    refused(guest.requests().await, 403, "device_too_new");
    refused(guest.open_request(&attempt).await, 403, "device_too_new");
    assert_eq!(listed(&stranger).await, [""; 0]);
    let unknown = "sin_01J00000000000000000000000";
    let never = alike(&refused(stranger.open_request(unknown).await, 404, "not_found"));
    assert_eq!(alike(&refused(stranger.open_request(&attempt).await, 404, "not_found")), never);
    refused(owner.open_request("nonsense").await, 404, "not_found");
    for path in ["/v1/sign-in-requests", &format!("/v1/sign-in-requests/{attempt}")] {
        refused(phone.call("GET", path, None).await, 401, "invalid_token");
        refused(phone.request("GET", path).token(&attempt).send().await, 401, "invalid_token");
    }

    let request = ok(owner.open_request(&attempt).await, 200).body;
    assert_eq!(request["kind"], "sign_in");
    assert_eq!(request["method"], "app");
    for member in ["name", "model", "platform", "os_version"] {
        assert_eq!(request["device"][member], phone.description()[member]);
    }
    let nowhere = json!({ "country": null, "city": null, "approximate": true });
    assert_eq!(request["location"], nowhere);
    assert!((290..=300).contains(&request["expires_in"].as_u64().unwrap()), "{request}");
    assert!(request["requested_at"].is_string(), "{request}");
}

/// C5, S4: a code that was mailed is for the mailbox alone, and a dead one for nobody.
#[tokio::test]
async fn only_a_living_code_by_app_is_shown() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    let mailed = ok(owner.open_request(&attempt).await, 200).body;
    assert_eq!(mailed["method"], "email");
    assert_eq!(mailed.get("code"), Some(&Value::Null));

    let late = world.phone();
    let attempt = asked_by("app", &late).await;
    world.local.advance(5 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
    let expired = ok(owner.open_request(&attempt).await, 200).body;
    assert_eq!(expired.get("code"), Some(&Value::Null));
    assert_eq!(expired["expires_in"], 0);
    world.local.advance(5 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
    refused(owner.open_request(&attempt).await, 410, "attempt_closed");
    assert_eq!(listed(&owner).await, [""; 0]);
}

/// C1, S4, S6: the code that is read in the app lets the new device in, once.
#[tokio::test]
async fn the_code_in_the_app_completes_the_attempt_and_closes_the_request() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    let requested = format!("sign_in_request {attempt}");
    assert_eq!(told(&world, BLUE).await, [requested.as_str()]);

    let done = ok(phone.verify(&attempt, &code).await, 200).body;
    assert_eq!(done["status"], "complete");
    assert_eq!(done["session"]["device"]["trusted"], true);
    ok(phone.account().await, 200);
    refused(owner.open_request(&attempt).await, 410, "attempt_closed");
    assert_eq!(listed(&owner).await, [""; 0]);
    assert_eq!(told(&world, BLUE).await, [requested, format!("request_closed {attempt}")]);
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
}

/// C1: a request that is given up or guessed away goes from the phones that showed it.
#[tokio::test]
async fn a_request_that_is_cancelled_or_locked_is_closed_on_the_phones() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let cancelled = asked_by("app", &phone).await;
    world.local.drain().await.unwrap();
    ok(phone.cancel(&cancelled).await, 204);
    let mut all =
        ["sign_in_request", "request_closed"].map(|it| format!("{it} {cancelled}")).to_vec();
    assert_eq!(told(&world, BLUE).await, all);

    let locked = asked_by("app", &phone).await;
    let code = shown(&owner, &locked).await;
    all.push(format!("sign_in_request {locked}"));
    for by in 1..=5 {
        assert_eq!(told(&world, BLUE).await, all);
        refused(phone.verify(&locked, &wrong_code(&code, by)).await, 403, "code_incorrect");
    }
    all.push(format!("request_closed {locked}"));
    assert_eq!(told(&world, BLUE).await, all);
    refused(owner.open_request(&locked).await, 410, "attempt_closed");
}

/// T5: two new devices at once are two requests, and the phone shows which is which.
#[tokio::test]
async fn each_of_two_requests_has_its_own_code() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let (one, other) = (world.phone(), world.phone());
    let first = asked_by("app", &one).await;
    // Identifiers of one millisecond are in no order.
    world.local.advance(1).await.unwrap();
    let second = asked_by("app", &other).await;
    let list = ok(owner.requests().await, 200).body;
    for (place, (attempt, phone)) in [(&second, &other), (&first, &one)].into_iter().enumerate() {
        let request = &list["requests"][place];
        assert_eq!(request["id"], **attempt);
        assert_eq!(request["device"]["name"], phone.description()["name"]);
        assert_eq!(request.get("code"), None, "a list shows no code");
    }
    let codes = (shown(&owner, &first).await, shown(&owner, &second).await);
    assert_ne!(codes.0, codes.1);
    refused(other.verify(&second, &codes.0).await, 403, "code_incorrect");
    refused(one.verify(&first, &codes.1).await, 403, "code_incorrect");
    ok(one.verify(&first, &codes.0).await, 200);
    assert_eq!(listed(&owner).await, [second.as_str()]);
    ok(other.verify(&second, &codes.1).await, 200);
}
