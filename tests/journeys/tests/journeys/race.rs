//! Many at once are not treated better than one after another.

use std::sync::Arc;

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::pause::guess_five_times;
use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, asked, ok, refused, source};

/// Calls from one address that stay below what an address may do in ten minutes.
const CALLS_PER_SOURCE: usize = 40;

/// Gives all codes at once, from as many addresses as that takes.
async fn all_at_once(phone: &Client, attempt: &str, codes: Vec<String>) -> Vec<Answer> {
    let mut calls = JoinSet::new();
    for (net, codes) in codes.chunks(CALLS_PER_SOURCE).enumerate() {
        let address = source(u8::try_from(100 + net).unwrap(), 1);
        let phone = Arc::new(phone.also_at(address).unwrap());
        for code in codes {
            let (phone, attempt, code) = (phone.clone(), attempt.to_owned(), code.clone());
            calls.spawn(async move { phone.verify(&attempt, &code).await.unwrap() });
        }
    }
    calls.join_all().await
}

/// S4: however often the right code is given at once, it opens one session.
#[tokio::test]
async fn fifty_right_codes_at_once_make_one_session() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let answers = all_at_once(&phone, &attempt, vec![code; 50]).await;
    let (right, others): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(right.len(), 1);
    assert!(right[0].body["session"]["access_token"].is_string(), "{}", right[0].body);
    for answer in others {
        assert!((400..500).contains(&answer.status), "{}: {}", answer.status, answer.body);
        assert!(answer.body.get("session").is_none_or(Value::is_null));
    }
    let story = world.story(&attempt).await;
    assert_eq!(story.iter().filter(|name| *name == "sign_in.completed").count(), 1);
}

/// S4: guessing in parallel gives not one guess more.
#[tokio::test]
async fn two_hundred_wrong_codes_at_once_are_five_guesses() {
    let world = World::open().await;
    let owner = world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let guesses = (1..=200).map(|by| wrong_code(&code, by)).collect();
    for answer in all_at_once(&phone, &attempt, guesses).await {
        assert!((400..500).contains(&answer.status), "{}: {}", answer.status, answer.body);
    }
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    let story = world.story(&attempt).await;
    assert_eq!(story.iter().filter(|name| *name == "sign_in.code_rejected").count(), 5);
    assert_eq!(story.iter().filter(|name| *name == "sign_in.locked").count(), 1);
    assert!(!story.contains(&"sign_in.completed".to_owned()), "{story:?}");

    // The account has counted five, not one more or less: five further ones make the ten.
    guess_five_times(&world, &world.phone()).await;
    let account = ok(owner.account().await, 200).body;
    let stream = format!("account/{}", account["id"].as_str().unwrap());
    let events = world.log(Some(&stream)).await.into_iter().flat_map(|commit| commit.events);
    let paused: Vec<_> = events.filter(|event| event.name == "account.code_entry_paused").collect();
    assert_eq!(paused.len(), 1);
    assert_eq!(paused[0].data["wrong_in_a_row"], 10);
}

/// How often each of two statuses was answered, and that no other was.
fn shares(answers: &[Answer], statuses: [u16; 2]) -> [usize; 2] {
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    let counts = statuses.map(count);
    assert_eq!(counts[0] + counts[1], answers.len(), "{answers:?}");
    counts
}

/// C4: five taps in a second are one tap.
#[tokio::test]
async fn ten_resends_at_once_are_one_send() {
    let world = World::open().await;
    world.owner().await;
    let phone = Arc::new(world.phone());
    let attempt = asked(&phone).await;
    let mails = world.mails(EMAIL).await;
    world.local.advance(30).await.unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let (phone, attempt) = (phone.clone(), attempt.clone());
        calls.spawn(async move { phone.resend(&attempt).await.unwrap() });
    }
    assert_eq!(shares(&calls.join_all().await, [202, 429]), [1, 9]);
    assert_eq!(world.mails(EMAIL).await, mails + 1);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["sends_left"], 3);
}

/// S1, C8: registering an address from everywhere at once fills no mailbox.
#[tokio::test]
async fn ten_registrations_of_one_address_at_once_are_two_mails() {
    let world = World::open().await;
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let phone = world.phone();
        calls.spawn(async move { phone.register(EMAIL, PASSWORD).await.unwrap() });
    }
    assert_eq!(shares(&calls.join_all().await, [202, 429]), [2, 8]);
    assert_eq!(world.mails(EMAIL).await, 2);
}

/// S4, C3: seven new devices at once are the five that an hour has.
#[tokio::test]
async fn seven_new_devices_at_once_are_five_attempts() {
    let world = World::open().await;
    world.owner().await;
    let mails = world.mails(EMAIL).await;
    let mut calls = JoinSet::new();
    for _ in 0..7 {
        let phone = world.phone();
        calls.spawn(async move { phone.sign_in(EMAIL, PASSWORD).await.unwrap() });
    }
    let answers = calls.join_all().await;
    let of_status = |status| answers.iter().filter(|it| it.body["status"] == status).count();
    assert_eq!((of_status("code_required"), of_status("locked")), (5, 2), "{answers:?}");
    assert_eq!(world.mails(EMAIL).await, mails + 5);
}

/// S2: guessing from everywhere at once is refused like guessing from one place, and each is noted.
#[tokio::test]
async fn thirty_wrong_passwords_at_once_from_thirty_networks_are_thirty_refusals() {
    let world = World::open().await;
    world.owner().await;
    let events = world.events().await;
    let mut calls = JoinSet::new();
    for _ in 0..30 {
        let phone = world.phone();
        calls.spawn(async move { phone.sign_in(EMAIL, WRONG_PASSWORD).await.unwrap() });
    }
    for answer in calls.join_all().await {
        refused(Ok::<_, ()>(answer), 401, "invalid_credentials");
    }
    assert_eq!(world.events().await, events + 30);
}

/// S2, S7: a stolen phone guesses passwords no faster than one after another.
#[tokio::test]
async fn of_six_last_guesses_at_once_on_a_trusted_key_two_are_left() {
    let world = World::open().await;
    let owner = Arc::new(world.owner().await);
    for _ in 0..8 {
        refused(owner.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    }
    let events = world.events().await;
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        let owner = owner.clone();
        calls.spawn(async move { owner.sign_in(EMAIL, WRONG_PASSWORD).await.unwrap() });
    }
    assert_eq!(shares(&calls.join_all().await, [401, 429]), [2, 4]);
    assert_eq!(world.events().await, events + 2);
}
