//! One record of the table's stream.

use std::collections::HashMap;
use std::error::Error as _;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodbstreams::types::{
    AttributeValue as Streamed, OperationType, Record, StreamRecord,
};
use jiff::Timestamp;
use postern_store::keys;
use postern_store::streams::CommitParts;
use serde_json::Number;

use super::super::entry::{Entry, Tampered, Tampering};
use crate::line::Line;
use crate::row;

/// Something that a record says.
#[derive(Debug)]
pub(super) struct Seen {
    /// What.
    pub(super) entry: Entry,
    /// The second in which the record was made.
    pub(super) at: Option<Timestamp>,
}

/// What a record says: the rows of a new commit, or what was done to an old one.
pub(super) fn seen(record: &Record) -> Vec<Seen> {
    let Some(told) = record.dynamodb() else { return Vec::new() };
    let at = told.approximate_creation_date_time();
    let at = at.and_then(|it| Timestamp::from_second(it.secs()).ok());
    let entries = match record.event_name() {
        Some(OperationType::Insert) => rows(told).into_iter().map(Entry::Row).collect(),
        Some(OperationType::Remove) => vec![tampered(told, Tampering::Removed, at)],
        // Whatever else was done to a commit, it is not as it was.
        Some(_) | None => vec![tampered(told, Tampering::Changed, at)],
    };
    entries.into_iter().map(|entry| Seen { entry, at }).collect()
}

fn tampered(told: &StreamRecord, tampered: Tampering, time: Option<Timestamp>) -> Entry {
    let commit = version(told).parse().unwrap_or_else(|_| Number::from(0));
    Entry::Tampered(Tampered { stream: stream(told).to_owned(), commit, tampered, time })
}

/// The rows of a new item, also of one that is no commit.
fn rows(told: &StreamRecord) -> Vec<Line> {
    let item: HashMap<String, AttributeValue> = told
        .new_image()
        .into_iter()
        .flatten()
        .filter_map(|(name, it)| Some((name.clone(), value(it)?)))
        .collect();
    match CommitParts::from_item(&item) {
        Ok(parts) => row::lines(&parts),
        Err(error) => {
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            vec![row::broken(stream(told), version(told).parse().unwrap_or_default(), &why)]
        }
    }
}

fn stream(told: &StreamRecord) -> &str {
    key(told, keys::STREAM).and_then(|it| it.as_s().ok()).map(String::as_str).unwrap_or_default()
}

fn version(told: &StreamRecord) -> &str {
    key(told, keys::VERSION).and_then(|it| it.as_n().ok()).map(String::as_str).unwrap_or_default()
}

fn key<'a>(told: &'a StreamRecord, name: &str) -> Option<&'a Streamed> {
    told.keys().and_then(|it| it.get(name))
}

/// The same value as the table's own client has it; a commit has no other kinds.
fn value(streamed: &Streamed) -> Option<AttributeValue> {
    if let Ok(it) = streamed.as_s() {
        return Some(AttributeValue::S(it.clone()));
    }
    if let Ok(it) = streamed.as_n() {
        return Some(AttributeValue::N(it.clone()));
    }
    if let Ok(it) = streamed.as_ss() {
        return Some(AttributeValue::Ss(it.clone()));
    }
    streamed.as_b().ok().map(|it| AttributeValue::B(Blob::new(it.as_ref())))
}
