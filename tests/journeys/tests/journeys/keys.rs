//! Keys are replaced while people use them, and nobody notices.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_runtime::chance::SystemChance;
use postern_runtime::secrets::{Kind, Secrets};
use serde_json::Value;

use crate::world::{EMAIL, PASSWORD, World, asked, ok, refused};

/// Changes the stack's keys and starts it again, as a deployment does.
async fn rotate(world: &mut World, change: impl FnOnce(&mut Value)) {
    world.local.drain().await.unwrap();
    world.stack.kill().unwrap();
    let path = world.stack.folder().join("secrets.json");
    let mut secrets: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut secrets);
    fs::write(&path, secrets.to_string()).unwrap();
    world.stack.restart().await.unwrap();
}

/// A further key, which is the current one from now on.
fn renew(secrets: &mut Value, kind: &str) {
    let name = format!("{kind}-2");
    secrets[kind]["keys"][&name] = STANDARD.encode([42; 32]).into();
    secrets[kind]["current"] = name.into();
}

fn retire(secrets: &mut Value, kind: &str) {
    secrets[kind]["keys"].as_object_mut().unwrap().remove(&format!("{kind}-1"));
}

/// S2, S7: a password is hashed anew with the current pepper when it is next given, so the old pepper
/// can go; whoever was away till then is not told that their password is wrong.
#[tokio::test]
async fn a_right_password_takes_the_current_pepper_on() {
    let mut world = World::open().await;
    let owner = world.owner().await;
    rotate(&mut world, |it| renew(it, "pepper")).await;
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    rotate(&mut world, |it| retire(it, "pepper")).await;
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");

    let mut world = World::open().await;
    let owner = world.owner().await;
    rotate(&mut world, |it| {
        renew(it, "pepper");
        retire(it, "pepper");
    })
    .await;
    refused(owner.sign_in(EMAIL, PASSWORD).await, 503, "unavailable");
}

/// S4, S9: a code that is on its way stays right when codes get another key.
#[tokio::test]
async fn a_code_outlives_the_key_s_turn() {
    let mut world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    rotate(&mut world, |it| renew(it, "code")).await;
    ok(phone.verify(&attempt, &code).await, 200);
    ok(phone.account().await, 200);
}

/// S4, S7, S9: code keys, token keys and peppers take turns in the middle of an attempt, each added
/// first and used second. The code that is on its way stays right, and nobody is signed out.
#[tokio::test]
async fn every_key_takes_its_turn_and_nobody_is_signed_out() {
    const TURNING: [Kind; 3] = [Kind::Code, Kind::Token, Kind::Pepper];
    let change = |secrets: &mut Value, how: &dyn Fn(Secrets, Kind) -> Secrets| {
        let read = Secrets::parse(&secrets.to_string()).unwrap();
        let changed = TURNING.into_iter().fold(read, how);
        *secrets = serde_json::from_str(&changed.to_json().unwrap()).unwrap();
    };
    let mut world = World::open().await;
    let owner = world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;

    rotate(&mut world, |it| change(it, &|it, kind| it.with(kind, "next", &SystemChance).unwrap()))
        .await;
    ok(owner.account().await, 200);
    rotate(&mut world, |it| change(it, &|it, kind| it.using(kind, "next").unwrap())).await;

    // The token of before is good till its end, and so is the session after it.
    ok(owner.account().await, 200);
    ok(owner.refresh().await, 200);
    ok(owner.account().await, 200);
    let done = ok(phone.verify(&attempt, &code).await, 200).body;
    assert_eq!(done["session"]["device"]["trusted"], true);
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    let jwks = ok(owner.call("GET", "/.well-known/jwks.json", None).await, 200).body;
    let names = jwks["keys"].as_array().unwrap().iter().map(|it| it["kid"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["next", "token-1"]);
    // A new attempt's code is made with the new key.
    let attempt = asked(&world.phone()).await;
    let story = world.log(Some(&format!("sign_in/{attempt}"))).await;
    let issued = story.iter().flat_map(|it| &it.events).find(|it| it.name == "sign_in.code_issued");
    assert_eq!(issued.unwrap().data["kid"], "next");
}
