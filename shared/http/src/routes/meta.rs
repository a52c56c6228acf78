//! What needs no proof: configuration for clients, public keys, health.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use postern_domain::policy;
use postern_words::language::Language;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::Api;
use crate::openapi::{Described, Tag};

/// What an app asks for before it does anything else.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClientConfig {
    /// The present, which device proofs are dated with.
    #[schema(value_type = String, format = DateTime)]
    server_time: Timestamp,
    /// The oldest app that is served.
    minimum_version: String,
    /// The newest app there is.
    latest_version: String,
    /// Digits of a sign-in code.
    code_length: u32,
    /// The one address that mail comes from.
    email_sender: String,
    /// The languages of mails and answers, as tags (BCP 47).
    #[schema(value_type = Vec<String>)]
    languages: Vec<&'static str>,
    /// Where people find help.
    support_url: String,
}

pub(super) const CLIENT_CONFIG: Described =
    Described::new(Tag::Service, "getClientConfig", "Learn what an app needs before anything else")
        .answers::<ClientConfig>(StatusCode::OK, "The configuration.");

pub(super) async fn client_config(State(api): State<Api>) -> Json<ClientConfig> {
    let settings = &api.parts().settings;
    Json(ClientConfig {
        server_time: api.now(),
        minimum_version: settings.minimum_version.to_string(),
        latest_version: settings.latest_version.to_string(),
        code_length: policy::CODE_DIGITS,
        email_sender: settings.email_sender.clone(),
        languages: Language::all().map(Language::tag).collect(),
        support_url: settings.support_url.clone(),
    })
}

pub(super) const JWKS: Described =
    Described::new(Tag::Service, "getJwks", "See the keys that sign access tokens")
        .answers_json("A JWK set (RFC 7517).");

pub(super) async fn jwks(State(api): State<Api>) -> Json<Value> {
    Json(api.parts().token_keys.jwks())
}

/// A function that answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`.
    status: &'static str,
}

pub(super) const HEALTHY: Described =
    Described::new(Tag::Service, "getHealth", "See whether the service answers")
        .answers::<Health>(StatusCode::OK, "It does.");

pub(super) async fn healthy() -> Json<Health> {
    Json(Health { status: "ok" })
}
