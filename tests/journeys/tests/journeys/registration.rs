//! Opening an account.

use postern_client::mail::wrong_code;
use serde_json::Value;

use crate::world::{EMAIL, PASSWORD, World, alike, asked, id, ok, refused};

/// S1: nobody learns from a registration whether an address has an account.
#[tokio::test]
async fn registering_a_taken_address_looks_the_same_and_only_its_owner_is_told() {
    let world = World::open().await;
    let free = ok(world.phone().register("jana.nova@example.com", PASSWORD).await, 202);
    world.owner().await;
    let before = world.mails(EMAIL).await;
    // The owner's own registration took a mail from the address's budget; now it is whole again.
    world.local.advance(30 * 60).await.unwrap();

    let stranger = world.phone();
    let taken = ok(stranger.register(EMAIL, "grebe-Anvil-31-tundra").await, 202);
    assert_eq!(alike(&taken), alike(&free));
    assert_eq!(world.mails(EMAIL).await, before + 1);
    let told = world.local.emails(EMAIL).await.unwrap().remove(0);
    assert_eq!(told.code(), None, "{}", told.text);
}

/// S1: whoever registers somebody else's address first or last gains nothing by it.
#[tokio::test]
async fn no_code_ever_completes_the_registration_of_a_taken_address() {
    let world = World::open().await;
    world.owner().await;
    let code = world.code().await;
    let stranger = world.phone();
    let taken = id(&ok(stranger.register(EMAIL, "grebe-Anvil-31-tundra").await, 202));
    for left in (0..5).rev() {
        let guess = wrong_code(&code, left);
        let answer = stranger.verify_registration(&taken, &guess).await;
        assert_eq!(refused(answer, 403, "code_incorrect").body["attempts_left"], left);
    }
    refused(stranger.verify_registration(&taken, &code).await, 410, "attempt_closed");
    refused(stranger.sign_in(EMAIL, "grebe-Anvil-31-tundra").await, 401, "invalid_credentials");
}

/// S1: one person has one account, however they spell their address.
#[tokio::test]
async fn an_address_in_other_case_is_the_same_account() {
    let world = World::open().await;
    let phone = world.owner().await;
    let other_case = "JANA.Novotna@EXAMPLE.com";
    let done = ok(phone.sign_in(other_case, PASSWORD).await, 201);
    assert_eq!(done.body["status"], "complete");

    let before = world.mails(EMAIL).await;
    ok(world.phone().register(other_case, PASSWORD).await, 202);
    assert_eq!(world.mails(EMAIL).await, before + 1);
    assert_eq!(world.mails(other_case).await, world.mails(EMAIL).await);
}

/// S1: an address that was never proven opens nothing.
#[tokio::test]
async fn an_account_exists_only_once_its_address_is_proven() {
    let world = World::open().await;
    let phone = world.phone();
    let opened = ok(phone.register(EMAIL, PASSWORD).await, 202);
    assert_eq!(opened.body["session"], Value::Null);
    refused(phone.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");

    let code = world.code().await;
    let wrong = phone.verify_registration(&id(&opened), &wrong_code(&code, 1)).await;
    refused(wrong, 403, "code_incorrect");
    ok(phone.verify_registration(&id(&opened), &code).await, 200);
    assert_eq!(ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// C4, C8: the registration's mail can be asked for again, and brings the same code.
#[tokio::test]
async fn a_registrations_code_is_mailed_again_after_half_a_minute() {
    let world = World::open().await;
    let phone = world.phone();
    let opened = id(&ok(phone.register(EMAIL, PASSWORD).await, 202));
    let code = world.code().await;
    refused(phone.resend_registration(&opened).await, 429, "resend_too_soon");
    world.local.advance(30).await.unwrap();
    ok(phone.resend_registration(&opened).await, 202);
    assert_eq!(world.mails(EMAIL).await, 2);
    assert_eq!(world.code().await, code);
    ok(phone.verify_registration(&opened, &code).await, 200);
}

/// S3, S5: a registration is bound to the key that began it.
#[tokio::test]
async fn another_key_cannot_complete_a_registration() {
    let world = World::open().await;
    let phone = world.phone();
    let opened = id(&ok(phone.register(EMAIL, PASSWORD).await, 202));
    let code = world.code().await;
    let stranger = world.phone();
    refused(stranger.verify_registration(&opened, &code).await, 404, "not_found");
    ok(phone.verify_registration(&opened, &code).await, 200);
    asked(&stranger).await;
}
