//! Guessing passwords and flooding the doors: what is held up, and that the owner never is.

use std::sync::Arc;

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::log;
use postern_client::mail::wrong_code;
use tokio::task::JoinSet;

use crate::phones::asked_by;
use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, alike, ok, refused, source};

/// An address without an account.
const NOBODY: &str = "nobody.at.all@example.com";

/// A call that is counted, costs little and changes nothing.
async fn knock(phone: &Client) -> Answer {
    let path = "/v1/sign-ins/sin_01J00000000000000000000000/code";
    phone.call("POST", path, None).await.unwrap()
}

/// Uses up what the network of a phone may send.
async fn sixty(phone: &Client) {
    for _ in 0..60 {
        refused(Ok::<_, ()>(knock(phone).await), 404, "not_found");
    }
}

/// A refusal of one who comes too often, who has to wait for `seconds` or, as the clock runs on, a
/// little less.
#[track_caller]
fn held_up(answer: Result<Answer, impl std::fmt::Debug>, seconds: u64) -> Answer {
    let answer = refused(answer, 429, "rate_limited");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    let little = (seconds / 4).min(60);
    assert!((seconds - little..=seconds).contains(&wait), "{wait} is not nearly {seconds}");
    answer
}

/// How often each status was answered.
fn of_status(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// S2: five guesses from one network, then each has to wait, for nobody like for somebody.
#[tokio::test]
async fn the_sixth_wrong_password_waits_and_each_further_one_twice_as_long() {
    let world = World::open().await;
    world.owner().await;
    let mut told = Vec::new();
    for email in [EMAIL, NOBODY] {
        let phone = world.phone();
        let mut answers = Vec::new();
        for _ in 0..5 {
            let wrong = phone.sign_in(email, WRONG_PASSWORD).await;
            answers.push(alike(&refused(wrong, 401, "invalid_credentials")));
        }
        let events = world.events().await;
        for password in [WRONG_PASSWORD, PASSWORD] {
            answers.push(alike(&held_up(phone.sign_in(email, password).await, 60)));
        }
        assert_eq!(world.events().await, events);
        for delay in [60, 120, 240] {
            world.local.advance(delay).await.unwrap();
            let wrong = phone.sign_in(email, WRONG_PASSWORD).await;
            answers.push(alike(&refused(wrong, 401, "invalid_credentials")));
            answers.push(alike(&held_up(phone.sign_in(email, PASSWORD).await, delay * 2)));
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
}

/// S2: a wait is over when it is over, and a right password ends the row.
#[tokio::test]
async fn the_right_password_after_the_wait_lets_in_and_is_not_held_up_again() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    for _ in 0..5 {
        refused(phone.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    }
    held_up(phone.sign_in(EMAIL, PASSWORD).await, 60);
    asked_by("email", &world.phone()).await;
    world.local.advance(60).await.unwrap();
    asked_by("email", &phone).await;
    for _ in 0..5 {
        refused(phone.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    }
    held_up(phone.sign_in(EMAIL, WRONG_PASSWORD).await, 60);
}

/// S2: guessing in parallel gives not one guess more.
#[tokio::test]
async fn twenty_wrong_passwords_at_once_are_five_guesses() {
    let world = World::open().await;
    world.owner().await;
    for email in [EMAIL, NOBODY] {
        let phone = Arc::new(world.phone());
        let events = world.events().await;
        let mut calls = JoinSet::new();
        for _ in 0..20 {
            let phone = Arc::clone(&phone);
            calls.spawn(async move { phone.sign_in(email, WRONG_PASSWORD).await.unwrap() });
        }
        let answers = calls.join_all().await;
        let counts = (of_status(&answers, 401), of_status(&answers, 429));
        assert_eq!(counts, (5, 15), "{email}");
        assert_eq!(world.events().await, events + 5);
    }
}

/// S2, S7: a hundred guesses a day are all that strangers have, and none of the owner's business.
#[tokio::test]
async fn a_hundred_wrong_passwords_of_strangers_hold_up_strangers_and_not_the_owner() {
    let world = World::open().await;
    let owner = world.owner().await;
    for host in 1..=20 {
        let stranger = world.phone().at(source(2, host)).unwrap();
        for _ in 0..5 {
            refused(stranger.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
        }
    }
    let late = refused(world.phone().sign_in(EMAIL, PASSWORD).await, 429, "rate_limited");
    let wait: u64 = late.header("retry-after").parse().unwrap();
    assert!(wait > 23 * 60 * 60, "{wait}");
    let beside_them = owner.also_at(source(2, 1)).unwrap();
    for phone in [&owner, &beside_them] {
        assert_eq!(ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    }

    for _ in 0..10 {
        refused(owner.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    }
    let day = 24 * 60 * 60;
    held_up(owner.sign_in(EMAIL, PASSWORD).await, day);
    world.local.advance(day).await.unwrap();
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    asked_by("email", &world.phone()).await;
}

/// S7: a trusted key has ten guesses of its own, and a right one gives them back.
#[tokio::test]
async fn a_right_password_on_a_trusted_key_gives_its_ten_guesses_back() {
    let world = World::open().await;
    let owner = world.owner().await;
    for _ in 0..2 {
        for _ in 0..9 {
            refused(owner.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
        }
        assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    }
    // Its guesses are nobody else's either.
    refused(world.phone().sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
}

/// S2: sixty calls in ten minutes from one network; those of the owner are not among them.
#[tokio::test]
async fn the_sixty_first_call_of_a_network_waits_and_the_owner_beside_it_does_not() {
    let world = World::open().await;
    let owner = world.owner().await;
    let here = source(3, 1);
    let phone = world.phone().at(here).unwrap();
    let attempt = asked_by("email", &phone).await;
    let code = world.code().await;
    for _ in 0..59 {
        refused(Ok::<_, ()>(knock(&phone).await), 404, "not_found");
    }
    let events = world.events().await;
    held_up(Ok::<_, ()>(knock(&phone).await), 600);
    held_up(phone.sign_in(EMAIL, PASSWORD).await, 600);
    held_up(phone.register(NOBODY, PASSWORD).await, 600);
    held_up(phone.resend(&attempt).await, 600);
    assert_eq!(world.events().await, events);
    assert_eq!(world.mails(NOBODY).await, 0);

    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "code_required");
    let wrong = refused(phone.verify(&attempt, &wrong_code(&code, 1)).await, 403, "code_incorrect");
    assert_eq!(wrong.body["attempts_left"], 4);
    ok(phone.verify(&attempt, &code).await, 200);
    let beside_it = owner.also_at(here).unwrap();
    ok(beside_it.refresh().await, 200);
    ok(beside_it.account().await, 200);
    assert_eq!(ok(beside_it.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    assert_eq!(knock(&world.phone()).await.status, 404);

    world.local.advance(600).await.unwrap();
    sixty(&phone).await;
    held_up(Ok::<_, ()>(knock(&phone).await), 600);
}

/// S2: flooding in parallel brings not one call more.
#[tokio::test]
async fn of_eighty_calls_at_once_sixty_are_heard() {
    let world = World::open().await;
    let phone = Arc::new(world.phone());
    let mut calls = JoinSet::new();
    for _ in 0..80 {
        let phone = Arc::clone(&phone);
        calls.spawn(async move { knock(&phone).await });
    }
    let answers = calls.join_all().await;
    assert_eq!((of_status(&answers, 404), of_status(&answers, 429)), (60, 20));
    assert_eq!(world.events().await, 0);
}

/// S2, L1: a refused password is one fact, and tells nothing about anybody.
#[tokio::test]
async fn a_refused_password_is_one_commit_without_a_personal_value() {
    let world = World::open().await;
    world.owner().await;
    let mut before = world.log(None).await.len();
    for email in [EMAIL, NOBODY] {
        let phone = world.phone();
        refused(phone.sign_in(email, WRONG_PASSWORD).await, 401, "invalid_credentials");
        let commits = world.log(None).await.split_off(before);
        assert_eq!(log::names(&commits), ["sign_in.refused"]);
        let mut members: Vec<_> = commits[0].events[0].data.as_object().unwrap().keys().collect();
        members.retain(|member| *member != "account" && *member != "country");
        assert_eq!(members, ["platform", "policy"], "{:?}", commits[0].events);
        before += commits.len();
    }
}

/// S2, S1: neither answer nor work tells whether an address has an account.
#[tokio::test]
async fn known_and_unknown_addresses_cost_the_same_reads_and_writes() {
    let world = World::open().await;
    world.owner().await;
    let mut metered = Vec::new();
    for email in [EMAIL, NOBODY] {
        let phone = world.phone();
        world.local.drain().await.unwrap();
        world.local.reset_meter().await.unwrap();
        refused(phone.sign_in(email, WRONG_PASSWORD).await, 401, "invalid_credentials");
        let refusal = world.local.meter().await.unwrap();
        world.local.reset_meter().await.unwrap();
        ok(phone.register(email, "grebe-Anvil-31-tundra").await, 202);
        let registration = world.local.meter().await.unwrap();
        let of_calls = |meter: &serde_json::Value| meter["functions"]["sign-in"].clone();
        assert!(of_calls(&refusal).is_object(), "{refusal}");
        metered.push((of_calls(&refusal), of_calls(&registration)));
    }
    assert_eq!(metered[0], metered[1]);
}
