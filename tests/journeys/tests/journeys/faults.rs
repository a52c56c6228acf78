//! When the tables fail: either all of it happened or nothing, and what happened, happened once.

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::log;
use postern_client::mail::wrong_code;
use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused};

/// The story of an attempt whose first guess was right.
const RIGHT_AT_ONCE: [&str; 4] =
    ["sign_in.attempted", "sign_in.code_issued", "sign_in.code_verified", "sign_in.completed"];
/// The story of an attempt that still waits for its code.
const WAITING: [&str; 2] = ["sign_in.attempted", "sign_in.code_issued"];

/// What the tables can't do in the next call; with what the answer then has to be.
fn unavailable<E: std::fmt::Debug>(answer: Result<Answer, E>) {
    let answer = refused(answer, 503, "unavailable");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!(wait > 0, "{}", answer.call);
    assert!(answer.body.get("session").is_none_or(Value::is_null), "{}", answer.body);
}

/// An attempt on a new device, its code in the owner's inbox.
async fn waiting(world: &World) -> (Client, String, String) {
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    (phone, attempt, code)
}

/// The right code was answered `complete`; it made one session and one trusted device.
async fn completed_once(world: &World, phone: &Client, attempt: &str, done: &Answer) {
    assert_eq!(done.body["status"], "complete", "{}", done.body);
    assert_eq!(world.story(attempt).await, RIGHT_AT_ONCE);
    let session = phone.session().unwrap();
    assert!(session.trusted);
    let commits = world.log(None).await;
    let events = || commits.iter().flat_map(|commit| &commit.events);
    let trusted = events().filter(|event| {
        event.name == "account.device_trusted" && event.data["device"] == session.device.as_str()
    });
    assert_eq!(trusted.count(), 1);
    assert_eq!(sessions(world).await, sessions_begun(&log::names(&commits)));
    ok(phone.account().await, 200);
}

/// How many sessions there are.
async fn sessions(world: &World) -> usize {
    world.rows("sessions").await.len()
}

/// How many sessions there should be, by the log, where none has ended.
fn sessions_begun(names: &[&str]) -> usize {
    names.iter().filter(|name| name.ends_with(".completed")).count()
}

/// S4, S6: whoever meets another's transaction decides again, and nobody notices.
#[tokio::test]
async fn a_right_code_that_meets_a_conflict_completes_once() {
    let world = World::open().await;
    world.owner().await;
    let (phone, attempt, code) = waiting(&world).await;
    world.local.faults(&json!({ "store": "conflict", "times": 1 })).await.unwrap();
    let done = ok(phone.verify(&attempt, &code).await, 200);
    completed_once(&world, &phone, &attempt, &done).await;
}

/// S2, S3, S7: whatever is appended behind a password meets a conflict and is appended all the same,
/// and no budget pays for it twice.
#[tokio::test]
async fn a_sign_in_that_meets_a_conflict_is_recorded_all_the_same() {
    let world = World::open().await;
    let owner = world.owner().await;
    let before = world.events().await;
    let conflict = json!({ "store": "conflict", "times": 1 });
    world.local.faults(&conflict).await.unwrap();
    let attempt = asked(&world.phone()).await;
    assert_eq!(world.story(&attempt).await, WAITING);
    world.local.faults(&conflict).await.unwrap();
    refused(world.phone().sign_in(EMAIL, "not the password").await, 401, "invalid_credentials");
    world.local.faults(&conflict).await.unwrap();
    let done = ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(done.body["status"], "complete", "{}", done.body);
    let opened_refused_and_let_in = 2 + 1 + 2;
    assert!(world.events().await >= before + opened_refused_and_let_in);
}

