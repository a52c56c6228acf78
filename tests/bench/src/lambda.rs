//! As much of Lambda and Secrets Manager as a function needs to start.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// The routes, and where it is told that a function asks for work. It gets none.
pub(crate) fn routes(secret: String) -> (Router, UnboundedReceiver<()>) {
    let (asked, asks) = unbounded_channel();
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .with_state(asked)
        .merge(Router::new().route("/", post(answer)).with_state(secret));
    (router, asks)
}

async fn next(State(asked): State<UnboundedSender<()>>) -> String {
    // Whoever measures has gone: so will the function.
    let _ = asked.send(());
    std::future::pending().await
}

async fn answer(State(secret): State<String>) -> impl IntoResponse {
    let answer = json!({ "Name": "postern/bench", "SecretString": secret });
    ([(header::CONTENT_TYPE, "application/x-amz-json-1.1")], answer.to_string())
}
