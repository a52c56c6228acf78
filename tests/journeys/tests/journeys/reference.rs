//! What everybody may read about the calls, without being anybody.

use serde_json::Value;

use crate::world::{World, ok};

/// H5: whoever builds an app finds every call described, by a program and for people, without a proof
/// and whatever the app's version is.
#[tokio::test]
async fn the_calls_are_described_for_everybody() {
    let world = World::open().await;
    let anybody = world.phone();
    let read = async |path: &str| {
        let request = anybody.request("GET", path).app_version(None).proofs(&[]);
        ok(request.send().await, 200)
    };
    let document = read("/openapi.json").await;
    assert!(document.header("content-type").starts_with("application/json"));
    assert!(document.body["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document.body["paths"].as_object().unwrap();
    for path in [
        "/v1/registrations",
        "/v1/sign-ins/{id}/verify",
        "/v1/sign-in-requests/{id}/deny",
        "/v1/security-reports",
        "/v1/support-requests",
        "/v1/account",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    let page = read("/docs").await;
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(matches!(page.body, Value::String(_)));
}