/// S4, S9: whoever loses every race is told so, and nothing is half done.
#[tokio::test]
async fn a_right_code_is_right_still_after_conflicts_without_end() {
    let world = World::open().await;
    world.owner().await;
    let (phone, attempt, code) = waiting(&world).await;
    let events = world.events().await;
    world.local.faults(&json!({ "store": "conflict" })).await.unwrap();
    unavailable(phone.verify(&attempt, &code).await);
    assert_eq!(phone.session(), None);
    assert_eq!(world.events().await, events);
    let polled = ok(phone.poll(&attempt).await, 200).body;
    assert_eq!(polled["status"], "code_required");

    world.local.faults(&json!({})).await.unwrap();
    let done = ok(phone.verify(&attempt, &code).await, 200);
    completed_once(&world, &phone, &attempt, &done).await;
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
}

/// S9: two requests that the tables turn away are two that the SDK makes again.
#[tokio::test]
async fn a_short_throttle_is_not_noticed() {
    let world = World::open().await;
    let owner = world.owner().await;
    for times in [1, 2] {
        let throttle = json!({ "store": "throttle", "times": times });
        world.local.faults(&throttle).await.unwrap();
        let done = ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
        assert_eq!(done.body["status"], "complete", "{}", done.body);
        assert_eq!(world.story(&id(&done)).await, ["sign_in.attempted", "sign_in.completed"]);
    }
}

/// S9: while the tables turn everything away the app is told when to come again.
#[tokio::test]
async fn a_lasting_throttle_is_told_and_passes() {
    outage("throttle").await;
}

/// S9: an outage of the tables changes nothing, and nothing is left of it.
#[tokio::test]
async fn an_outage_of_the_tables_is_told_and_passes() {
    outage("down").await;
}

/// Everybody calls at once while `fault` lasts, and once more when it is over.
async fn outage(fault: &str) {
    let world = World::open().await;
    let owner = world.owner().await;
    let (phone, attempt, code) = waiting(&world).await;
    let (events, mails) = (world.events().await, world.mails(EMAIL).await);
    world.local.faults(&json!({ "store": fault })).await.unwrap();
    let stranger = world.phone();
    let (verified, read, signed_in, opened, registered) = tokio::join!(
        phone.verify(&attempt, &code),
        owner.account(),
        owner.sign_in(EMAIL, PASSWORD),
        stranger.sign_in(EMAIL, PASSWORD),
        stranger.register("new@example.com", PASSWORD),
    );
    for answer in [verified, read, signed_in, opened, registered] {
        unavailable(answer);
    }
    assert_eq!(world.events().await, events);
    assert_eq!(world.mails(EMAIL).await, mails);
    assert_eq!(world.mails("new@example.com").await, 0);

    world.local.faults(&json!({})).await.unwrap();
    ok(owner.account().await, 200);
    let done = ok(phone.verify(&attempt, &code).await, 200);
    completed_once(&world, &phone, &attempt, &done).await;
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// S6: the answer to the right code's commit is lost; the app still gets `complete`, once.
#[tokio::test]
async fn a_right_code_whose_commit_is_not_answered_completes_once() {
    let world = World::open().await;
    world.owner().await;
    let (phone, attempt, code) = waiting(&world).await;
    lose_one_answer(&world).await;
    let done = ok(phone.verify(&attempt, &code).await, 200);
    an_answer_was_lost(&world).await;
    completed_once(&world, &phone, &attempt, &done).await;
}

/// S4: a wrong code whose commit is not answered has cost one guess, not two.
#[tokio::test]
async fn a_wrong_code_whose_commit_is_not_answered_costs_one_guess() {
    let world = World::open().await;
    world.owner().await;
    let (phone, attempt, code) = waiting(&world).await;
    lose_one_answer(&world).await;
    let wrong = phone.verify(&attempt, &wrong_code(&code, 1)).await;
    an_answer_was_lost(&world).await;
    assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], 4);
    let story = world.story(&attempt).await;
    assert_eq!(story, [&WAITING[..], &["sign_in.code_rejected"]].concat());
    let wrong = phone.verify(&attempt, &wrong_code(&code, 2)).await;
    assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], 3);
    ok(phone.verify(&attempt, &code).await, 200);
}

