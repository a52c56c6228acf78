//! Which versions of the app are served.

use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, World, ok, refused};

/// S8: whatever is too old or no version at all is asked to update, before any other work.
#[tokio::test]
async fn an_app_below_the_minimum_is_asked_to_update() {
    let world = World::open().await;
    let phone = world.owner().await;
    let events = world.events().await;
    let old = [
        None,
        Some(""),
        Some("2"),
        Some("2.2"),
        Some("2.2.9"),
        Some("1.99"),
        Some("two.three"),
        Some("v2.3"),
        Some("2.3-beta"),
        Some("2.3."),
        Some("-2.3"),
        Some("2.3.0.0.0"),
        Some("2,3"),
        Some("٢.٣"),
        Some("99999999999999999999.x"),
    ];
    for version in old {
        let answer = phone.request("POST", "/v1/sign-ins").app_version(version).proofs(&[]);
        let answer = refused(answer.send().await, 426, "app_update_required");
        assert_eq!(answer.body["minimum_version"], "2.3", "{version:?}");
    }
    assert_eq!(world.events().await, events);
}

/// S8: versions are compared number by number, whatever the platform.
#[tokio::test]
async fn an_app_at_the_minimum_or_above_is_served() {
    let world = World::open().await;
    let phone = world.owner().await;
    for version in ["2.3", "2.3.0", "2.3.0.1", "2.10", "2.4", "3.0", "10.0.0"] {
        let answer = phone.request("GET", "/v1/sign-ins/sin_01J00000000000000000000000");
        refused(answer.app_version(Some(version)).send().await, 404, "not_found");
    }
}

/// S8: a version that is only claimed never opens a way around the second step.
#[tokio::test]
async fn claiming_another_version_never_skips_the_code() {
    let world = World::open().await;
    world.owner().await;
    for version in ["2.3", "99.0"] {
        let phone = world.phone();
        let body = json!({ "email": EMAIL, "password": PASSWORD, "device": phone.description() });
        let asked = phone.request("POST", "/v1/sign-ins").app_version(Some(version)).json(&body);
        let asked = ok(asked.send().await, 201).body;
        assert_eq!(asked["status"], "code_required");
        assert_eq!(asked["session"], Value::Null);
    }
}

/// H3, H4, C6: what an app should know is told before anything is proven: the versions, what is spoken,
/// and who mails.
#[tokio::test]
async fn an_app_learns_what_it_needs_to_know_without_any_proof() {
    let world = World::open().await;
    let config = ok(world.phone().config().await, 200).body;
    assert!(config["server_time"].is_string(), "{config}");
    assert_eq!(config["minimum_version"], "2.3");
    assert_eq!(config["code_length"], 6);
    for member in ["latest_version", "email_sender", "support_url"] {
        assert!(config[member].is_string(), "{member}: {config}");
    }
    let mut languages = config["languages"].as_array().unwrap().clone();
    languages.sort_by_key(Value::to_string);
    assert_eq!(languages, ["ar", "cs", "de", "en"]);
}
