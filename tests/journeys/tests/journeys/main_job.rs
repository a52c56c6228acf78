//! The main job, step by step: a device is verified once and trusted until it is removed.

use postern_client::mail::wrong_code;
use serde_json::{Value, json};

use crate::world::{EMAIL, HINT, PASSWORD, World, asked, id, ok, refused};

/// S1, P1, P4, C8: an account is opened with a mailed code, and two-step verification is on.
#[tokio::test]
async fn the_mailed_code_completes_a_registration_and_its_device_is_trusted() {
    let world = World::open().await;
    let phone = world.phone();
    let opened = ok(phone.register(EMAIL, PASSWORD).await, 202);
    assert_eq!(opened.body["status"], "code_required");
    assert_eq!(opened.body["session"], Value::Null);
    let code = world.code().await;

    let done = ok(phone.verify_registration(&id(&opened), &code).await, 200);
    assert_eq!(done.body["status"], "complete");
    let session = &done.body["session"];
    assert_eq!(session["token_type"], "DPoP");
    assert_eq!(session["expires_in"], 300);
    assert_eq!(session["device"]["trusted"], true);

    let account = ok(phone.account().await, 200).body;
    assert_eq!(account["id"], session["account_id"]);
    assert_eq!(account["email"], EMAIL);
    assert_eq!(account["email_verified"], true);
    assert_eq!(account["two_step"], json!({ "enabled": true, "method": "app" }));
}

/// S7: a trusted device skips the second step, not the password.
#[tokio::test]
async fn a_trusted_device_signs_in_without_a_code_and_without_a_mail() {
    let world = World::open().await;
    let phone = world.owner().await;
    let mails = world.mails(EMAIL).await;
    let done = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(done.body["status"], "complete");
    assert_eq!(done.body["session"]["device"]["trusted"], true);
    assert_eq!(world.mails(EMAIL).await, mails);
    assert_eq!(world.story(&id(&done)).await, ["sign_in.attempted", "sign_in.completed"]);
}

/// S2, S3, C1, C3, C7: a new device needs a code; no push is claimed that nobody could get.
#[tokio::test]
async fn a_new_device_is_asked_for_a_code_that_arrives_by_mail() {
    let world = World::open().await;
    world.owner().await;
    let mails = world.mails(EMAIL).await;
    let phone = world.phone();
    let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert!(asked["id"].as_str().unwrap().starts_with("sin_"));
    assert_eq!(asked["status"], "code_required");
    assert_eq!(asked["method"], "email");
    assert!(asked["available_methods"].as_array().unwrap().contains(&json!("email")));
    assert_eq!(asked["sent_to"]["email_hint"], HINT);
    assert_eq!(asked["code_length"], 6);
    assert_eq!(asked["attempts_left"], 5);
    assert_eq!(asked["sends_left"], 4);
    assert_eq!(asked["expires_in"], 300);
    assert_eq!(asked["resend_in"], 30);
    assert_eq!(asked["session"], Value::Null);
    assert!(asked.as_object().unwrap().contains_key("session"));

    assert_eq!(world.mails(EMAIL).await, mails + 1);
    let mail = world.local.emails(EMAIL).await.unwrap().remove(0);
    let code = mail.code().unwrap();
    assert_eq!(code.len(), 6);
    assert!(!mail.subject.contains(&code), "{}", mail.subject);
    let polled = ok(phone.poll(asked["id"].as_str().unwrap()).await, 200).body;
    assert_eq!(polled["status"], "code_required");
    assert_eq!(polled["delivery"], "delivered");
    assert_eq!(polled["session"], Value::Null);
}

/// S4, S6, C4: a wrong code costs a guess, a resend brings the same code, the right one lets in.
#[tokio::test]
async fn the_right_code_lets_a_new_device_in_and_makes_it_trusted() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let wrong = refused(phone.verify(&attempt, &wrong_code(&code, 1)).await, 403, "code_incorrect");
    assert_eq!(wrong.body["attempts_left"], 4);

    refused(phone.resend(&attempt).await, 429, "resend_too_soon");
    world.local.advance(30).await.unwrap();
    let mails = world.mails(EMAIL).await;
    let resent = ok(phone.resend(&attempt).await, 202).body;
    assert_eq!(resent["sends_left"], 3);
    assert_eq!(resent["attempts_left"], 4);
    assert_eq!(world.mails(EMAIL).await, mails + 1);
    assert_eq!(world.code().await, code);

    let done = ok(phone.verify(&attempt, &code).await, 200).body;
    assert_eq!(done["status"], "complete");
    assert_eq!(done["session"]["device"]["trusted"], true);
    ok(phone.account().await, 200);
    let story = [
        "sign_in.attempted",
        "sign_in.code_issued",
        "sign_in.code_rejected",
        "sign_in.code_resent",
        "sign_in.code_verified",
        "sign_in.completed",
    ];
    assert_eq!(world.story(&attempt).await, story);
    let account = format!("account/{}", done["session"]["account_id"].as_str().unwrap());
    let trusted = world.log(Some(&account)).await.into_iter().flat_map(|commit| commit.events);
    assert_eq!(trusted.filter(|event| event.name == "account.device_trusted").count(), 2);
}

/// T1, T2, T3, T4: a removed device is out on its very next request.
#[tokio::test]
async fn a_removed_device_is_out_at_once_and_needs_a_code_again() {
    let world = World::open().await;
    let first = world.owner().await;
    let second = world.second().await;
    let listed = ok(first.devices().await, 200).body;
    let current = |device: &Value| device["current"] == json!(true);
    let devices = listed["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 2, "{listed}");
    assert_eq!(devices.iter().filter(|device| current(device)).count(), 1);
    for device in devices {
        let own = if current(device) { &first } else { &second };
        assert_eq!(device["id"], own.session().unwrap().device);
        for member in ["name", "model", "platform", "os_version"] {
            assert_eq!(device[member], own.description()[member]);
        }
        assert!(device["trusted_at"].is_string(), "{device}");
    }

    ok(second.account().await, 200);
    ok(first.remove_device(&second.session().unwrap().device).await, 204);
    refused(second.account().await, 401, "invalid_token");
    assert_eq!(ok(second.refresh().await, 401).code(), "invalid_token");
    asked(&second).await;
    ok(first.account().await, 200);
}
