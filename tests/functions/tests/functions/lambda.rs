//! The Lambda Runtime API: hands invocations to a function and takes what comes of them.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::{get, post};
use postern_domain::ports::Clock as _;
use postern_runtime::clock::SystemClock;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long an invocation may take, as the function is told: most of them.
pub(crate) const LASTS_MS: i64 = 30_000;
/// An invocation that is over long before a client of AWS gives up a table that doesn't answer.
pub(crate) const SOON_OVER_MS: i64 = 1_500;
/// What a function says of one that it ended itself.
pub(crate) const TOO_LATE: &str = "it took longer than an invocation may";

/// One piece of work.
pub(crate) struct Invocation {
    pub(crate) id: String,
    pub(crate) event: Value,
    /// How long it may take, in milliseconds.
    pub(crate) lasts: i64,
}

/// What came of it.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// The function answered the invocation of this id.
    Answered(String, Value),
    /// It reported that the invocation of this id failed.
    Failed(String, Value),
    /// It reported that it can't start.
    NotStarted(Value),
    /// Its process has ended.
    Ended,
}

/// The two ends that a test holds.
pub(crate) struct Ends {
    pub(crate) work: UnboundedSender<Invocation>,
    pub(crate) outcomes: UnboundedReceiver<Outcome>,
    /// For whoever watches the process.
    pub(crate) report: UnboundedSender<Outcome>,
}

#[derive(Clone)]
struct Line {
    work: Arc<Mutex<UnboundedReceiver<Invocation>>>,
    report: UnboundedSender<Outcome>,
}

/// The API's routes, and the ends of the line behind them.
pub(crate) fn routes() -> (Router, Ends) {
    let (work, waiting) = unbounded_channel();
    let (report, outcomes) = unbounded_channel();
    let line = Line { work: Arc::new(Mutex::new(waiting)), report: report.clone() };
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
        .route("/2018-06-01/runtime/init/error", post(not_started))
        .with_state(line);
    (router, Ends { work, outcomes, report })
}

/// Waits until there is work, as Lambda does, with the headers that Lambda sends.
async fn next(State(line): State<Line>) -> Result<(HeaderMap, String), StatusCode> {
    let invocation = line.work.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let deadline = SystemClock.now().as_millisecond() + invocation.lasts;
    let trace = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0";
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:postern";
    let mut headers = HeaderMap::new();
    let mut tell = |name: &'static str, value: &str| {
        headers.insert(name, HeaderValue::from_str(value).unwrap());
    };
    tell("content-type", "application/json");
    tell("lambda-runtime-aws-request-id", &invocation.id);
    tell("lambda-runtime-deadline-ms", &deadline.to_string());
    tell("lambda-runtime-invoked-function-arn", arn);
    tell("lambda-runtime-trace-id", trace);
    Ok((headers, invocation.event.to_string()))
}

async fn answered(State(line): State<Line>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    line.tell(Outcome::Answered(id, json(&body)))
}

async fn failed(State(line): State<Line>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    line.tell(Outcome::Failed(id, json(&body)))
}

async fn not_started(State(line): State<Line>, body: Bytes) -> StatusCode {
    line.tell(Outcome::NotStarted(json(&body)))
}

impl Line {
    fn tell(&self, outcome: Outcome) -> StatusCode {
        // A test that has seen enough no longer listens.
        let _ = self.report.send(outcome);
        StatusCode::ACCEPTED
    }
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}
