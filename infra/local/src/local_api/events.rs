//! The log over HTTP: as lines of JSON up to now, or live as server-sent events.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, StreamExt as _};
use serde::Deserialize;
use tokio::sync::watch;

use super::{LocalApi, Problem};
use crate::database::{Database, DatabaseError, LogLine};
use crate::world::World;

/// How many commits are read at once.
const PAGE: u32 = 200;

#[derive(Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
    stream: Option<String>,
}

pub(super) async fn answer(
    State(api): State<LocalApi>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // A browser that lost the connection names the last event it saw.
    let after = header("last-event-id").or(asked.after.as_deref());
    let cursor = match after {
        None | Some("") => 0,
        Some(text) => text.parse().map_err(|_| {
            Problem::Invalid("after is not a cursor that this call gave out".to_owned())
        })?,
    };
    let reader = Reader { database: api.database, cursor, stream: asked.stream };
    if header(ACCEPT.as_str()).is_some_and(|kinds| kinds.contains("text/event-stream")) {
        return Ok(live(reader, api.world));
    }
    let pages = stream::unfold(reader, async |mut reader| match reader.page().await {
        Ok(lines) if lines.is_empty() => None,
        Ok(lines) => {
            let text: String = lines.into_iter().map(|line| line.json + "\n").collect();
            Some((Ok(text), reader))
        }
        Err(error) => Some((Err(error), reader)),
    });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(pages)).into_response())
}

/// The commits there are and every one that follows, until the client or the process goes.
fn live(reader: Reader, world: World) -> Response {
    let waiting = Waiting { writes: reader.database.writes(), reader, world: world.clone() };
    let events = stream::unfold(waiting, async |mut waiting| {
        let lines = waiting.lines().await?;
        Some((stream::iter(lines), waiting))
    })
    .flatten()
    .map(|line| Ok::<_, Infallible>(Event::default().id(line.cursor.to_string()).data(line.json)));
    let until = async move { world.stopped().await };
    Sse::new(events.take_until(Box::pin(until))).keep_alive(KeepAlive::default()).into_response()
}

struct Reader {
    database: Database,
    cursor: i64,
    stream: Option<String>,
}

impl Reader {
    async fn page(&mut self) -> Result<Vec<LogLine>, DatabaseError> {
        let (database, cursor, stream) = (self.database.clone(), self.cursor, self.stream.clone());
        let work = move || database.log(cursor, stream.as_deref(), PAGE);
        let lines = tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Ok(Vec::new()))?;
        if let Some(last) = lines.last() {
            self.cursor = last.cursor;
        }
        Ok(lines)
    }
}

struct Waiting {
    reader: Reader,
    writes: watch::Receiver<u64>,
    world: World,
}

impl Waiting {
    /// The next commits; nothing when the process ends or the log can't be read.
    async fn lines(&mut self) -> Option<Vec<LogLine>> {
        let generation = self.world.generation();
        loop {
            self.writes.borrow_and_update();
            if self.world.generation() != generation {
                // An emptied log numbers its commits from the beginning.
                self.reader.cursor = 0;
            }
            match self.reader.page().await {
                Ok(lines) if lines.is_empty() => self.writes.changed().await.ok()?,
                Ok(lines) => return Some(lines),
                Err(error) => {
                    tracing::error!(%error, "the log can't be read");
                    return None;
                }
            }
        }
    }
}
