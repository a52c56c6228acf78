//! By which way a code comes, and what happens when it doesn't.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::phones::{BLUE, RED, asked_by, let_in, owner_with_push, pushed_to, shown, told};
use crate::world::{EMAIL, HINT, PASSWORD, World, id, ok, refused};

/// Signs the owner in on a new device and returns what that is answered.
async fn answered(phone: &Client) -> Value {
    ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body
}

/// C1, C3, P4: without another trusted device mail is the way, and nothing else is offered.
#[tokio::test]
async fn without_another_device_the_code_is_mailed_and_the_app_is_not_offered() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    ok(owner.remove_device(&owner.session().unwrap().device).await, 204);
    let asked = answered(&owner).await;
    assert_eq!(asked["method"], "email");
    assert_eq!(asked["available_methods"], json!(["email"]));
    let without = json!([{ "method": "app", "because": "no_device" }]);
    assert_eq!(asked["unavailable_methods"], without);
    assert_eq!(asked["sent_to"], json!({ "devices": 0, "email_hint": HINT }));
    let attempt = asked["id"].as_str().unwrap();
    let by_app = refused(owner.resend_by(attempt, "app").await, 409, "channel_unavailable");
    assert_eq!(by_app.body["because"], "no_device");
    assert_eq!(told(&world, BLUE).await, ["signed_out"]);
    ok(owner.verify(attempt, &world.code().await).await, 200);
}

/// C5: "Receive code via email" brings another code at once, and the one in the app is dead.
#[tokio::test]
async fn the_code_by_mail_takes_the_place_of_the_one_in_the_app() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let by_app = shown(&owner, &attempt).await;

    let mailed = ok(phone.resend_by(&attempt, "email").await, 202).body;
    assert_eq!(mailed["method"], "email");
    assert_eq!(mailed["sent_to"], json!({ "devices": 0, "email_hint": HINT }));
    assert_eq!(mailed["available_methods"], json!(["app", "email"]));
    let by_mail = world.code().await;
    assert_ne!(by_mail, by_app);
    let wrong = refused(phone.verify(&attempt, &by_app).await, 403, "code_incorrect");
    assert_eq!(wrong.body["attempts_left"], 4);
    ok(phone.verify(&attempt, &by_mail).await, 200);
}

/// C4, C5: each way cools down for itself; the other one is free at once.
#[tokio::test]
async fn switching_is_not_held_up_and_switching_back_is() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    refused(phone.resend(&attempt).await, 429, "resend_too_soon");
    ok(phone.resend_by(&attempt, "email").await, 202);
    let back = refused(phone.resend_by(&attempt, "app").await, 429, "resend_too_soon");
    assert!((20..=30).contains(&back.header("retry-after").parse::<u64>().unwrap()));
    refused(phone.resend(&attempt).await, 429, "resend_too_soon");

    world.local.advance(30).await.unwrap();
    let by_mail = world.code().await;
    assert_eq!(ok(phone.resend(&attempt).await, 202).body["method"], "email");
    assert_eq!(world.code().await, by_mail, "a resend repeats the code");
    assert_eq!(ok(phone.resend_by(&attempt, "app").await, 202).body["method"], "app");
    let by_app = shown(&owner, &attempt).await;
    assert_ne!(by_app, by_mail);
    refused(phone.verify(&attempt, &by_mail).await, 403, "code_incorrect");
    ok(phone.verify(&attempt, &by_app).await, 200);
}

/// C4: a code that is asked for again by app is the same one, and the phone is told again.
#[tokio::test]
async fn a_resend_by_app_repeats_code_and_push() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    let request = format!("sign_in_request {attempt}");
    assert_eq!(told(&world, BLUE).await, [request.as_str()]);
    world.local.advance(30).await.unwrap();
    ok(phone.resend(&attempt).await, 202);
    assert_eq!(told(&world, BLUE).await, [request.clone(), request]);
    assert_eq!(shown(&owner, &attempt).await, code);
    ok(phone.verify(&attempt, &code).await, 200);
}

