//! What needs no proof: configuration for clients, public keys, health.

use axum::Json;
use axum::extract::State;
use postern_domain::policy;
use serde_json::{Value, json};

use crate::Api;

pub(super) async fn client_config(State(api): State<Api>) -> Json<Value> {
    let settings = &api.parts().settings;
    Json(json!({
        "server_time": api.now().to_string(),
        "minimum_version": settings.minimum_version.to_string(),
        "latest_version": settings.latest_version.to_string(),
        "code_length": policy::CODE_DIGITS,
        "email_sender": settings.email_sender,
        "languages": ["en"],
        "support_url": settings.support_url,
    }))
}

pub(super) async fn jwks(State(api): State<Api>) -> Json<Value> {
    Json(api.parts().token_keys.jwks())
}

pub(super) async fn healthy() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}
