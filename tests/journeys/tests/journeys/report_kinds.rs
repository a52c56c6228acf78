//! "It wasn't me", said about each thing that a mail tells of.

use postern_client::client::Client;
use serde_json::json;

use crate::owners::{
    DAY, NEW_PASSWORD, may, named, ready_owner, recovery_codes, reset, settled_and_young,
    settled_owner, step_up, step_up_asked, subjects,
};
use crate::phones::asked_by;
use crate::reports::{is_out, mailed_token, password_is_dead, reported};
use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused};

/// Another address of the owner.
const MOVED: &str = "jana@novotna.example";

/// An owner's phone, and a thief's that was let in by the mailbox and is trusted for a day.
async fn owner_and_thief(world: &World) -> (Client, Client) {
    let owner = world.owner().await;
    let thief = world.second().await;
    world.local.drain().await.unwrap();
    world.local.advance(DAY).await.unwrap();
    ok(owner.refresh().await, 200);
    ok(thief.refresh().await, 200);
    (owner, thief)
}

/// Only the owner's phone is left, and gets in with the password.
async fn only_the_owner_is_left(world: &World, owner: &Client, thief: &Client) {
    is_out(thief).await;
    let devices = ok(owner.devices().await, 200).body;
    assert_eq!(named(&devices["devices"], "id"), [owner.session().unwrap().device]);
    password_is_dead(world, PASSWORD).await;
    let done = ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!((&done["status"], &done["next"]), (&json!("complete"), &json!("change_password")));
}

/// L4, P2: somebody who is signed in wanted to change something.
#[tokio::test]
async fn a_reported_step_up_puts_the_device_out_that_asked_for_it() {
    let world = World::open().await;
    let owner = world.owner().await;
    let thief = world.second().await;
    let step = step_up_asked(&thief, "email").await;
    let code = world.code().await;
    let token = mailed_token(&world, EMAIL, "confirmation code").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    refused(thief.verify_step_up(&step, &code).await, 401, "invalid_token");
    assert_eq!(world.story(&step).await.last().unwrap(), "verification.reported");
    only_the_owner_is_left(&world, &owner, &thief).await;
}

/// L4: the owner's own phone is none the worse for it, and steps up as before.
#[tokio::test]
async fn a_reported_step_up_of_another_device_holds_up_none_of_the_owner_s() {
    let world = World::open().await;
    let (owner, thief) = settled_and_young(&world).await;
    let step = step_up_asked(&thief, "app").await;
    ok(thief.resend_step_up_by(&step, "email").await, 202);
    let token = mailed_token(&world, EMAIL, "confirmation code").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    is_out(&thief).await;
    ok(owner.refresh().await, 200);
    step_up(&owner).await;
    may(&owner).await;
}

/// L4, L5: somebody changed the password; the way back is the mailbox.
#[tokio::test]
async fn a_reported_change_of_password_puts_its_author_out_and_the_new_one_is_worthless() {
    let world = World::open().await;
    let (owner, thief) = owner_and_thief(&world).await;
    ok(thief.change_password_alone(PASSWORD, NEW_PASSWORD).await, 204);
    let token = mailed_token(&world, EMAIL, "password was changed").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    is_out(&thief).await;
    password_is_dead(&world, NEW_PASSWORD).await;
    refused(thief.sign_in(EMAIL, NEW_PASSWORD).await, 401, "invalid_credentials");
    let security = ok(owner.login_security().await, 200).body;
    assert_eq!(named(&security["advice"], "code")[0], "change_password");

    reset(&world, &owner, EMAIL, "umbra-Thistle-27-ferry").await;
    let asked = ok(owner.sign_in(EMAIL, "umbra-Thistle-27-ferry").await, 201);
    assert_eq!(asked.body["status"], "code_required");
    ok(owner.verify(&id(&asked), &world.code().await).await, 200);
    refused(thief.sign_in(EMAIL, NEW_PASSWORD).await, 401, "invalid_credentials");
}

