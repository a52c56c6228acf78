//! What goes wrong, as RFC 9457 problem documents with stable codes.

mod code;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use postern_domain::policy;
use postern_runtime::metrics::Outcome;
use postern_words::language::Language;
use postern_words::words::{Argument, Words};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::answer::say;

pub use code::Code;

/// What a problem's detail says where its code alone would not say enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saying {
    /// The password is too short.
    TooShort,
    /// The password is too easily guessed.
    Guessable,
    /// The password is too short without the second step.
    TooShortAlone,
    /// No other trusted device could show the code.
    NoDevice,
    /// The devices were asked too often.
    TooManyPushes,
    /// Mail to the address doesn't arrive.
    Bounced,
    /// The password was reset by mail a short time ago.
    RecentlyReset,
}

impl Saying {
    /// What the words for it are called.
    const fn words(self) -> &'static str {
        match self {
            Self::TooShort => "problem-weak-password-too-short-detail",
            Self::Guessable => "problem-weak-password-guessable-detail",
            Self::TooShortAlone => "problem-weak-password-alone-detail",
            Self::NoDevice => "problem-channel-unavailable-no-device-detail",
            Self::TooManyPushes => "problem-channel-unavailable-too-many-pushes-detail",
            Self::Bounced => "problem-channel-unavailable-bounced-detail",
            Self::RecentlyReset => "problem-channel-unavailable-recently-reset-detail",
        }
    }

    /// The fewest characters that are enough, where it says that there are too few.
    const fn minimum(self) -> Option<usize> {
        match self {
            Self::TooShort => Some(policy::PASSWORD_MIN),
            Self::TooShortAlone => Some(policy::PASSWORD_MIN_ALONE),
            Self::Guessable
            | Self::NoDevice
            | Self::TooManyPushes
            | Self::Bounced
            | Self::RecentlyReset => None,
        }
    }

    fn say(self, words: &Words, language: Language) -> String {
        match self.minimum().and_then(|it| i64::try_from(it).ok()) {
            Some(minimum) => {
                let minimum = [("minimum", Argument::Number(minimum))];
                say(words, language, self.words(), &minimum)
            }
            None => say(words, language, self.words(), &[]),
        }
    }
}

/// One problem, to be answered. It leaves as a document with the request's id in it, in the language
/// of the answer.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    saying: Option<Saying>,
    reason: Option<String>,
    members: Map<String, Value>,
    retry_after: Option<i64>,
    www_authenticate: Option<&'static str>,
}

/// A problem document (RFC 9457, section 3), with members of ours.
#[derive(Serialize)]
struct Document<'a> {
    /// Names the kind of problem for ever.
    r#type: String,
    /// One sentence for a person, the same for every problem of this kind.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What a person can do.
    detail: String,
    /// The stable name of the kind, never translated.
    code: &'static str,
    /// The request's own name.
    request_id: &'a str,
    /// What exactly is wrong, for a developer; never translated.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// What only problems of this kind have.
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

impl Problem {
    /// A problem with nothing to add to what its code says.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self {
            code,
            saying: None,
            reason: None,
            members: Map::new(),
            retry_after: None,
            www_authenticate: challenge(code),
        }
    }

    /// Says more, to a developer rather than to a person; this is never translated.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Says more, to a person.
    #[must_use]
    pub fn saying(mut self, saying: Saying) -> Self {
        self.saying = Some(saying);
        self
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Says when repeating helps.
    #[must_use]
    pub fn retry_at(self, at: Timestamp, now: Timestamp) -> Self {
        self.retry_in(at.duration_since(now))
    }

    /// Says how long to wait before repeating: whole seconds, rounded up, at least one.
    #[must_use]
    pub fn retry_in(mut self, wait: SignedDuration) -> Self {
        self.retry_after = Some(whole_seconds(wait).max(1));
        self
    }

    /// A member that is not as it should be.
    #[must_use]
    pub fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        let detail: String = detail.into();
        let errors = json!([{ "pointer": pointer, "detail": detail }]);
        Self::new(Code::InvalidRequest).with("errors", errors)
    }

    /// What kind it is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The document, in a language.
    #[must_use]
    pub fn document(&self, words: &Words, language: Language, request_id: &str) -> Value {
        let kind = self.code.words();
        let plain = |part: &str| say(words, language, &format!("{kind}-{part}"), &[]);
        let saying = self.saying.map(|it| it.say(words, language));
        json!(Document {
            r#type: format!("urn:postern:problem:{}", self.code.name()),
            title: plain("title"),
            status: self.code.status().as_u16(),
            detail: saying.unwrap_or_else(|| plain("detail")),
            code: self.code.name(),
            request_id,
            reason: self.reason.as_deref(),
            members: &self.members,
        })
    }

    /// The whole answer, in a language.
    #[must_use]
    pub fn answer(&self, words: &Words, language: Language, request_id: &str) -> Response {
        let body = self.document(words, language, request_id).to_string();
        let content_type = HeaderValue::from_static("application/problem+json");
        let mut response =
            (self.code.status(), [(header::CONTENT_TYPE, content_type)], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.www_authenticate {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response.extensions_mut().insert(Outcome(self.code.name().into()));
        response
    }
}

impl IntoResponse for Problem {
    /// Rides along until the request's id and language are known; see [`crate::answer`].
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// How a client learns what was wrong with its credentials (RFC 9449, 7.1).
fn challenge(code: Code) -> Option<&'static str> {
    if code == Code::InvalidProof {
        Some(r#"DPoP error="invalid_dpop_proof", algs="ES256""#)
    } else if matches!(code, Code::InvalidToken | Code::TokenExpired) {
        Some(r#"DPoP error="invalid_token", algs="ES256""#)
    } else {
        None
    }
}

/// Whole seconds, rounded up: what counts down on a phone never reaches zero too early.
#[must_use]
pub fn whole_seconds(duration: SignedDuration) -> i64 {
    let seconds = duration.as_secs();
    (if duration.subsec_nanos() > 0 { seconds + 1 } else { seconds }).max(0)
}

#[cfg(test)]
mod tests;
