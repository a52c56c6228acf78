//! An account moves to another address, which has to be proven; the former one hears of it.

use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::{Value, json};

use crate::owners::{
    DAY, NEW_PASSWORD, ready_owner, settled_owner, step_up, subjects, told_by_mail,
};
use crate::phones::{account_story, asked_by, shown};
use crate::world::{EMAIL, PASSWORD, World, id, ok, refused, source};

/// Where the owner moves to.
pub(crate) const NEW_EMAIL: &str = "jana@novotna.example.org";
/// Somebody else's address, and one like it that nobody has.
pub(crate) const PETR: &str = "petr.svoboda@example.net";
/// See [`PETR`].
pub(crate) const FREE: &str = "pavel.dvorak@example.net";
/// Petr's password.
pub(crate) const PETRS_PASSWORD: &str = "grebe-Anvil-31-tundra";

/// Petr's phone, signed in and stepped up.
async fn petr(world: &World) -> Client {
    let phone = world.phone();
    let opened = id(&ok(phone.register(PETR, PETRS_PASSWORD).await, 202));
    let code = world.local.mailed_code(PETR).await.unwrap();
    ok(phone.verify_registration(&opened, &code).await, 200);
    phone
}

/// The owner and Petr, both a day later and stepped up.
pub(crate) async fn both(world: &World) -> (Client, Client) {
    let petr = petr(world).await;
    let owner = settled_owner(world).await;
    ok(petr.refresh().await, 200);
    step_up(&owner).await;
    assert_eq!(ok(petr.step_up(PETRS_PASSWORD).await, 201).body["status"], "complete");
    (owner, petr)
}

/// Begins a change, and takes its code from the new mailbox.
pub(crate) async fn asked(world: &World, phone: &Client, email: &str) -> (String, String) {
    let change = id(&ok(phone.change_email(email).await, 202));
    (change, world.local.mailed_code(email).await.unwrap())
}

/// The address that an account says it has.
pub(crate) async fn address(phone: &Client) -> Value {
    ok(phone.account().await, 200).body["email"].clone()
}

/// Whether an address and a password are an account's.
pub(crate) async fn opens(phone: &Client, email: &str, password: &str) -> bool {
    match phone.sign_in(email, password).await.unwrap() {
        answer if answer.status == 201 => true,
        answer => {
            refused(Ok::<_, ()>(answer), 401, "invalid_credentials");
            false
        }
    }
}

/// P5: a session that anybody may have picked up moves no account.
#[tokio::test]
async fn an_address_is_not_changed_without_a_step_up() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let events = world.events().await;
    refused(owner.change_email(NEW_EMAIL).await, 403, "step_up_required");
    assert_eq!(world.events().await, events);
    assert_eq!(world.mails(NEW_EMAIL).await, 0);
}

/// P5, S1: the new address is proven by eight digits, the former one is told, and the account stays
/// the same account.
#[tokio::test]
async fn an_account_moves_to_the_address_that_was_proven() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let account = ok(owner.account().await, 200).body;
    let mails = world.mails(EMAIL).await;
    let opened = ok(owner.change_email(NEW_EMAIL).await, 202).body;
    assert_eq!(opened["status"], "code_required");
    assert_eq!(opened["method"], "email");
    assert_eq!(opened["code_length"], 8);
    assert_eq!(opened["sent_to"], json!({ "email_hint": "j•••@n•••.org" }));
    let change = opened["id"].as_str().unwrap();
    let code = world.local.mailed_code(NEW_EMAIL).await.unwrap();
    assert_eq!(code.len(), 8);
    assert_eq!(world.mails(EMAIL).await, mails);
    assert_eq!(address(&owner).await, EMAIL);
    refused(owner.verify_email_change(change, &wrong_code(&code, 1)).await, 403, "code_incorrect");
    assert_eq!(address(&owner).await, EMAIL);

    ok(owner.verify_email_change(change, &code).await, 204);
    let moved = ok(owner.account().await, 200).body;
    assert_eq!(moved["email"], NEW_EMAIL);
    assert_eq!(moved["email_verified"], true);
    assert_eq!((&moved["id"], &moved["two_step"]), (&account["id"], &account["two_step"]));
    told_by_mail(&world, EMAIL, "e-mail address").await;
    assert_eq!(world.mails(EMAIL).await, mails + 1);
    assert_eq!(subjects(&world, NEW_EMAIL).await.len(), 1);
    assert_eq!(
        world.story(change).await[2..],
        ["verification.code_rejected", "verification.code_verified", "verification.fulfilled"]
    );
    refused(owner.verify_email_change(change, &code).await, 410, "attempt_closed");
}

