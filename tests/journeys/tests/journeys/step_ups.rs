//! Before something sensitive: the password once more, and on a young device a code by a channel that
//! this device isn't.

use postern_client::mail::wrong_code;
use serde_json::json;

use crate::owners::{
    DAY, may, may_not, newest, ready_owner, settled_and_young, settled_owner, step_up,
    step_up_asked, subjects,
};
use crate::pause::guess_five_times;
use crate::phones::{
    BLUE, account_story, asked_by, guest, listed, neighbour, owner_with_push, shown, told,
};
use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, id, ok, refused, source};

/// P2, S7: a day after it was trusted a device needs the password and nothing else, and not a minute
/// earlier.
#[tokio::test]
async fn a_device_that_was_trusted_for_a_day_is_stepped_up_by_the_password_alone() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let trusted_at = newest(&world, "account.device_trusted").await.time;
    let mails = world.mails(EMAIL).await;
    world.advance_until(&trusted_at, -i64::try_from(DAY - 60).unwrap()).await;
    ok(owner.refresh().await, 200);
    step_up_asked(&owner, "email").await;
    assert_eq!(world.mails(EMAIL).await, mails + 1);
    may_not(&owner).await;

    world.advance_until(&trusted_at, -i64::try_from(DAY).unwrap()).await;
    let done = ok(owner.step_up(PASSWORD).await, 201);
    assert_eq!(done.body, json!({ "id": id(&done), "status": "complete", "session": null }));
    assert!(id(&done).starts_with("ver_"));
    may(&owner).await;
    assert_eq!(world.story(&id(&done)).await, ["verification.opened", "verification.completed"]);
    assert_eq!(world.mails(EMAIL).await, mails + 1);
}

/// P2: five minutes for a form, and no refresh makes them more.
#[tokio::test]
async fn a_step_up_lasts_five_minutes() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    world.local.advance(4 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
    may(&owner).await;
    world.local.advance(60).await.unwrap();
    ok(owner.refresh().await, 200);
    may_not(&owner).await;
    step_up(&owner).await;
    may(&owner).await;
}

/// P2, S2: a wrong password is one of the day's ten on this device, and steps nothing up.
#[tokio::test]
async fn wrong_passwords_of_step_ups_are_counted_with_those_of_sign_ins() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    for _ in 0..6 {
        refused(owner.step_up(WRONG_PASSWORD).await, 401, "invalid_credentials");
    }
    may_not(&owner).await;
    for _ in 0..4 {
        refused(owner.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    }
    refused(owner.step_up(PASSWORD).await, 429, "rate_limited");
    refused(owner.sign_in(EMAIL, PASSWORD).await, 429, "rate_limited");
    may_not(&owner).await;
}

/// P2: the session that gave the password is the one that may, and no other of the same phone.
#[tokio::test]
async fn a_step_up_is_for_the_session_that_asked() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let other = owner.also_at(source(78, 1)).unwrap();
    ok(other.sign_in(EMAIL, PASSWORD).await, 201);
    step_up(&owner).await;
    may(&owner).await;
    may_not(&other).await;
}

/// P2, S4: a code for a step-up is worth nothing to another session, another phone or another account.
#[tokio::test]
async fn nobody_else_completes_a_step_up() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let other = young.also_at(source(78, 2)).unwrap();
    ok(other.sign_in(EMAIL, PASSWORD).await, 201);
    let stranger = neighbour(&world).await;
    let asked = step_up_asked(&young, "app").await;
    let code = shown(&owner, &asked).await;
    for phone in [&other, &owner, &stranger] {
        refused(phone.verify_step_up(&asked, &code).await, 404, "not_found");
        refused(phone.resend_step_up(&asked).await, 404, "not_found");
        may_not(phone).await;
    }
    refused(stranger.open_request(&asked).await, 404, "not_found");
    refused(young.verify(&asked, &code).await, 404, "not_found");
    ok(young.verify_step_up(&asked, &code).await, 200);
    may(&young).await;
}

