//! The JSON body of a POST.
//!
//! Demanding the media type keeps web pages out: a page may send a form to another origin, but
//! must ask before it sends JSON, and is never allowed to.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::Problem;

/// The longest body that is read.
const MAX_BODY: usize = 16 * 1024;

/// A body that is JSON by its media type and by its content. An empty one counts as `{}`.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, Problem> {
        let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = given.map_or("", |given| given.split(';').next().unwrap_or_default().trim());
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::UnsupportedMediaType);
        }
        let body = to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| Problem::TooLarge)?;
        let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
        serde_json::from_slice(body).map(Self).map_err(|error| {
            if error.is_data() {
                Problem::Invalid(error.to_string())
            } else {
                Problem::MalformedBody
            }
        })
    }
}
