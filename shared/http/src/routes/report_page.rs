//! The page behind "It wasn't me" in a mail.
//!
//! Programs that read mails follow links, so to open it changes nothing: the token stands in the
//! fragment, which no server and no proxy ever sees, and only the button's click sends it.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::extract::{Extension, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_words::language::Language;
use postern_words::words::Words;

use crate::Api;
use crate::answer::{Spoken, say};
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};

const PAGE: &str = include_str!("report_page/page.html");
const STYLE: &str = include_str!("report_page/page.css");
const SCRIPT: &str = include_str!("report_page/page.js");

/// What the page says, by the names of the messages; each stands in the page in braces.
const TEXTS: [&str; 12] = [
    "report-title",
    "report-intro",
    "report-button",
    "report-working",
    "report-done",
    "report-done-next",
    "report-done-support",
    "report-used",
    "report-expired",
    "report-failed",
    "report-no-token",
    "report-needs-script",
];

/// What the page may do: run this very script, look this very way, ask the server that it came from
/// (Content Security Policy Level 3). Nobody can show it in a frame of theirs.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        source_of(SCRIPT),
        source_of(STYLE)
    );
    HeaderValue::from_str(&policy).ok()
});

/// An inline script or style, by its hash.
fn source_of(content: &str) -> String {
    let hash = digest::digest(&digest::SHA256, content.as_bytes());
    format!("sha256-{}", STANDARD.encode(hash))
}

pub(super) const SHOW: Described =
    Described::new(Tag::Security, "getSecurityReportPage", "Show the page behind a mail's link")
        .more("It changes nothing.")
        .answers_page("A page with a button.");

pub(super) async fn show(
    State(api): State<Api>,
    Extension(spoken): Extension<Spoken>,
) -> Result<Response, Problem> {
    // Without its policy the page is not shown.
    let policy = POLICY.clone().ok_or_else(|| Problem::new(Code::Crashed))?;
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((headers, page(&api.parts().words, spoken.language())).into_response())
}

/// The page in a language.
fn page(words: &Words, language: Language) -> String {
    let texts = TEXTS.iter().fold(PAGE.to_owned(), |page, text| {
        let said = escape(&say(words, language, text, &[]));
        page.replace(&format!("{{{text}}}"), &said)
    });
    texts
        .replace("{language}", language.tag())
        .replace("{direction}", language.direction())
        .replace("{style}", STYLE)
        .replace("{script}", SCRIPT)
}

/// Text that stays text in HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            it => escaped.push(it),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
