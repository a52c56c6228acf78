//! Every refusal under `/_local`, as problem documents (RFC 9457).

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a call was refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// The request names a host that is not loopback.
    ForbiddenHost,
    /// There is nothing of that name.
    NotFound,
    /// It is there, and not to be used like that.
    MethodNotAllowed,
    /// The body is something else than JSON.
    UnsupportedMediaType,
    /// The body is longer than any call needs.
    TooLarge,
    /// The body claims to be JSON and isn't.
    MalformedBody,
    /// A member or a parameter is wrong; the text says which.
    Invalid(String),
    /// The stack itself failed; the log says why.
    Broken,
}

impl Problem {
    /// Notes a fault of the stack itself.
    pub(super) fn broken(error: impl std::error::Error) -> Self {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%error, cause, "a local call failed");
        Self::Broken
    }

    fn answer(&self) -> (StatusCode, &'static str, &str) {
        match self {
            Self::ForbiddenHost => (
                StatusCode::FORBIDDEN,
                "forbidden_host",
                "The Host header must name 127.0.0.1, localhost or [::1].",
            ),
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "not_found", "There is no such call under /_local.")
            }
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This call takes another method.",
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The content type must be application/json.",
            ),
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is over 16 KiB.")
            }
            Self::MalformedBody => {
                (StatusCode::BAD_REQUEST, "malformed_body", "The body is not JSON.")
            }
            Self::Invalid(detail) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", detail),
            Self::Broken => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "unavailable",
                "The local stack failed; its log says why.",
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, detail) = self.answer();
        let body = json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": detail,
            "code": code,
        });
        let mut response = (status, Json(body)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }
}
