//! Phones that are told of sign-in requests, and what they are told.

use postern_client::client::Client;
use serde_json::json;

use crate::world::{EMAIL, PASSWORD, World, id, ok};

/// Push tokens, as Apple's service would give them.
pub(crate) const BLUE: &str = "b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1";
/// See [`BLUE`].
pub(crate) const GREEN: &str = "9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e9e";
/// One of Google's.
pub(crate) const RED: &str = "dHJ1c3QtcmVk:APA91b_red-phone-0123456789";

/// The address of somebody who has nothing to do with the owner.
pub(crate) const NEIGHBOUR: &str = "petr.svoboda@example.net";
/// Their password.
pub(crate) const NEIGHBOURS_PASSWORD: &str = "grebe-Anvil-31-tundra";

/// Lets a phone be pushed to, with nothing in the way.
pub(crate) async fn pushed_to(phone: &Client, token: &str) {
    let platform = if token == RED { "fcm" } else { "apns" };
    ok(phone.register_push(platform, token, "allowed").await, 204);
}

/// The owner's phone, which is pushed to at [`BLUE`].
pub(crate) async fn owner_with_push(world: &World) -> Client {
    let owner = world.owner().await;
    pushed_to(&owner, BLUE).await;
    owner
}

/// What a phone was told by now, oldest first: `sign_in_request sin_…`, or `signed_out`.
pub(crate) async fn told(world: &World, token: &str) -> Vec<String> {
    world.local.drain().await.unwrap();
    let pushes = world.local.pushes(Some(token)).await.unwrap();
    let said = pushes.iter().rev().map(|push| {
        let said = push.postern().unwrap();
        assert_eq!(said["v"], 1, "{said}");
        let kind = said["type"].as_str().unwrap();
        match said["id"].as_str() {
            Some(id) => format!("{kind} {id}"),
            None => kind.to_owned(),
        }
    });
    said.collect()
}

/// Signs the owner in on a device that needs a code, which has to come by `method`; names the
/// attempt.
pub(crate) async fn asked_by(method: &str, phone: &Client) -> String {
    let asked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(asked.body["status"], "code_required", "{}", asked.body);
    assert_eq!(asked.body["method"], method, "{}", asked.body);
    id(&asked)
}

/// The code that a trusted phone shows for an attempt.
pub(crate) async fn shown(phone: &Client, attempt: &str) -> String {
    ok(phone.open_request(attempt).await, 200).text("code").unwrap().to_owned()
}

/// The attempts that a trusted phone lists, newest first.
pub(crate) async fn listed(phone: &Client) -> Vec<String> {
    let list = ok(phone.requests().await, 200).body;
    let requests = list["requests"].as_array().unwrap();
    requests.iter().map(|request| request["id"].as_str().unwrap().to_owned()).collect()
}

/// Lets a further device in with the code that `owner` shows; it is trusted.
pub(crate) async fn let_in(owner: &Client, phone: &Client) {
    let attempt = asked_by("app", phone).await;
    let done = ok(phone.verify(&attempt, &shown(owner, &attempt).await).await, 200);
    assert_eq!(done.body["session"]["device"]["trusted"], true);
}

/// The owner's phone, pushed to at [`BLUE`], and a second one, pushed to at [`GREEN`].
pub(crate) async fn two_phones(world: &World) -> (Client, Client) {
    let owner = owner_with_push(world).await;
    let second = world.phone();
    let_in(&owner, &second).await;
    pushed_to(&second, GREEN).await;
    world.local.drain().await.unwrap();
    (owner, second)
}

/// Lets a further device in just this once, with the code that was mailed.
pub(crate) async fn guest(world: &World) -> Client {
    let phone = world.phone();
    let attempt = asked_by("email", &phone).await;
    ok(phone.verify_just_this_once(&attempt, &world.code().await).await, 200);
    phone
}

/// The phone of somebody who has nothing to do with the owner.
pub(crate) async fn neighbour(world: &World) -> Client {
    let phone = world.phone();
    let opened = id(&ok(phone.register(NEIGHBOUR, NEIGHBOURS_PASSWORD).await, 202));
    let code = world.local.mailed_code(NEIGHBOUR).await.unwrap();
    ok(phone.verify_registration(&opened, &code).await, 200);
    phone
}

/// Signs the neighbour in on a new device, whose code has to come by app; names the attempt.
pub(crate) async fn neighbour_asked(world: &World) -> String {
    let asked = ok(world.phone().sign_in(NEIGHBOUR, NEIGHBOURS_PASSWORD).await, 201);
    assert_eq!(asked.body["method"], "app", "{}", asked.body);
    id(&asked)
}

/// What `seen_by` says about whether another device, or itself, can be pushed to.
pub(crate) async fn push_of(device: &Client, seen_by: &Client) -> String {
    let list = ok(seen_by.devices().await, 200).body;
    let own = json!(device.session().unwrap().device);
    let mut devices = list["devices"].as_array().unwrap().iter();
    let found = devices.find(|it| it["id"] == own).unwrap();
    found["push"].as_str().unwrap().to_owned()
}

/// The names of all that has happened to the account of a phone that is signed in.
pub(crate) async fn account_story(world: &World, phone: &Client) -> Vec<String> {
    let account = ok(phone.account().await, 200).body;
    let stream = format!("account/{}", account["id"].as_str().unwrap());
    let events = world.log(Some(&stream)).await.into_iter().flat_map(|commit| commit.events);
    events.map(|event| event.name).collect()
}
