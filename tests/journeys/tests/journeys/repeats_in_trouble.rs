//! Repeats when something is in the way: answers that were lost, tables that failed, power cuts.

use std::time::Duration;

use postern_client::answer::Answer;
use postern_client::mail::wrong_code;
use serde_json::{Value, json};

use crate::owners::{NEW_PASSWORD, ready_owner};
use crate::repeats::{KEY, count, credentials};
use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused};

/// After how long the power goes: before, during and after the work.
const MOMENTS: [Duration; 4] = [
    Duration::from_millis(1),
    Duration::from_millis(8),
    Duration::from_millis(20),
    Duration::from_millis(60),
];
/// Where the owner moves to.
const NEW_EMAIL: &str = "jana@novotna.example.org";

/// Makes a call whose every append is done and never answered, and makes it again once that is
/// mended; what was answered is answered again.
async fn lost<F: Future<Output = Answer>>(world: &World, call: impl Fn() -> F) -> Answer {
    world.local.faults(&json!({ "store": "lost_answer" })).await.unwrap();
    let first = call().await;
    world.local.faults(&json!({})).await.unwrap();
    world.local.drain().await.unwrap();
    let again = call().await;
    assert_eq!((again.status, again.code()), (first.status, first.code()), "{}", first.body);
    again
}

/// S3, S9: a sign-in whose commits are not answered is found again, and is one attempt.
#[tokio::test]
async fn a_sign_in_whose_answer_was_lost_is_found_again() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let body = credentials(&phone, PASSWORD);
    let mails = world.mails(EMAIL).await;
    let found = lost(&world, async || phone.post_once(KEY, "/v1/sign-ins", &body).await.unwrap());
    let found = ok(Ok::<_, ()>(found.await), 201);
    assert_eq!(found.body["status"], "code_required");
    assert_eq!(world.mails(EMAIL).await, mails + 1);
    assert_eq!(count(&world, "sign_in.attempted").await, 1);
    ok(phone.verify(&id(&found), &world.code().await).await, 200);
}

/// S6, S9: so is a right code: one session, one trusted device.
#[tokio::test]
async fn a_right_code_whose_answer_was_lost_completes_again() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let path = format!("/v1/sign-ins/{attempt}/verify");
    let body = json!({ "code": world.code().await });
    let done = lost(&world, async || phone.post_once(KEY, &path, &body).await.unwrap()).await;
    assert_eq!(ok(Ok::<_, ()>(done), 200).body["status"], "complete");
    ok(phone.account().await, 200);
    assert_eq!(count(&world, "account.device_trusted").await, 2);
    assert_eq!(world.story(&attempt).await.len(), 4);
}

/// S4, S9: and a wrong one: one guess.
#[tokio::test]
async fn a_wrong_code_whose_answer_was_lost_is_one_guess() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let path = format!("/v1/sign-ins/{attempt}/verify");
    let body = json!({ "code": wrong_code(&code, 1) });
    let wrong = lost(&world, async || phone.post_once(KEY, &path, &body).await.unwrap()).await;
    let wrong = refused(Ok::<_, ()>(wrong), 403, "code_incorrect");
    assert_eq!(wrong.body["attempts_left"], 4);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["attempts_left"], 4);
    assert_eq!(count(&world, "sign_in.code_rejected").await, 1);
}

/// S4, S6, S9: and whatever a power cut left of it: the app asks again, and is let in once.
#[tokio::test]
async fn a_right_code_that_met_a_power_cut_completes_when_it_is_given_again() {
    let mut world = World::open().await;
    world.owner().await;
    for moment in MOMENTS {
        let phone = world.phone();
        let attempt = asked(&phone).await;
        let path = format!("/v1/sign-ins/{attempt}/verify");
        let body = json!({ "code": world.code().await });
        let call = phone.post_once(KEY, &path, &body);
        // Whether it was answered, half done or not begun when the power went is all one.
        let _ = tokio::time::timeout(moment, call).await;
        world.stack.restart().await.unwrap();
        let done = ok(phone.post_once(KEY, &path, &body).await, 200);
        assert_eq!(done.body["status"], "complete");
        ok(phone.account().await, 200);
        assert_eq!(world.story(&attempt).await.len(), 4);
    }
    assert_eq!(count(&world, "account.device_trusted").await, 1 + MOMENTS.len());
    assert_eq!(world.rows("sessions").await.len(), 1 + MOMENTS.len());
}

/// C8, P5, S9: resets and changes of address too, from the first call to the last.
#[tokio::test]
async fn what_a_mailbox_proves_is_proven_once_though_answers_are_lost() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let body = json!({ "email": NEW_EMAIL });
    let post =
        async |path: &str, body: &Value| owner.post_once_signed_in(KEY, path, body).await.unwrap();
    let opened = lost(&world, || post("/v1/email-changes", &body)).await;
    let opened = ok(Ok::<_, ()>(opened), 202);
    assert_eq!(world.mails(NEW_EMAIL).await, 1);
    let path = format!("/v1/email-changes/{}/verify", id(&opened));
    let code = json!({ "code": world.local.mailed_code(NEW_EMAIL).await.unwrap() });
    ok(Ok::<_, ()>(lost(&world, || post(&path, &code)).await), 204);
    assert_eq!(count(&world, "account.email_changed").await, 1);

    let body = json!({ "email": NEW_EMAIL });
    let post = async |path: &str, body: &Value| owner.post_once(KEY, path, body).await.unwrap();
    let opened = ok(Ok::<_, ()>(lost(&world, || post("/v1/password-resets", &body)).await), 202);
    let path = format!("/v1/password-resets/{}/verify", id(&opened));
    let code = world.local.mailed_code(NEW_EMAIL).await.unwrap();
    let body = json!({ "code": code, "new_password": NEW_PASSWORD });
    ok(Ok::<_, ()>(lost(&world, || post(&path, &body)).await), 204);
    assert_eq!(count(&world, "account.password_reset").await, 1);
    let asked = ok(owner.sign_in(NEW_EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
}

/// S4, S9: a guess that was claimed and not recorded is the same guess when it is made again.
#[tokio::test]
async fn a_guess_that_could_not_be_recorded_is_claimed_once() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let path = format!("/v1/sign-ins/{attempt}/verify");
    let wrong = json!({ "code": wrong_code(&code, 1) });
    world.local.faults(&json!({ "store": "conflict" })).await.unwrap();
    for _ in 0..6 {
        refused(phone.post_once(KEY, &path, &wrong).await, 503, "unavailable");
    }
    world.local.faults(&json!({})).await.unwrap();
    let wrong = refused(phone.post_once(KEY, &path, &wrong).await, 403, "code_incorrect");
    assert_eq!(wrong.body["attempts_left"], 4);
    ok(phone.verify(&attempt, &code).await, 200);
}