/// P5, S1: the new address signs in and the former one doesn't; it is free for whoever has it.
#[tokio::test]
async fn only_the_new_address_signs_in_and_the_former_is_free() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let first = ok(owner.account().await, 200).body["id"].clone();
    let (change, code) = asked(&world, &owner, NEW_EMAIL).await;
    ok(owner.verify_email_change(&change, &code).await, 204);
    for phone in [&owner, &world.phone()] {
        assert!(!opens(phone, EMAIL, PASSWORD).await);
        assert!(opens(phone, NEW_EMAIL, PASSWORD).await);
    }
    let phone = world.phone();
    let asked = ok(phone.sign_in(NEW_EMAIL, PASSWORD).await, 201).body;
    let before = world.mails(EMAIL).await;
    ok(phone.resend_by(asked["id"].as_str().unwrap(), "email").await, 202);
    world.local.mailed_code(NEW_EMAIL).await.unwrap();
    assert_eq!(world.mails(EMAIL).await, before);

    let newcomer = world.phone();
    let opened = id(&ok(newcomer.register(EMAIL, NEW_PASSWORD).await, 202));
    let code = world.local.mailed_code(EMAIL).await.unwrap();
    ok(newcomer.verify_registration(&opened, &code).await, 200);
    assert_ne!(ok(newcomer.account().await, 200).body["id"], first);
    assert_eq!(address(&owner).await, NEW_EMAIL);
}

/// P5, S1: mail goes to the spelling that was proven; every spelling of the address signs in.
#[tokio::test]
async fn every_spelling_of_the_new_address_signs_in() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let typed = "Jana.Nová+tp@BÜCHER.example";
    let opened = id(&ok(owner.change_email(typed).await, 202));
    let stored = "Jana.Nová+tp@xn--bcher-kva.example";
    let code = world.local.mailed_code(stored).await.unwrap();
    ok(owner.verify_email_change(&opened, &code).await, 204);
    for spelling in [
        typed,
        stored,
        "jana.nov\u{e1}+TP@b\u{fc}cher.example",
        "JANA.NOVA\u{301}+TP@bu\u{308}cher.example",
    ] {
        assert!(opens(&owner, spelling, PASSWORD).await, "{spelling}");
    }
    assert!(!opens(&owner, "jana.nova+tp@bücher.example", PASSWORD).await);
}

/// P5, C3: the present address can be proven once more, in another spelling too.
#[tokio::test]
async fn the_present_address_can_be_proven_again() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let spelling = "Jana.Novotna@example.com";
    let (change, code) = asked(&world, &owner, spelling).await;
    ok(owner.verify_email_change(&change, &code).await, 204);
    assert_eq!(address(&owner).await, spelling);
    for email in [EMAIL, spelling] {
        assert!(opens(&owner, email, PASSWORD).await);
    }
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// P5: a code proves the address that it was mailed to, and no other.
#[tokio::test]
async fn a_code_proves_only_the_address_it_was_sent_to() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let (own, own_code) = asked(&world, &owner, NEW_EMAIL).await;
    let (victims, victims_code) = asked(&world, &owner, FREE).await;
    refused(owner.verify_email_change(&victims, &own_code).await, 403, "code_incorrect");
    assert_eq!(address(&owner).await, EMAIL);
    ok(owner.verify_email_change(&own, &own_code).await, 204);
    assert_eq!(address(&owner).await, NEW_EMAIL);
    refused(owner.verify_email_change(&victims, &victims_code).await, 410, "attempt_closed");
    assert_eq!(address(&owner).await, NEW_EMAIL);
}

