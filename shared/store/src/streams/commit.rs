//! One item of the log.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use postern_events::ids::EventId;
use postern_events::stored::StoredEvent;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items::{Reader, bytes, number, text};
use crate::keys;

/// Who asked for a commit, and through what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The request's identifier, as its answer told it.
    pub request: String,
    /// Who acted: an identifier or a word, nothing personal.
    pub actor: String,
    /// The function that decided.
    pub function: String,
    /// The version of the policy it was decided under.
    pub policy: u16,
    /// A digest of idempotency key, caller and body, by which a repeated call finds its commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<String>,
}

/// A commit, as stored.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The stream.
    pub stream: String,
    /// The sequence of the first event in it, from 1.
    pub version: u64,
    /// The events, in order; never empty.
    pub events: Vec<StoredEvent>,
    /// The events as text, byte for byte.
    pub events_json: String,
    /// Who asked for it, and through what.
    pub meta: Meta,
    /// The same as text, byte for byte.
    pub meta_json: String,
    /// The wire names of the events, each once.
    pub types: BTreeSet<String>,
    /// The decider's state after it, as JSON text.
    pub state: String,
    /// The shape of that state.
    pub state_schema: u32,
    /// The link that ties it to all commits before it.
    pub chain: [u8; 32],
}

/// The attributes of a commit, from wherever they were read: an item, a stream's image, a file.
#[derive(Debug, Clone)]
pub struct CommitParts {
    /// The stream.
    pub stream: String,
    /// The sequence of the first event.
    pub version: u64,
    /// The events as JSON text.
    pub events: String,
    /// The metadata as JSON text.
    pub meta: String,
    /// The wire names.
    pub types: Vec<String>,
    /// The state as JSON text.
    pub state: String,
    /// The shape of the state.
    pub state_schema: u32,
    /// The link, 32 bytes.
    pub chain: Vec<u8>,
}

impl CommitParts {
    /// Takes the attributes out of an item of the log, without a look at what they say.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where one is missing or of another type.
    pub fn from_item(item: &HashMap<String, AttributeValue>) -> Result<Self, StoreError> {
        let stream = Reader::new("a commit", item).text(keys::STREAM)?;
        let what = format!("a commit of stream {stream}");
        let read = Reader::new(&what, item);
        Ok(Self {
            stream: stream.to_owned(),
            version: read.number(keys::VERSION)?,
            events: read.text(keys::EVENTS_JSON)?.to_owned(),
            meta: read.text(keys::META)?.to_owned(),
            types: read.texts(keys::TYPES)?.to_vec(),
            state: read.text(keys::STATE)?.to_owned(),
            state_schema: read.number(keys::STATE_SCHEMA)?,
            chain: read.bytes(keys::CHAIN)?.to_vec(),
        })
    }
}

/// What no commit may be.
#[derive(Debug, thiserror::Error)]
enum Malformed {
    #[error("it holds no event")]
    NoEvent,
    #[error("its version is not a sequence from 1")]
    Version,
    #[error("its chain is not 32 bytes")]
    Chain,
}

impl Commit {
    /// Reads the attributes of a commit.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where they are no commit.
    pub fn from_parts(parts: CommitParts) -> Result<Self, StoreError> {
        let what = || format!("commit {} of stream {}", parts.version, parts.stream);
        let broken = |why: Malformed| StoreError::broken(what(), why);
        let unreadable = |why: serde_json::Error| StoreError::broken(what(), why);
        let events: Vec<StoredEvent> = serde_json::from_str(&parts.events).map_err(unreadable)?;
        let meta = serde_json::from_str(&parts.meta).map_err(unreadable)?;
        if events.is_empty() {
            return Err(broken(Malformed::NoEvent));
        }
        if parts.version == 0 {
            return Err(broken(Malformed::Version));
        }
        let chain = parts.chain.as_slice().try_into().map_err(|_| broken(Malformed::Chain))?;
        Ok(Self {
            events,
            meta,
            chain,
            stream: parts.stream,
            version: parts.version,
            events_json: parts.events,
            meta_json: parts.meta,
            types: parts.types.into_iter().collect(),
            state: parts.state,
            state_schema: parts.state_schema,
        })
    }

    /// Reads an item of the log.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where it is no commit.
    pub fn from_item(item: &HashMap<String, AttributeValue>) -> Result<Self, StoreError> {
        Self::from_parts(CommitParts::from_item(item)?)
    }

    /// The commit as an item of the log.
    #[must_use]
    pub fn to_item(&self) -> HashMap<String, AttributeValue> {
        let types = self.types.iter().cloned().collect();
        [
            (keys::STREAM, text(&self.stream)),
            (keys::VERSION, number(self.version)),
            (keys::EVENTS_JSON, text(&self.events_json)),
            (keys::META, text(&self.meta_json)),
            (keys::TYPES, AttributeValue::Ss(types)),
            (keys::STATE, text(&self.state)),
            (keys::STATE_SCHEMA, number(self.state_schema)),
            (keys::CHAIN, bytes(self.chain)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// The sequence of the last event in it.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.next_version().saturating_sub(1)
    }

    /// The version of the commit that follows.
    #[must_use]
    pub fn next_version(&self) -> u64 {
        self.version.saturating_add(u64::try_from(self.events.len()).unwrap_or(u64::MAX))
    }

    /// The first event's identifier, which no other commit has.
    #[must_use]
    pub fn first_event(&self) -> Option<EventId> {
        self.events.first().map(|it| it.id)
    }
}
