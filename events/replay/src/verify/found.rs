//! What is found where a log is verified.

use std::fmt;

use serde::Serialize;

use crate::printed::in_line;

/// How a log is broken. The number is the process's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Kind {
    /// Events are missing.
    Gap = 10,
    /// An event is there twice.
    Duplicate = 11,
    /// Events are not in their order.
    Order = 12,
    /// Nobody knows the event's name, or its version.
    Unknown = 13,
    /// The event's data don't fit its schema.
    Schema = 14,
    /// The names of a commit's events are not those of its events.
    Types = 15,
    /// The state is not what the events lead to.
    State = 16,
    /// A commit is not what was committed.
    Chain = 17,
    /// A commit can't be read at all.
    Unreadable = 18,
    /// A stream, or its end, is gone that was there before.
    Lost = 19,
}

impl Kind {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// The first place where a stream is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The stream.
    pub stream: String,
    /// The version of the commit.
    pub version: u64,
    /// The event's place in the stream.
    pub sequence: u64,
    /// How.
    pub kind: Kind,
    /// What is wrong, in words.
    pub what: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, version, sequence, what, .. } = self;
        let (stream, what) = (in_line(stream), in_line(what));
        write!(f, "{stream} version {version}, event {sequence}: {what}")
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Verified {
    /// Events that were looked at.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Streams that are broken somewhere.
    pub broken: u64,
    /// The first break of each of the first of them.
    pub breaks: Vec<Break>,
    /// Commits whose state has another schema than this program's, and was not compared.
    pub other_states: u64,
    /// Streams whose heads were known from before, and were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<u64>,
    /// Streams whose heads were saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<u64>,
    /// What reading the table cost, in units of reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_units: Option<f64>,
}

impl Verified {
    /// How the first stream is broken that is.
    #[must_use]
    pub fn first(&self) -> Option<&Break> {
        self.breaks.first()
    }
}
