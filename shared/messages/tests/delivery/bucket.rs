//! A bucket that lists and deletes, and is away on demand.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get};
use postern_store::uploads::Uploads;

const NAME: &str = "uploads";

/// The names of its files.
#[derive(Default)]
pub(crate) struct Bucket {
    files: Mutex<BTreeSet<String>>,
    away: AtomicBool,
}

impl Bucket {
    pub(crate) fn put(&self, name: &str) {
        self.files.lock().unwrap().insert(name.to_owned());
    }

    pub(crate) fn files(&self) -> Vec<String> {
        self.files.lock().unwrap().iter().cloned().collect()
    }

    pub(crate) fn be_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Through the ordinary SDK.
    pub(crate) async fn serve(self: &Arc<Self>) -> Uploads {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/uploads", get(list))
            .route("/uploads/", get(list))
            .route("/uploads/{*name}", delete(remove))
            .with_state(Arc::clone(self));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(format!("http://{address}"))
            .force_path_style(true)
            .build();
        Uploads::new(aws_sdk_s3::Client::from_conf(config), NAME.to_owned())
    }

    fn is_away(&self) -> Option<Response> {
        let away = self.away.load(Ordering::SeqCst);
        away.then(|| StatusCode::SERVICE_UNAVAILABLE.into_response())
    }
}

#[derive(serde::Deserialize)]
struct Listing {
    prefix: String,
}

async fn list(State(bucket): State<Arc<Bucket>>, Query(listing): Query<Listing>) -> Response {
    if let Some(away) = bucket.is_away() {
        return away;
    }
    let files = bucket.files();
    let files = files.iter().filter(|it| it.starts_with(&listing.prefix));
    let contents: Vec<_> =
        files.map(|it| format!("<Contents><Key>{it}</Key></Contents>")).collect();
    let contents = contents.concat();
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>")
        .into_response()
}

async fn remove(State(bucket): State<Arc<Bucket>>, Path(name): Path<String>) -> Response {
    if let Some(away) = bucket.is_away() {
        return away;
    }
    bucket.files.lock().unwrap().remove(&name);
    StatusCode::NO_CONTENT.into_response()
}
