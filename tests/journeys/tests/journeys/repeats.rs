//! Calls that are made again under their `Idempotency-Key`: they find what they have done, and do
//! nothing twice.

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::log;
use postern_client::mail::wrong_code;
use serde_json::{Value, json};

use crate::owners::DAY;
use crate::phones::{BLUE, owner_with_push, told};
use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, asked, id, ok, refused};

/// The key of the call that is made again, as an app would make it up.
pub(crate) const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";
/// Another call's.
pub(crate) const OTHER_KEY: &str = "other-call-1";

/// What a sign-in says.
pub(crate) fn credentials(phone: &Client, password: &str) -> Value {
    json!({ "email": EMAIL, "password": password, "device": phone.description() })
}

/// The session that a phone has: the first part of what refreshes it.
pub(crate) fn sid(phone: &Client) -> String {
    let session = phone.session().unwrap();
    session.refresh_token.split('.').next().unwrap().to_owned()
}

/// How often each of these things has happened.
pub(crate) async fn count(world: &World, name: &str) -> usize {
    let commits = world.log(None).await;
    log::names(&commits).into_iter().filter(|it| *it == name).count()
}

/// An answer without what counts down.
pub(crate) fn still(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    for counts in ["expires_in", "resend_in", "delivery", "request_id"] {
        body.as_object_mut().unwrap().remove(counts);
    }
    body
}

/// S1, S9: a registration whose answer was lost is asked for again, and is one registration.
#[tokio::test]
async fn a_repeated_registration_is_one_registration() {
    let world = World::open().await;
    let phone = world.phone();
    let body = json!({ "email": EMAIL, "password": PASSWORD, "device": phone.description() });
    let first = ok(phone.post_once(KEY, "/v1/registrations", &body).await, 202);
    let again = ok(phone.post_once(KEY, "/v1/registrations", &body).await, 202);
    assert_eq!(still(&first), still(&again));
    assert_eq!(world.mails(EMAIL).await, 1);
    assert_eq!(count(&world, "verification.opened").await, 1);

    let code = world.code().await;
    let path = format!("/v1/registrations/{}/verify", id(&first));
    let wrong = json!({ "code": wrong_code(&code, 1) });
    for _ in 0..2 {
        let wrong = refused(phone.post_once(KEY, &path, &wrong).await, 403, "code_incorrect");
        assert_eq!(wrong.body["attempts_left"], 4);
    }
    let body = json!({ "code": code });
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let done = ok(phone.post_once(OTHER_KEY, &path, &body).await, 200);
        assert_eq!(done.body["status"], "complete");
        ok(phone.account().await, 200);
        ok(phone.refresh().await, 200);
        sessions.push((sid(&phone), phone.session().unwrap().device));
    }
    assert_eq!(sessions[0], sessions[1]);
    for once in ["account.registered", "account.device_trusted", "verification.code_rejected"] {
        assert_eq!(count(&world, once).await, 1, "{once}");
    }
    assert_eq!(world.rows("sessions").await.len(), 1);
}

/// S7, S9: a sign-in that was complete is complete again, for the same session with new tokens.
#[tokio::test]
async fn a_repeated_sign_in_is_one_session_with_working_tokens() {
    let world = World::open().await;
    let phone = world.owner().await;
    let body = credentials(&phone, PASSWORD);
    let mut sessions = Vec::new();
    for _ in 0..3 {
        let done = ok(phone.post_once(KEY, "/v1/sign-ins", &body).await, 201);
        assert_eq!(done.body["status"], "complete");
        ok(phone.account().await, 200);
        ok(phone.refresh().await, 200);
        sessions.push((id(&done), sid(&phone), phone.session().unwrap().device));
    }
    sessions.dedup();
    assert_eq!(sessions.len(), 1);
    assert_eq!(count(&world, "sign_in.completed").await, 1);
}

