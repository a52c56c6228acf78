//! What goes wrong, as RFC 9457 problem documents with stable codes.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// Every kind of problem a client can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A member is missing, unknown or not of its form.
    InvalidRequest,
    /// The body is not one JSON object without duplicate members.
    MalformedBody,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
    /// The body is longer than any call needs.
    TooLarge,
    /// There is no such thing, or not for this caller.
    NotFound,
    /// The path exists, the method doesn't.
    MethodNotAllowed,
    /// The app is older than the minimum.
    AppUpdateRequired,
    /// The device proof is missing or wrong.
    InvalidProof,
    /// The token is missing, wrong, or its session is over.
    InvalidToken,
    /// The access token has expired; refresh it.
    TokenExpired,
    /// No account has this address and password.
    InvalidCredentials,
    /// The code is wrong.
    CodeIncorrect,
    /// The code has expired; ask for another.
    CodeExpired,
    /// The attempt is over.
    AttemptClosed,
    /// Code entry is paused on this account.
    TooManyAttempts,
    /// The code was sent a moment ago.
    ResendTooSoon,
    /// The attempt has no sends left.
    TooManySends,
    /// Too many requests, or too many wrong passwords.
    RateLimited,
    /// The method can't reach the owner.
    ChannelUnavailable,
    /// The device is too young for this.
    DeviceTooNew,
    /// The password is too short or too easily guessed.
    WeakPassword,
    /// Too many others wrote at the same moment.
    Unavailable,
    /// A fault of ours.
    Crashed,
}

impl Code {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedBody => StatusCode::BAD_REQUEST,
            Self::InvalidProof
            | Self::InvalidToken
            | Self::TokenExpired
            | Self::InvalidCredentials => StatusCode::UNAUTHORIZED,
            Self::CodeIncorrect | Self::DeviceTooNew => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ChannelUnavailable => StatusCode::CONFLICT,
            Self::CodeExpired | Self::AttemptClosed => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidRequest | Self::WeakPassword => StatusCode::UNPROCESSABLE_ENTITY,
            Self::AppUpdateRequired => StatusCode::UPGRADE_REQUIRED,
            Self::TooManyAttempts
            | Self::ResendTooSoon
            | Self::TooManySends
            | Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Crashed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::MalformedBody => "malformed_body",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::TooLarge => "too_large",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::AppUpdateRequired => "app_update_required",
            Self::InvalidProof => "invalid_proof",
            Self::InvalidToken => "invalid_token",
            Self::TokenExpired => "token_expired",
            Self::InvalidCredentials => "invalid_credentials",
            Self::CodeIncorrect => "code_incorrect",
            Self::CodeExpired => "code_expired",
            Self::AttemptClosed => "attempt_closed",
            Self::TooManyAttempts => "too_many_attempts",
            Self::ResendTooSoon => "resend_too_soon",
            Self::TooManySends => "too_many_sends",
            Self::RateLimited => "rate_limited",
            Self::ChannelUnavailable => "channel_unavailable",
            Self::DeviceTooNew => "device_too_new",
            Self::WeakPassword => "weak_password",
            Self::Unavailable | Self::Crashed => "unavailable",
        }
    }

    /// One sentence for a person; the same for every problem of this kind.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request is not valid.",
            Self::MalformedBody => "The body is not a JSON object that can be read.",
            Self::UnsupportedMediaType => "The body must be application/json.",
            Self::TooLarge => "The body is too large.",
            Self::NotFound => "There is nothing here.",
            Self::MethodNotAllowed => "This method is not allowed here.",
            Self::AppUpdateRequired => "The app must be updated.",
            Self::InvalidProof => "The device proof is not valid.",
            Self::InvalidToken => "The token is not valid.",
            Self::TokenExpired => "The access token has expired.",
            Self::InvalidCredentials => "The e-mail address or the password is wrong.",
            Self::CodeIncorrect => "The code is wrong.",
            Self::CodeExpired => "The code has expired.",
            Self::AttemptClosed => "This attempt is over.",
            Self::TooManyAttempts => "Too many wrong codes; code entry is paused.",
            Self::ResendTooSoon => "The code was sent a moment ago.",
            Self::TooManySends => "The code was sent as often as it may be.",
            Self::RateLimited => "Too many requests; wait a while.",
            Self::ChannelUnavailable => "The code can't be sent this way.",
            Self::DeviceTooNew => "This device has not been trusted for long enough.",
            Self::WeakPassword => "The password is too weak.",
            Self::Unavailable => "Postern is not available right now.",
            Self::Crashed => "Something went wrong on our side.",
        }
    }
}

/// One problem, to be answered. It leaves as a document with the request's id in it.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
    members: Map<String, Value>,
    retry_after: Option<i64>,
    www_authenticate: Option<&'static str>,
}

impl Problem {
    /// A problem with nothing to add to its title.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            members: Map::new(),
            retry_after: None,
            www_authenticate: challenge(code),
        }
    }

    /// Says more, to a developer rather than to a person.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
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

    /// The document.
    #[must_use]
    pub fn document(&self, request_id: &str) -> Value {
        let mut document = json!({
            "type": format!("urn:postern:problem:{}", self.code.name()),
            "title": self.code.title(),
            "status": self.code.status().as_u16(),
            "detail": self.detail.as_deref().unwrap_or_else(|| self.code.title()),
            "code": self.code.name(),
            "request_id": request_id,
        });
        if let Some(object) = document.as_object_mut() {
            object.extend(self.members.clone());
        }
        document
    }

    /// The whole answer.
    #[must_use]
    pub fn answer(&self, request_id: &str) -> Response {
        let body = self.document(request_id).to_string();
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
        response
    }
}

impl IntoResponse for Problem {
    /// Rides along until the request's id is known; see [`crate::answer`].
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