/// L4, L5: said too late: the password that the mailbox has set since is another one, and stands.
#[tokio::test]
async fn an_old_report_of_a_change_does_not_touch_a_password_that_was_set_since() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    let token = mailed_token(&world, EMAIL, "password was changed").await;
    world.local.advance(60).await.unwrap();
    reset(&world, &world.phone(), EMAIL, PASSWORD).await;
    reported(&world.phone(), &token, Some("change_password")).await;
    // The owner's own phone lost its trust with the reset, and may use the mailed code.
    let asked = ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    ok(owner.verify(&id(&asked), &world.code().await).await, 200);
}

/// L4, C8: somebody set a password through the mailbox; it opens nothing from then on.
#[tokio::test]
async fn a_reported_reset_makes_its_password_worthless() {
    let world = World::open().await;
    settled_owner(&world).await;
    let thief = world.phone();
    reset(&world, &thief, EMAIL, NEW_PASSWORD).await;
    let token = mailed_token(&world, EMAIL, "password was reset").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    refused(thief.sign_in(EMAIL, NEW_PASSWORD).await, 401, "invalid_credentials");
    password_is_dead(&world, NEW_PASSWORD).await;
}

/// L4, C8: a reset that nobody has completed ends; whoever asked for it knew nothing, so the password
/// stays.
#[tokio::test]
async fn a_reported_reset_code_ends_the_reset_and_nothing_else() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let thief = world.phone();
    let opened = id(&ok(thief.forget_password(EMAIL).await, 202));
    let code = world.code().await;
    let token = mailed_token(&world, EMAIL, "password reset code").await;
    reported(&world.phone(), &token, None).await;
    refused(thief.verify_reset(&opened, &code, NEW_PASSWORD).await, 410, "attempt_closed");
    refused(thief.resend_reset(&opened).await, 410, "attempt_closed");
    ok(owner.account().await, 200);
    for phone in [&thief, &world.phone()] {
        asked(phone).await;
    }
}

