//! Keys are replaced while people use them, and nobody notices.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
