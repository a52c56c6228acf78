//! Guesses at a reset's code: what costs one, and what they hold up.

use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::json;

use crate::owners::{DAY, NEW_PASSWORD, reset};
use crate::pause::guess_five_times;
use crate::resets::{NEXT_MAIL, opened};
use crate::world::{EMAIL, PASSWORD, World, asked, ok, refused};

/// Gives five wrong codes to a reset.
async fn guess_it_away(phone: &Client, reset: &str, code: &str) {
    for left in (0..5).rev() {
        let wrong = phone.verify_reset(reset, &wrong_code(code, left + 1), NEW_PASSWORD).await;
        assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], left);
    }
    refused(phone.verify_reset(reset, code, NEW_PASSWORD).await, 410, "attempt_closed");
}

/// C8, L7: a weak password is refused before the code is looked at, so it costs no guess.
#[tokio::test]
async fn a_weak_new_password_costs_no_guess() {
    let world = World::open().await;
    let owner = world.owner().await;
    let (reset, code) = opened(&world, &owner).await;
    let story = world.story(&reset).await;
    for weak in ["password123", "x7$Kq2!", "tplink2024", "aaaaaaaaaaaa", "postern1", "Aginet2026!"]
    {
        for code in [&code, &wrong_code(&code, 1)] {
            let answer = owner.verify_reset(&reset, code, weak).await;
            refused(answer, 422, "weak_password");
        }
    }
    for text in ["", "tab\there and more"] {
        let answer = owner.verify_reset(&reset, &code, text).await;
        let answer = refused(answer, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], "/new_password");
    }
    for text in ["123456", "1234567a", ""] {
        let answer = owner.verify_reset(&reset, text, NEW_PASSWORD).await;
        let answer = refused(answer, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], "/code");
    }
    assert_eq!(world.story(&reset).await, story);
    let wrong = owner.verify_reset(&reset, &wrong_code(&code, 1), NEW_PASSWORD).await;
    assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], 4);
    ok(owner.verify_reset(&reset, &code, NEW_PASSWORD).await, 204);
}

/// C8, L6: what only the owner's account can tell, only the right code is told: a password made of
/// the address, and the present one.
#[tokio::test]
async fn the_present_password_is_no_new_one() {
    let world = World::open().await;
    let owner = world.owner().await;
    let (reset, code) = opened(&world, &owner).await;
    for known in [PASSWORD, EMAIL] {
        let wrong = world.phone();
        refused(wrong.verify_reset(&reset, &code, known).await, 404, "not_found");
        refused(owner.verify_reset(&reset, &code, known).await, 422, "weak_password");
    }
    ok(owner.account().await, 200);
    ok(owner.verify_reset(&reset, &code, NEW_PASSWORD).await, 204);
}

/// C8, S4: five guesses close it; the mailbox can ask for another one.
#[tokio::test]
async fn the_fifth_wrong_code_closes_a_reset() {
    let world = World::open().await;
    let owner = world.owner().await;
    let (closed, code) = opened(&world, &owner).await;
    guess_it_away(&owner, &closed, &code).await;
    assert_eq!(world.story(&closed).await.last().unwrap(), "verification.locked");
    world.local.advance(NEXT_MAIL).await.unwrap();
    reset(&world, &owner, EMAIL, NEW_PASSWORD).await;
}

/// C8, S4: ten wrong codes a day hold up recovery and nothing else.
#[tokio::test]
async fn ten_wrong_codes_a_day_hold_up_recovery_alone() {
    let world = World::open().await;
    let owner = world.owner().await;
    let stranger = world.phone();
    for _ in 0..2 {
        let (closed, code) = opened(&world, &stranger).await;
        guess_it_away(&stranger, &closed, &code).await;
        world.local.advance(NEXT_MAIL).await.unwrap();
    }
    for phone in [&stranger, &owner] {
        let (held_up, code) = opened(&world, phone).await;
        let story = world.story(&held_up).await;
        let answer = phone.verify_reset(&held_up, &code, NEW_PASSWORD).await;
        let answer = refused(answer, 429, "too_many_attempts");
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((DAY - 3 * NEXT_MAIL - 60..=DAY).contains(&wait), "{wait}");
        assert_eq!(world.story(&held_up).await, story);
        world.local.advance(NEXT_MAIL).await.unwrap();
    }
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    let phone = world.phone();
    let attempt = asked(&phone).await;
    ok(phone.verify(&attempt, &world.code().await).await, 200);

    world.local.advance(DAY).await.unwrap();
    reset(&world, &stranger, EMAIL, NEW_PASSWORD).await;
}

/// C8, S4: a new password through the mailbox lifts the pause of sign-ins, as one by its owner does.
#[tokio::test]
async fn a_reset_lifts_the_pause() {
    let world = World::open().await;
    let owner = world.owner().await;
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    assert_eq!(ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body["status"], "locked");
    reset(&world, &owner, EMAIL, NEW_PASSWORD).await;
    let asked = ok(owner.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
    let attempt = asked["id"].as_str().unwrap();
    ok(owner.verify(attempt, &world.code().await).await, 200);
}

/// C8, S4: also where a hundred wrong codes have switched code entry off.
#[tokio::test]
async fn a_reset_switches_code_entry_on_again() {
    let world = World::open().await;
    let owner = world.owner().await;
    for _ in 0..9 {
        for _ in 0..2 {
            guess_five_times(&world, &world.phone()).await;
        }
        world.local.advance(DAY).await.unwrap();
    }
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    let off = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!((&off["status"], &off["next"]), (&json!("locked"), &json!("reset_password")));
    reset(&world, &owner, EMAIL, NEW_PASSWORD).await;
    let asked = ok(owner.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
}
