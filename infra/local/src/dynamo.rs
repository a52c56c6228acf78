//! What the AWS SDK's `DynamoDB` clients talk to: the JSON protocol over loopback.
//!
//! Each function has a base address of its own, so that its request units are metered apart.

pub mod meter;
mod operations;
pub mod rights;
mod strikes;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;

use self::meter::Meter;
use self::operations::Outcome;
use self::rights::Rights;
use self::strikes::Call;
use crate::database::Database;
use crate::faults::{Fault, Faults, StoreFault};

/// The media type of `DynamoDB`'s protocol. A web page can't send it to another origin unasked.
const PROTOCOL: &str = "application/x-amz-json-1.0";
/// What the operation's name comes after in `x-amz-target`: the tables' protocol, and their streams'.
const TARGETS: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];
/// Where the SDK says which try of a call this is.
const TRY: &str = "amz-sdk-request";
/// What it says of the first one.
const FIRST_TRY: &str = "attempt=1";
/// `DynamoDB`'s own limit of a request.
const MAX_BODY: usize = 16 * 1024 * 1024;

#[derive(Clone)]
struct Front {
    database: Database,
    meter: Meter,
    faults: Faults,
    rights: Rights,
}

/// The endpoint: `/{function}` is the base address of one function's client.
pub fn router(database: Database, meter: Meter, faults: Faults, rights: Rights) -> Router {
    Router::new()
        .route("/{function}", post(answer))
        .route("/{function}/", post(answer))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Front { database, meter, faults, rights })
}

async fn answer(
    State(front): State<Front>,
    Path(function): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let named = |target| TARGETS.iter().find_map(|it| str::strip_prefix(target, it));
    let operation = header("x-amz-target").and_then(named);
    let spoken = header(CONTENT_TYPE.as_str()).is_some_and(|given| given.starts_with(PROTOCOL));
    let (Some(operation), true) = (operation, spoken) else {
        return respond(Outcome::unknown());
    };
    front.rights.note(&function, operation, &body);
    let first = header(TRY).is_none_or(|told| told.split(';').any(|part| part.trim() == FIRST_TRY));
    let call = Call { function: &function, operation, body: &body, repeated: !first };
    if let Some(refused) = call.refused(&front.faults) {
        return respond(refused);
    }
    let may_be_lost = call.may_be_lost(&front.faults);
    let outcome = perform(&front, &function, operation.to_owned(), body).await;
    let lost =
        may_be_lost && outcome.wrote && front.faults.strike(Fault::Store(StoreFault::LostAnswer));
    respond(if lost { outcome.with_its_answer_lost() } else { outcome })
}

/// Executes one operation of one function and books what it cost.
async fn perform(front: &Front, function: &str, operation: String, body: String) -> Outcome {
    let database = front.database.clone();
    let name = operation.clone();
    let work = move || database.call(|engine| operations::execute(engine, &name, &body));
    let outcome = match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::error!(%error, operation, "the embedded DynamoDB panicked");
            return Outcome::broken();
        }
    };
    front.meter.book(function, &operation, &outcome.cost);
    if outcome.wrote {
        front.database.wrote();
    }
    outcome
}

fn respond(outcome: Outcome) -> Response {
    let status = StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, PROTOCOL)], outcome.body).into_response()
}

#[cfg(test)]
mod tests;
