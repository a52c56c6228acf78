//! Attempts that an account's change ends: whoever waits for them is told.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::phones::{BLUE, GREEN, asked_by, listed, owner_with_push, shown, told, two_phones};
use crate::world::{EMAIL, PASSWORD, World, ok, refused};

/// The last event of an attempt: its name and what it says.
async fn last_of(world: &World, attempt: &str) -> (String, Value) {
    let commits = world.log(Some(&format!("sign_in/{attempt}"))).await;
    let last = commits.last().unwrap().events.last().unwrap();
    (last.name.clone(), last.data.clone())
}

/// The attempt has died with the account's change, and the new device sees so.
async fn died(world: &World, phone: &Client, attempt: &str, code: &str) {
    let (name, data) = last_of(world, attempt).await;
    assert_eq!(name, "sign_in.cancelled");
    assert_eq!(data, json!({ "because": "account_changed" }));
    let polled = ok(phone.poll(attempt).await, 200).body;
    assert_eq!(polled, json!({ "id": attempt, "status": "cancelled", "session": null }));
    refused(phone.verify(attempt, code).await, 410, "attempt_closed");
    refused(phone.resend(attempt).await, 410, "attempt_closed");
}

/// T2, T3: a removed device may have read the code, so the attempt ends; all that wait are told.
#[tokio::test]
async fn removing_a_device_cancels_open_attempts_and_the_other_phones_are_told() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&second, &attempt).await;
    let (blue, green) = (told(&world, BLUE).await, told(&world, GREEN).await);
    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    died(&world, &phone, &attempt, &code).await;
    let closed = vec![format!("request_closed {attempt}")];
    assert_eq!(told(&world, BLUE).await, [blue, closed].concat());
    assert_eq!(told(&world, GREEN).await, [green, vec!["signed_out".to_owned()]].concat());
    assert_eq!(listed(&owner).await, [""; 0]);
    refused(owner.open_request(&attempt).await, 410, "attempt_closed");
    let again = asked_by("app", &phone).await;
    ok(phone.verify(&again, &shown(&owner, &again).await).await, 200);
}

/// T3: so does signing out everywhere.
#[tokio::test]
async fn signing_out_everywhere_cancels_open_attempts_and_the_phone_that_stays_is_told() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&second, &attempt).await;
    let (blue, green) = (told(&world, BLUE).await, told(&world, GREEN).await);
    ok(owner.sign_out_everywhere().await, 204);
    died(&world, &phone, &attempt, &code).await;
    let closed = vec![format!("request_closed {attempt}")];
    assert_eq!(told(&world, BLUE).await, [blue, closed].concat());
    assert_eq!(told(&world, GREEN).await, [green, vec!["signed_out".to_owned()]].concat());
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    assert_eq!(listed(&owner).await, [""; 0]);
}

/// T2, C3: an attempt whose code was mailed ends alike, and every one that is open does.
#[tokio::test]
async fn every_open_attempt_is_cancelled_whichever_way_its_code_went() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let (one, other) = (world.phone(), world.phone());
    let by_app = asked_by("app", &one).await;
    let by_mail = asked_by("app", &other).await;
    ok(other.resend_by(&by_mail, "email").await, 202);
    let codes = (shown(&owner, &by_app).await, world.code().await);
    ok(owner.remove_device(&owner.session().unwrap().device).await, 204);
    died(&world, &one, &by_app, &codes.0).await;
    died(&world, &other, &by_mail, &codes.1).await;
}

/// T2, L1: what was over before stays as it ended.
#[tokio::test]
async fn an_attempt_that_is_over_is_not_cancelled_once_more() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let phone = world.phone();
    let given_up = asked_by("app", &phone).await;
    ok(phone.cancel(&given_up).await, 204);
    let denied = asked_by("app", &phone).await;
    ok(owner.deny(&denied).await, 200);
    let expired = asked_by("app", &phone).await;
    world.local.drain().await.unwrap();
    world.local.advance(10 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
    let complete = asked_by("app", &phone).await;
    ok(phone.verify(&complete, &shown(&owner, &complete).await).await, 200);
    ok(owner.remove_device(&second.session().unwrap().device).await, 204);
    let given_up_by_itself = ("sign_in.cancelled".to_owned(), json!({}));
    assert_eq!(last_of(&world, &given_up).await, given_up_by_itself);
    for (attempt, last) in [
        (&denied, "sign_in.denied"),
        (&expired, "sign_in.code_issued"),
        (&complete, "sign_in.completed"),
    ] {
        assert_eq!(last_of(&world, attempt).await.0, last);
    }
}