/// P2, C1, C5: a young phone's code shows on the elder one, never on itself.
#[tokio::test]
async fn a_young_device_needs_a_code_that_another_phone_shows() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let elder = owner.session().unwrap().device;
    refused(young.remove_device(&elder).await, 403, "device_too_new");
    let mails = world.mails(EMAIL).await;
    let asked = ok(young.step_up(PASSWORD).await, 201);
    let body = &asked.body;
    assert_eq!(body["status"], "code_required");
    assert_eq!(body["method"], "app");
    assert_eq!(body["available_methods"], json!(["app", "email"]));
    assert_eq!(body["sent_to"], json!({ "email_hint": "j•••@e•••.com" }));
    assert_eq!(body["code_length"], 6);
    assert_eq!(body["attempts_left"], 5);
    let asked = id(&asked);
    assert_eq!(told(&world, BLUE).await.last().unwrap(), &format!("sign_in_request {asked}"));
    assert_eq!(world.mails(EMAIL).await, mails);

    assert_eq!(listed(&owner).await, [asked.as_str()]);
    let request = ok(owner.open_request(&asked).await, 200).body;
    assert_eq!(request["kind"], "step_up");
    assert_eq!(request["id"], asked);
    assert_eq!(request["method"], "app");
    assert_eq!(request["device"]["name"], young.description()["name"]);
    assert_eq!(request["location"]["approximate"], true);
    assert_eq!(listed(&young).await, [""; 0]);
    refused(young.open_request(&asked).await, 404, "not_found");
    refused(young.deny(&asked).await, 404, "not_found");

    let code = shown(&owner, &asked).await;
    may_not(&young).await;
    let done = ok(young.verify_step_up(&asked, &code).await, 200).body;
    assert_eq!(done, json!({ "id": asked, "status": "complete", "session": null }));
    refused(young.verify_step_up(&asked, &code).await, 410, "attempt_closed");
    refused(owner.open_request(&asked).await, 410, "attempt_closed");
    assert_eq!(told(&world, BLUE).await.last().unwrap(), &format!("request_closed {asked}"));
    assert_eq!(listed(&owner).await, [""; 0]);
    may(&young).await;
    ok(young.remove_device(&elder).await, 204);
    refused(owner.account().await, 401, "invalid_token");
}

/// P2, C3, C4: where no other phone is, the mailbox has to say so; resends have the same rules as a
/// sign-in's.
#[tokio::test]
async fn alone_a_young_device_needs_a_code_from_the_mailbox() {
    let world = World::open().await;
    let owner = world.owner().await;
    let asked = step_up_asked(&owner, "email").await;
    let code = world.code().await;
    assert_eq!(code.len(), 6);
    assert!(subjects(&world, EMAIL).await.last().unwrap().contains("confirmation code"));
    refused(owner.resend_step_up(&asked).await, 429, "resend_too_soon");
    let by_app = refused(owner.resend_step_up_by(&asked, "app").await, 409, "channel_unavailable");
    assert_eq!(by_app.body["because"], "no_device");
    world.local.advance(30).await.unwrap();
    assert_eq!(ok(owner.resend_step_up(&asked).await, 202).body["method"], "email");
    assert_eq!(world.code().await, code);
    refused(owner.verify_step_up(&asked, &wrong_code(&code, 1)).await, 403, "code_incorrect");
    ok(owner.verify_step_up(&asked, &code).await, 200);
    may(&owner).await;
}

/// P2, C5: the mailbox is the other way also where a phone could show the code.
#[tokio::test]
async fn a_step_up_s_code_can_be_mailed_instead() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let asked = step_up_asked(&young, "app").await;
    let by_app = shown(&owner, &asked).await;
    assert_eq!(ok(young.resend_step_up_by(&asked, "email").await, 202).body["method"], "email");
    let by_mail = world.code().await;
    assert_eq!(ok(owner.open_request(&asked).await, 200).body["code"], json!(null));
    refused(young.verify_step_up(&asked, &by_app).await, 403, "code_incorrect");
    ok(young.verify_step_up(&asked, &by_mail).await, 200);
}

