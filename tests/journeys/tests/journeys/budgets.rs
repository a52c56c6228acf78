//! How much may be sent to somebody, and that it is enough for them and too little to bother them.

use postern_client::answer::Answer;
use postern_client::client::Client;
use serde_json::Value;

use crate::phones::{asked_by, listed, shown};
use crate::world::{EMAIL, PASSWORD, World, alike, asked, id, ok, refused};

/// A day, in seconds.
pub(crate) const DAY: u64 = 24 * 60 * 60;

/// Half an hour, in seconds: long enough for a budget of five mails to be whole again.
const HALF_HOUR: u64 = 30 * 60;

/// The owner's address without any trusted device, so that mail is the only way.
async fn by_mail_alone(world: &World) {
    let owner = world.owner().await;
    ok(owner.remove_device(&owner.session().unwrap().device).await, 204);
}

/// Takes all five sends of a fresh attempt, as fast as they are given.
pub(crate) async fn five_sends(world: &World, phone: &Client, method: &str) {
    let attempt = asked_by(method, phone).await;
    for pause in [30, 60, 60, 60] {
        // Of two sends that wait together only the newer one leaves.
        world.local.drain().await.unwrap();
        world.local.advance(pause).await.unwrap();
        assert_eq!(ok(phone.resend(&attempt).await, 202).body["method"], method);
    }
    world.local.drain().await.unwrap();
}

/// The number of seconds that a refusal asks to wait.
fn wait(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().unwrap()
}

/// Whether `seconds` is `whole` or, as the clock runs on, a little less.
#[track_caller]
pub(crate) fn nearly(whole: u64, seconds: &Value) {
    let seconds = seconds.as_u64().unwrap();
    assert!((whole - 30..=whole).contains(&seconds), "{seconds} is not nearly {whole}");
}

/// C3, C4: five code mails at once over all attempts of an account, then one every five minutes.
#[tokio::test]
async fn the_sixth_code_mail_has_to_wait_whichever_attempt_asks_for_it() {
    let world = World::open().await;
    by_mail_alone(&world).await;
    let before = world.mails(EMAIL).await;
    let (one, other) = (world.phone(), world.phone());
    let (first, second) = (asked(&one).await, asked(&other).await);
    for (pause, left) in [(30, 2), (60, 1), (60, 0)] {
        world.local.drain().await.unwrap();
        world.local.advance(pause).await.unwrap();
        assert_eq!(ok(one.resend(&first).await, 202).body["sends_left"], left);
    }
    assert_eq!(world.mails(EMAIL).await, before + 5);

    assert_eq!(ok(other.poll(&second).await, 200).body["sends_left"], 0);
    let refusal = refused(other.resend(&second).await, 429, "too_many_sends");
    nearly(150, &wait(&refusal).into());
    assert_eq!(world.mails(EMAIL).await, before + 5);

    world.local.advance(150).await.unwrap();
    assert_eq!(ok(other.resend(&second).await, 202).body["sends_left"], 0);
    assert_eq!(world.mails(EMAIL).await, before + 6);
    world.local.advance(60).await.unwrap();
    let refusal = refused(other.resend(&second).await, 429, "too_many_sends");
    nearly(240, &wait(&refusal).into());
}

/// C3, S9: whom no way reaches for now is told so, and when to come back.
#[tokio::test]
async fn an_owner_whom_no_mail_may_reach_yet_is_unreachable_for_now() {
    let world = World::open().await;
    by_mail_alone(&world).await;
    five_sends(&world, &world.phone(), "email").await;
    let mails = world.mails(EMAIL).await;
    let phone = world.phone();
    let answer = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    let polled = ok(phone.poll(&id(&answer)).await, 200);
    for body in [&answer.body, &polled.body] {
        assert_eq!(body["status"], "unreachable");
        assert_eq!(body["next"], "wait");
        assert_eq!(body["session"], Value::Null);
        nearly(90, &body["available_in"]);
    }
    assert_eq!(world.mails(EMAIL).await, mails);
    world.local.advance(90).await.unwrap();
    let attempt = asked_by("email", &phone).await;
    ok(phone.verify(&attempt, &world.code().await).await, 200);
}

/// C2, P4, S9: a phone that no push reaches tells its owner nothing, so nobody is left waiting for it.
#[tokio::test]
async fn when_the_mails_are_spent_a_phone_without_push_makes_nobody_reachable() {
    let world = World::open().await;
    let owner = world.owner().await;
    five_sends(&world, &world.phone(), "email").await;
    let phone = world.phone();
    let answer = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    let polled = ok(phone.poll(&id(&answer)).await, 200);
    for body in [&answer.body, &polled.body] {
        assert_eq!(body["status"], "unreachable");
        assert_eq!(body["next"], "wait");
        nearly(90, &body["available_in"]);
    }
    assert_eq!(listed(&owner).await.len(), 1, "the one that was mailed five times");
    world.local.advance(90).await.unwrap();
    asked_by("email", &phone).await;
}

