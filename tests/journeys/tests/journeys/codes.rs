//! How long a code lives, how often it comes, and which one counts.

use postern_client::mail::{Mail, wrong_code};
use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused};

/// When the newest code of an attempt ends, as the log has it.
async fn expiry(world: &World, attempt: &str) -> String {
    let commits = world.log(Some(&format!("sign_in/{attempt}"))).await;
    let mut events = commits.into_iter().flat_map(|commit| commit.events).rev();
    let issued = events.find(|event| event.name == "sign_in.code_issued").unwrap();
    issued.data["expires_at"].as_str().unwrap().to_owned()
}

/// The code in a mail to the owner, counted from the newest that has one.
async fn code_of(world: &World, age: usize) -> String {
    world.local.drain().await.unwrap();
    let mails = world.local.emails(EMAIL).await.unwrap();
    mails.iter().filter_map(Mail::code).nth(age).unwrap()
}

/// S4: a code is good to its end and not a moment longer, by the server's clock.
///
/// The clock runs on while the call travels, so the last moment tried is two seconds away.
#[tokio::test]
async fn a_code_is_good_until_it_expires_and_never_after() {
    let world = World::open().await;
    world.owner().await;
    let (early, late) = (world.phone(), world.phone());
    let (in_time, too_late) = (asked(&early).await, asked(&late).await);
    let code = code_of(&world, 1).await;
    world.advance_until(&expiry(&world, &in_time).await, 2).await;
    ok(early.verify(&in_time, &code).await, 200);

    let code = code_of(&world, 0).await;
    world.advance_until(&expiry(&world, &too_late).await, 0).await;
    world.local.advance(1).await.unwrap();
    refused(late.verify(&too_late, &code).await, 410, "code_expired");
    assert_eq!(ok(late.poll(&too_late).await, 200).body["attempts_left"], 5);
}

/// C4: after its end a code is replaced, and the old one is as wrong as any other.
#[tokio::test]
async fn a_resend_after_expiry_brings_a_new_code_and_the_old_one_counts_as_wrong() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let old = world.code().await;
    world.advance_until(&expiry(&world, &attempt).await, 0).await;
    world.local.advance(1).await.unwrap();
    refused(phone.verify(&attempt, &old).await, 410, "code_expired");
    assert_eq!(ok(phone.resend(&attempt).await, 202).body["attempts_left"], 5);
    let new = world.code().await;
    assert_ne!(new, old);
    let wrong = refused(phone.verify(&attempt, &old).await, 403, "code_incorrect");
    assert_eq!(wrong.body["attempts_left"], 4);
    ok(phone.verify(&attempt, &new).await, 200);
}

/// S4: a code opens its own attempt and no other of the same account.
#[tokio::test]
async fn the_code_of_one_attempt_is_wrong_for_another() {
    let world = World::open().await;
    world.owner().await;
    let (one, other) = (world.phone(), world.phone());
    let first = asked(&one).await;
    let code = world.code().await;
    let second = asked(&other).await;
    assert_ne!(world.code().await, code);
    refused(other.verify(&second, &code).await, 403, "code_incorrect");
    ok(one.verify(&first, &code).await, 200);
}

/// S4: a code works once.
#[tokio::test]
async fn a_code_that_was_used_is_worth_nothing() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    ok(phone.verify(&attempt, &code).await, 200);
    let again = refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    assert!(again.body.get("session").is_none_or(Value::is_null));
}

/// C4: nobody can be flooded with mails: a pause before each, and five in all.
#[tokio::test]
async fn the_fifth_send_of_an_attempt_is_its_last() {
    let world = World::open().await;
    world.owner().await;
    let before = world.mails(EMAIL).await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    for (left, pause) in [(3, 30), (2, 60), (1, 60), (0, 60)] {
        refused(phone.resend(&attempt).await, 429, "resend_too_soon");
        world.local.advance(pause).await.unwrap();
        assert_eq!(ok(phone.resend(&attempt).await, 202).body["sends_left"], left);
    }
    world.local.advance(60).await.unwrap();
    refused(phone.resend(&attempt).await, 429, "too_many_sends");
    assert_eq!(world.mails(EMAIL).await, before + 5);
}

/// C4: asking for the code again gives no guess back.
#[tokio::test]
async fn a_resend_never_raises_the_number_of_guesses() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let wrong = wrong_code(&world.code().await, 1);
    for left in [4, 3, 2] {
        let answer = refused(phone.verify(&attempt, &wrong).await, 403, "code_incorrect");
        assert_eq!(answer.body["attempts_left"], left);
    }
    world.local.advance(30).await.unwrap();
    assert_eq!(ok(phone.resend(&attempt).await, 202).body["attempts_left"], 2);
    for left in [1, 0] {
        let answer = refused(phone.verify(&attempt, &wrong).await, 403, "code_incorrect");
        assert_eq!(answer.body["attempts_left"], left);
    }
    refused(phone.resend(&attempt).await, 410, "attempt_closed");
}

/// C1, C5: a channel that reaches nobody is refused, not pretended.
#[tokio::test]
async fn a_code_by_app_is_refused_when_no_trusted_device_is_left_to_show_it() {
    let world = World::open().await;
    let owner = world.owner().await;
    ok(owner.remove_device(&owner.session().unwrap().device).await, 204);
    let phone = world.phone();
    let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(asked.body["method"], "email");
    assert_eq!(asked.body["available_methods"], json!(["email"]));
    let by_app = phone.resend_by(&id(&asked), "app").await;
    refused(by_app, 409, "channel_unavailable");
    ok(phone.verify(&id(&asked), &world.code().await).await, 200);
}
