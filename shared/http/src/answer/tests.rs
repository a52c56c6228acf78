#![allow(clippy::unwrap_used, reason = "a test may")]

use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use serde_json::Value;

use super::*;
use crate::testing::{cut_off, json, send};

/// The language of an answer, and the answer.
async fn answered(router: Router, path: &str, accepted: &[&str]) -> (String, Value) {
    let mut request = Request::builder().uri(path);
    for wish in accepted {
        request = request.header(header::ACCEPT_LANGUAGE, *wish);
    }
    let response = send(router, request.body(Body::empty()).unwrap()).await;
    let language = response.headers()[header::CONTENT_LANGUAGE].to_str().unwrap().to_owned();
    (language, json(response).await)
}

/// The title of a problem in a language.
fn title(code: Code, language: &str) -> Value {
    let words = Words::new();
    Problem::new(code).document(&words, Language::negotiate(language), "req")["title"].clone()
}

#[tokio::test]
async fn a_problem_speaks_the_most_wanted_language_that_there_is() {
    for (accepted, language) in [
        (&[][..], "en"),
        (&["cs-CZ"], "cs"),
        (&["tlh, ar;q=0.3, de;q=0.7"], "de"),
        (&["tlh", "ar;q=0.3"], "ar"),
    ] {
        let answer = answered(cut_off().account_router(), "/v1/nothing", accepted).await;
        assert_eq!(answer.0, language, "{accepted:?}");
        assert_eq!(answer.1["title"], title(Code::NotFound, language), "{accepted:?}");
    }
}

#[tokio::test]
async fn a_crash_speaks_that_language_too() {
    let api = cut_off();
    let crash = async || -> &'static str { panic!("on purpose") };
    let router: Router =
        Router::new().route("/crash", get(crash)).layer(from_fn_with_state(api.clone(), complete));
    let (language, document) = answered(router, "/crash", &["cs"]).await;
    assert_eq!(language, "cs");
    assert_eq!(document["title"], title(Code::Crashed, "cs"));
}

#[tokio::test]
async fn whoever_waits_is_told_that_it_takes_too_long() {
    let api = cut_off();
    let router: Router = Router::new()
        .route("/for-ever", get(std::future::pending::<&'static str>))
        .layer(from_fn_with_state(api.clone(), complete))
        .layer(Extension(Deadline::after(std::time::Duration::ZERO)));
    let (language, document) = answered(router, "/for-ever", &["de"]).await;
    assert_eq!(language, "de");
    assert_eq!(document["title"], title(Code::Unavailable, "de"));
}

#[tokio::test]
async fn once_the_account_is_known_its_language_counts() {
    let api = cut_off();
    let found = async |Extension(spoken): Extension<Spoken>| {
        spoken.set(Language::negotiate("de-AT"));
        spoken.set(Language::negotiate("ar"));
        Problem::new(Code::NotFound)
    };
    let router: Router =
        Router::new().route("/known", get(found)).layer(from_fn_with_state(api.clone(), complete));
    let (language, document) = answered(router, "/known", &["cs"]).await;
    assert_eq!(language, "de");
    assert_eq!(document["title"], title(Code::NotFound, "de"));
}