/// C1, C2: whoever asks for the app where the mails are spent is shown the code there all the same.
#[tokio::test]
async fn when_the_mails_are_spent_the_app_can_still_be_asked_for() {
    let world = World::open().await;
    let owner = world.owner().await;
    let phone = world.phone();
    let attempt = asked_by("email", &phone).await;
    for _ in 0..4 {
        asked_by("email", &world.phone()).await;
    }
    world.local.drain().await.unwrap();
    world.local.advance(30).await.unwrap();
    refused(phone.resend(&attempt).await, 429, "too_many_sends");
    let sent = ok(phone.resend_by(&attempt, "app").await, 202).body;
    assert_eq!(sent["delivery"], "undeliverable");
    assert_eq!(sent["sent_to"]["devices"], 0);
    assert_eq!(sent["sends_left"], 3);
    ok(phone.verify(&attempt, &shown(&owner, &attempt).await).await, 200);
}

/// C3: twenty code mails a day.
#[tokio::test]
async fn the_twenty_first_code_mail_of_a_day_waits_for_the_next() {
    let world = World::open().await;
    by_mail_alone(&world).await;
    let before = world.mails(EMAIL).await;
    for _ in 0..4 {
        five_sends(&world, &world.phone(), "email").await;
        world.local.advance(HALF_HOUR).await.unwrap();
    }
    assert_eq!(world.mails(EMAIL).await, before + 20);
    let answer = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(answer["status"], "unreachable");
    nearly(DAY - 4 * (210 + HALF_HOUR), &answer["available_in"]);
    assert_eq!(world.mails(EMAIL).await, before + 20);
    world.local.advance(answer["available_in"].as_u64().unwrap()).await.unwrap();
    asked_by("email", &world.phone()).await;
}

/// S1, C8: nobody's mailbox is filled with registrations, and nobody learns whose it is.
#[tokio::test]
async fn the_third_registration_of_an_address_waits_whether_it_is_free_or_taken() {
    let world = World::open().await;
    world.owner().await;
    let free = "nobody.at.all@example.com";
    ok(world.phone().register(free, PASSWORD).await, 202);
    for email in [EMAIL, free] {
        ok(world.phone().register(email, PASSWORD).await, 202);
    }
    let mails = (world.mails(EMAIL).await, world.mails(free).await);
    assert_eq!(mails.1, 2);
    let events = world.events().await;
    let mut bodies = Vec::new();
    for email in [EMAIL, free] {
        let late = refused(world.phone().register(email, PASSWORD).await, 429, "rate_limited");
        nearly(HALF_HOUR, &wait(&late).into());
        bodies.push(alike(&late));
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(world.events().await, events);
    assert_eq!((world.mails(EMAIL).await, world.mails(free).await), mails);

    world.local.advance(HALF_HOUR).await.unwrap();
    for email in [EMAIL, free] {
        ok(world.phone().register(email, PASSWORD).await, 202);
        refused(world.phone().register(email, PASSWORD).await, 429, "rate_limited");
    }
    assert_eq!((world.mails(EMAIL).await, world.mails(free).await), (mails.0 + 1, 3));
    // What strangers asked for is no loss to whoever has the password.
    asked_by("email", &world.phone()).await;
}

/// S1, C8: six such mails a day.
#[tokio::test]
async fn the_seventh_registration_of_an_address_waits_for_the_next_day() {
    let world = World::open().await;
    ok(world.phone().register(EMAIL, PASSWORD).await, 202);
    for _ in 0..5 {
        ok(world.phone().register(EMAIL, PASSWORD).await, 202);
        world.local.drain().await.unwrap();
        world.local.advance(HALF_HOUR).await.unwrap();
    }
    let late = refused(world.phone().register(EMAIL, PASSWORD).await, 429, "rate_limited");
    nearly(DAY - 5 * HALF_HOUR, &wait(&late).into());
    assert_eq!(world.mails(EMAIL).await, 6);
    world.local.advance(wait(&late)).await.unwrap();
    world.owner().await;
}

/// C4, C8: a registration's resends come from the same budget.
#[tokio::test]
async fn a_registrations_second_resend_has_to_wait() {
    let world = World::open().await;
    let phone = world.phone();
    let opened = ok(phone.register(EMAIL, PASSWORD).await, 202);
    assert_eq!(opened.body["sends_left"], 1);
    world.local.advance(30).await.unwrap();
    assert_eq!(ok(phone.resend_registration(&id(&opened)).await, 202).body["sends_left"], 0);
    world.local.advance(60).await.unwrap();
    refused(phone.resend_registration(&id(&opened)).await, 429, "too_many_sends");
    assert_eq!(world.mails(EMAIL).await, 2);
    ok(phone.verify_registration(&id(&opened), &world.code().await).await, 200);
}