/// S3, C3: an opening whose commit is not answered is one attempt and one mail.
#[tokio::test]
async fn an_opening_whose_commit_is_not_answered_asks_once() {
    let world = World::open().await;
    world.owner().await;
    let mails = world.mails(EMAIL).await;
    lose_one_answer(&world).await;
    let (phone, attempt, code) = waiting(&world).await;
    an_answer_was_lost(&world).await;
    assert_eq!(world.mails(EMAIL).await, mails + 1);
    let commits = world.log(None).await;
    let attempts = commits.iter().filter(|commit| commit.stream.starts_with("sign_in/"));
    assert_eq!(attempts.count(), 1);
    let done = ok(phone.verify(&attempt, &code).await, 200);
    completed_once(&world, &phone, &attempt, &done).await;
}

/// S7: a sign-in on a trusted device whose commit is not answered is one sign-in.
#[tokio::test]
async fn a_trusted_sign_in_whose_commit_is_not_answered_completes_once() {
    let world = World::open().await;
    let owner = world.owner().await;
    let before = sessions(&world).await;
    lose_one_answer(&world).await;
    let done = ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    an_answer_was_lost(&world).await;
    assert_eq!(done.body["status"], "complete", "{}", done.body);
    assert_eq!(world.story(&id(&done)).await, ["sign_in.attempted", "sign_in.completed"]);
    assert_eq!(sessions(&world).await, before + 1);
    ok(owner.account().await, 200);
}

/// S1, C8: neither end of a registration happens twice when its commit is not answered.
#[tokio::test]
async fn a_registration_whose_commits_are_not_answered_opens_one_account() {
    let world = World::open().await;
    let phone = world.phone();
    lose_one_answer(&world).await;
    let opened = ok(phone.register(EMAIL, PASSWORD).await, 202);
    an_answer_was_lost(&world).await;
    assert_eq!(world.mails(EMAIL).await, 1);
    let code = world.code().await;
    lose_one_answer(&world).await;
    let done = ok(phone.verify_registration(&id(&opened), &code).await, 200);
    an_answer_was_lost(&world).await;
    assert_eq!(done.body["status"], "complete", "{}", done.body);
    let facts = ["opened", "code_issued", "code_verified", "completed"];
    assert_eq!(world.story(&id(&opened)).await, facts.map(|it| format!("verification.{it}")));
    let commits = world.log(None).await;
    let names = log::names(&commits);
    let count = |name: &str| names.iter().filter(|it| **it == name).count();
    assert_eq!(count("account.registered"), 1);
    assert_eq!(count("account.device_trusted"), 1);
    assert_eq!(sessions(&world).await, 1);
    ok(phone.account().await, 200);
    assert_eq!(ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// T2, T3: a removal whose commit is not answered is one removal.
#[tokio::test]
async fn a_removal_whose_commit_is_not_answered_removes_once() {
    let world = World::open().await;
    let owner = world.owner().await;
    let second = world.second().await;
    lose_one_answer(&world).await;
    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    an_answer_was_lost(&world).await;
    refused(second.account().await, 401, "invalid_token");
    let commits = world.log(None).await;
    let revoked = log::names(&commits).into_iter().filter(|it| *it == "account.device_revoked");
    assert_eq!(revoked.count(), 1);
}

async fn lose_one_answer(world: &World) {
    world.local.reset_meter().await.unwrap();
    let lost = json!({ "store": "lost_answer", "times": 1 });
    world.local.faults(&lost).await.unwrap();
}

/// The one commit since [`lose_one_answer`] was asked for twice: the fault did strike.
async fn an_answer_was_lost(world: &World) {
    let meter = world.local.meter().await.unwrap();
    let mut requests = 0;
    for function in ["sign-in", "account"] {
        for operation in ["PutItem", "TransactWriteItems"] {
            let commits = &meter["functions"][function]["events"][operation];
            requests += commits["requests"].as_u64().unwrap_or(0);
        }
    }
    assert_eq!(requests, 2, "{meter}");
}