/// S3, S9, C4: a sign-in that asked for a code asks for the same one, and sends nothing again.
#[tokio::test]
async fn a_repeated_sign_in_on_a_new_device_is_one_attempt_and_one_message() {
    let world = World::open().await;
    let _owner = owner_with_push(&world).await;
    let phone = world.phone();
    let body = credentials(&phone, PASSWORD);
    let first = ok(phone.post_once(KEY, "/v1/sign-ins", &body).await, 201);
    let again = ok(phone.post_once(KEY, "/v1/sign-ins", &body).await, 201);
    assert_eq!(still(&first), still(&again));
    assert_eq!(first.body["status"], "code_required");
    assert_eq!(told(&world, BLUE).await, [format!("sign_in_request {}", id(&first))]);
    assert_eq!(count(&world, "sign_in.attempted").await, 1);
    // Nor is it counted again among the hour's five attempts.
    for _ in 0..4 {
        ok(phone.post_once(KEY, "/v1/sign-ins", &body).await, 201);
    }
    for _ in 0..4 {
        asked(&phone).await;
    }
    let sixth = ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(sixth["status"], "locked");
}

/// S4, S6, S9: the right code whose answer was lost completes again, for the same session.
#[tokio::test]
async fn a_repeated_right_code_is_one_session_and_one_trusted_device() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let path = format!("/v1/sign-ins/{attempt}/verify");
    let body = json!({ "code": world.code().await });
    let mut sessions = Vec::new();
    for _ in 0..3 {
        let done = ok(phone.post_once(KEY, &path, &body).await, 200);
        assert_eq!(done.body["status"], "complete");
        assert_eq!(done.body["session"]["device"]["trusted"], true);
        ok(phone.account().await, 200);
        ok(phone.refresh().await, 200);
        sessions.push((sid(&phone), phone.session().unwrap().device));
    }
    sessions.dedup();
    assert_eq!(sessions.len(), 1);
    assert_eq!(world.story(&attempt).await.len(), 4);
    assert_eq!(count(&world, "account.device_trusted").await, 2);
    // Another call is no repeat, and comes too late.
    refused(phone.post_once(OTHER_KEY, &path, &body).await, 410, "attempt_closed");
    refused(phone.call("POST", &path, Some(&body)).await, 410, "attempt_closed");
}

/// S4, S9: the same wrong code again is the same guess, and another key is another guess.
#[tokio::test]
async fn a_repeated_wrong_code_spends_no_further_guess() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let path = format!("/v1/sign-ins/{attempt}/verify");
    let body = json!({ "code": wrong_code(&code, 1) });
    for (key, left) in [(KEY, 4), (KEY, 4), (OTHER_KEY, 3), (KEY, 4), (OTHER_KEY, 3)] {
        let wrong = refused(phone.post_once(key, &path, &body).await, 403, "code_incorrect");
        assert_eq!(wrong.body["attempts_left"], left);
    }
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["attempts_left"], 3);
    assert_eq!(count(&world, "sign_in.code_rejected").await, 2);
    ok(phone.verify(&attempt, &code).await, 200);
    // What was answered then is answered now, though the attempt is over.
    let wrong = refused(phone.post_once(KEY, &path, &body).await, 403, "code_incorrect");
    assert_eq!(wrong.body["attempts_left"], 4);
}

/// S2, S9: so is a wrong password; an app that repeats itself locks nobody out.
#[tokio::test]
async fn a_repeated_wrong_password_is_one_wrong_password() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    for body in [
        credentials(&phone, WRONG_PASSWORD),
        json!({ "email": "nobody.at.all@example.com", "password": PASSWORD,
            "device": phone.description() }),
    ] {
        let before = count(&world, "sign_in.refused").await;
        let key = body["email"].as_str().unwrap();
        for _ in 0..8 {
            let wrong = phone.post_once(key, "/v1/sign-ins", &body).await;
            refused(wrong, 401, "invalid_credentials");
        }
        assert_eq!(count(&world, "sign_in.refused").await, before + 1);
    }
    asked(&phone).await;
}

