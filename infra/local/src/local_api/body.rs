//! The JSON body of a POST.
//!
//! Demanding the media type keeps web pages out: a page may send a form to another origin, but
//! must ask before it sends JSON, and is never allowed to. A call without members may leave the
//! body out, and then needs no media type; but not if it names an origin, as every browser's POST
//! does.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::Problem;

/// The longest body that is read.
const MAX_BODY: usize = 16 * 1024;

/// A body that is JSON by its media type and by its content. An empty one counts as `{}`.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, Problem> {
        let headers = request.headers();
        let declared = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        let kind = declared.map(|text| text.split(';').next().unwrap_or_default().trim());
        let json = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
        let may_be_bare = declared.is_none() && !headers.contains_key(ORIGIN);
        if !json && !may_be_bare {
            return Err(Problem::UnsupportedMediaType);
        }
        let body = to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| Problem::TooLarge)?;
        if !json && !body.is_empty() {
            return Err(Problem::UnsupportedMediaType);
        }
        let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
        match serde_json::from_slice(body) {
            Ok(read) if body.trim_ascii_start().starts_with(b"{") => Ok(Self(read)),
            // Serde would take a list for the members in their order.
            Ok(_) => Err(Problem::Invalid("the body must be an object".to_owned())),
            // A value of another type than was expected can count as a fault of the syntax.
            Err(error) if error.is_data() || serde_json::from_slice::<IgnoredAny>(body).is_ok() => {
                Err(Problem::Invalid(error.to_string()))
            }
            Err(_) => Err(Problem::MalformedBody),
        }
    }
}
