//! What the AWS SDK's SNS client talks to: the query protocol, forms in and XML out.

mod actions;
mod form;
mod message;
mod xml;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;

use self::form::Form;
use self::xml::Refused;
use super::{Endpoints, Pushes, is_signed};
use crate::clock::LocalClock;
use crate::faults::Faults;

#[derive(Clone)]
struct Capture {
    endpoints: Endpoints,
    pushes: Pushes,
    clock: LocalClock,
    faults: Faults,
}

/// The endpoint; its base address is the SNS client's.
pub fn router(endpoints: Endpoints, pushes: Pushes, clock: LocalClock, faults: Faults) -> Router {
    Router::new().route("/", post(answer)).with_state(Capture { endpoints, pushes, clock, faults })
}

async fn answer(State(capture): State<Capture>, headers: HeaderMap, body: String) -> Response {
    // A form is what any web page may send to another origin unasked, and to loopback too; a
    // header like this one it may not. Nobody checks the signature itself.
    if !is_signed(&headers) {
        return xml::refuse(&Refused::Unsigned);
    }
    let form = Form::read(&body);
    let action = form.get("Action").unwrap_or_default();
    match capture.perform(action, &form) {
        Ok(result) => xml::answer(action, &result),
        Err(refused) => {
            if let Refused::State(error) = &refused {
                tracing::error!(%error, action, "the capture of SNS failed");
            }
            xml::refuse(&refused)
        }
    }
}

#[cfg(test)]
mod tests;
