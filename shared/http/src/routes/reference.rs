//! The `OpenAPI` document, and the page that shows it to people. Nothing on the page comes from anywhere
//! else, and it asks nobody else for anything.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::Api;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};

const HTML: &str = include_str!("reference/page.html");

/// Redoc, as it is published; its version and licences lie beside it.
pub(super) const VIEWER: File = File(include_bytes!("../../assets/redoc/redoc.standalone.js"));
/// What starts it.
pub(super) const SCRIPT: File = File(include_bytes!("reference/page.js"));

/// What the page may do: run our own scripts and ask the server that it came from (Content Security
/// Policy Level 3). Redoc writes its looks into style elements as it goes, which nothing but
/// `'unsafe-inline'` allows; a style alone carries nothing away, as images are only our own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; \
                      connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

pub(super) const DOCUMENT: Described =
    Described::new(Tag::Service, "getOpenApiDocument", "This document")
        .answers_json("The document.");

pub(super) async fn document(State(api): State<Api>) -> Result<Response, Problem> {
    let document = api.document();
    if document.is_empty() {
        tracing::error!("the document can't be written");
        return Err(Problem::new(Code::Crashed));
    }
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], document).into_response())
}

pub(super) const PAGE: Described =
    Described::new(Tag::Service, "getDocs", "This document, for people")
        .answers_page("A page that shows the document.");

pub(super) async fn page() -> Response {
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, HTML).into_response()
}

/// A script that the page runs.
#[derive(Clone, Copy)]
pub(super) struct File(&'static [u8]);

impl IntoResponse for File {
    fn into_response(self) -> Response {
        let script = HeaderValue::from_static("text/javascript; charset=utf-8");
        ([(header::CONTENT_TYPE, script)], Bytes::from_static(self.0)).into_response()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use axum::body::Body;
    use axum::http::Request;

    use super::*;
    use crate::testing::{cut_off, send};

    #[tokio::test]
    async fn the_page_may_only_run_our_scripts_and_ask_our_server() {
        let request = Request::get("/docs").body(Body::empty()).unwrap();
        let response = send(cut_off().account_router(), request).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let rules: Vec<&str> = policy.split("; ").collect();
        assert_eq!(
            rules,
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'unsafe-inline'",
                "connect-src 'self'",
                "img-src 'self' data:",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
            ]
        );
    }

    #[test]
    fn nothing_of_the_page_is_elsewhere() {
        let of = |file: File| String::from_utf8_lossy(file.0).into_owned();
        for text in [HTML.to_owned(), of(SCRIPT)] {
            assert!(!text.contains("//fonts") && !text.contains("http"), "{text}");
        }
        let viewer = of(VIEWER);
        for other in ["cdn.redoc.ly", "fonts.googleapis", "cdn.jsdelivr", "unpkg.com"] {
            assert!(!viewer.contains(other), "{other}");
        }
    }
}
