//! What becomes of mails after they were sent, and what follows where they come back.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::owners::{NEW_PASSWORD, named, ready_owner, reset, settled_owner};
use crate::phones::{BLUE, asked_by, pushed_to, shown, told};
use crate::world::{EMAIL, HINT, PASSWORD, WRONG_PASSWORD, World, asked, id, ok, refused};

/// What comes back until it is mended.
const BOUNCE: &str = "bounce";

/// Mail comes back from now on, or doesn't any more.
async fn mail_comes_back(world: &World, comes_back: bool) {
    world.local.drain().await.unwrap();
    let faults = if comes_back { json!({ "email": BOUNCE }) } else { json!({}) };
    world.local.faults(&faults).await.unwrap();
}

/// An owner whose address has just been found not to work.
async fn bounced_owner(world: &World) -> Client {
    let owner = world.owner().await;
    mail_comes_back(world, true).await;
    asked_by("email", &world.phone()).await;
    world.local.drain().await.unwrap();
    owner
}

/// Why mail is no way.
fn without_mail() -> Value {
    json!({ "method": "email", "because": "bounced" })
}

async fn deliverable(owner: &Client) -> bool {
    let account = ok(owner.account().await, 200).body;
    account["email_deliverable"].as_bool().unwrap()
}

/// C7: how far a code's mail has come is told while it is waited for, to the last step.
#[tokio::test]
async fn a_mail_that_arrived_is_told_to_have_arrived() {
    let world = World::open().await;
    let owner = world.owner().await;
    world.local.drain().await.unwrap();
    world.local.faults(&json!({ "notify": "paused" })).await.unwrap();
    let phone = world.phone();
    let attempt = asked(&phone).await;
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["delivery"], "queued");
    world.local.faults(&json!({})).await.unwrap();
    world.local.drain().await.unwrap();
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["delivery"], "delivered");
    assert_eq!(world.sends(&attempt).await, [["claimed", "sent", "delivered"]]);
    assert!(deliverable(&owner).await);
}

/// C3, C7: the attempt learns that its mail came back; the next one goes another way by itself, and the
/// owner is advised on the phone that still works.
#[tokio::test]
async fn a_mail_that_comes_back_is_told_and_its_way_is_avoided() {
    let world = World::open().await;
    let owner = world.owner().await;
    mail_comes_back(&world, true).await;
    let phone = world.phone();
    let attempt = asked_by("email", &phone).await;
    world.local.drain().await.unwrap();
    let polled = ok(phone.poll(&attempt).await, 200).body;
    assert_eq!(polled["delivery"], "bounced");
    assert_eq!(polled["available_methods"], json!(["app"]));
    assert_eq!(polled["unavailable_methods"], json!([without_mail()]));
    assert_eq!(world.sends(&attempt).await, [["claimed", "sent", "bounced"]]);
    assert!(!deliverable(&owner).await);
    let security = ok(owner.login_security().await, 200).body;
    assert_eq!(security["available_methods"], json!([]));
    assert!(named(&security["advice"], "code").contains(&"email_undeliverable"));

    // The phone on which nothing is pushed is no way that is taken by itself; now it is one.
    pushed_to(&owner, BLUE).await;
    let attempt = asked_by("app", &phone).await;
    let refused = refused(phone.resend_by(&attempt, "email").await, 409, "channel_unavailable");
    assert_eq!(refused.body["because"], "bounced");
    assert_eq!(told(&world, BLUE).await, [format!("sign_in_request {attempt}")]);
    ok(phone.verify(&attempt, &shown(&owner, &attempt).await).await, 200);
}

