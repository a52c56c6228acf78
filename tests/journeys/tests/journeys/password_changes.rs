//! Another password, set by somebody who knows the present one.

use serde_json::json;

use crate::owners::{NEW_PASSWORD, settled_and_young, settled_owner, step_up_asked, told_by_mail};
use crate::pause::guess_five_times;
use crate::phones::{
    BLUE, GREEN, account_story, asked_by, guest, listed, owner_with_push, shown, told, two_phones,
};
use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, asked, ok, refused};

/// L5: the present password is needed, the former one is worth nothing from then on, and the owner is
/// told.
#[tokio::test]
async fn a_changed_password_is_the_only_one() {
    let world = World::open().await;
    let owner = world.owner().await;
    let story = account_story(&world, &owner).await;
    let wrong = owner.change_password(WRONG_PASSWORD, NEW_PASSWORD).await;
    refused(wrong, 401, "invalid_credentials");
    assert_eq!(account_story(&world, &owner).await, story);
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    told_by_mail(&world, EMAIL, "password was changed").await;
    for phone in [&owner, &world.phone()] {
        refused(phone.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
    }
    assert_eq!(ok(owner.sign_in(EMAIL, NEW_PASSWORD).await, 201).body["status"], "complete");
    let asked = ok(world.phone().sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
}

/// L5, S2: guesses at the present password are counted with those at sign-ins.
#[tokio::test]
async fn the_eleventh_wrong_password_of_a_day_is_not_compared() {
    let world = World::open().await;
    let owner = world.owner().await;
    for _ in 0..10 {
        let wrong = owner.change_password(WRONG_PASSWORD, NEW_PASSWORD).await;
        refused(wrong, 401, "invalid_credentials");
    }
    refused(owner.change_password(PASSWORD, NEW_PASSWORD).await, 429, "rate_limited");
    refused(owner.step_up(PASSWORD).await, 429, "rate_limited");
}

/// L6, L7: what is short, common, or made of the product or the owner's address is refused, and so is
/// the password that somebody else may know already.
#[tokio::test]
async fn a_weak_password_is_refused_and_the_present_one_too() {
    let world = World::open().await;
    let owner = world.owner().await;
    let story = account_story(&world, &owner).await;
    for weak in [
        "x7$Kq2!",
        "password123",
        "Passw0rd!",
        "qwertyuiop123",
        "aaaaaaaaaaaaaaaaaaaa",
        "jana.novotna1",
        "Novotna2026!",
        "jana.novotna@example.com",
        "tplink2024",
        "TP-Link123!",
        "Aginet2026!",
        "postern123",
        PASSWORD,
    ] {
        let answer = refused(owner.change_password(PASSWORD, weak).await, 422, "weak_password");
        assert!(!answer.body.to_string().contains(weak), "{weak}");
    }
    assert_eq!(account_story(&world, &owner).await, story);
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// L7: what can't be a password at all is a slip, and pointed at.
#[tokio::test]
async fn what_is_no_password_is_pointed_at() {
    let world = World::open().await;
    let owner = world.owner().await;
    for text in ["", "tab\there and seven more", "new\nline and seven more", &"é".repeat(257)] {
        let answer = refused(owner.change_password(PASSWORD, text).await, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], "/new_password");
    }
    let body = json!({ "current_password": "", "new_password": NEW_PASSWORD });
    let answer = owner.call_signed_in("POST", "/v1/password", Some(&body)).await;
    let answer = refused(answer, 422, "invalid_request");
    assert_eq!(answer.body["errors"][0]["pointer"], "/current_password");
}

/// L7: long ones, spaces and every alphabet are welcome; no mix is asked for.
#[tokio::test]
async fn phrases_of_any_length_and_alphabet_are_taken() {
    let world = World::open().await;
    let owner = world.owner().await;
    let long = "violet teapot under seven bridges ".repeat(7);
    let mut present = PASSWORD.to_owned();
    for next in [
        "violet teapot under seven bridges",
        "  seven bridges, and a violet teapot  ",
        long.as_str(),
        "žluťoučký kůň úpěl ďábelské ódy",
        "наш чайник стоит под семью мостами",
        "🫖🌉🦦🪁🧭🛶🪵🏔🍄🌾🪨🪶",
    ] {
        ok(owner.change_password(&present, next).await, 204);
        assert_eq!(ok(owner.sign_in(EMAIL, next).await, 201).body["status"], "complete", "{next}");
        next.clone_into(&mut present);
    }
    let trimmed = owner.sign_in(EMAIL, present.trim_end_matches('🪶')).await;
    refused(trimmed, 401, "invalid_credentials");
}

/// L7: phones spell an accent in two ways, and both are the same password.
#[tokio::test]
async fn both_spellings_of_an_accent_sign_in() {
    let world = World::open().await;
    let owner = world.owner().await;
    let composed = "caf\u{e9} plinth \u{17e}lut\u{e1} 47";
    let decomposed = "cafe\u{301} plinth z\u{30c}luta\u{301} 47";
    ok(owner.change_password(PASSWORD, decomposed).await, 204);
    for spelling in [composed, decomposed] {
        assert_eq!(ok(owner.sign_in(EMAIL, spelling).await, 201).body["status"], "complete");
    }
    refused(owner.change_password(composed, decomposed).await, 422, "weak_password");
    ok(owner.change_password(composed, NEW_PASSWORD).await, 204);
}

/// L5, T3, S7: a new password puts every other device out, and the phone that set it stays.
#[tokio::test]
async fn a_new_password_signs_the_others_out_unless_it_is_not_to() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let once = world.phone();
    let attempt = asked_by("app", &once).await;
    ok(once.verify_just_this_once(&attempt, &shown(&owner, &attempt).await).await, 200);

    ok(owner.change_password_alone(PASSWORD, NEW_PASSWORD).await, 204);
    for phone in [&owner, &second, &once] {
        ok(phone.account().await, 200);
    }
    assert_eq!(ok(second.sign_in(EMAIL, NEW_PASSWORD).await, 201).body["status"], "complete");
    assert!(!told(&world, GREEN).await.contains(&"signed_out".to_owned()));

    ok(owner.change_password(NEW_PASSWORD, PASSWORD).await, 204);
    ok(owner.account().await, 200);
    ok(owner.refresh().await, 200);
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    for phone in [&second, &once] {
        refused(phone.account().await, 401, "invalid_token");
        refused(phone.refresh().await, 401, "invalid_token");
        asked(phone).await;
    }
    assert_eq!(told(&world, GREEN).await.last().unwrap(), "signed_out");
    assert!(!told(&world, BLUE).await.contains(&"signed_out".to_owned()));
}

/// L5, P2: an intruder's young device can't put out its elders with the password alone.
#[tokio::test]
async fn a_young_device_can_not_sign_its_elders_out() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let story = account_story(&world, &owner).await;
    refused(young.change_password(PASSWORD, NEW_PASSWORD).await, 403, "device_too_new");
    refused(young.change_password(WRONG_PASSWORD, NEW_PASSWORD).await, 401, "invalid_credentials");
    assert_eq!(account_story(&world, &owner).await, story);
    ok(owner.account().await, 200);
    ok(young.change_password_alone(PASSWORD, NEW_PASSWORD).await, 204);
    ok(owner.account().await, 200);

    ok(young.change_password_alone(NEW_PASSWORD, PASSWORD).await, 204);
    let asked = step_up_asked(&young, "app").await;
    ok(young.verify_step_up(&asked, &shown(&owner, &asked).await).await, 200);
    ok(young.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    refused(owner.account().await, 401, "invalid_token");
    ok(young.account().await, 200);
}

/// L5, S6: nor can a device that was let in just this once.
#[tokio::test]
async fn a_guest_changes_the_password_for_itself_alone() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = guest(&world).await;
    refused(guest.change_password(PASSWORD, NEW_PASSWORD).await, 403, "device_too_new");
    ok(guest.change_password_alone(PASSWORD, NEW_PASSWORD).await, 204);
    ok(owner.account().await, 200);
    told_by_mail(&world, EMAIL, "password was changed").await;
}

