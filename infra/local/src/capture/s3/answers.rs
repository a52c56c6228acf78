//! The answers of S3, in XML.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::capture::File;
use crate::capture::xml::element;

/// What a list names as its vocabulary.
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It carries no signature.
    Unsigned,
    /// What it carries is not the signature of this request.
    Signature,
    /// Its signature is good no longer.
    Expired,
    /// Its signature is not good yet.
    TooEarly,
    /// It doesn't say how long its body is.
    NoLength,
    /// Its body is not as long as it says.
    Incomplete,
    /// The key is none that is kept here.
    Name,
    /// Nothing of the kind is captured.
    Method,
    /// The capture itself failed.
    Broken,
}

impl Refused {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Unsigned => (StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
            Self::Signature => (
                StatusCode::FORBIDDEN,
                "SignatureDoesNotMatch",
                "The signature is not that of this method, path, host, content type and length.",
            ),
            Self::Expired => (StatusCode::FORBIDDEN, "AccessDenied", "Request has expired"),
            Self::TooEarly => (StatusCode::FORBIDDEN, "AccessDenied", "Request is not valid yet"),
            Self::NoLength => (
                StatusCode::LENGTH_REQUIRED,
                "MissingContentLength",
                "You must provide the Content-Length HTTP header.",
            ),
            Self::Incomplete => (
                StatusCode::BAD_REQUEST,
                "IncompleteBody",
                "The body is not as long as the Content-Length header says.",
            ),
            Self::Name => (
                StatusCode::BAD_REQUEST,
                "InvalidRequest",
                "Keys here are letters, digits, dots, dashes and underscores between slashes.",
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                "Only uploads, lists and deletions are captured.",
            ),
            Self::Broken => {
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "The capture failed.")
            }
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, code, message) = self.parts();
        let error = [element("Code", code), element("Message", message)].concat();
        xml(status, &format!("<Error>{error}</Error>"))
    }
}

/// Everything that was found, on one page.
pub(super) fn listed(bucket: &str, prefix: &str, files: &[File]) -> Response {
    let count = files.len().to_string();
    let head = [
        element("Name", bucket),
        element("Prefix", prefix),
        element("KeyCount", &count),
        element("MaxKeys", &count),
        element("IsTruncated", "false"),
    ];
    let entry = |file: &File| {
        let size = file.size.to_string();
        format!("<Contents>{}{}</Contents>", element("Key", &file.key), element("Size", &size))
    };
    let entries: String = files.iter().map(entry).collect();
    let list = format!(
        "<ListBucketResult xmlns=\"{NAMESPACE}\">{}{entries}</ListBucketResult>",
        head.concat()
    );
    xml(StatusCode::OK, &list)
}

fn xml(status: StatusCode, body: &str) -> Response {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}");
    (status, [(CONTENT_TYPE, "application/xml")], body).into_response()
}
