//! An event as it is stored: an envelope that never changes around data that has a version.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::ids::EventId;

/// One event in the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredEvent {
    /// Its own identifier.
    pub id: EventId,
    /// The wire name, `aggregate.fact`.
    #[serde(rename = "type")]
    pub name: String,
    /// The version of `data`.
    pub version: u16,
    /// When it was decided.
    pub time: Timestamp,
    /// The data, byte for byte as committed.
    pub data: Box<RawValue>,
}

/// Why a stored event can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// No event has this name here.
    #[error("the event's name is unknown to its aggregate")]
    UnknownName,
    /// Its version is newer than this program, or no upcaster leads on from it.
    #[error("version {found} of the event can't be read; version {current} can")]
    UnknownVersion {
        /// The stored version.
        found: u16,
        /// The version this program writes.
        current: u16,
    },
    /// The data don't fit the event's type.
    #[error("the event's data don't fit its type")]
    Data(#[from] serde_json::Error),
}
