//! The day after a reset: one mailbox must not be both factors.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::owners::{DAY, NEW_PASSWORD, newest, ready_owner, recovery_codes, reset};
use crate::phones::{BLUE, account_story, listed, owner_with_push, pushed_to, shown, told};
use crate::world::{EMAIL, PASSWORD, World, id, ok, refused};

/// What a thief takes for a new password.
const THIEFS_PASSWORD: &str = "grebe-Anvil-31-tundra";
/// Half an hour, after which the address gets a further mail that anybody can ask for.
const NEXT_MAIL: u64 = 30 * 60;

/// Signs in on a device, whatever comes of it.
async fn signed_in(phone: &Client, password: &str) -> Value {
    ok(phone.sign_in(EMAIL, password).await, 201).body
}

/// The mailbox is no way for this key for nearly so many seconds, and there is no other.
async fn held(world: &World, phone: &Client, password: &str, seconds: i64) {
    let mails = world.mails(EMAIL).await;
    let view = signed_in(phone, password).await;
    assert_eq!(view["status"], "unreachable", "{view}");
    assert_eq!(view["next"], "wait");
    let about = |wait: &Value| (seconds - 60..=seconds).contains(&wait.as_i64().unwrap());
    assert!(about(&view["available_in"]), "{view}");
    let [app, email] = view["unavailable_methods"].as_array().unwrap().as_slice() else {
        panic!("{view}")
    };
    assert_eq!(app, &json!({ "method": "app", "because": "no_device" }));
    assert_eq!((&email["method"], &email["because"]), (&json!("email"), &json!("recently_reset")));
    assert!(about(&email["available_in"]), "{view}");
    let attempt = view["id"].as_str().unwrap();
    assert_eq!(ok(phone.poll(attempt).await, 200).body["status"], "unreachable");
    refused(phone.verify(attempt, "000000").await, 410, "attempt_closed");
    assert_eq!(world.mails(EMAIL).await, mails);
    assert_eq!(phone.session(), None);
}

/// Somebody who has the mailbox resets the password of an account whose owner has a phone.
async fn taken_over(world: &World) -> (Client, Client) {
    let owner = owner_with_push(world).await;
    let thief = world.phone();
    reset(world, &thief, EMAIL, THIEFS_PASSWORD).await;
    (owner, thief)
}

/// C8, C3, S5: whoever has the mailbox alone gets no further for a day, to the second.
#[tokio::test]
async fn for_a_day_the_mailbox_that_set_the_password_lets_no_new_device_in() {
    let world = World::open().await;
    let (_owner, thief) = taken_over(&world).await;
    let reset_at = newest(&world, "account.password_reset").await.time;
    let day = i64::try_from(DAY).unwrap();
    held(&world, &thief, THIEFS_PASSWORD, day).await;
    world.advance_until(&reset_at, -(day - 40)).await;
    held(&world, &thief, THIEFS_PASSWORD, 60).await;

    world.advance_until(&reset_at, -(day + 1)).await;
    let view = signed_in(&thief, THIEFS_PASSWORD).await;
    assert_eq!(view["status"], "code_required", "{view}");
    assert_eq!(view["method"], "email");
    assert_eq!(view["available_methods"], json!(["email"]));
    ok(thief.verify(view["id"].as_str().unwrap(), &world.code().await).await, 200);
}

/// C8, S7: the owner's own phone, which was trusted until then, is let in by mail at once and shows
/// codes again.
#[tokio::test]
async fn a_key_that_was_trusted_is_let_in_at_once_and_shows_codes_to_new_ones() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    reset(&world, &owner, EMAIL, NEW_PASSWORD).await;
    let asked = signed_in(&owner, NEW_PASSWORD).await;
    assert_eq!((&asked["status"], &asked["method"]), (&json!("code_required"), &json!("email")));
    ok(owner.verify(asked["id"].as_str().unwrap(), &world.code().await).await, 200);
    assert!(owner.session().unwrap().trusted);
    pushed_to(&owner, BLUE).await;

    let phone = world.phone();
    let asked = signed_in(&phone, NEW_PASSWORD).await;
    assert_eq!((&asked["status"], &asked["method"]), (&json!("code_required"), &json!("app")));
    assert_eq!(asked["available_methods"], json!(["app"]));
    let without = asked["unavailable_methods"].as_array().unwrap();
    assert_eq!(without.len(), 1);
    assert_eq!(without[0]["method"], "email");
    assert_eq!(without[0]["because"], "recently_reset");
    let attempt = asked["id"].as_str().unwrap();
    let by_mail = refused(phone.resend_by(attempt, "email").await, 409, "channel_unavailable");
    assert_eq!(by_mail.body["because"], "recently_reset");
    assert_eq!(told(&world, BLUE).await.last().unwrap(), &format!("sign_in_request {attempt}"));
    ok(phone.verify(attempt, &shown(&owner, attempt).await).await, 200);
    assert!(phone.session().unwrap().trusted);
}