/// C4, C5: the fifth send is the last, whichever ways the five took.
#[tokio::test]
async fn an_attempt_has_five_sends_over_both_ways() {
    let world = World::open().await;
    let _owner = owner_with_push(&world).await;
    let phone = world.phone();
    let asked = answered(&phone).await;
    assert_eq!(asked["sends_left"], 4);
    let attempt = asked["id"].as_str().unwrap();
    // A push that is still on its way when another send is asked for doesn't go any more.
    world.local.drain().await.unwrap();
    for (left, method) in [(3, "email"), (2, "app"), (1, "email"), (0, "app")] {
        let sent = ok(phone.resend_by(attempt, method).await, 202).body;
        assert_eq!(sent["sends_left"], left, "{sent}");
        assert_eq!(ok(phone.poll(attempt).await, 200).body["sends_left"], left);
        world.local.advance(60).await.unwrap();
    }
    for method in ["email", "app"] {
        refused(phone.resend_by(attempt, method).await, 429, "too_many_sends");
    }
    let pushed = told(&world, BLUE).await;
    assert_eq!(pushed, vec![format!("sign_in_request {attempt}"); 3]);
    let issued = world.story(attempt).await;
    assert_eq!(issued.iter().filter(|name| *name == "sign_in.code_issued").count(), 5);
}

/// C1, C7: an answer says by which way and to how many the code went, and how far it has come.
#[tokio::test]
async fn an_answer_tells_where_the_code_went_and_whether_it_left() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let second = world.phone();
    let_in(&owner, &second).await;
    pushed_to(&second, RED).await;
    world.local.drain().await.unwrap();
    world.local.faults(&json!({ "notify": "paused" })).await.unwrap();
    let phone = world.phone();
    let asked = answered(&phone).await;
    let attempt = asked["id"].as_str().unwrap();
    for body in [&asked, &ok(phone.poll(attempt).await, 200).body] {
        assert_eq!(body["sent_to"], json!({ "devices": 2, "email_hint": HINT }));
        assert_eq!(body["delivery"], "queued");
    }
    world.local.faults(&json!({})).await.unwrap();
    world.local.drain().await.unwrap();
    assert_eq!(ok(phone.poll(attempt).await, 200).body["delivery"], "sent");

    world.local.faults(&json!({ "notify": "paused" })).await.unwrap();
    let mailed = ok(phone.resend_by(attempt, "email").await, 202).body;
    assert_eq!(mailed["delivery"], "queued");
    assert_eq!(ok(phone.poll(attempt).await, 200).body["delivery"], "queued");
    world.local.faults(&json!({})).await.unwrap();
    world.local.drain().await.unwrap();
    let polled = ok(phone.poll(attempt).await, 200).body;
    assert_eq!(polled["delivery"], "delivered");
    assert_eq!(polled["sent_to"], json!({ "devices": 0, "email_hint": HINT }));
}

/// C1, C2: where nothing could be pushed nothing is claimed, and the app shows the code anyway.
#[tokio::test]
async fn a_code_by_app_that_could_be_pushed_to_nobody_is_undeliverable_and_still_shown() {
    let world = World::open().await;
    let owner = world.owner().await;
    let phone = world.phone();
    let attempt = asked_by("email", &phone).await;
    let sent = ok(phone.resend_by(&attempt, "app").await, 202).body;
    for body in [&sent, &ok(phone.poll(&attempt).await, 200).body] {
        assert_eq!(body["method"], "app");
        assert_eq!(body["sent_to"]["devices"], 0);
        assert_eq!(body["delivery"], "undeliverable");
    }
    world.local.drain().await.unwrap();
    assert_eq!(world.local.pushes(None).await.unwrap(), []);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["delivery"], "undeliverable");
    ok(phone.verify(&attempt, &shown(&owner, &attempt).await).await, 200);
}

/// C5: asking for a way that there isn't is a slip, and costs nothing.
#[tokio::test]
async fn an_unknown_way_is_refused() {
    let world = World::open().await;
    let _owner = owner_with_push(&world).await;
    let phone = world.phone();
    let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    let story = world.story(&id(&asked)).await;
    for method in ["sms", "", "App"] {
        let answer = refused(phone.resend_by(&id(&asked), method).await, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], "/method");
    }
    assert_eq!(world.story(&id(&asked)).await, story);
    assert_eq!(ok(phone.poll(&id(&asked)).await, 200).body["sends_left"], 4);
}
