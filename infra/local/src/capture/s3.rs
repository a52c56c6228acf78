//! What phones upload to and the AWS SDK's S3 client talks to: path-style addresses, as much of
//! the REST protocol as uploads and their erasure need. No file is given out again; whoever wants to
//! see one finds it in the state folder.

mod answers;
mod presigned;

use std::collections::HashMap;

use aws_sdk_s3::Client;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use postern_domain::ports::Clock as _;

use self::answers::{Refused, listed};
use super::{Files, Name, is_signed};
use crate::clock::LocalClock;

#[derive(Clone)]
struct Capture {
    files: Files,
    clock: LocalClock,
    signer: Client,
}

/// The endpoint. The client is one that is pointed at it: an upload's address is good if that
/// client would have made the same one.
pub fn router(files: Files, clock: LocalClock, signer: Client) -> Router {
    let bucket = get(list).fallback(async || Refused::Method);
    let file = put(keep).delete(delete).fallback(async || Refused::Method);
    Router::new()
        .route("/{bucket}", bucket.clone())
        .route("/{bucket}/", bucket)
        .route("/{bucket}/{*key}", file)
        .fallback(async || Refused::Method)
        .with_state(Capture { files, clock, signer })
}

/// Takes a file that the address allows, and no other one.
async fn keep(
    State(capture): State<Capture>,
    Path((bucket, key)): Path<(String, String)>,
    request: Request,
) -> Result<StatusCode, Refused> {
    let name = Name::new(&bucket, &key).ok_or(Refused::Name)?;
    let (parts, body) = request.into_parts();
    let size = presigned::check(&capture.signer, &parts, &name, capture.clock.now()).await?;
    // What was signed is read, so nobody fills the memory.
    let content = to_bytes(body, size).await.map_err(|_| Refused::Incomplete)?;
    if content.len() != size {
        return Err(Refused::Incomplete);
    }
    capture.on_disk(move |files| files.put(&name, &content)).await?;
    Ok(StatusCode::OK)
}

async fn list(
    State(capture): State<Capture>,
    Path(bucket): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let asked = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    if !is_signed(&headers) {
        return Err(Refused::Unsigned);
    }
    if asked("list-type") != "2" {
        return Err(Refused::Method);
    }
    let prefix = asked("prefix").to_owned();
    let (of, beginning) = (bucket.clone(), prefix.clone());
    let files = capture.on_disk(move |files| files.list(&of, &beginning)).await?;
    Ok(listed(&bucket, &prefix, &files))
}

/// Deletes a file; that there is none is no error.
async fn delete(
    State(capture): State<Capture>,
    Path((bucket, key)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    if !is_signed(&headers) {
        return Err(Refused::Unsigned);
    }
    if let Some(name) = Name::new(&bucket, &key) {
        capture.on_disk(move |files| files.delete(&name)).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl Capture {
    /// Runs work that may wait for the disk.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, Refused> {
        let files = self.files.clone();
        let done = tokio::task::spawn_blocking(move || work(&files)).await;
        done.map_err(std::io::Error::other).flatten().map_err(|error| {
            tracing::error!(%error, "the capture of S3 failed");
            Refused::Broken
        })
    }
}

#[cfg(test)]
mod tests;