/// L4, S1, C8: somebody registers an address that isn't theirs; that registration never ends well.
#[tokio::test]
async fn a_reported_registration_never_opens_an_account() {
    let world = World::open().await;
    let thief = world.phone();
    let opened = id(&ok(thief.register(EMAIL, PASSWORD).await, 202));
    let code = world.code().await;
    let token = mailed_token(&world, EMAIL, "registration code").await;
    reported(&world.phone(), &token, None).await;
    refused(thief.verify_registration(&opened, &code).await, 410, "attempt_closed");
    refused(thief.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
    // And the address is still its owner's to register.
    world.local.advance(30 * 60).await.unwrap();
    let owner = world.owner().await;
    ok(owner.account().await, 200);
}

/// L4, S1: a registration of a taken address did no harm, and saying so does none either.
#[tokio::test]
async fn a_reported_registration_of_a_taken_address_leaves_its_owner_alone() {
    let world = World::open().await;
    let owner = world.owner().await;
    ok(world.phone().register(EMAIL, NEW_PASSWORD).await, 202);
    let token = mailed_token(&world, EMAIL, "already have").await;
    reported(&world.phone(), &token, None).await;
    ok(owner.account().await, 200);
    asked(&world.phone()).await;
}

/// L4, P5: the former mailbox hears that the account has moved. It may be lost or sold, so it moves
/// nothing back: people have to look.
#[tokio::test]
async fn a_reported_change_of_address_puts_its_author_out_and_sends_to_support() {
    let world = World::open().await;
    let (owner, thief) = owner_and_thief(&world).await;
    step_up(&thief).await;
    let change = id(&ok(thief.change_email(MOVED).await, 202));
    let code = world.local.mailed_code(MOVED).await.unwrap();
    ok(thief.verify_email_change(&change, &code).await, 204);
    let token = mailed_token(&world, EMAIL, "e-mail address of your").await;
    reported(&world.phone(), &token, Some("contact_support")).await;
    is_out(&thief).await;
    assert_eq!(ok(owner.account().await, 200).body["email"], MOVED);
    refused(world.phone().sign_in(MOVED, PASSWORD).await, 401, "invalid_credentials");
    refused(world.phone().sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
}

/// L4, P5: an address that somebody mistyped belongs to a stranger. "It wasn't me" from there ends the
/// change, and reaches nothing of an account that the stranger has no part in.
#[tokio::test]
async fn a_stranger_whose_address_was_mistyped_ends_the_change_and_nothing_else() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let change = id(&ok(owner.change_email(MOVED).await, 202));
    let code = world.local.mailed_code(MOVED).await.unwrap();
    let token = mailed_token(&world, MOVED, "code for a new e-mail").await;
    reported(&world.phone(), &token, None).await;
    ok(owner.account().await, 200);
    refused(owner.verify_email_change(&change, &code).await, 410, "attempt_closed");
    let security = ok(owner.login_security().await, 200).body;
    assert!(!named(&security["advice"], "code").contains(&"change_password"));
    asked_by("app", &world.phone()).await;
}

/// L4, P2: the second step is on again, and whoever turned it off is out.
#[tokio::test]
async fn reporting_that_it_was_turned_off_turns_it_on_again() {
    let world = World::open().await;
    let (owner, thief) = owner_and_thief(&world).await;
    step_up(&thief).await;
    ok(thief.secure_login(&json!({ "two_step_enabled": false })).await, 200);
    is_out(&owner).await;
    let token = mailed_token(&world, EMAIL, "turned off").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    is_out(&thief).await;
    password_is_dead(&world, PASSWORD).await;
    reset(&world, &owner, EMAIL, NEW_PASSWORD).await;
    // Nobody was trusted any more, so nobody's key is known to be the owner's: all wait for a day.
    for phone in [&owner, &thief] {
        let asked = ok(phone.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
        assert_eq!((&asked["status"], &asked["next"]), (&json!("unreachable"), &json!("wait")));
    }
    world.local.advance(DAY).await.unwrap();
    let asked = ok(owner.sign_in(EMAIL, NEW_PASSWORD).await, 201);
    assert_eq!(asked.body["status"], "code_required");
    ok(owner.verify(&id(&asked), &world.code().await).await, 200);
    let security = ok(owner.login_security().await, 200).body;
    assert_eq!(security["two_step_enabled"], true);
}

/// L4, T2: whoever removed another device is out; the removed one gets in as any new device does.
#[tokio::test]
async fn reporting_a_removal_puts_out_whoever_removed() {
    let world = World::open().await;
    let (owner, thief) = owner_and_thief(&world).await;
    ok(thief.remove_device(&owner.session().unwrap().device).await, 204);
    is_out(&owner).await;
    let token = mailed_token(&world, EMAIL, "device was removed").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    is_out(&thief).await;
    password_is_dead(&world, PASSWORD).await;
}

/// L4: codes that somebody else has made let nobody in.
#[tokio::test]
async fn reported_recovery_codes_are_dead() {
    let world = World::open().await;
    let (owner, thief) = owner_and_thief(&world).await;
    step_up(&thief).await;
    let codes = recovery_codes(&thief).await;
    let token = mailed_token(&world, EMAIL, "recovery codes").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    only_the_owner_is_left(&world, &owner, &thief).await;
    assert_eq!(ok(owner.login_security().await, 200).body["recovery_codes_left"], 0);
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    let asked = ok(thief.sign_in(EMAIL, NEW_PASSWORD).await, 201);
    refused(thief.verify(&id(&asked), &codes[0]).await, 403, "code_incorrect");
}

/// L4, S4: whoever guessed at codes knew the password.
#[tokio::test]
async fn a_reported_pause_makes_the_password_worthless_to_strangers() {
    let world = World::open().await;
    let owner = world.owner().await;
    for _ in 0..2 {
        crate::pause::guess_five_times(&world, &world.phone()).await;
    }
    let token = mailed_token(&world, EMAIL, "paused").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    password_is_dead(&world, PASSWORD).await;
    let done = ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!((&done["status"], &done["next"]), (&json!("complete"), &json!("change_password")));
    assert_eq!(subjects(&world, EMAIL).await.iter().filter(|it| it.contains("removed")).count(), 0);
}
