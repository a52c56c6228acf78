//! Every event that is about an account, whatever stream it lies in.

use std::collections::BTreeSet;

use jiff::Timestamp;
use postern_domain::account::Account;
use postern_events::ids::{AccountId, EventId};
use postern_store::streams::Commit;
use postern_store::{Store, StoreError, keys};
use serde::Serialize;
use serde_json::Value;

use super::opening::Opener;

/// How commits of operators name who acted; which one it was is nobody's but ours to know.
const OPERATOR: &str = "operator";

/// An event, opened.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    id: EventId,
    stream: String,
    #[serde(rename = "type")]
    name: String,
    version: u16,
    time: Timestamp,
    by: String,
    through: String,
    data: Value,
    /// Where in `data` something stays closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unopened: Vec<String>,
}

/// Reads the whole log, for no index tells all: a stream is about an account where one of its events
/// names it. Oldest first.
pub(super) async fn about(
    store: &Store,
    account: AccountId,
    opener: &Opener,
) -> Result<Vec<Told>, StoreError> {
    let streams = store.streams();
    let mut ours = BTreeSet::from([keys::stream::<Account>(account)]);
    let named = format!("\"{account}\"");
    let mut look = |commit: Commit| {
        if commit.events_json.contains(&named) {
            ours.insert(commit.stream);
        }
    };
    streams.every_commit(&mut look).await?;
    let mut told = Vec::new();
    for stream in &ours {
        for commit in streams.load_commits(stream).await? {
            tell(&commit, opener, &mut told)?;
        }
    }
    told.sort_by_key(|it| it.time);
    Ok(told)
}

fn tell(commit: &Commit, opener: &Opener, told: &mut Vec<Told>) -> Result<(), StoreError> {
    let actor = commit.meta.actor.split_once('/').filter(|(kind, _)| *kind == OPERATOR);
    let by = actor.map_or(commit.meta.actor.as_str(), |(kind, _)| kind);
    for stored in &commit.events {
        let data = serde_json::from_str(stored.data.get());
        let mut data: Value = data.map_err(|why| StoreError::Broken {
            what: format!("event {} of stream {}", stored.id, commit.stream),
            source: why.into(),
        })?;
        let unopened = opener.open_all(&mut data);
        told.push(Told {
            id: stored.id,
            stream: commit.stream.clone(),
            name: stored.name.clone(),
            version: stored.version,
            time: stored.time,
            by: by.to_owned(),
            through: commit.meta.function.clone(),
            data,
            unopened,
        });
    }
    Ok(())
}