/// S9: a key stands for one body of one caller at one path.
#[tokio::test]
async fn a_key_belongs_to_its_body_its_caller_and_its_path() {
    let world = World::open().await;
    let owner = world.owner().await;
    let (phone, other) = (world.phone(), world.phone());
    let body = credentials(&phone, PASSWORD);
    let attempt = ok(phone.post_once(KEY, "/v1/sign-ins", &body).await, 201);
    let events = world.events().await;
    let changed = credentials(&phone, WRONG_PASSWORD);
    let reused = phone.post_once(KEY, "/v1/sign-ins", &changed).await;
    refused(reused, 422, "idempotency_key_reused");
    assert_eq!(world.events().await, events);

    let others = ok(other.post_once(KEY, "/v1/sign-ins", &body).await, 201);
    assert_ne!(id(&others), id(&attempt));
    let code = json!({ "code": "000000" });
    let path = format!("/v1/sign-ins/{}/verify", id(&others));
    refused(other.post_once(KEY, &path, &code).await, 403, "code_incorrect");
    let reset = json!({ "email": EMAIL });
    ok(phone.post_once(KEY, "/v1/password-resets", &reset).await, 202);
    let stepped = json!({ "password": PASSWORD });
    ok(owner.post_once_signed_in(KEY, "/v1/step-ups", &stepped).await, 201);
    assert!(!world.local.dump(None).await.unwrap().contains(KEY), "the log bears no key");
}

/// S9: for a day; then the key is as good as new.
#[tokio::test]
async fn a_key_is_known_for_a_day() {
    let world = World::open().await;
    let owner = world.owner().await;
    let body = credentials(&owner, PASSWORD);
    let first = ok(owner.post_once(KEY, "/v1/sign-ins", &body).await, 201);
    world.local.advance(DAY - 60).await.unwrap();
    let again = ok(owner.post_once(KEY, "/v1/sign-ins", &body).await, 201);
    assert_eq!((id(&again), &again.body["status"]), (id(&first), &json!("complete")));
    ok(owner.account().await, 200);
    // The second in which it ends counts as a whole.
    world.local.advance(61).await.unwrap();
    let new = ok(owner.post_once(KEY, "/v1/sign-ins", &body).await, 201);
    assert_ne!(id(&new), id(&first));
    assert_eq!(count(&world, "sign_in.completed").await, 2);
}

/// S9, T3: a repeat mints no tokens for a session that has ended meanwhile.
#[tokio::test]
async fn a_repeat_revives_no_session() {
    let world = World::open().await;
    let owner = world.owner().await;
    let second = world.phone();
    let attempt = asked(&second).await;
    let path = format!("/v1/sign-ins/{attempt}/verify");
    let body = json!({ "code": world.code().await });
    ok(second.post_once(KEY, &path, &body).await, 200);
    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    second.keep(None);
    let again = second.post_once(KEY, &path, &body).await.unwrap();
    assert!(again.body.get("session").is_none_or(Value::is_null), "{}", again.body);
    assert_eq!(second.session(), None);
}

/// S9: what is no key is refused before anything is done.
#[tokio::test]
async fn what_is_no_key_is_refused() {
    let world = World::open().await;
    let owner = world.owner().await;
    let body = credentials(&owner, PASSWORD);
    let events = world.events().await;
    let long = "k".repeat(256);
    for key in ["", "two words", "žluť", long.as_str()] {
        let answer = owner.post_once(key, "/v1/sign-ins", &body).await;
        refused(answer, 422, "invalid_request");
    }
    let twice = owner
        .request("POST", "/v1/sign-ins")
        .json(&body)
        .header("Idempotency-Key", KEY)
        .header("Idempotency-Key", OTHER_KEY);
    refused(twice.send().await, 422, "invalid_request");
    assert_eq!(world.events().await, events);
    ok(owner.post_once(&"k".repeat(255), "/v1/sign-ins", &body).await, 201);
}
