//! An API whose tables don't answer, for tests of everything before them.
#![allow(clippy::expect_used, reason = "a test may")]

use std::sync::Arc;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::middleware::{Next, from_fn};
use jiff::Timestamp;
use postern_domain::ports::Clock;
use postern_runtime::chance::SystemChance;
use postern_runtime::gateway::SourceAddress;
use postern_runtime::places::Places;
use postern_runtime::secrets::Secrets;
use postern_store::Store;
use postern_store::uploads::Grants;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::{Api, Settings, Surroundings};

/// A clock that stands.
struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

/// The API, over tables that nobody serves.
pub(crate) fn cut_off() -> Api {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("test"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        // Nothing listens on the discard port of loopback.
        .endpoint_url("http://127.0.0.1:9")
        .build();
    let settings = Settings {
        function: "test",
        public_url: "https://api.example".to_owned(),
        minimum_version: "2.3".parse().expect("a version"),
        latest_version: "2.3".parse().expect("a version"),
        email_sender: "no-reply@postern.example".to_owned(),
        support_url: "https://postern.example/support".to_owned(),
    };
    let secrets = Secrets::generate(&SystemChance).expect("secrets");
    let store = Store::new(aws_sdk_dynamodb::Client::from_conf(config), "test-");
    let around = Surroundings {
        clock: Arc::new(Standing),
        chance: Arc::new(SystemChance),
        places: Places::unknown(),
        uploads: Grants {
            bucket: "https://test.example".to_owned(),
            region: "test".to_owned(),
            credentials: None,
        },
    };
    Api::assemble(store, &secrets, settings, around).expect("an API")
}

/// Sends a request from 192.0.2.1.
pub(crate) async fn send(router: Router, request: Request<Body>) -> Response<Body> {
    let router = router.layer(from_fn(async |mut request: Request<Body>, next: Next| {
        let source = "192.0.2.1".parse().ok();
        request.extensions_mut().insert(SourceAddress(source));
        next.run(request).await
    }));
    router.oneshot(request).await.expect("an answer")
}

/// The answer's body as JSON.
pub(crate) async fn json(response: Response<Body>) -> Value {
    let bytes = axum::body::to_bytes(response.into_body(), 65_536).await.expect("a body");
    serde_json::from_slice(&bytes).expect("JSON")
}
