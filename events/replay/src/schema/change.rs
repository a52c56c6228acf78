//! What a version's schema may not do, and what is to be done instead.

use std::fmt;

use serde::{Serialize, Serializer};

/// A change that a version doesn't allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A member is gone.
    MemberRemoved(String),
    /// A member must be there now, and was not always.
    NewlyRequired(String),
    /// A member that always was there may be absent now.
    NoLongerRequired(String),
    /// A word is gone from a list of words.
    WordRemoved(String),
    /// The words stand in another order, or a new one is not at the end.
    WordsMoved,
    /// A rule such as `type`, `format` or `pattern` says something else, is new, or is gone.
    Rule(String),
    /// This program knows no event of this name.
    EventMissing,
    /// This program doesn't read this version.
    VersionMissing,
}

impl Change {
    /// What is to be done instead.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::MemberRemoved(_)
            | Self::NewlyRequired(_)
            | Self::NoLongerRequired(_)
            | Self::WordRemoved(_)
            | Self::WordsMoved
            | Self::Rule(_) => "needs a new version, an upcaster and a golden file",
            Self::EventMissing => "whatever was stored must load: the event has to come back",
            Self::VersionMissing => {
                "whatever was stored must load: an upcaster has to lead on from it"
            }
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemberRemoved(name) => write!(f, "the member `{name}` is gone"),
            Self::NewlyRequired(name) => write!(f, "the member `{name}` is newly required"),
            Self::NoLongerRequired(name) => write!(f, "the member `{name}` is no longer required"),
            Self::WordRemoved(word) => write!(f, "the word `{word}` is gone"),
            Self::WordsMoved => f.write_str("words don't only join the end of the list"),
            Self::Rule(name) => write!(f, "`{name}` says something else"),
            Self::EventMissing => f.write_str("there is no event of this name"),
            Self::VersionMissing => f.write_str("this version can't be read"),
        }
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A change that was found, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The event.
    pub event: String,
    /// The version.
    pub version: u16,
    /// The place in the former schema (RFC 6901); empty for all of it.
    pub pointer: String,
    /// What changed.
    pub what: Change,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event, version, pointer, what } = self;
        let place = if pointer.is_empty() { String::new() } else { format!(" at {pointer}") };
        write!(f, "{event} v{version}{place}: {what}; {}", what.remedy())
    }
}
