//! The answers of the query protocol.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use crate::capture::endpoints::EndpointError;
pub(super) use crate::capture::xml::element;

/// What every answer names as its vocabulary.
const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
/// Requests are not told apart here.
const REQUEST: &str = "<RequestId>00000000-0000-4000-8000-000000000000</RequestId>";

/// Why a request was refused.
#[derive(Debug)]
pub(super) enum Refused {
    /// It carries no signature.
    Unsigned,
    /// There is no such action.
    Action,
    /// A parameter is wrong; the text says which and why.
    Invalid(String),
    /// What it names is not there.
    NotFound(&'static str),
    /// The phone's endpoint is disabled.
    Disabled,
    /// SNS fails on purpose.
    Down,
    /// The capture itself failed.
    State(rusqlite::Error),
}

impl From<EndpointError> for Refused {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Missing => Self::NotFound("Endpoint does not exist"),
            // Who moves a token takes the name of the endpoint out of these very words.
            EndpointError::TokenOf(arn) => Self::Invalid(format!(
                "Token Reason: Endpoint {arn} already exists with the same Token, but different \
                 attributes."
            )),
            EndpointError::State(error) => Self::State(error),
        }
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::State(error)
    }
}

impl Refused {
    fn parts(&self) -> (StatusCode, &'static str, Cow<'static, str>) {
        let (status, code, message) = match self {
            Self::Invalid(why) => {
                let message = format!("Invalid parameter: {why}");
                return (StatusCode::BAD_REQUEST, "InvalidParameter", message.into());
            }
            Self::Unsigned => (
                StatusCode::FORBIDDEN,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ),
            Self::Action => {
                (StatusCode::BAD_REQUEST, "InvalidAction", "No such action is captured")
            }
            Self::NotFound(what) => (StatusCode::NOT_FOUND, "NotFound", *what),
            Self::Disabled => (StatusCode::BAD_REQUEST, "EndpointDisabled", "Endpoint is disabled"),
            Self::Down => {
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "SNS is down on purpose.")
            }
            Self::State(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "The capture failed.")
            }
        };
        (status, code, message.into())
    }
}

/// An action's success.
pub(super) fn answer(action: &str, result: &str) -> Response {
    let body = format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata>{REQUEST}</ResponseMetadata></{action}Response>"
    );
    (StatusCode::OK, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

/// A refusal.
pub(super) fn refuse(refused: &Refused) -> Response {
    let (status, code, message) = refused.parts();
    let kind = if status.is_server_error() { "Receiver" } else { "Sender" };
    let error = [element("Type", kind), element("Code", code), element("Message", &message)];
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error>{}</Error>{REQUEST}</ErrorResponse>",
        error.concat()
    );
    (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
}