/// L5, S5: whoever waits for a code knew only the former password.
#[tokio::test]
async fn a_new_password_ends_the_attempts_that_were_opened_with_the_former() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    ok(owner.change_password_alone(PASSWORD, NEW_PASSWORD).await, 204);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "cancelled");
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    refused(phone.resend_by(&attempt, "email").await, 410, "attempt_closed");
    assert_eq!(listed(&owner).await, [""; 0]);
    assert_eq!(told(&world, BLUE).await.last().unwrap(), &format!("request_closed {attempt}"));
}

/// L5, S4: wrong codes behind the former password are forgiven with it, and so is their pause.
#[tokio::test]
async fn a_new_password_lifts_the_pause() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    ok(owner.remove_push().await, 204);
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    let phone = world.phone();
    assert_eq!(ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "locked");
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    let asked = ok(phone.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
    let attempt = asked["id"].as_str().unwrap();
    ok(phone.verify(attempt, &world.code().await).await, 200);
}

/// L5: two changes at the same time are one after the other: the second needs the first one's word.
#[tokio::test]
async fn of_two_changes_at_once_one_is_made() {
    let world = World::open().await;
    let owner = world.owner().await;
    let second = world.second().await;
    let (one, other) = tokio::join!(
        owner.change_password_alone(PASSWORD, NEW_PASSWORD),
        second.change_password_alone(PASSWORD, "grebe-Anvil-31-tundra"),
    );
    let answers = [one.unwrap(), other.unwrap()];
    let changed = answers.iter().filter(|it| it.status == 204).count();
    let story = account_story(&world, &owner).await;
    let recorded = story.iter().filter(|it| *it == "account.password_changed").count();
    assert_eq!(changed, recorded, "{answers:?}");
    assert!(changed >= 1, "{answers:?}");
    let mut works = 0;
    for password in [NEW_PASSWORD, "grebe-Anvil-31-tundra"] {
        works += usize::from(owner.sign_in(EMAIL, password).await.unwrap().status == 201);
    }
    assert_eq!(works, 1);
    refused(owner.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
}
