//! What the stream of a table reports.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Number;

use super::Told;
use crate::line::Line;

/// Something to show.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    /// A row of the log.
    Row(Line),
    /// A commit that was tampered with.
    Tampered(Tampered),
}

impl Entry {
    /// The stream of the log that it is about.
    pub(super) fn stream(&self) -> &str {
        match self {
            Self::Row(line) => line.stream(),
            Self::Tampered(it) => &it.stream,
        }
    }

    /// The same, to be told.
    pub(super) fn told(&self) -> Told<'_> {
        match self {
            Self::Row(line) => Told::Event(line),
            Self::Tampered(it) => Told::Tampered(it),
        }
    }
}

/// What somebody did to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tampering {
    /// Another one lies in its place.
    Changed,
    /// It is gone.
    Removed,
}

/// In capitals, as no event is called.
impl fmt::Display for Tampering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Changed => "CHANGED",
            Self::Removed => "REMOVED",
        })
    }
}

/// A commit that is not what was appended. Nobody may change or remove one, so it was an attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tampered {
    /// The stream.
    pub stream: String,
    /// The commit's version.
    pub commit: Number,
    /// What was done to it.
    pub tampered: Tampering,
    /// The second in which it was done, as the table's stream has it.
    pub time: Option<Timestamp>,
}
