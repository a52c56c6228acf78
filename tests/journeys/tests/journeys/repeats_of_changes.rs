//! Repeats of what an owner changes: step-ups, resets, addresses, recovery codes.

use postern_client::mail::wrong_code;
use serde_json::json;

use crate::owners::{DAY, NEW_PASSWORD, ready_owner, settled_and_young, settled_owner};
use crate::phones::{BLUE, shown, told};
use crate::repeats::{KEY, OTHER_KEY, count, still};
use crate::world::{EMAIL, PASSWORD, World, id, ok, refused};

/// Where the owner moves to.
const NEW_EMAIL: &str = "jana@novotna.example.org";

/// S9, P2: a step-up that the password alone completed is complete again.
#[tokio::test]
async fn a_repeated_step_up_is_one_step_up() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let body = json!({ "password": PASSWORD });
    let mut answers = Vec::new();
    for _ in 0..2 {
        let done = ok(owner.post_once_signed_in(KEY, "/v1/step-ups", &body).await, 201);
        answers.push(done.body);
    }
    assert_eq!(answers[0]["status"], "complete");
    assert_eq!(answers[0], answers[1]);
    assert_eq!(count(&world, "verification.completed").await, 2);
}

/// S9, P2: a step-up that asked for a code asks for the same one; wrong and right codes are what they
/// were.
#[tokio::test]
async fn a_repeated_step_up_with_a_code_is_one_step_up() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let pushes = told(&world, BLUE).await.len();
    let body = json!({ "password": PASSWORD });
    let first = ok(young.post_once_signed_in(KEY, "/v1/step-ups", &body).await, 201);
    let again = ok(young.post_once_signed_in(KEY, "/v1/step-ups", &body).await, 201);
    assert_eq!(still(&first), still(&again));
    assert_eq!(told(&world, BLUE).await.len(), pushes + 1);
    let code = shown(&owner, &id(&first)).await;
    let path = format!("/v1/step-ups/{}/verify", id(&first));
    let wrong = json!({ "code": wrong_code(&code, 1) });
    for _ in 0..2 {
        let wrong = young.post_once_signed_in(OTHER_KEY, &path, &wrong).await;
        assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], 4);
    }
    let right = json!({ "code": code });
    for _ in 0..2 {
        let done = ok(young.post_once_signed_in(KEY, &path, &right).await, 200);
        assert_eq!(done.body["status"], "complete");
    }
    assert_eq!(world.story(&id(&first)).await.len(), 5);
    let over = ok(young.post_once_signed_in(KEY, "/v1/step-ups", &body).await, 201);
    assert_eq!(over.body, json!({ "id": id(&first), "status": "complete", "session": null }));
}

/// S9, L4: a step-up that ended otherwise is never told to be complete.
#[tokio::test]
async fn a_repeated_step_up_tells_how_it_ended() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let body = json!({ "password": PASSWORD });
    let denied = ok(young.post_once_signed_in(KEY, "/v1/step-ups", &body).await, 201);
    ok(owner.deny(&id(&denied)).await, 200);
    let again = ok(young.post_once_signed_in(KEY, "/v1/step-ups", &body).await, 201);
    assert_eq!(again.body["status"], "denied", "{}", again.body);

    let locked = ok(young.post_once_signed_in(OTHER_KEY, "/v1/step-ups", &body).await, 201);
    let code = shown(&owner, &id(&locked)).await;
    for by in 1..=5 {
        let wrong = young.verify_step_up(&id(&locked), &wrong_code(&code, by)).await;
        refused(wrong, 403, "code_incorrect");
    }
    let again = ok(young.post_once_signed_in(OTHER_KEY, "/v1/step-ups", &body).await, 201);
    assert_eq!(again.body["status"], "locked", "{}", again.body);
}

