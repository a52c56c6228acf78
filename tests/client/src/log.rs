//! The log as the local stack shows it: one commit a line, in the order they were made.

use serde::Deserialize;
use serde_json::Value;

use crate::trouble::Trouble;

/// What one decision appended to one stream.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Commit {
    /// `aggregate/id`.
    pub stream: String,
    /// The sequence of its first event within the stream, from 1.
    pub version: u64,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// How it came about.
    pub meta: Value,
    /// The state that it led to.
    pub state: Value,
    /// Its link of the hash chain.
    pub chain: Value,
    /// Its place in the whole log.
    pub cursor: Value,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Event {
    /// Its identifier.
    pub id: String,
    /// Its wire name, `aggregate.fact`.
    #[serde(rename = "type")]
    pub name: String,
    /// The version of `data`.
    pub version: u16,
    /// When it was decided (RFC 3339).
    pub time: String,
    /// What there is to know about it.
    pub data: Value,
}

/// Reads a log of one JSON object a line.
///
/// # Errors
/// [`Trouble::Unreadable`] if a line is none.
pub fn read(text: &str) -> Result<Vec<Commit>, Trouble> {
    let commit = |line: &str| {
        serde_json::from_str(line).map_err(|error| Trouble::Unreadable {
            call: "GET /_local/events".to_owned(),
            why: error.to_string(),
        })
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(commit).collect()
}

/// The wire names of all events, in order.
#[must_use]
pub fn names(commits: &[Commit]) -> Vec<&str> {
    let events = commits.iter().flat_map(|commit| &commit.events);
    events.map(|event| event.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    const LINE: &str = concat!(
        r#"{"stream":"sign_in/sin_1","version":1,"events":[{"id":"evt_1","type":"sign_in.refused","#,
        r#""version":1,"time":"2026-01-01T00:00:00Z","data":{"platform":"ios"}}],"meta":{},"#,
        r#""types":["sign_in.refused"],"state":{},"state_schema":1,"chain":"AA==","cursor":"7"}"#,
    );

    #[test]
    fn every_line_of_the_log_is_a_commit() {
        let commits = read(&format!("{LINE}\n{LINE}\n")).unwrap();
        assert_eq!(names(&commits), ["sign_in.refused", "sign_in.refused"]);
    }

    #[test]
    fn a_log_that_is_cut_off_is_noticed() {
        assert!(read(&LINE[..40]).is_err());
    }
}
