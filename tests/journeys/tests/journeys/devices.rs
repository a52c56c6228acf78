//! Trusted devices and their sessions.

use crate::world::{EMAIL, PASSWORD, World, alike, asked, id, ok, refused, source};

/// S7, T3: signing out ends the session, not the trust.
#[tokio::test]
async fn signing_out_ends_the_session_at_once_and_the_device_stays_trusted() {
    let world = World::open().await;
    let phone = world.owner().await;
    ok(phone.sign_out().await, 204);
    refused(phone.account().await, 401, "invalid_token");
    assert_eq!(ok(phone.refresh().await, 401).code(), "invalid_token");
    assert_eq!(ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    ok(phone.account().await, 200);
}

/// T3: signing out everywhere leaves one device and its trust.
#[tokio::test]
async fn signing_out_everywhere_ends_all_other_sessions_and_their_trust() {
    let world = World::open().await;
    let first = world.owner().await;
    let second = world.second().await;
    ok(first.sign_out_everywhere().await, 204);
    refused(second.account().await, 401, "invalid_token");
    asked(&second).await;
    assert_eq!(ok(first.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// T3: a device is a key, so its removal ends also what the key got without being trusted.
#[tokio::test]
async fn a_removed_device_keeps_no_session_of_its_key() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = world.phone();
    let attempt = asked(&guest).await;
    ok(guest.verify_just_this_once(&attempt, &world.code().await).await, 200);
    let same_key = guest.also_at(source(77, 1)).unwrap();
    let attempt = asked(&same_key).await;
    ok(same_key.verify(&attempt, &world.code().await).await, 200);
    ok(guest.account().await, 200);

    ok(owner.remove_device(&same_key.session().unwrap().device).await, 204);
    refused(same_key.account().await, 401, "invalid_token");
    refused(guest.account().await, 401, "invalid_token");
    assert_eq!(ok(guest.refresh().await, 401).code(), "invalid_token");
}

/// P2: a session that was let in just once can't sign everybody else out.
#[tokio::test]
async fn an_untrusted_session_cannot_sign_the_owner_out() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = world.phone();
    let attempt = asked(&guest).await;
    ok(guest.verify_just_this_once(&attempt, &world.code().await).await, 200);
    refused(guest.sign_out_everywhere().await, 403, "device_too_new");
    ok(owner.account().await, 200);
    ok(guest.sign_out().await, 204);
}

/// T2: removing what is not there is refused alike, whatever the reason.
#[tokio::test]
async fn a_device_can_be_removed_once() {
    let world = World::open().await;
    let first = world.owner().await;
    let second = world.second().await.session().unwrap().device;
    ok(first.remove_device(&second).await, 204);
    let gone = refused(first.remove_device(&second).await, 404, "not_found");
    let unknown = first.remove_device("dev_01J00000000000000000000000").await;
    assert_eq!(alike(&gone), alike(&refused(unknown, 404, "not_found")));
}

/// T2, T4: the last trusted device may remove itself; then mail is the way back.
#[tokio::test]
async fn the_last_device_may_be_removed_and_gets_back_in_by_mail() {
    let world = World::open().await;
    let phone = world.owner().await;
    ok(phone.remove_device(&phone.session().unwrap().device).await, 204);
    refused(phone.account().await, 401, "invalid_token");
    let attempt = asked(&phone).await;
    ok(phone.verify(&attempt, &world.code().await).await, 200);
}

/// T2, P2: whoever has just got in can't lock the owner out.
#[tokio::test]
async fn a_device_trusted_since_today_cannot_remove_an_older_one() {
    let world = World::open().await;
    let old = world.owner().await;
    let young = world.second().await;
    let oldest = old.session().unwrap().device;
    refused(young.remove_device(&oldest).await, 403, "device_too_new");
    refused(young.sign_out_everywhere().await, 403, "device_too_new");
    ok(old.account().await, 200);

    world.local.advance(24 * 60 * 60 + 1).await.unwrap();
    ok(young.refresh().await, 200);
    ok(young.remove_device(&oldest).await, 204);
    ok(old.refresh().await, 401);
}

/// T1: nobody sees or removes another account's devices.
#[tokio::test]
async fn another_accounts_device_is_answered_like_one_that_never_was() {
    let world = World::open().await;
    let owner = world.owner().await;
    let stranger = world.phone();
    let mallory = "mallory@example.net";
    let opened = id(&ok(stranger.register(mallory, "grebe-Anvil-31-tundra").await, 202));
    let code = world.local.mailed_code(mallory).await.unwrap();
    ok(stranger.verify_registration(&opened, &code).await, 200);
    let device = owner.session().unwrap().device;
    refused(stranger.remove_device(&device).await, 404, "not_found");
    let listed = ok(stranger.devices().await, 200).body;
    assert_eq!(listed["devices"].as_array().unwrap().len(), 1);
    ok(owner.account().await, 200);
}

/// S3: one key on two accounts is two devices; trust on one is nothing on the other.
#[tokio::test]
async fn a_phone_that_one_account_trusts_is_new_to_another() {
    let world = World::open().await;
    world.owner().await;
    let shared = world.phone();
    let other = "petr@example.net";
    let opened = id(&ok(shared.register(other, "grebe-Anvil-31-tundra").await, 202));
    let code = world.local.mailed_code(other).await.unwrap();
    ok(shared.verify_registration(&opened, &code).await, 200);
    let attempt = asked(&shared).await;
    ok(shared.verify(&attempt, &world.code().await).await, 200);
}

/// T3: an access token is short-lived; the refresh token fetches the next, and is kept.
#[tokio::test]
async fn an_expired_access_token_is_renewed_with_the_refresh_token() {
    let world = World::open().await;
    let phone = world.owner().await;
    let before = phone.session().unwrap();
    world.local.advance(301).await.unwrap();
    refused(phone.account().await, 401, "token_expired");
    ok(phone.refresh().await, 200);
    let after = phone.session().unwrap();
    assert_ne!(after.access_token, before.access_token);
    assert_eq!(after.device, before.device);
    ok(phone.account().await, 200);
}
