//! The same call several times at once, as an impatient app makes it: done once, and every answer says
//! so.

use std::collections::BTreeSet;
use std::sync::Arc;

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::owners::{DAY, NEW_PASSWORD, ready_owner, settled_and_young, step_up_asked};
use crate::phones::shown;
use crate::repeats::{KEY, count, credentials};
use crate::world::{EMAIL, PASSWORD, World, asked, id, ok};

/// Calls that are made at the same time.
const AT_ONCE: usize = 4;
/// Where the owner moves to.
const NEW_EMAIL: &str = "jana@novotna.example.org";

/// The same call, several times at once; whether it names a session or not.
async fn at_once(phone: &Client, path: &str, body: &Value, signed_in: bool) -> Vec<Answer> {
    let phone = Arc::new(phone.also_at("127.0.0.1".parse().unwrap()).unwrap());
    phone.server_time().await.unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (phone, path, body) = (Arc::clone(&phone), path.to_owned(), body.clone());
        calls.spawn(async move {
            if signed_in {
                phone.post_once_signed_in(KEY, &path, &body).await.unwrap()
            } else {
                phone.post_once(KEY, &path, &body).await.unwrap()
            }
        });
    }
    calls.join_all().await
}

/// All were answered with this status, and name one and the same thing.
fn all_name_one(answers: &[Answer], status: u16) -> String {
    let names: BTreeSet<String> = answers
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, status, "{}: {}", answer.call, answer.body);
            id(answer)
        })
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    names.into_iter().next().unwrap()
}

/// All were answered with this status.
fn all_answered(answers: &[Answer], status: u16) {
    for answer in answers {
        assert_eq!(answer.status, status, "{}: {}", answer.call, answer.body);
    }
}

/// S3, S9: several sign-ins are one attempt, one mail and one place among the hour's.
#[tokio::test]
async fn several_sign_ins_are_one() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let mails = world.mails(EMAIL).await;
    let body = credentials(&phone, PASSWORD);
    let answers = at_once(&phone, "/v1/sign-ins", &body, false).await;
    let attempt = all_name_one(&answers, 201);
    assert_eq!(world.mails(EMAIL).await, mails + 1);
    assert_eq!(count(&world, "sign_in.attempted").await, 1);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["sends_left"], 4);
    for _ in 0..4 {
        asked(&phone).await;
    }
}

/// S7, S9: several sign-ins on a trusted phone are one session.
#[tokio::test]
async fn several_sign_ins_on_a_trusted_phone_are_one_session() {
    let world = World::open().await;
    let owner = world.owner().await;
    let body = credentials(&owner, PASSWORD);
    all_name_one(&at_once(&owner, "/v1/sign-ins", &body, false).await, 201);
    assert_eq!(count(&world, "sign_in.completed").await, 1);
    assert_eq!(world.rows("sessions").await.len(), 2);
    ok(owner.post_once(KEY, "/v1/sign-ins", &body).await, 201);
    ok(owner.account().await, 200);
    ok(owner.refresh().await, 200);
}

/// S4, S6, S9: several right codes are one session and one trusted device.
#[tokio::test]
async fn several_right_codes_are_one() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let path = format!("/v1/sign-ins/{attempt}/verify");
    let body = json!({ "code": world.code().await });
    all_name_one(&at_once(&phone, &path, &body, false).await, 200);
    assert_eq!(world.story(&attempt).await.len(), 4);
    assert_eq!(count(&world, "account.device_trusted").await, 2);
    assert_eq!(world.rows("sessions").await.len(), 2);
    ok(phone.post_once(KEY, &path, &body).await, 200);
    ok(phone.account().await, 200);
    ok(phone.refresh().await, 200);
}

/// S4, S9: several wrong codes are one guess.
#[tokio::test]
async fn several_wrong_codes_are_one_guess() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let path = format!("/v1/sign-ins/{attempt}/verify");
    let body = json!({ "code": wrong_code(&code, 1) });
    for answer in at_once(&phone, &path, &body, false).await {
        assert_eq!((answer.status, answer.code()), (403, "code_incorrect"), "{}", answer.body);
        assert_eq!(answer.body["attempts_left"], 4);
    }
    assert_eq!(count(&world, "sign_in.code_rejected").await, 1);
    ok(phone.verify(&attempt, &code).await, 200);
}

