//! By which way codes come: the owner's choice, as far as it can be.

use postern_client::client::Client;
use serde_json::json;

use crate::owners::{may, ready_owner};
use crate::phones::{BLUE, asked_by, listed, shown, told};
use crate::world::{World, ok, refused};

/// P3, C1: the app can't be chosen where no other phone could show a code.
#[tokio::test]
async fn the_app_can_not_be_chosen_without_another_device() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    for wishes in [json!({ "method": "app" }), json!({ "method": "app", "two_step_enabled": true })]
    {
        let answer = refused(owner.secure_login(&wishes).await, 409, "channel_unavailable");
        assert_eq!(answer.body["because"], "no_device");
    }
    let chosen = ok(owner.secure_login(&json!({ "method": "email" })).await, 200).body;
    assert_eq!(chosen["method"], "email");
    refused(owner.secure_login(&json!({ "method": "app" })).await, 409, "channel_unavailable");
    let_in_by_mail(&world, &world.phone()).await;
    let chosen = ok(owner.secure_login(&json!({ "method": "app" })).await, 200).body;
    assert_eq!(chosen["method"], "app");
    // And together with turning it off, after which no other device is trusted.
    let both = json!({ "method": "app", "two_step_enabled": false });
    refused(owner.secure_login(&both).await, 409, "channel_unavailable");
    may(&owner).await;
}

/// Lets a further device in with the code that is mailed.
async fn let_in_by_mail(world: &World, phone: &Client) {
    let attempt = asked_by("email", phone).await;
    ok(phone.verify(&attempt, &world.code().await).await, 200);
}

/// P3, C3, C5: with mail as the method the code is mailed, and whoever has the mailbox doesn't pass
/// unseen: the trusted phones are told, and show no code.
#[tokio::test]
async fn with_mail_chosen_the_code_is_mailed_and_the_phones_are_told_without_it() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let chosen = ok(owner.secure_login(&json!({ "method": "email" })).await, 200).body;
    assert_eq!(chosen["method"], "email");
    let phone = world.phone();
    let attempt = asked_by("email", &phone).await;
    let code = world.code().await;
    assert_eq!(told(&world, BLUE).await, [format!("sign_in_request {attempt}")]);
    let request = ok(owner.open_request(&attempt).await, 200).body;
    assert_eq!(request["method"], "email");
    assert_eq!(request["kind"], "sign_in");
    assert_eq!(request.get("code"), Some(&json!(null)));
    assert_eq!(listed(&owner).await, [attempt.as_str()]);
    ok(phone.verify(&attempt, &code).await, 200);
    assert_eq!(told(&world, BLUE).await.last().unwrap(), &format!("request_closed {attempt}"));

    let thief = world.phone();
    let attempt = asked_by("email", &thief).await;
    let code = world.code().await;
    ok(owner.deny(&attempt).await, 200);
    assert_eq!(ok(thief.poll(&attempt).await, 200).body["status"], "denied");
    refused(thief.verify(&attempt, &code).await, 410, "attempt_closed");
}

/// P3, S5: an attempt that waits for a code by the former method is over.
#[tokio::test]
async fn open_attempts_end_with_the_method_they_were_opened_under() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    ok(owner.secure_login(&json!({ "method": "email" })).await, 200);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "cancelled");
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    refused(owner.open_request(&attempt).await, 410, "attempt_closed");
    let again = asked_by("email", &phone).await;
    ok(phone.verify(&again, &world.code().await).await, 200);
}

/// P3: what is set already is no news, and ends nothing.
#[tokio::test]
async fn setting_what_is_set_already_changes_nothing() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let events = world.events().await;
    let same = json!({ "two_step_enabled": true, "method": "email" });
    ok(owner.secure_login(&json!({ "two_step_enabled": true })).await, 200);
    ok(owner.secure_login(&json!({})).await, 200);
    assert_eq!(world.events().await, events);
    ok(phone.verify(&attempt, &shown(&owner, &attempt).await).await, 200);
    ok(owner.secure_login(&same).await, 200);
    let events = world.events().await;
    ok(owner.secure_login(&same).await, 200);
    assert_eq!(world.events().await, events);
}

/// P3: a slip of the app is pointed at.
#[tokio::test]
async fn unknown_settings_are_refused() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    for (wishes, pointer) in [
        (json!({ "method": "sms" }), "/method"),
        (json!({ "method": null, "two_step_enabled": "no" }), "/two_step_enabled"),
        (json!({ "two_step": false }), "/two_step"),
    ] {
        let answer = refused(owner.secure_login(&wishes).await, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{wishes}");
    }
}
