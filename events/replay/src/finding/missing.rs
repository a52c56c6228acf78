//! What a stream lacks where it was read.

use std::fmt;

use postern_store::streams::Commit;
use serde::Serialize;

/// Events of a stream that can't be told: their rows are missing, or other rows of their commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The stream.
    pub stream: String,
    /// The first one's sequence.
    pub first: u64,
    /// The last one's; nothing where the stream ends within a commit: nobody knows how long that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
}

impl Missing {
    /// Whether the event of this sequence is one of them.
    #[must_use]
    pub fn holds(&self, sequence: u64) -> bool {
        self.first <= sequence && self.last.is_none_or(|it| sequence <= it)
    }

    /// The same without the stream's name.
    pub(crate) fn events(&self) -> String {
        let first = self.first;
        let which = match self.last {
            Some(last) if last == first => format!("event {first}"),
            Some(last) => format!("events {first} to {last}"),
            None => format!("event {first} and whatever follows it"),
        };
        format!("{which} can't be told: rows are missing")
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.stream, self.events())
    }
}

/// Commits as they were found, and what lacks among them.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Those that are whole, in order.
    pub commits: Vec<Commit>,
    /// What lacks before, between and behind them, in order.
    pub missing: Vec<Missing>,
}

impl Found {
    /// The commits of one stream, oldest first, and what lacks before and between them.
    #[must_use]
    pub fn of(commits: Vec<Commit>) -> Self {
        let mut due = 1;
        let mut missing = Vec::new();
        for commit in &commits {
            missing.extend(before(&commit.stream, due, commit.version));
            due = commit.next_version();
        }
        Self { commits, missing }
    }
}

/// What lacks where one event was due and a later one came.
pub(super) fn before(stream: &str, due: u64, came: u64) -> Option<Missing> {
    let last = came.checked_sub(1)?;
    (due <= last).then(|| Missing { stream: stream.to_owned(), first: due, last: Some(last) })
}