/// P5, S4: a change goes on in the session that began it, and nowhere else.
#[tokio::test]
async fn a_change_is_unknown_to_other_sessions_and_accounts() {
    let world = World::open().await;
    let (owner, petr) = both(&world).await;
    let same_key = owner.also_at(source(79, 1)).unwrap();
    ok(same_key.sign_in(EMAIL, PASSWORD).await, 201);
    let (change, code) = asked(&world, &owner, NEW_EMAIL).await;
    for phone in [&same_key, &petr] {
        refused(phone.verify_email_change(&change, &code).await, 404, "not_found");
        refused(phone.resend_email_change(&change).await, 404, "not_found");
    }
    refused(owner.verify_reset(&change, &code, NEW_PASSWORD).await, 404, "not_found");
    ok(owner.verify_email_change(&change, &code).await, 204);
}

/// P5, C4, S4: resends, lifetime and guesses are those of every code.
#[tokio::test]
async fn the_code_to_the_new_address_is_sent_again_and_expires() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let (change, code) = asked(&world, &owner, NEW_EMAIL).await;
    refused(owner.resend_email_change(&change).await, 429, "resend_too_soon");
    world.local.advance(30).await.unwrap();
    let sent = ok(owner.resend_email_change(&change).await, 202).body;
    assert_eq!(sent["sent_to"], json!({ "email_hint": "j•••@n•••.org" }));
    assert_eq!(world.local.mailed_code(NEW_EMAIL).await.unwrap(), code);
    world.local.advance(5 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
    refused(owner.verify_email_change(&change, &code).await, 410, "code_expired");
    assert_eq!(address(&owner).await, EMAIL);
}

/// P5, S5: what waits for a code by the former mailbox ends with it.
#[tokio::test]
async fn open_attempts_end_with_the_address_they_were_opened_under() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    let (change, change_code) = asked(&world, &owner, NEW_EMAIL).await;
    ok(owner.verify_email_change(&change, &change_code).await, 204);
    refused(phone.verify(&attempt, &code).await, 410, "attempt_closed");
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "cancelled");
    ok(owner.account().await, 200);
}

/// P5, C8: ten wrong codes a day, at changes and resets together, hold up both.
#[tokio::test]
async fn wrong_codes_at_changes_and_resets_are_counted_together() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let (change, code) = asked(&world, &owner, NEW_EMAIL).await;
    for by in 1..=5 {
        let wrong = owner.verify_email_change(&change, &wrong_code(&code, by)).await;
        refused(wrong, 403, "code_incorrect");
    }
    let (reset, code) = {
        let opened = id(&ok(owner.forget_password(EMAIL).await, 202));
        (opened, world.code().await)
    };
    for by in 1..=5 {
        let wrong = owner.verify_reset(&reset, &wrong_code(&code, by), NEW_PASSWORD).await;
        refused(wrong, 403, "code_incorrect");
    }
    let (change, code) = asked(&world, &owner, FREE).await;
    let held_up = owner.verify_email_change(&change, &code).await;
    refused(held_up, 429, "too_many_attempts");
    assert_eq!(address(&owner).await, EMAIL);
    let story = account_story(&world, &owner).await;
    assert!(!story.contains(&"account.email_changed".to_owned()));
    world.local.advance(DAY).await.unwrap();
    ok(owner.refresh().await, 200);
    step_up(&owner).await;
    let (change, code) = asked(&world, &owner, FREE).await;
    ok(owner.verify_email_change(&change, &code).await, 204);
}

/// P5: what is no address is pointed at.
#[tokio::test]
async fn what_is_no_address_is_pointed_at() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    for text in
        ["", "jana", "jana@", "a@b.example, c@d.example", "jana＠example.com", "ja na@example.com"]
    {
        let answer = refused(owner.change_email(text).await, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], "/email", "{text}");
    }
}
