//! Who is who: which addresses are one account, and which phones are one device.

use postern_client::client::Client;
use serde_json::json;

use crate::owners::{DAY, named, settled_owner};
use crate::phones::{asked_by, let_in, shown};
use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused, source};

/// A trust that isn't used for so many days is over.
const UNUSED_DAYS: u64 = 90;
/// So many devices of an account are trusted at most.
const TRUSTED_AT_MOST: usize = 20;

/// Opens an account with an address, and names it.
async fn account(world: &World, email: &str, mailed_to: &str) -> String {
    let phone = world.phone();
    let opened = id(&ok(phone.register(email, PASSWORD).await, 202));
    let code = world.local.mailed_code(mailed_to).await.unwrap();
    ok(phone.verify_registration(&opened, &code).await, 200);
    id(&ok(phone.account().await, 200))
}

/// S1: what stands before the @ is its owner's: tags and dots tell accounts apart, as they tell
/// mailboxes apart for many.
#[tokio::test]
async fn tags_and_dots_tell_accounts_apart() {
    let world = World::open().await;
    let mut accounts = Vec::new();
    for email in ["jana.nova@example.com", "jana.nova+home@example.com", "jananova@example.com"] {
        accounts.push(account(&world, email, email).await);
    }
    accounts.sort_unstable();
    accounts.dedup();
    assert_eq!(accounts.len(), 3);
}

/// S1: an address in another script or spelling is the same account, and mail goes to the spelling that
/// was proven.
#[tokio::test]
async fn every_spelling_of_an_address_is_one_account() {
    let world = World::open().await;
    let stored = "Žofie@xn--bcher-kva.example";
    let first = account(&world, "Žofie@BÜCHER.example", stored).await;
    let phone = world.phone();
    for spelling in ["žofie@bücher.example", "Z\u{30c}OFIE@xn--bcher-kva.example"] {
        let asked = ok(phone.sign_in(spelling, PASSWORD).await, 201);
        assert_eq!(asked.body["status"], "code_required", "{spelling}");
    }
    let code = world.local.mailed_code(stored).await.unwrap();
    let asked = ok(phone.sign_in("žofie@bücher.example", PASSWORD).await, 201);
    let newest = world.local.mailed_code(stored).await.unwrap();
    assert_ne!(code, newest);
    ok(phone.verify(&id(&asked), &newest).await, 200);
    assert_eq!(id(&ok(phone.account().await, 200)), first);
}

/// S3: a device is a key. An app that was installed anew has another, so it is a new device, though it
/// says the same of itself; two tablets of one model are two.
#[tokio::test]
async fn a_re_installed_app_is_a_new_device_whatever_it_calls_itself() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let again = world.phone().described(owner.description().clone());
    let_in(&owner, &again).await;
    world.local.drain().await.unwrap();
    let devices = ok(owner.devices().await, 200).body["devices"].take();
    let names = named(&devices, "name");
    assert_eq!(names, [names[0]; 2]);
    let ids = named(&devices, "id");
    assert_ne!(ids[0], ids[1]);
    ok(owner.remove_device(&again.session().unwrap().device).await, 204);
    ok(owner.account().await, 200);
}

/// S9: whoever waits may go on from another network, and after the app was closed: the attempt is the
/// device's.
#[tokio::test]
async fn an_attempt_goes_on_from_another_network() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let elsewhere = phone.also_at(source(8, 1)).unwrap();
    assert_eq!(ok(elsewhere.poll(&attempt).await, 200).body["status"], "code_required");
    let code = shown(&owner, &attempt).await;
    ok(elsewhere.verify(&attempt, &code).await, 200);
    ok(elsewhere.account().await, 200);
}

/// S7, T4: a phone that lay in a drawer for a season is asked for a code, and one that was used isn't.
#[tokio::test]
async fn trust_ends_when_it_is_not_used_for_ninety_days() {
    let world = World::open().await;
    let used = world.owner().await;
    let unused = world.second().await;
    for _ in 0..3 {
        world.local.advance(UNUSED_DAYS / 3 * DAY - 60 * 60).await.unwrap();
        assert_eq!(ok(used.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    }
    let almost = ok(unused.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(almost["status"], "complete");
    world.local.advance(UNUSED_DAYS * DAY).await.unwrap();
    asked(&unused).await;
    refused(unused.refresh().await, 401, "invalid_token");
}

/// T1, S6: the twenty-first device gets in and isn't trusted; none is pushed out for it.
#[tokio::test]
async fn the_twenty_first_device_signs_in_and_is_not_trusted() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let mut phones: Vec<Client> = Vec::new();
    for number in 1..TRUSTED_AT_MOST {
        if number % 5 == 0 {
            an_hour_later(&world, &owner).await;
        }
        if number == TRUSTED_AT_MOST - 1 {
            world.local.advance(DAY).await.unwrap();
            ok(owner.refresh().await, 200);
        }
        let phone = world.phone();
        let_in(&owner, &phone).await;
        phones.push(phone);
    }
    let one_more = world.phone();
    let attempt = asked_by("app", &one_more).await;
    let done = ok(one_more.verify(&attempt, &shown(&owner, &attempt).await).await, 200).body;
    assert_eq!(done["status"], "complete");
    assert_eq!(done["session"]["device"]["trusted"], false);
    let devices = ok(owner.devices().await, 200).body["devices"].take();
    let devices = devices.as_array().unwrap();
    let trusted = devices.iter().filter(|it| it["trusted_at"] != json!(null));
    assert_eq!((trusted.count(), devices.len()), (TRUSTED_AT_MOST, TRUSTED_AT_MOST + 1));
    ok(owner.remove_device(&phones[0].session().unwrap().device).await, 204);
    let attempt = asked_by("app", &one_more).await;
    let done = ok(one_more.verify(&attempt, &shown(&owner, &attempt).await).await, 200).body;
    assert_eq!(done["session"]["device"]["trusted"], true);
}

/// Five new devices an hour are all that there may be.
async fn an_hour_later(world: &World, owner: &Client) {
    world.local.advance(60 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
}
