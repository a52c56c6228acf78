//! A forgotten password: what the mailbox alone can do, and what nobody learns by asking.

use postern_client::answer::Answer;
use postern_client::client::Client;
use serde_json::{Value, json};

use crate::costs::spent;
use crate::owners::{DAY, NEW_PASSWORD, reset, subjects, told_by_mail};
use crate::phones::{BLUE, GREEN, asked_by, guest, told, two_phones};
use crate::world::{EMAIL, PASSWORD, World, alike, id, ok, refused};

/// An address without an account: as long as the owner's, and the same in a hint.
const NOBODY: &str = "josef.krejci@example.com";
/// Seconds after which an address gets a further mail that anybody can ask for.
pub(crate) const NEXT_MAIL: u64 = 30 * 60;

/// Opens a reset of the owner's password, and takes its code from the mailbox.
pub(crate) async fn opened(world: &World, phone: &Client) -> (String, String) {
    let reset = id(&ok(phone.forget_password(EMAIL).await, 202));
    (reset, world.code().await)
}

/// The names of an answer's headers.
fn header_names(answer: &Answer) -> Vec<&str> {
    answer.headers.keys().map(AsRef::as_ref).collect()
}

/// A body without what counts down: it may be a second less in one of two answers.
fn still(answer: &Answer) -> Value {
    let mut body = alike(answer);
    for counts in ["expires_in", "resend_in"] {
        body.as_object_mut().unwrap().remove(counts);
    }
    body
}

/// C8, S2: known and unknown addresses are answered alike, at the same cost, from the first word to
/// the last guess; a mail comes to the one that has an account.
#[tokio::test]
async fn nobody_learns_by_a_reset_whether_an_address_has_an_account() {
    let world = World::open().await;
    world.owner().await;
    world.local.advance(DAY).await.unwrap();
    let mails = world.mails(EMAIL).await;
    let mut told = Vec::new();
    for email in [EMAIL, NOBODY] {
        let phone = world.phone();
        phone.server_time().await.unwrap();
        let mut calls = Vec::new();
        world.local.drain().await.unwrap();
        world.local.reset_meter().await.unwrap();
        let asked = ok(phone.forget_password(email).await, 202);
        calls.push((still(&asked), spent(&world).await));
        let headers = header_names(&asked).join(" ");

        let reset = id(&asked);
        let wrong = phone.verify_reset(&reset, "00000000", NEW_PASSWORD).await;
        let wrong = refused(wrong, 403, "code_incorrect");
        let weak = phone.verify_reset(&reset, "00000000", "password123").await;
        let weak = refused(weak, 422, "weak_password");
        let early = refused(phone.resend_reset(&reset).await, 429, "resend_too_soon");
        for answer in [wrong, weak, early] {
            calls.push((still(&answer), spent(&world).await));
        }
        world.local.advance(30).await.unwrap();
        world.local.drain().await.unwrap();
        let again = ok(phone.resend_reset(&reset).await, 202);
        calls.push((still(&again), spent(&world).await));
        told.push((calls, headers));
    }
    assert_eq!(told[0], told[1]);
    let (asked, _) = &told[0].0[0];
    assert_eq!(asked["status"], "code_required");
    assert_eq!(asked["method"], "email");
    assert_eq!(asked["available_methods"], json!(["email"]));
    assert_eq!(asked["sent_to"], json!({ "email_hint": "j•••@e•••.com" }));
    assert_eq!(asked["code_length"], 8);
    assert_eq!(asked["attempts_left"], 5);
    assert_eq!(world.mails(EMAIL).await, mails + 2);
    assert_eq!(world.mails(NOBODY).await, 0);
}

/// C8, S7, T3: eight digits set a new password; nobody is signed in and nobody is trusted after that,
/// and everybody hears of it.
#[tokio::test]
async fn a_reset_ends_every_session_and_all_trust_and_everybody_is_told() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let (reset, code) = opened(&world, &owner).await;
    assert_eq!(code.len(), 8);
    assert!(subjects(&world, EMAIL).await.last().unwrap().contains("password reset code"));
    ok(owner.account().await, 200);
    ok(owner.verify_reset(&reset, &code, NEW_PASSWORD).await, 204);
    assert_eq!(
        world.story(&reset).await[2..],
        ["verification.code_verified", "verification.fulfilled"]
    );
    for phone in [&owner, &second] {
        refused(phone.account().await, 401, "invalid_token");
        refused(phone.refresh().await, 401, "invalid_token");
        refused(phone.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
        let asked = ok(phone.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
        assert_eq!(
            (&asked["status"], &asked["method"]),
            (&json!("code_required"), &json!("email"))
        );
    }
    for token in [BLUE, GREEN] {
        assert_eq!(told(&world, token).await.last().unwrap(), "signed_out");
    }
    let subjects = subjects(&world, EMAIL).await;
    assert_eq!(subjects.iter().filter(|it| it.contains("password was reset")).count(), 1);
    assert_eq!(world.rows("sessions").await.len(), 0);
}

/// C8, S6: sessions that were only lent end with it too.
#[tokio::test]
async fn a_reset_signs_guests_out() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = guest(&world).await;
    reset(&world, &owner, EMAIL, NEW_PASSWORD).await;
    refused(guest.account().await, 401, "invalid_token");
    refused(guest.refresh().await, 401, "invalid_token");
    told_by_mail(&world, EMAIL, "password was reset").await;
}

