//! Owners who change something: phones that have been trusted for a day, sessions that have just been
//! stepped up, and what their owners are told.

use postern_client::answer::Answer;
use postern_client::client::Client;
use serde_json::{Value, json};

use crate::phones::{let_in, owner_with_push};
use crate::world::{PASSWORD, World, id, ok, refused};

/// Seconds of a day: after them a trusted device is no longer young.
pub(crate) const DAY: u64 = 24 * 60 * 60;
/// What the owner takes for a new password.
pub(crate) const NEW_PASSWORD: &str = "heron-Galley-58-mosaic";

/// The owner's phone, a day after it was registered, pushed to, and signed in.
pub(crate) async fn settled_owner(world: &World) -> Client {
    let owner = owner_with_push(world).await;
    world.local.advance(DAY).await.unwrap();
    ok(owner.refresh().await, 200);
    owner
}

/// A settled owner, and a second phone that they have just let in.
pub(crate) async fn settled_and_young(world: &World) -> (Client, Client) {
    let owner = settled_owner(world).await;
    let young = world.phone();
    let_in(&owner, &young).await;
    world.local.drain().await.unwrap();
    (owner, young)
}

/// Steps a settled device's session up, which takes the password alone.
pub(crate) async fn step_up(phone: &Client) {
    let done = ok(phone.step_up(PASSWORD).await, 201).body;
    assert_eq!(done["status"], "complete", "{done}");
}

/// A settled owner who has just stepped up.
pub(crate) async fn ready_owner(world: &World) -> Client {
    let owner = settled_owner(world).await;
    step_up(&owner).await;
    owner
}

/// Begins a step-up that needs a code by `method`; names it.
pub(crate) async fn step_up_asked(phone: &Client, method: &str) -> String {
    let asked = ok(phone.step_up(PASSWORD).await, 201);
    assert_eq!(asked.body["status"], "code_required", "{}", asked.body);
    assert_eq!(asked.body["method"], method, "{}", asked.body);
    id(&asked)
}

/// What a sensitive call that changes nothing is answered.
async fn sensitive(phone: &Client) -> Answer {
    phone.secure_login(&json!({ "two_step_enabled": true })).await.unwrap()
}

/// Sensitive calls of this session pass.
pub(crate) async fn may(phone: &Client) {
    ok(Ok::<_, ()>(sensitive(phone).await), 200);
}

/// Sensitive calls of this session need a step-up.
pub(crate) async fn may_not(phone: &Client) {
    refused(Ok::<_, ()>(sensitive(phone).await), 403, "step_up_required");
}

/// The subjects of all mails to an address by now, oldest first.
pub(crate) async fn subjects(world: &World, to: &str) -> Vec<String> {
    world.local.drain().await.unwrap();
    let mails = world.local.emails(to).await.unwrap();
    mails.into_iter().rev().map(|mail| mail.subject).collect()
}

/// The owner of `to` was told so last, and not before.
pub(crate) async fn told_by_mail(world: &World, to: &str, about: &str) {
    let subjects = subjects(world, to).await;
    let about: Vec<bool> = subjects.iter().map(|it| it.contains(about)).collect();
    assert_eq!(about.iter().filter(|it| **it).count(), 1, "{subjects:?}");
    assert_eq!(about.last(), Some(&true), "{subjects:?}");
}

/// The account's newest event of that name.
pub(crate) async fn newest(world: &World, name: &str) -> postern_client::log::Event {
    let commits = world.log(None).await;
    let mut events = commits.into_iter().flat_map(|commit| commit.events);
    events.rfind(|event| event.name == name).unwrap()
}

/// Sets a new password through the mailbox of `email`.
pub(crate) async fn reset(world: &World, phone: &Client, email: &str, new: &str) {
    let opened = id(&ok(phone.forget_password(email).await, 202));
    let code = world.local.mailed_code(email).await.unwrap();
    ok(phone.verify_reset(&opened, &code, new).await, 204);
}

/// Makes recovery codes on a phone that has just stepped up.
pub(crate) async fn recovery_codes(phone: &Client) -> Vec<String> {
    let made = ok(phone.create_recovery_codes().await, 200).body;
    let codes = made["codes"].as_array().unwrap().iter();
    codes.map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// The names in a list of things that have one.
pub(crate) fn named<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|it| it[member].as_str().unwrap()).collect()
}