/// C8, C1, C2: a phone that no push reaches can still be opened and looked at: nobody is sent away
/// while there is one.
#[tokio::test]
async fn a_trusted_phone_without_notifications_is_a_way_also_while_mail_is_none() {
    let world = World::open().await;
    let owner = world.owner().await;
    reset(&world, &owner, EMAIL, NEW_PASSWORD).await;
    let asked = signed_in(&owner, NEW_PASSWORD).await;
    ok(owner.verify(asked["id"].as_str().unwrap(), &world.code().await).await, 200);

    let phone = world.phone();
    let asked = signed_in(&phone, NEW_PASSWORD).await;
    assert_eq!(asked["status"], "code_required", "{asked}");
    assert_eq!(asked["method"], "app");
    assert_eq!(asked["delivery"], "undeliverable");
    let attempt = asked["id"].as_str().unwrap();
    ok(phone.verify(attempt, &shown(&owner, attempt).await).await, 200);
}

/// C8: resetting once more buys a thief nothing, and costs the owner nothing.
#[tokio::test]
async fn a_second_reset_does_not_lift_the_day() {
    let world = World::open().await;
    let (owner, thief) = taken_over(&world).await;
    world.local.advance(NEXT_MAIL).await.unwrap();
    reset(&world, &thief, EMAIL, NEW_PASSWORD).await;
    held(&world, &thief, NEW_PASSWORD, i64::try_from(DAY).unwrap()).await;
    let asked = signed_in(&owner, NEW_PASSWORD).await;
    assert_eq!((&asked["status"], &asked["method"]), (&json!("code_required"), &json!("email")));
    ok(owner.verify(asked["id"].as_str().unwrap(), &world.code().await).await, 200);
}

/// C8, T2: where nobody was trusted there is nobody to wait for: mail works at once.
#[tokio::test]
async fn an_account_without_trusted_devices_has_no_wait() {
    let world = World::open().await;
    let owner = world.owner().await;
    ok(owner.remove_device(&owner.session().unwrap().device).await, 204);
    let phone = world.phone();
    reset(&world, &phone, EMAIL, NEW_PASSWORD).await;
    let asked = signed_in(&phone, NEW_PASSWORD).await;
    assert_eq!((&asked["status"], &asked["method"]), (&json!("code_required"), &json!("email")));
    ok(phone.verify(asked["id"].as_str().unwrap(), &world.code().await).await, 200);
}

/// C8, S7: a device that had been removed before the reset was not trusted then, and waits.
#[tokio::test]
async fn a_key_that_had_been_removed_before_waits_like_any_other() {
    let world = World::open().await;
    let owner = world.owner().await;
    let second = world.second().await;
    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    second.keep(None);
    reset(&world, &second, EMAIL, NEW_PASSWORD).await;
    held(&world, &second, NEW_PASSWORD, i64::try_from(DAY).unwrap()).await;
}

/// C8, L4: the owner's phone sees who asks, and refuses.
#[tokio::test]
async fn the_owner_s_phone_refuses_a_thief_who_has_the_mailbox() {
    let world = World::open().await;
    let (owner, thief) = taken_over(&world).await;
    let asked = signed_in(&owner, THIEFS_PASSWORD).await;
    ok(owner.verify(asked["id"].as_str().unwrap(), &world.code().await).await, 200);
    pushed_to(&owner, BLUE).await;
    let attempt = id(&ok(thief.sign_in(EMAIL, THIEFS_PASSWORD).await, 201));
    assert_eq!(listed(&owner).await, [attempt.as_str()]);
    ok(owner.deny(&attempt).await, 200);
    ok(owner.change_password(THIEFS_PASSWORD, PASSWORD).await, 204);
    refused(thief.sign_in(EMAIL, THIEFS_PASSWORD).await, 401, "invalid_credentials");
    assert!(account_story(&world, &owner).await.contains(&"account.password_reset".to_owned()));
}

/// C8, C3: a recovery code is the way for those who have neither phone nor time.
#[tokio::test]
async fn a_recovery_code_completes_an_attempt_that_reaches_nobody() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let codes = recovery_codes(&owner).await;
    let phone = world.phone();
    reset(&world, &phone, EMAIL, NEW_PASSWORD).await;
    let view = signed_in(&phone, NEW_PASSWORD).await;
    assert_eq!(view["status"], "unreachable");
    let attempt = view["id"].as_str().unwrap();
    let done = ok(phone.verify(attempt, &codes[0]).await, 200).body;
    assert_eq!(done["status"], "complete");
    assert_eq!(done["session"]["device"]["trusted"], true);
    ok(phone.account().await, 200);
    let story = world.story(attempt).await;
    assert_eq!(story, ["sign_in.attempted", "sign_in.recovery_code_used", "sign_in.completed"]);
}
