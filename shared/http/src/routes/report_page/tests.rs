#![allow(clippy::unwrap_used, reason = "a test may")]

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use insta::assert_snapshot;

use super::*;
use crate::testing::{cut_off, send};

fn in_language(tag: &str) -> String {
    page(&Words::new(), Language::negotiate(tag))
}

/// The page without what is the same in every language.
fn in_brief(tag: &str) -> String {
    in_language(tag).replace(STYLE, "…").replace(SCRIPT, "…")
}

async fn asked(method: &str, language: &str) -> (StatusCode, Vec<(String, String)>, String) {
    let request = Request::builder().method(method).uri("/v1/security-reports");
    let request = request.header(header::ACCEPT_LANGUAGE, language).body(Body::empty()).unwrap();
    let response = send(cut_off().account_router(), request).await;
    let status = response.status();
    let headers = response.headers().iter();
    let headers = headers.map(|(name, it)| (name.to_string(), it.to_str().unwrap().to_owned()));
    let headers = headers.collect();
    let body = to_bytes(response.into_body(), 65_536).await.unwrap();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

fn header_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
}

#[test]
fn the_page_says_everything_in_english() {
    assert_snapshot!(in_brief("en"));
}

#[test]
fn the_page_says_everything_in_czech() {
    assert_snapshot!(in_brief("cs"));
}

#[test]
fn the_page_says_everything_in_german() {
    assert_snapshot!(in_brief("de"));
}

#[test]
fn the_page_says_everything_in_arabic_from_right_to_left() {
    assert_snapshot!(in_brief("ar"));
}

#[test]
fn no_place_in_the_page_is_left_unfilled() {
    for language in Language::all() {
        let page = in_brief(language.tag());
        assert!(!page.contains(['{', '}']), "{language:?}");
        assert!(!page.contains(">report-"), "{language:?}");
    }
}

#[test]
fn nothing_in_the_page_comes_from_elsewhere_or_acts_by_itself() {
    let page = in_language("en");
    for mark in ["http:", "https:", "src=", "href=", "<form", "<img", "style=", "onclick", "onload"]
    {
        assert!(!page.contains(mark), "{mark}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(SCRIPT.matches("fetch(").count(), 1);
    assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("eval"));
}

#[tokio::test]
async fn the_page_needs_no_table_and_its_policy_names_what_is_in_it() {
    let (status, headers, page) = asked("GET", "cs, en;q=0.5").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(header_of(&headers, "content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(header_of(&headers, "content-language"), Some("cs"));
    assert_eq!(header_of(&headers, "referrer-policy"), Some("no-referrer"));
    assert_eq!(header_of(&headers, "cache-control"), Some("no-store"));
    assert_eq!(header_of(&headers, "x-content-type-options"), Some("nosniff"));
    let policy = header_of(&headers, "content-security-policy").unwrap();
    let within = |tag: &str| {
        let (_, rest) = page.split_once(&format!("<{tag}>")).unwrap();
        rest.split_once(&format!("</{tag}>")).unwrap().0
    };
    let named = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        source_of(within("script")),
        source_of(within("style"))
    );
    assert_eq!(policy, named);
    assert!(page.contains("lang=\"cs\" dir=\"ltr\""));
}

#[tokio::test]
async fn only_the_head_is_answered_to_whoever_asks_for_it_alone() {
    let (status, headers, page) = asked("HEAD", "ar").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(header_of(&headers, "content-language"), Some("ar"));
    assert_eq!(page, "");
}

#[test]
fn a_text_can_not_become_markup() {
    assert_eq!(
        escape("<a href=\"x\">'&'</a>"),
        "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"
    );
}
