#![allow(clippy::unwrap_used, reason = "a test may")]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::answer;
use crate::testing::{cut_off, json, send};

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

fn current(method: &str, path: &str) -> axum::http::request::Builder {
    request(method, path).header("x-app-version", "2.3")
}

async fn answered(router: Router, request: Request<Body>) -> (StatusCode, String) {
    let response = send(router, request).await;
    let status = response.status();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let document = json(response).await;
    assert_eq!(document["request_id"], id);
    assert_eq!(document["status"], status.as_u16());
    (status, document["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn checks_come_in_the_contract_s_order() {
    let long = || Body::from("x".repeat(20_000));
    let json_type = (header::CONTENT_TYPE, "application/json");
    let with = |builder: axum::http::request::Builder, body| {
        builder.header(json_type.0.clone(), json_type.1).body(body).unwrap()
    };
    let path = "/v1/sign-ins";
    for (request, status, code) in [
        (with(request("POST", "/v1/nothing"), long()), 404, "not_found"),
        (request("POST", path).body(long()).unwrap(), 426, "app_update_required"),
        (current("POST", path).body(long()).unwrap(), 415, "unsupported_media_type"),
        (current("POST", path).body(Body::empty()).unwrap(), 415, "unsupported_media_type"),
        (with(current("POST", path), long()), 413, "too_large"),
        (with(current("POST", path), Body::from("{")), 401, "invalid_proof"),
    ] {
        let answer = answered(cut_off().sign_in_router(), request).await;
        assert_eq!(answer, (StatusCode::from_u16(status).unwrap(), code.to_owned()));
    }
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_told_which_does() {
    for (method, path, allowed) in [
        ("GET", "/v1/sign-ins", "POST"),
        ("DELETE", "/v1/registrations", "POST"),
        ("PUT", "/v1/devices", "GET,HEAD"),
    ] {
        let request = request(method, path).body(Body::empty()).unwrap();
        let response = send(cut_off().account_router(), request).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(response.headers()[header::ALLOW], allowed, "{method} {path}");
        assert_eq!(json(response).await["code"], "method_not_allowed");
    }
}

#[tokio::test]
async fn a_crash_is_a_document_that_says_nothing_of_its_cause() {
    let api = cut_off();
    let crash = async || -> &'static str { panic!("secret: 123456") };
    let router: Router = Router::new()
        .route("/crash", get(crash))
        .layer(from_fn_with_state(api.clone(), answer::complete));
    let response = send(router, request("GET", "/crash").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let document = json(response).await;
    assert_eq!(document["code"], "unavailable");
    assert!(!document.to_string().contains("123456"));
}

#[tokio::test]
async fn what_needs_no_proof_needs_no_version_and_no_table() {
    for path in [
        "/v1/client-config",
        "/.well-known/jwks.json",
        "/healthz",
        "/openapi.json",
        "/docs",
        "/v1/security-reports",
    ] {
        let request = request("GET", path).body(Body::empty()).unwrap();
        let response = send(cut_off().account_router(), request).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn published_keys_are_public() {
    let request = request("GET", "/.well-known/jwks.json").body(Body::empty()).unwrap();
    let document = json(send(cut_off().account_router(), request).await).await;
    let key = document["keys"][0].as_object().unwrap();
    let members: Vec<&str> = key.keys().map(String::as_str).collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
}