/// C3, C7, H1: where nothing else reaches the owner, that is said, and who helps; no code is claimed to
/// be on its way, and no guess can be made.
#[tokio::test]
async fn an_owner_whom_no_mail_reaches_is_sent_to_support() {
    let world = World::open().await;
    let owner = bounced_owner(&world).await;
    ok(owner.remove_device(&owner.session().unwrap().device).await, 204);
    let phone = world.phone();
    let mails = world.mails(EMAIL).await;
    let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(asked.body["status"], "unreachable");
    assert_eq!(asked.body["next"], "contact_support");
    assert_eq!(asked.body.get("available_in"), None);
    let no_device = json!({ "method": "app", "because": "no_device" });
    assert_eq!(asked.body["unavailable_methods"], json!([no_device, without_mail()]));
    assert_eq!(asked.body["session"], json!(null));
    refused(phone.verify(&id(&asked), "123456").await, 410, "attempt_closed");
    let again = refused(phone.resend_by(&id(&asked), "email").await, 409, "channel_unavailable");
    assert_eq!(again.body["because"], "bounced");
    assert_eq!(world.mails(EMAIL).await, mails);
    let refused = refused(phone.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    assert_eq!(refused.body.get("next"), None);
}

/// C3, C8: once mail works again a reset proves it, and codes are mailed as before.
#[tokio::test]
async fn a_reset_proves_that_mail_works_again() {
    let world = World::open().await;
    let owner = bounced_owner(&world).await;
    ok(owner.remove_device(&owner.session().unwrap().device).await, 204);
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "unreachable");
    mail_comes_back(&world, false).await;
    // A mailbox that works again says nothing by itself.
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "unreachable");
    world.local.advance(30 * 60).await.unwrap();
    reset(&world, &owner, EMAIL, NEW_PASSWORD).await;
    let asked = ok(owner.sign_in(EMAIL, NEW_PASSWORD).await, 201);
    assert_eq!(asked.body["status"], "code_required", "{}", asked.body);
    assert_eq!(asked.body["method"], "email", "{}", asked.body);
    assert_eq!(asked.body["sent_to"]["email_hint"], HINT);
    ok(owner.verify(&id(&asked), &world.code().await).await, 200);
    assert!(deliverable(&owner).await);
}

/// C3, P5: so does proving the address once more, also the same one.
#[tokio::test]
async fn proving_the_address_again_proves_that_mail_works_again() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    mail_comes_back(&world, true).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    world.local.drain().await.unwrap();
    assert!(!deliverable(&owner).await);
    mail_comes_back(&world, false).await;
    let change = id(&ok(owner.change_email(EMAIL).await, 202));
    let code = world.code().await;
    ok(owner.verify_email_change(&change, &code).await, 204);
    assert!(deliverable(&owner).await);
    let security = ok(owner.login_security().await, 200).body;
    assert!(!named(&security["advice"], "code").contains(&"email_undeliverable"));
}

/// C3: a notice that comes back says the same as a code that does.
#[tokio::test]
async fn a_notice_that_comes_back_counts_too() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    mail_comes_back(&world, true).await;
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    world.local.drain().await.unwrap();
    assert!(!deliverable(&owner).await);
}

/// C3, C7: so does a mail that took the app's place; the next code is shown in the app again, and the
/// owner reads there why no mail comes.
#[tokio::test]
async fn an_owner_reads_on_the_phone_that_works_why_mail_is_avoided() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    mail_comes_back(&world, true).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    world.local.drain().await.unwrap();
    let polled = ok(phone.poll(&attempt).await, 200).body;
    assert_eq!(polled["delivery"], "bounced");
    assert_eq!(polled["available_methods"], json!(["app"]));
    assert_eq!(polled["unavailable_methods"], json!([without_mail()]));
    let next = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!((&next["method"], &next["available_methods"]), (&json!("app"), &json!(["app"])));

    let security = ok(owner.login_security().await, 200).body;
    assert!(named(&security["advice"], "code").contains(&"email_undeliverable"));
    assert_eq!(security["unavailable_methods"][1], without_mail());
    assert!(!deliverable(&owner).await);
}

/// C7, S2: whoever doesn't know the password learns nothing of the address: not its hint, and not that
/// mail to it comes back.
#[tokio::test]
async fn nobody_without_the_password_learns_anything_about_the_address() {
    let world = World::open().await;
    let _owner = bounced_owner(&world).await;
    let thief = world.phone();
    let known = refused(thief.sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    let unknown = thief.sign_in("nobody@example.com", WRONG_PASSWORD).await;
    let unknown = refused(unknown, 401, "invalid_credentials");
    assert_eq!(crate::world::alike(&known), crate::world::alike(&unknown));
    let text = known.body.to_string();
    for told in [HINT, "email_hint", "bounced", "contact_support"] {
        assert!(!text.contains(told), "{text}");
    }
}
