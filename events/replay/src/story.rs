//! A stream's story in plain words: what was decided, from what, under which policy, and by whom.

use std::fmt;

use jiff::Timestamp;
use postern_events::ids::EventId;
use postern_store::streams::Commit;
use serde::Serialize;

mod account;
mod code;
mod devices;
mod message;
mod sentence;
mod sign_in;
mod support;
mod unrecorded;
mod verification;
mod version;

pub use unrecorded::Unrecorded;
pub use version::{Agreement, Told, VersionStory, tell_version};

use crate::finding::{Found, Missing};
use crate::printed::in_line;
use crate::reading::{UnreadableEvent, read_with, sequenced};

/// Why there is no story.
#[derive(Debug, thiserror::Error)]
pub enum NoStory {
    /// There are no commits.
    #[error("there is no such stream")]
    NoStream,
    /// What was asked for is missing in what was read.
    #[error("{0}")]
    Missing(Missing),
    /// No commit holds this sequence.
    #[error("stream {stream} has no version {version}")]
    NoVersion {
        /// The stream.
        stream: String,
        /// The sequence that was asked for.
        version: u64,
    },
    /// An event is of no kind that this program knows.
    #[error(transparent)]
    Event(#[from] UnreadableEvent),
    /// What was read can't be shown as JSON.
    #[error("version {version} of stream {stream} can't be shown")]
    Unshowable {
        /// The stream.
        stream: String,
        /// The sequence of the commit's first event.
        version: u64,
        /// Why.
        source: serde_json::Error,
    },
}

/// What a stream tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Story {
    /// The stream.
    pub stream: String,
    /// One line for each event, oldest first.
    pub lines: Vec<Line>,
    /// The events that lack among them, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// What is true by now and nobody records, such as that a code ran out; oldest first. Nothing where
    /// events are missing: nobody can tell.
    pub unrecorded: Vec<Unrecorded>,
}

/// What one event tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its sequence in the stream.
    pub version: u64,
    /// When it was decided.
    pub time: Timestamp,
    /// The event.
    pub event: EventId,
    /// Its wire name.
    #[serde(rename = "type")]
    pub name: String,
    /// What was decided. Personal values are `(sealed)`.
    pub sentence: String,
    /// What it was decided from, where the event records that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The policy it was decided under: the event's own word, else its commit's.
    pub policy: u16,
    /// Who acted.
    pub actor: String,
    /// The function that decided.
    pub function: String,
    /// The request that led to it.
    pub request: String,
}

/// Tells a stream's story from its commits, oldest first. `now` says what has run out by then.
///
/// # Errors
/// When there are no commits, or an event can't be read.
pub fn tell(found: &Found, now: Timestamp) -> Result<Story, NoStory> {
    let (commits, missing) = (&found.commits, found.missing.clone());
    let stream = stream_of(found)?;
    let mut lines = Vec::new();
    for commit in commits {
        lines.extend(lines_of(commit)?);
    }
    let whole = missing.is_empty();
    let unrecorded = if whole { unrecorded::by(now, &stream, commits)? } else { Vec::new() };
    Ok(Story { stream, lines, missing, unrecorded })
}

/// The stream that was found, if anything of it can be told.
fn stream_of(found: &Found) -> Result<String, NoStory> {
    match (found.commits.first(), found.missing.first()) {
        (Some(commit), _) => Ok(commit.stream.clone()),
        (None, Some(missing)) => Err(NoStory::Missing(missing.clone())),
        (None, None) => Err(NoStory::NoStream),
    }
}

/// One line for each event of a commit.
fn lines_of(commit: &Commit) -> Result<Vec<Line>, UnreadableEvent> {
    let line = |(version, stored)| {
        let read = |stored: &_| sentence::of(&commit.stream, stored);
        let sentence::Sentence { what, from, policy } =
            read_with(&commit.stream, version, stored, read)?;
        Ok(Line {
            version,
            time: stored.time,
            event: stored.id,
            name: stored.name.clone(),
            sentence: what,
            from: (!from.is_empty()).then(|| from.join("; ")),
            policy: policy.unwrap_or(commit.meta.policy),
            actor: commit.meta.actor.clone(),
            function: commit.meta.function.clone(),
            request: commit.meta.request.clone(),
        })
    };
    sequenced(commit).map(line).collect()
}

/// The width of the widest number, so that all of them end in the same column.
fn width(lines: &[Line]) -> usize {
    lines.iter().map(|it| it.version.to_string().len()).max().unwrap_or_default()
}

/// A time as long as every other, so that what follows begins in the same column.
fn write_head(f: &mut fmt::Formatter<'_>, line: &Line, width: usize) -> fmt::Result {
    writeln!(f, "{:>width$}  {:.3}  {}", line.version, line.time, line.name)
}

fn write_rest(f: &mut fmt::Formatter<'_>, line: &Line, width: usize) -> fmt::Result {
    let Line { event, sentence, policy, actor, function, request, .. } = line;
    let [sentence, actor, function, request] =
        [sentence, actor, function, request].map(|it| in_line(it));
    writeln!(f, "{:width$}  {sentence}", "")?;
    if let Some(from) = &line.from {
        writeln!(f, "{:width$}  from: {}", "", in_line(from))?;
    }
    writeln!(f, "{:width$}  {event}, policy {policy}, {actor}, {function}, {request}", "")
}

fn write_missing(f: &mut fmt::Formatter<'_>, missing: &Missing, width: usize) -> fmt::Result {
    writeln!(f, "\n{:>width$}  {}", "–", missing.events())
}

impl fmt::Display for Story {
    /// Text for people, aligned, without colours; ends with a line's end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = width(&self.lines);
        writeln!(f, "{}", self.stream)?;
        let mut missing = self.missing.iter().peekable();
        for line in &self.lines {
            while let Some(it) = missing.next_if(|it| it.first < line.version) {
                write_missing(f, it, width)?;
            }
            writeln!(f)?;
            write_head(f, line, width)?;
            write_rest(f, line, width)?;
        }
        missing.try_for_each(|it| write_missing(f, it, width))?;
        if !self.unrecorded.is_empty() {
            writeln!(f)?;
        }
        for Unrecorded { time, sentence } in &self.unrecorded {
            writeln!(f, "{:>width$}  {time:.3}  {sentence}", "–")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_says_who_acted_adds_no_line_to_the_story() {
        let planted = |it: &str| format!("{it}\n2  planted\u{1b}[A");
        let line = Line {
            version: 1,
            time: Timestamp::UNIX_EPOCH,
            event: "evt_01J9ZT0000000000000000000A".parse().unwrap(),
            name: "gate.opened".to_owned(),
            sentence: "The gate was opened.".to_owned(),
            from: Some(planted("a key")),
            policy: 1,
            actor: planted("somebody"),
            function: planted("gate"),
            request: planted("r"),
        };
        let story = Story {
            stream: "gate/1".to_owned(),
            lines: vec![line],
            missing: Vec::new(),
            unrecorded: Vec::new(),
        };
        let due = r"gate/1

1  1970-01-01T00:00:00.000Z  gate.opened
   The gate was opened.
   from: a key\n2  planted\u{1b}[A
   evt_01J9ZT0000000000000000000A, policy 1, somebody\n2  planted\u{1b}[A, gate\n2  planted\u{1b}[A, r\n2  planted\u{1b}[A
";
        assert_eq!(story.to_string(), due);
    }
}
