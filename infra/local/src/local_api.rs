//! `/_local`: what only the local stack has, for tests and for curious people.

mod body;
mod events;
mod problem;

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde_json::{Value, json};

use self::body::JsonBody;
pub use self::problem::Problem;
use crate::capture::{Files, Mailbox, Pushes};
use crate::clock::LocalClock;
use crate::database::Database;
use crate::dynamo::meter::Meter;
use crate::faults::{Asked, Faults};
use crate::loopback;
use crate::poller::Progress;
use crate::state::State as Stored;
use crate::timer::Timer;
use crate::topic::Subscriber;
use crate::world::World;

/// How often a drain looks again whether its own sweeps and functions wrote something new. A
/// reaction to a reaction to a reaction has been seen by then.
const DRAIN_ROUNDS: u32 = 8;

/// What the calls under `/_local` act on.
#[derive(Clone)]
pub struct LocalApi {
    /// The one clock.
    pub clock: LocalClock,
    /// The embedded `DynamoDB`.
    pub database: Database,
    /// The captured mails.
    pub mailbox: Mailbox,
    /// The captured pushes.
    pub pushes: Pushes,
    /// The uploaded files.
    pub files: Files,
    /// Request units.
    pub meter: Meter,
    /// What is wrong on purpose.
    pub faults: Faults,
    /// How far the stream functions have come.
    pub progress: Progress,
    /// The schedule.
    pub timer: Timer,
    /// Whoever brings what SES reports.
    pub subscriber: Subscriber,
    /// Who acts on this world.
    pub world: World,
    /// What is stored beside `DynamoDB`.
    pub state: Stored,
}

impl LocalApi {
    /// The calls under `/_local`, with answers of their own for what is not there.
    pub fn router(self) -> Router {
        let calls = Router::new()
            .route("/emails", get(emails))
            .route("/pushes", get(pushes))
            .route("/events", get(events::answer))
            .route("/dead-letters", get(dead_letters))
            .route("/clock", post(clock))
            .route("/drain", post(drain))
            .route("/faults", post(faults))
            .route("/meter", get(meter).delete(clear_meter))
            .route("/reset", post(reset))
            .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
            .fallback(async || Problem::NotFound)
            .with_state(self);
        Router::new()
            .nest("/_local", calls)
            .route("/_local/", get(async || Problem::NotFound))
            .layer(middleware::from_fn(loopback::only))
    }

    /// Returns when every stream record so far, and what followed from it, reports on mails included,
    /// was handled by every function that isn't paused; and which are.
    async fn drain(&self) -> Result<Vec<&'static str>, Problem> {
        for _ in 0..DRAIN_ROUNDS {
            let latest = self.database.latest().map_err(Problem::broken)?;
            self.reached(latest).await;
            self.timer.sweep().await;
            self.subscriber.settle().await;
            if self.database.latest().map_err(Problem::broken)? == latest {
                break;
            }
        }
        Ok(self.faults.paused())
    }

    /// Waits for the functions, as long as they aren't paused meanwhile.
    async fn reached(&self, position: i64) {
        let mut changes = self.faults.changes();
        loop {
            let paused = self.faults.paused();
            tokio::select! {
                () = self.progress.reached(position, &paused) => return,
                () = changes.next() => {}
            }
        }
    }

    /// Empties the world while nobody is in it.
    async fn reset(&self) -> Result<(), Problem> {
        let emptying = self.world.empty().await;
        let api = self.clone();
        tokio::task::spawn_blocking(move || {
            api.database.clear().map_err(Problem::broken)?;
            api.files.clear().map_err(Problem::broken)?;
            api.state.clear().map_err(Problem::broken)
        })
        .await
        .map_err(Problem::broken)??;
        self.progress.forget();
        self.meter.clear();
        self.clock.reset();
        self.faults.clear();
        drop(emptying);
        Ok(())
    }
}

async fn emails(
    State(api): State<LocalApi>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Problem> {
    let mails = api.mailbox.mails(query.get("to").map(String::as_str)).map_err(Problem::broken)?;
    Ok(Json(mails).into_response())
}

async fn pushes(
    State(api): State<LocalApi>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Problem> {
    let token = query.get("token").map(String::as_str);
    Ok(Json(api.pushes.pushes(token).map_err(Problem::broken)?).into_response())
}

async fn dead_letters(State(api): State<LocalApi>) -> Result<Response, Problem> {
    Ok(Json(api.progress.dead_letters().map_err(Problem::broken)?).into_response())
}

/// A call without members.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn clock(
    State(api): State<LocalApi>,
    JsonBody(asked): JsonBody<Advance>,
) -> Result<Json<Value>, Problem> {
    let now = api.clock.advance(asked.advance_seconds).map_err(|error| match error {
        crate::clock::ClockError::TooFar => Problem::Invalid(error.to_string()),
        crate::clock::ClockError::State(error) => Problem::broken(error),
    })?;
    Ok(Json(json!({ "server_time": now })))
}

async fn drain(
    State(api): State<LocalApi>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "paused": api.drain().await? })))
}

async fn faults(
    State(api): State<LocalApi>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<StatusCode, Problem> {
    api.faults.replace(&asked);
    Ok(StatusCode::NO_CONTENT)
}

async fn meter(State(api): State<LocalApi>) -> Json<Value> {
    Json(json!({ "functions": api.meter.read() }))
}

async fn clear_meter(State(api): State<LocalApi>) -> StatusCode {
    api.meter.clear();
    StatusCode::NO_CONTENT
}

async fn reset(
    State(api): State<LocalApi>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<StatusCode, Problem> {
    api.reset().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests;
