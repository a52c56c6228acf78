//! What an owner calls the devices.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::owners::{settled_and_young, settled_owner, subjects};
use crate::phones::{guest, let_in, neighbour};
use crate::world::{EMAIL, PASSWORD, World, ok, refused};

/// A name that would be markup if it could.
const MARKUP: &str = "<b>https://evil.example</b> & \"co\"";

/// A device as its owner's list shows it.
async fn listed(owner: &Client, device: &Client) -> Value {
    let devices = ok(owner.devices().await, 200).body["devices"].take();
    let id = json!(device.session().unwrap().device);
    let mut devices = devices.as_array().unwrap().clone().into_iter();
    devices.find(|it| it["id"] == id).unwrap()
}

fn name(phone: &Client) -> String {
    phone.session().unwrap().device
}

/// T1: whoever gives a name sees it at once, however far behind the views are; nothing else of the
/// device changes.
#[tokio::test]
async fn a_new_name_is_in_the_list_at_once() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let before = listed(&owner, &young).await;
    world.local.faults(&json!({ "project": "paused" })).await.unwrap();
    let named = ok(owner.rename_device(&name(&young), "Kitchen tablet").await, 200).body;
    assert_eq!(named["name"], "Kitchen tablet");
    let mut expected = before;
    expected["name"] = json!("Kitchen tablet");
    assert_eq!(named, expected);
    assert_eq!(listed(&owner, &young).await, expected);
    ok(owner.rename_device(&name(&young), "  Kitchen  ").await, 200);
    assert_eq!(listed(&owner, &young).await["name"], "Kitchen");
}

/// T1: the app's own name doesn't overwrite the owner's, at none of its sign-ins.
#[tokio::test]
async fn a_name_that_the_owner_gave_survives_the_device_s_next_sign_in() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    ok(owner.rename_device(&name(&young), "Kitchen tablet").await, 200);
    ok(young.sign_in(EMAIL, PASSWORD).await, 201);
    world.local.advance(25 * 60 * 60).await.unwrap();
    ok(young.sign_in(EMAIL, PASSWORD).await, 201);
    ok(owner.refresh().await, 200);
    world.local.drain().await.unwrap();
    assert_eq!(listed(&owner, &young).await["name"], "Kitchen tablet");
    // And any phone may call itself what it likes.
    assert_eq!(ok(young.rename_device(&name(&young), "Mine").await, 200).body["current"], true);
    assert_eq!(listed(&owner, &young).await["name"], "Mine");
}

/// T1: a name is text, whatever it looks like, in lists and in mails; two devices may have the same.
#[tokio::test]
async fn a_name_is_shown_as_text_and_never_becomes_more() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    for phone in [&owner, &young] {
        let named = ok(owner.rename_device(&name(phone), MARKUP).await, 200).body;
        assert_eq!(named["name"], MARKUP);
    }
    ok(owner.remove_device(&name(&young)).await, 204);
    assert!(subjects(&world, EMAIL).await.last().unwrap().contains("removed"));
    let mail = world.local.emails(EMAIL).await.unwrap().remove(0);
    assert!(!mail.html.contains("<b>") && !mail.html.contains("</b>"), "{}", mail.html);
    assert!(mail.html.contains("&lt;b&gt;"), "{}", mail.html);
    // Not even a program that makes links of texts makes one of it.
    assert!(!mail.text.contains("https://evil.example"), "{}", mail.text);
    assert!(!mail.html.contains("https://evil.example"), "{}", mail.html);
}

/// T1: what is no name is pointed at.
#[tokio::test]
async fn what_is_no_name_is_pointed_at() {
    let world = World::open().await;
    let owner = world.owner().await;
    let long = "x".repeat(41);
    for bad in ["", "   ", "a\nb", "a\u{0}", "a\u{202e}b", "\u{200b}", long.as_str()] {
        let answer = owner.rename_device(&name(&owner), bad).await;
        let answer = refused(answer, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], "/name", "{bad:?}");
    }
    let family = "👨‍👩‍👧‍👦".repeat(40);
    assert_eq!(ok(owner.rename_device(&name(&owner), &family).await, 200).body["name"], family);
}

/// T1: nobody names another account's device, and one that is gone has no name.
#[tokio::test]
async fn only_a_device_of_the_account_can_be_named() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let neighbour = neighbour(&world).await;
    let before = listed(&owner, &owner).await;
    for unknown in [name(&owner), "dev_01J00000000000000000000000".to_owned(), "x".to_owned()] {
        refused(neighbour.rename_device(&unknown, "Mine").await, 404, "not_found");
    }
    assert_eq!(listed(&owner, &owner).await, before);
    ok(owner.remove_device(&name(&young)).await, 204);
    refused(owner.rename_device(&name(&young), "Gone").await, 404, "not_found");
    refused(young.rename_device(&name(&owner), "Mine").await, 401, "invalid_token");
}

/// T1, P2: whoever has just got in can't make the owner take one device for another.
#[tokio::test]
async fn a_young_device_and_a_guest_do_not_name_their_elders() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let before = listed(&owner, &owner).await;
    let answer = young.rename_device(&name(&owner), "Stolen").await;
    refused(answer, 403, "device_too_new");
    ok(young.rename_device(&name(&young), "Young").await, 200);
    ok(owner.remove_push().await, 204);
    let guest = guest(&world).await;
    for device in [&owner, &guest] {
        let answer = guest.rename_device(&name(device), "Stolen").await;
        refused(answer, 403, "device_too_new");
    }
    assert_eq!(listed(&owner, &owner).await["name"], before["name"]);
}

/// T1, T4: a device that is let in anew is called as its app says: it may be somebody else's now.
#[tokio::test]
async fn a_name_ends_with_the_device_s_trust() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let_in(&owner, &phone).await;
    ok(owner.rename_device(&name(&phone), "Kitchen tablet").await, 200);
    ok(owner.remove_device(&name(&phone)).await, 204);
    let_in(&owner, &phone).await;
    world.local.drain().await.unwrap();
    assert_eq!(listed(&owner, &phone).await["name"], phone.description()["name"]);
}
