//! What can't be understood is refused in one form, and leaves no trace.

use postern_client::answer::Answer;
use postern_client::client::Client;
use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, World, refused};

/// The largest body that is read, in bytes.
const LARGEST: usize = 16 * 1024;

/// A sign-in of somebody unknown: nothing is wrong with its form.
fn sign_in(phone: &Client) -> Value {
    json!({ "email": "nobody@example.com", "password": PASSWORD, "device": phone.description() })
}

async fn post(phone: &Client, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = phone.request("POST", "/v1/sign-ins").header("Content-Type", content_type);
    request.bytes(body).send().await.unwrap()
}

/// Unreadable JSON, and JSON that two readers would read differently.
#[tokio::test]
async fn a_body_that_is_no_clear_json_is_malformed() {
    let world = World::open().await;
    let phone = world.phone();
    let events = world.events().await;
    let good = sign_in(&phone).to_string();
    let twice = |member: &str| good.replacen('{', &format!("{{{member},"), 1);
    let nested = good.replacen(r#""model":"#, r#""model":"Other","model":"#, 1);
    assert_ne!(nested, good);
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"{".into(),
        b"[]".into(),
        b"null".into(),
        b"not json".into(),
        good.as_bytes()[..good.len() - 1].into(),
        format!("{good}{good}").into(),
        format!("{good},").into(),
        twice(r#""email":"somebody@example.com""#).into(),
        twice(r#""\u0065mail":"somebody@example.com""#).into(),
        nested.into(),
        b"{\"email\":\"\xff\xfe\"}".into(),
        good.replace('"', "'").into(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = post(&phone, "application/json", body).await;
        assert_eq!(answer.code(), "malformed_body", "{shown}: {}", answer.body);
        refused(Ok::<_, ()>(answer), 400, "malformed_body");
    }
    assert_eq!(world.events().await, events);
}

/// Members that are missing, unknown or of the wrong type are named, one by one.
#[tokio::test]
async fn a_body_of_the_wrong_shape_is_told_where_it_is_wrong() {
    let world = World::open().await;
    let phone = world.phone();
    let events = world.events().await;
    let with = |pointer: &str, value: Value| {
        let mut body = sign_in(&phone);
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[member] = value;
        (pointer.to_owned(), body)
    };
    let cases = [
        with("/surname", json!("Novotná")),
        with("/device/colour", json!("blue")),
        with("/email", json!(7)),
        with("/email", Value::Null),
        with("/email", json!("jana")),
        with("/email", json!("jana@example.com, eva@example.com")),
        with("/email", json!("jana novotna@example.com")),
        with("/email", json!("jana\u{200b}@example.com")),
        with("/email", json!("jana＠example.com")),
        with("/email", json!("jana@example.com\r\nBcc: eva@example.com")),
        with("/password", json!(12_345_678)),
        with("/password", json!(["otter"])),
        with("/device", json!("a phone")),
        with("/device/name", json!("")),
        with("/device/name", json!("x".repeat(41))),
        with("/device/name", json!("Jana\u{7}")),
        with("/device/name", json!(1)),
        with("/device/model", json!("x".repeat(5_000))),
        with("/device/platform", json!(true)),
        with("/device/platform", json!({"ios": null})),
    ];
    for (pointer, body) in cases {
        let answer = phone.call("POST", "/v1/sign-ins", Some(&body)).await;
        let answer = refused(answer, 422, "invalid_request");
        let errors = answer.body["errors"].as_array().unwrap();
        assert!(errors.iter().any(|error| error["pointer"] == *pointer), "{pointer}: {errors:?}");
        assert!(errors.iter().all(|error| error["detail"].is_string()), "{errors:?}");
    }
    for missing in ["email", "password", "device"] {
        let mut body = sign_in(&phone);
        body.as_object_mut().unwrap().remove(missing);
        let answer = phone.call("POST", "/v1/sign-ins", Some(&body)).await;
        let answer = refused(answer, 422, "invalid_request");
        assert!(!answer.body["errors"].as_array().unwrap().is_empty(), "{missing}");
    }
    assert_eq!(world.events().await, events);
}

/// L7: a password that anybody would guess opens no account.
#[tokio::test]
async fn a_weak_password_opens_no_account() {
    let world = World::open().await;
    let events = world.events().await;
    for weak in ["password1", "jana.novotna", "Aginet2024", "short"] {
        let phone = world.phone();
        let answer = phone.register(EMAIL, weak).await.unwrap();
        assert!(["weak_password", "invalid_request"].contains(&answer.code()), "{}", answer.body);
        assert_eq!(answer.status, 422, "{weak}");
    }
    assert_eq!(world.mails(EMAIL).await, 0);
    assert_eq!(world.events().await, events);
}

/// A body of exactly the largest size is read; one byte more is not.
#[tokio::test]
async fn a_body_over_sixteen_kibibytes_is_too_large() {
    let world = World::open().await;
    let phone = world.phone();
    let good = sign_in(&phone).to_string();
    let padded = |size: usize| format!("{good}{}", " ".repeat(size - good.len()));
    let largest = post(&phone, "application/json", padded(LARGEST)).await;
    refused(Ok::<_, ()>(largest), 401, "invalid_credentials");
    let events = world.events().await;
    let larger = post(&phone, "application/json", padded(LARGEST + 1)).await;
    refused(Ok::<_, ()>(larger), 413, "too_large");
    let huge = post(&phone, "application/json", padded(LARGEST * 64)).await;
    refused(Ok::<_, ()>(huge), 413, "too_large");
    assert_eq!(world.events().await, events);
}

/// Only JSON is read, whatever else happens to be inside.
#[tokio::test]
async fn a_body_of_another_type_than_json_is_refused() {
    let world = World::open().await;
    let phone = world.phone();
    let good = sign_in(&phone).to_string();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let answer = post(&phone, content_type, good.clone()).await;
        refused(Ok::<_, ()>(answer), 415, "unsupported_media_type");
    }
    let untyped = phone.request("POST", "/v1/sign-ins").bytes(good.clone()).send().await;
    refused(untyped, 415, "unsupported_media_type");
    let answer = post(&phone, "application/json; charset=utf-8", good).await;
    refused(Ok::<_, ()>(answer), 401, "invalid_credentials");
}

/// Paths and methods that don't exist are refused like everything else, even unproven.
#[tokio::test]
async fn an_unknown_path_or_method_is_a_problem_document() {
    let world = World::open().await;
    let phone = world.phone();
    for path in ["/", "/v1", "/v1/nothing", "/v2/sign-ins", "/v1/sign-ins/", "/nothing"] {
        let answer = phone.request("GET", path).app_version(None).proofs(&[]).send().await;
        refused(answer, 404, "not_found");
    }
    for (method, path) in [
        ("GET", "/v1/registrations"),
        ("PUT", "/v1/sign-ins"),
        ("DELETE", "/v1/account/nothing"),
        ("POST", "/v1/devices"),
    ] {
        let answer = phone.request(method, path).app_version(None).proofs(&[]).send().await;
        if path.ends_with("nothing") {
            refused(answer, 404, "not_found");
        } else {
            let answer = refused(answer, 405, "method_not_allowed");
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
    }
}
