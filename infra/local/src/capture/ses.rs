//! What the AWS SDK's SES v2 client talks to: `SendEmail` of the REST protocol. What becomes of a
//! mail is published to the topic, if the mail names a configuration set.

mod event;

use std::collections::BTreeMap;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use postern_domain::ports::Clock as _;
use serde::Deserialize;
use serde_json::json;

use self::event::{Accepted, Fate};
use super::{Mailbox, NewMail};
use crate::clock::LocalClock;
use crate::faults::{EmailFault, Fault, Faults};
use crate::topic::Topic;

/// SES's own limit of recipients of one message.
const MAX_RECIPIENTS: usize = 50;
/// SES's own limit of a message sent through this call.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// Where SES names the class of an error.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

#[derive(Clone)]
struct Capture {
    mailbox: Mailbox,
    clock: LocalClock,
    faults: Faults,
    topic: Topic,
}

/// The endpoint; its base address is the SES client's.
pub fn router(mailbox: Mailbox, clock: LocalClock, faults: Faults, topic: Topic) -> Router {
    Router::new()
        .route("/v2/email/outbound-emails", post(send))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Capture { mailbox, clock, faults, topic })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    destination: Option<Destination>,
    content: Content,
    #[serde(default)]
    email_tags: Vec<Pair>,
    configuration_set_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(default)]
    to_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Text,
    body: Body,
    #[serde(default)]
    headers: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    name: String,
    value: String,
}

async fn send(State(capture): State<Capture>, headers: HeaderMap, body: String) -> Response {
    // A web page can't send this media type to another origin unasked.
    if headers.get(CONTENT_TYPE).is_none_or(|given| given != "application/json") {
        return refuse("The content type must be application/json.");
    }
    let strikes = |fault| capture.faults.strike(Fault::Email(fault));
    if strikes(EmailFault::Throttle) {
        return throttle();
    }
    if strikes(EmailFault::Down) {
        return fail("SES is down on purpose.");
    }
    let read = serde_json::from_str(&body).map_err(|error| error.to_string()).and_then(read);
    let accepted = match read {
        Ok(accepted) => accepted,
        Err(message) => return refuse(&message),
    };
    let (mail, now) = (&accepted.mail, capture.clock.now());
    let (kept, fate) = if strikes(EmailFault::Bounce) {
        (capture.mailbox.bounce(mail, now), Fate::Bounced)
    } else {
        (capture.mailbox.take(mail, now), Fate::Delivered)
    };
    match kept {
        Ok(id) => {
            if let Some(event) = accepted.event(fate, &id, now) {
                capture.topic.publish(&event);
            }
            Json(json!({ "MessageId": id })).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a mail could not be kept");
            fail("The mail could not be kept.")
        }
    }
}

fn read(request: SendEmail) -> Result<Accepted, String> {
    let simple = request.content.simple.ok_or("Only simple content is captured.")?;
    let from = request.from_email_address.ok_or("FromEmailAddress is missing.")?;
    let to = request.destination.map_or_else(Vec::new, |destination| destination.to_addresses);
    if to.is_empty() || to.len() > MAX_RECIPIENTS {
        return Err("A message has 1 to 50 recipients.".to_owned());
    }
    let mut headers: BTreeMap<String, String> =
        simple.headers.into_iter().map(|header| (header.name, header.value)).collect();
    let tags: Vec<String> =
        request.email_tags.iter().map(|tag| format!("{}={}", tag.name, tag.value)).collect();
    if !tags.is_empty() {
        headers.insert("X-SES-MESSAGE-TAGS".to_owned(), tags.join(", "));
    }
    if let Some(name) = &request.configuration_set_name {
        headers.insert("X-SES-CONFIGURATION-SET".to_owned(), name.clone());
    }
    let mail = NewMail {
        to,
        from,
        subject: simple.subject.data,
        text: simple.body.text.map(|text| text.data),
        html: simple.body.html.map(|html| html.data),
        headers,
    };
    let tags = request.email_tags.into_iter().map(|tag| (tag.name, tag.value)).collect();
    Ok(Accepted { mail, tags, configuration_set: request.configuration_set_name })
}

fn refuse(message: &str) -> Response {
    answer(StatusCode::BAD_REQUEST, "BadRequestException", message)
}

fn throttle() -> Response {
    let message = "Maximum sending rate exceeded.";
    answer(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message)
}

fn fail(message: &str) -> Response {
    answer(StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceErrorException", message)
}

fn answer(status: StatusCode, kind: &'static str, message: &str) -> Response {
    (status, [(ERROR_TYPE, kind)], Json(json!({ "message": message }))).into_response()
}

#[cfg(test)]
mod tests;