/// S9, C8: a repeated reset is one reset and one mail, and its end is answered again.
#[tokio::test]
async fn a_repeated_reset_is_one_reset() {
    let world = World::open().await;
    let owner = world.owner().await;
    let body = json!({ "email": EMAIL });
    let first = ok(owner.post_once(KEY, "/v1/password-resets", &body).await, 202);
    let again = ok(owner.post_once(KEY, "/v1/password-resets", &body).await, 202);
    assert_eq!(still(&first), still(&again));
    assert_eq!(world.mails(EMAIL).await, 2);
    let code = world.code().await;
    let path = format!("/v1/password-resets/{}/verify", id(&first));
    let wrong = json!({ "code": wrong_code(&code, 1), "new_password": NEW_PASSWORD });
    for _ in 0..2 {
        let wrong = refused(owner.post_once(OTHER_KEY, &path, &wrong).await, 403, "code_incorrect");
        assert_eq!(wrong.body["attempts_left"], 4);
    }
    let right = json!({ "code": code, "new_password": NEW_PASSWORD });
    for _ in 0..3 {
        ok(owner.post_once(KEY, &path, &right).await, 204);
    }
    assert_eq!(count(&world, "account.password_reset").await, 1);
    assert_eq!(count(&world, "verification.code_rejected").await, 1);
    assert_eq!(
        world
            .local
            .emails(EMAIL)
            .await
            .unwrap()
            .iter()
            .filter(|mail| mail.subject.contains("was reset"))
            .count(),
        1
    );
}

/// S9, C8, S2: it tells nobody whether the address has an account.
#[tokio::test]
async fn a_repeated_reset_is_alike_for_nobody() {
    let world = World::open().await;
    world.owner().await;
    world.local.advance(DAY).await.unwrap();
    let mut told = Vec::new();
    for email in [EMAIL, "josef.krejci@example.com"] {
        let phone = world.phone();
        let body = json!({ "email": email });
        for _ in 0..2 {
            let answer = ok(phone.post_once(KEY, "/v1/password-resets", &body).await, 202);
            let mut body = still(&answer);
            body.as_object_mut().unwrap().remove("id");
            told.push(body);
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
}

/// S9, P5: a repeated change of address is one change and one mail, and its end is answered again.
#[tokio::test]
async fn a_repeated_change_of_address_is_one_change() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let body = json!({ "email": NEW_EMAIL });
    let first = ok(owner.post_once_signed_in(KEY, "/v1/email-changes", &body).await, 202);
    let again = ok(owner.post_once_signed_in(KEY, "/v1/email-changes", &body).await, 202);
    assert_eq!(still(&first), still(&again));
    assert_eq!(world.mails(NEW_EMAIL).await, 1);
    let code = world.local.mailed_code(NEW_EMAIL).await.unwrap();
    let path = format!("/v1/email-changes/{}/verify", id(&first));
    for _ in 0..3 {
        ok(owner.post_once_signed_in(KEY, &path, &json!({ "code": code })).await, 204);
    }
    assert_eq!(count(&world, "account.email_changed").await, 1);
    let over = ok(owner.post_once_signed_in(KEY, "/v1/email-changes", &body).await, 202);
    assert_eq!(over.body["id"], first.body["id"]);
    assert_eq!(over.body["status"], "complete");
}

/// S9, P2: whoever lost the answer with the recovery codes gets the same codes.
#[tokio::test]
async fn repeated_recovery_codes_are_the_same_ones() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let path = "/v1/recovery-codes";
    let mut sets = Vec::new();
    for key in [KEY, KEY, OTHER_KEY, OTHER_KEY] {
        let made = ok(owner.post_once_signed_in(key, path, &json!({})).await, 200).body;
        sets.push(made["codes"].clone());
    }
    assert_eq!((&sets[0], &sets[2]), (&sets[1], &sets[3]));
    assert_ne!(sets[0], sets[2]);
    assert_eq!(count(&world, "account.recovery_codes_created").await, 2);
    world.local.advance(5 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
    let late = owner.post_once_signed_in(OTHER_KEY, path, &json!({})).await;
    refused(late, 403, "step_up_required");
}
