//! Secrets Manager with one secret, and a DynamoDB that is down or has nothing in it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

/// The secret's name in Secrets Manager.
pub(crate) const SECRET_ID: &str = "postern/test";

/// What DynamoDB says while it is down; none of it is for a client's eyes.
pub(crate) const OUTAGE: &str = "storage-node-17 is on fire";

/// How the tables are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tables {
    /// Every call is answered with 500.
    Down,
    /// No call is ever answered.
    Silent,
    /// Every read finds nothing, every write succeeds and is forgotten.
    Empty,
}

/// The services, and what was asked of them.
#[derive(Clone)]
pub(crate) struct Services {
    tables: Tables,
    /// The secret; without it, nobody may read it.
    secret: Option<Arc<str>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Services {
    pub(crate) fn new(tables: Tables, secret: Option<&str>) -> Self {
        Self { tables, secret: secret.map(Arc::from), asked: Arc::default() }
    }

    pub(crate) fn routes(&self) -> Router {
        Router::new().route("/", post(ask)).with_state(self.clone())
    }

    /// The operations that were asked of this service so far, in their order.
    pub(crate) fn asked(&self, service: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|target| target.starts_with(service)).cloned().collect()
    }
}

/// AWS' JSON protocols: one address, and the operation's name in a header.
async fn ask(State(services): State<Services>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap();
    services.asked.lock().unwrap().push(target.to_owned());
    if services.tables == Tables::Silent && target.starts_with("DynamoDB_") {
        return std::future::pending().await;
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    let (status, answer) = match (target, services.tables) {
        ("secretsmanager.GetSecretValue", _) => secret(&services, &body),
        (_, Tables::Empty) if target.starts_with("DynamoDB_") => (StatusCode::OK, json!({})),
        (_, Tables::Down) if target.starts_with("DynamoDB_") => {
            let fault = json!({ "__type": "InternalServerError", "message": OUTAGE });
            (StatusCode::INTERNAL_SERVER_ERROR, fault)
        }
        _ => (StatusCode::BAD_REQUEST, json!({ "__type": "UnknownOperationException" })),
    };
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], answer.to_string())
        .into_response()
}

fn secret(services: &Services, request: &Value) -> (StatusCode, Value) {
    match &services.secret {
        Some(secret) if request["SecretId"] == SECRET_ID => {
            let answer = json!({
                "ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:postern/test-a1b2c3",
                "Name": SECRET_ID,
                "VersionId": "e3a1f0b2-0000-4000-8000-000000000001",
                "VersionStages": ["AWSCURRENT"],
                "SecretString": &**secret,
                "CreatedDate": 1_764_000_000,
            });
            (StatusCode::OK, answer)
        }
        Some(_) => (StatusCode::BAD_REQUEST, json!({ "__type": "ResourceNotFoundException" })),
        None => (StatusCode::BAD_REQUEST, json!({ "__type": "AccessDeniedException" })),
    }
}