/// C8, S4: a code works once, and for its own reset.
#[tokio::test]
async fn a_reset_s_code_can_not_be_used_again() {
    let world = World::open().await;
    let owner = world.owner().await;
    let (used, code) = opened(&world, &owner).await;
    ok(owner.verify_reset(&used, &code, NEW_PASSWORD).await, 204);
    let again = owner.verify_reset(&used, &code, "grebe-Anvil-31-tundra").await;
    refused(again, 410, "attempt_closed");
    refused(owner.resend_reset(&used).await, 410, "attempt_closed");
    world.local.advance(NEXT_MAIL).await.unwrap();
    let (other, _) = opened(&world, &owner).await;
    let old = owner.verify_reset(&other, &code, "grebe-Anvil-31-tundra").await;
    refused(old, 403, "code_incorrect");
    let signed_in = owner.sign_in(EMAIL, NEW_PASSWORD).await;
    assert_eq!(ok(signed_in, 201).body["status"], "code_required");
}

/// C8, S4: a reset is no other process, and no other phone's.
#[tokio::test]
async fn a_reset_is_unknown_to_other_calls_and_other_phones() {
    let world = World::open().await;
    let owner = world.owner().await;
    let (reset, code) = opened(&world, &owner).await;
    refused(owner.verify_email_change(&reset, &code).await, 404, "not_found");
    refused(owner.resend_email_change(&reset).await, 404, "not_found");
    refused(owner.verify_step_up(&reset, &code[..6]).await, 404, "not_found");
    refused(owner.verify_registration(&reset, &code[..6]).await, 404, "not_found");
    refused(owner.resend_registration(&reset).await, 404, "not_found");
    let other = world.phone();
    refused(other.verify_reset(&reset, &code, NEW_PASSWORD).await, 404, "not_found");
    refused(other.resend_reset(&reset).await, 404, "not_found");
    ok(owner.verify_reset(&reset, &code, NEW_PASSWORD).await, 204);
}

/// C8, C4, S4: the code again is the same code; it lives for five minutes and the reset for ten.
#[tokio::test]
async fn a_reset_s_code_is_sent_again_and_expires() {
    let world = World::open().await;
    let owner = world.owner().await;
    world.local.advance(DAY).await.unwrap();
    let (reset, code) = opened(&world, &owner).await;
    refused(owner.resend_reset(&reset).await, 429, "resend_too_soon");
    world.local.advance(30).await.unwrap();
    ok(owner.resend_reset(&reset).await, 202);
    assert_eq!(world.code().await, code);
    world.local.advance(60).await.unwrap();
    refused(owner.resend_reset(&reset).await, 429, "too_many_sends");
    world.local.advance(4 * 60).await.unwrap();
    let late = owner.verify_reset(&reset, &code, NEW_PASSWORD).await;
    refused(late, 410, "code_expired");
    world.local.advance(5 * 60).await.unwrap();
    let over = owner.verify_reset(&reset, &code, NEW_PASSWORD).await;
    refused(over, 410, "attempt_closed");
}

/// C8, S5: a password that was changed meanwhile isn't overwritten by an older reset.
#[tokio::test]
async fn a_reset_ends_with_the_password_it_was_opened_under() {
    let world = World::open().await;
    let owner = world.owner().await;
    let (reset, code) = opened(&world, &world.phone()).await;
    let own = world.phone();
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    refused(own.verify_reset(&reset, &code, PASSWORD).await, 404, "not_found");
    world.local.advance(NEXT_MAIL).await.unwrap();
    let (reset, code) = opened(&world, &own).await;
    ok(owner.refresh().await, 200);
    ok(owner.change_password(NEW_PASSWORD, PASSWORD).await, 204);
    let late = own.verify_reset(&reset, &code, "grebe-Anvil-31-tundra").await;
    refused(late, 410, "attempt_closed");
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// C8, S5: attempts behind the former password die, and so does a second reset of it.
#[tokio::test]
async fn a_reset_ends_open_attempts_and_other_resets() {
    let world = World::open().await;
    let owner = world.owner().await;
    world.local.advance(DAY).await.unwrap();
    let phone = world.phone();
    let attempt = asked_by("email", &phone).await;
    let attempt_code = world.code().await;
    let (other, other_code) = opened(&world, &phone).await;
    reset(&world, &owner, EMAIL, NEW_PASSWORD).await;
    refused(phone.verify(&attempt, &attempt_code).await, 410, "attempt_closed");
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "cancelled");
    let late = phone.verify_reset(&other, &other_code, PASSWORD).await;
    refused(late, 410, "attempt_closed");
}
