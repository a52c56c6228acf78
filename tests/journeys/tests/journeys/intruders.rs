//! What somebody tries who is already inside: who has the password, the mailbox or a device of their
//! own on the account.

use postern_client::client::Client;
use serde_json::json;

use crate::owners::{
    DAY, NEW_PASSWORD, named, ready_owner, reset, settled_and_young, settled_owner, step_up,
    step_up_asked,
};
use crate::phones::{asked_by, let_in, listed};
use crate::repeats::KEY;
use crate::reports::{is_out, mailed_token, password_is_dead, reported};
use crate::world::{EMAIL, PASSWORD, World, id, ok, refused};

/// Addresses that the account might move to.
const ELSEWHERE: [&str; 3] = ["jana@a.example", "jana@b.example", "jana@c.example"];
/// A further password of the thief's.
const ANOTHER_PASSWORD: &str = "umbra-Thistle-27-ferry";
/// Step-ups by a code that an account may open within an hour.
const STEP_UPS_AN_HOUR: usize = 5;

/// The owner's phone, and a thief's that was let in by the mailbox and is trusted for a day.
async fn owner_and_thief(world: &World) -> (Client, Client) {
    let owner = settled_owner(world).await;
    ok(owner.remove_push().await, 204);
    let thief = world.second().await;
    world.local.drain().await.unwrap();
    world.local.advance(DAY).await.unwrap();
    for phone in [&owner, &thief] {
        ok(phone.refresh().await, 200);
    }
    (owner, thief)
}

/// P2, S7, L4: whoever got one device in gets a second one in too; the two don't vouch for each other.
#[tokio::test]
async fn two_young_devices_do_not_step_each_other_up() {
    let world = World::open().await;
    let (owner, one) = settled_and_young(&world).await;
    let other = world.phone();
    let_in(&owner, &other).await;
    let step = step_up_asked(&one, "app").await;
    assert_eq!(listed(&owner).await, std::slice::from_ref(&step));
    assert_eq!(listed(&other).await, [""; 0]);
    refused(other.open_request(&step).await, 404, "not_found");
    refused(other.deny(&step).await, 404, "not_found");

    // And a young device is no way to step the other up when there is no elder one.
    ok(owner.remove_device(&owner.session().unwrap().device).await, 204);
    refused(one.verify_step_up(&step, "000000").await, 410, "attempt_closed");
    let step = step_up_asked(&one, "email").await;
    assert_eq!(listed(&other).await, [""; 0]);
    ok(one.verify_step_up(&step, &world.code().await).await, 200);
}

/// C8, L4: a thief whom a report has just put out has the mailbox too: the password that it sets lets
/// no device in for a day, though nobody is trusted any more.
#[tokio::test]
async fn a_reset_after_a_report_makes_every_key_wait() {
    let world = World::open().await;
    let (owner, thief) = owner_and_thief(&world).await;
    ok(thief.remove_device(&owner.session().unwrap().device).await, 204);
    let token = mailed_token(&world, EMAIL, "device was removed").await;
    reported(&world.phone(), &token, Some("change_password")).await;
    is_out(&thief).await;
    reset(&world, &thief, EMAIL, NEW_PASSWORD).await;
    for phone in [&thief, &world.phone()] {
        let asked = ok(phone.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
        assert_eq!((&asked["status"], &asked["next"]), (&json!("unreachable"), &json!("wait")));
    }
    world.local.advance(DAY).await.unwrap();
    let asked = ok(thief.sign_in(EMAIL, NEW_PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
}

/// L4, L5: changing the password a second time doesn't save what the reported device has set.
#[tokio::test]
async fn no_password_of_a_reported_device_is_worth_anything() {
    let world = World::open().await;
    let (owner, thief) = owner_and_thief(&world).await;
    ok(thief.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    let token = mailed_token(&world, EMAIL, "password was changed").await;
    ok(thief.change_password(NEW_PASSWORD, ANOTHER_PASSWORD).await, 204);
    reported(&world.phone(), &token, Some("change_password")).await;
    is_out(&thief).await;
    for password in [PASSWORD, NEW_PASSWORD, ANOTHER_PASSWORD] {
        password_is_dead(&world, password).await;
        refused(thief.sign_in(EMAIL, password).await, 401, "invalid_credentials");
    }
    // The owner proves the mailbox and is in again, once the wait is over.
    reset(&world, &owner, EMAIL, PASSWORD).await;
    world.local.advance(DAY).await.unwrap();
    let asked = ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    ok(owner.verify(&id(&asked), &world.code().await).await, 200);
    ok(owner.account().await, 200);
}

/// L4, S6: a device that was let in again in the meantime is out by the report of the first time.
#[tokio::test]
async fn one_report_ends_every_session_of_the_device() {
    let world = World::open().await;
    let owner = world.owner().await;
    let thief = world.phone();
    let attempt = asked_by("email", &thief).await;
    ok(thief.verify_just_this_once(&attempt, &world.code().await).await, 200);
    let token = mailed_token(&world, EMAIL, "sign-in code").await;
    let first = thief.session();
    let attempt = asked_by("email", &thief).await;
    ok(thief.verify(&attempt, &world.code().await).await, 200);
    assert!(thief.session().unwrap().trusted);
    reported(&world.phone(), &token, Some("change_password")).await;
    is_out(&thief).await;
    thief.keep(first);
    is_out(&thief).await;
    let devices = ok(owner.devices().await, 200).body;
    assert_eq!(named(&devices["devices"], "id"), [owner.session().unwrap().device]);
}

/// P5, C2: an account sends to few addresses that aren't its own; the next one gets no mail.
#[tokio::test]
async fn an_account_mails_two_new_addresses_and_no_third() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let [first, second, third] = ELSEWHERE;
    for address in [first, second] {
        ok(owner.change_email(address).await, 202);
        assert_eq!(world.mails(address).await, 1);
    }
    refused(owner.change_email(third).await, 429, "rate_limited");
    assert_eq!(world.mails(third).await, 0);
    world.local.advance(30 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
    step_up(&owner).await;
    ok(owner.change_email(third).await, 202);
    assert_eq!(world.mails(third).await, 1);
}

/// P2, C2: a stolen phone doesn't make the owner's ring for ever.
#[tokio::test]
async fn only_so_many_step_ups_ask_for_a_code_within_an_hour() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    for _ in 0..STEP_UPS_AN_HOUR {
        step_up_asked(&young, "app").await;
    }
    let asked = listed(&owner).await;
    refused(young.step_up(PASSWORD).await, 429, "too_many_attempts");
    assert_eq!(listed(&owner).await, asked);
    // Whom nothing has to vouch for isn't held up by it.
    step_up(&owner).await;
    world.local.advance(60 * 60).await.unwrap();
    ok(young.refresh().await, 200);
    step_up_asked(&young, "app").await;
}

/// S9, P2: a day later the same key is another call: it makes new codes and shows no old ones.
#[tokio::test]
async fn recovery_codes_are_shown_again_for_a_day_and_no_longer() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let made = async || {
        let made = owner.post_once_signed_in(KEY, "/v1/recovery-codes", &json!({})).await;
        ok(made, 200).body["codes"].take()
    };
    let first = made().await;
    assert_eq!(made().await, first);
    world.local.advance(DAY + 1).await.unwrap();
    ok(owner.refresh().await, 200);
    step_up(&owner).await;
    let second = made().await;
    assert_ne!(second, first);
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    refused(phone.verify(&attempt, first[0].as_str().unwrap()).await, 403, "code_incorrect");
    ok(phone.verify(&attempt, second[0].as_str().unwrap()).await, 200);
}