/// P2, S6: a device that was let in just this once steps up by another channel, however old it is.
#[tokio::test]
async fn a_guest_steps_up_with_a_code_and_never_by_the_password_alone() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = guest(&world).await;
    world.local.advance(2 * DAY).await.unwrap();
    for phone in [&owner, &guest] {
        ok(phone.refresh().await, 200);
    }
    let asked = step_up_asked(&guest, "email").await;
    may_not(&guest).await;
    ok(guest.verify_step_up(&asked, &world.code().await).await, 200);
    may(&guest).await;
}

/// L4, P2: "It wasn't me" ends a step-up as it ends a sign-in.
#[tokio::test]
async fn a_step_up_that_is_denied_is_over() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let asked = step_up_asked(&young, "app").await;
    let code = shown(&owner, &asked).await;
    let story = account_story(&world, &owner).await;
    let denied = ok(owner.deny(&asked).await, 200).body;
    assert_eq!((&denied["status"], &denied["next"]), (&json!("denied"), &json!("change_password")));
    refused(young.verify_step_up(&asked, &code).await, 410, "attempt_closed");
    refused(young.resend_step_up(&asked).await, 410, "attempt_closed");
    may_not(&young).await;
    assert_eq!(world.story(&asked).await.last().unwrap(), "verification.denied");
    assert_eq!(account_story(&world, &owner).await, story);
    ok(young.account().await, 200);
    let again = step_up_asked(&young, "app").await;
    ok(young.verify_step_up(&again, &shown(&owner, &again).await).await, 200);
}

/// P3, S5: a step-up is over when what its account requires has changed.
#[tokio::test]
async fn an_open_step_up_ends_with_the_settings_it_was_opened_under() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let asked = step_up_asked(&young, "app").await;
    let code = shown(&owner, &asked).await;
    step_up(&owner).await;
    ok(owner.secure_login(&json!({ "method": "email" })).await, 200);
    refused(young.verify_step_up(&asked, &code).await, 410, "attempt_closed");
    refused(owner.open_request(&asked).await, 410, "attempt_closed");
    assert_eq!(listed(&owner).await, [""; 0]);
    may_not(&young).await;
}

/// S4: five guesses, then not even the right code; and a code lives for five minutes.
#[tokio::test]
async fn a_step_up_s_code_is_guessed_at_five_times_and_lives_five_minutes() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let asked = step_up_asked(&young, "app").await;
    let code = shown(&owner, &asked).await;
    for left in (0..5).rev() {
        let wrong = young.verify_step_up(&asked, &wrong_code(&code, left + 1)).await;
        assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], left);
    }
    refused(young.verify_step_up(&asked, &code).await, 410, "attempt_closed");
    assert_eq!(world.story(&asked).await.last().unwrap(), "verification.locked");
    let late = step_up_asked(&young, "app").await;
    let code = shown(&owner, &late).await;
    world.local.advance(5 * 60).await.unwrap();
    ok(young.refresh().await, 200);
    refused(young.verify_step_up(&late, &code).await, 410, "code_expired");
    may_not(&young).await;
}

/// S4, S7: wrong codes at step-ups are counted with those at sign-ins; a trusted phone is never
/// paused by them, everybody else is.
#[tokio::test]
async fn wrong_codes_at_a_step_up_pause_new_devices_and_no_trusted_one() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let asked = step_up_asked(&young, "app").await;
    let code = shown(&owner, &asked).await;
    for by in 1..=5 {
        refused(young.verify_step_up(&asked, &wrong_code(&code, by)).await, 403, "code_incorrect");
    }
    ok(owner.remove_push().await, 204);
    guess_five_times(&world, &world.phone()).await;
    let locked = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(locked["status"], "locked");
    let again = step_up_asked(&young, "email").await;
    ok(young.verify_step_up(&again, &world.code().await).await, 200);
    may(&young).await;
    asked_by("email", &world.phone()).await;
}
