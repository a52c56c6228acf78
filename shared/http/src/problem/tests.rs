//! What every problem says, in every language.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::*;

const SAYINGS: [(Code, Saying); 7] = [
    (Code::WeakPassword, Saying::TooShort),
    (Code::WeakPassword, Saying::Guessable),
    (Code::WeakPassword, Saying::TooShortAlone),
    (Code::ChannelUnavailable, Saying::NoDevice),
    (Code::ChannelUnavailable, Saying::TooManyPushes),
    (Code::ChannelUnavailable, Saying::Bounced),
    (Code::ChannelUnavailable, Saying::RecentlyReset),
];

/// Title and detail of every problem, as somebody reads them who reads this language.
fn all(language: &str) -> String {
    let (words, language) = (Words::new(), Language::negotiate(language));
    let mut text = String::new();
    let mut tell = |name: &str, problem: &Problem| {
        let document = problem.document(&words, language, "req");
        let said = |member: &str| document[member].as_str().unwrap().to_owned();
        writeln!(text, "{name}\n  {}\n  {}", said("title"), said("detail")).unwrap();
    };
    for code in Code::ALL {
        tell(&format!("{code:?} {}", code.status().as_u16()), &Problem::new(code));
    }
    for (code, saying) in SAYINGS {
        tell(&format!("{saying:?}"), &Problem::new(code).saying(saying));
    }
    text
}

#[test]
fn every_problem_speaks_english() {
    assert_snapshot!(all("en"));
}

#[test]
fn every_problem_speaks_czech() {
    assert_snapshot!(all("cs"));
}

#[test]
fn every_problem_speaks_german() {
    assert_snapshot!(all("de"));
}

#[test]
fn every_problem_speaks_arabic() {
    assert_snapshot!(all("ar"));
}

#[test]
fn every_language_says_every_problem_and_no_message_s_name() {
    for language in Language::all() {
        assert!(!all(language.tag()).contains("problem-"), "{language:?}");
    }
}

#[test]
fn what_is_for_developers_and_what_is_stable_is_never_translated() {
    let words = Words::new();
    let problem = Problem::invalid("/limit", "must be a number").reason("Seven is too many.");
    let spoken = |tag: &str| problem.document(&words, Language::negotiate(tag), "req_1");
    let (english, german) = (spoken("en"), spoken("de"));
    for member in ["type", "status", "code", "request_id", "reason", "errors"] {
        assert_eq!(english[member], german[member], "{member}");
    }
    assert_eq!(english["errors"], json!([{ "pointer": "/limit", "detail": "must be a number" }]));
    assert_ne!(english["title"], german["title"]);
    assert_ne!(english["detail"], german["detail"]);
}

#[test]
fn a_problem_without_a_reason_has_no_such_member() {
    let words = Words::new();
    let document = Problem::new(Code::NotFound).document(&words, Language::fallback(), "req");
    let members: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(members, ["code", "detail", "request_id", "status", "title", "type"]);
}