/// S1, S9: several registrations are one, and one mail.
#[tokio::test]
async fn several_registrations_are_one() {
    let world = World::open().await;
    let phone = world.phone();
    let body = json!({ "email": EMAIL, "password": PASSWORD, "device": phone.description() });
    all_name_one(&at_once(&phone, "/v1/registrations", &body, false).await, 202);
    assert_eq!(world.mails(EMAIL).await, 1);
    assert_eq!(count(&world, "verification.opened").await, 1);
}

/// S1, S9: and their right codes open one account.
#[tokio::test]
async fn several_right_codes_of_a_registration_open_one_account() {
    let world = World::open().await;
    let phone = world.phone();
    let opened = id(&ok(phone.register(EMAIL, PASSWORD).await, 202));
    let path = format!("/v1/registrations/{opened}/verify");
    let body = json!({ "code": world.code().await });
    all_name_one(&at_once(&phone, &path, &body, false).await, 200);
    assert_eq!(count(&world, "account.registered").await, 1);
    assert_eq!(world.rows("sessions").await.len(), 1);
}

/// C8, S9: several resets are one, and one mail.
#[tokio::test]
async fn several_resets_are_one() {
    let world = World::open().await;
    let owner = world.owner().await;
    world.local.advance(DAY).await.unwrap();
    let mails = world.mails(EMAIL).await;
    let body = json!({ "email": EMAIL });
    all_name_one(&at_once(&owner, "/v1/password-resets", &body, false).await, 202);
    assert_eq!(world.mails(EMAIL).await, mails + 1);
}

/// C8, S9: and their right codes set one password.
#[tokio::test]
async fn several_right_codes_of_a_reset_set_one_password() {
    let world = World::open().await;
    let owner = world.owner().await;
    let opened = id(&ok(owner.forget_password(EMAIL).await, 202));
    let path = format!("/v1/password-resets/{opened}/verify");
    let body = json!({ "code": world.code().await, "new_password": NEW_PASSWORD });
    all_answered(&at_once(&owner, &path, &body, false).await, 204);
    assert_eq!(count(&world, "account.password_reset").await, 1);
}

/// P5, S9: several changes of address are one, and one mail.
#[tokio::test]
async fn several_changes_of_address_are_one() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let body = json!({ "email": NEW_EMAIL });
    all_name_one(&at_once(&owner, "/v1/email-changes", &body, true).await, 202);
    assert_eq!(world.mails(NEW_EMAIL).await, 1);
}

/// P5, S9: and their right codes move the account once.
#[tokio::test]
async fn several_right_codes_move_an_account_once() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let opened = id(&ok(owner.change_email(NEW_EMAIL).await, 202));
    let path = format!("/v1/email-changes/{opened}/verify");
    let body = json!({ "code": world.local.mailed_code(NEW_EMAIL).await.unwrap() });
    all_answered(&at_once(&owner, &path, &body, true).await, 204);
    assert_eq!(count(&world, "account.email_changed").await, 1);
}

/// P2, S9: several sets of recovery codes are the same one.
#[tokio::test]
async fn several_sets_of_recovery_codes_are_one() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let answers = at_once(&owner, "/v1/recovery-codes", &json!({}), true).await;
    all_answered(&answers, 200);
    for answer in &answers {
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(count(&world, "account.recovery_codes_created").await, 1);
}

/// P2, S9: several step-ups are one, with a code and without.
#[tokio::test]
async fn several_step_ups_are_one() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let body = json!({ "password": PASSWORD });
    let done = all_name_one(&at_once(&owner, "/v1/step-ups", &body, true).await, 201);
    assert_eq!(world.story(&done).await, ["verification.opened", "verification.completed"]);
    let asked = all_name_one(&at_once(&young, "/v1/step-ups", &body, true).await, 201);
    assert_eq!(world.story(&asked).await, ["verification.opened", "verification.code_issued"]);
}

/// P2, S9: and so are its right codes.
#[tokio::test]
async fn several_right_codes_of_a_step_up_are_one() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let asked = step_up_asked(&young, "app").await;
    let path = format!("/v1/step-ups/{asked}/verify");
    let body = json!({ "code": shown(&owner, &asked).await });
    all_name_one(&at_once(&young, &path, &body, true).await, 200);
    assert_eq!(world.story(&asked).await.len(), 4);
}
