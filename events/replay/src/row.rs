//! One row an event: the form in which the log lies in files.
//!
//! A commit's first row has its metadata, its last row what it led to, so that a file holds all that
//! the table holds, byte for byte, and its chain can be verified from it.

mod commit;

use std::borrow::Cow;
use std::io::Write as _;

use postern_events::stored::StoredEvent;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::line::{Line, start};
pub(crate) use commit::told;
pub use commit::{broken, lines};

/// What stands in the place of text that can't stand there as it is: text that is no JSON on one line.
const TEXT: &str = "{\"$text\":";

/// A row, read where it lies.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Row<'a> {
    /// The stream.
    #[serde(borrow)]
    pub stream: Cow<'a, str>,
    /// The event's place in the stream, from 1.
    pub sequence: u64,
    /// The version of the commit that holds it: the sequence of that commit's first event.
    pub commit: u64,
    /// The event's identifier.
    #[serde(borrow, default)]
    pub id: Cow<'a, str>,
    /// Its wire name.
    #[serde(rename = "type", borrow, default)]
    pub name: Cow<'a, str>,
    /// The version of its data.
    #[serde(default)]
    pub version: u16,
    /// When it was decided.
    #[serde(borrow, default)]
    pub time: Cow<'a, str>,
    /// Its data; absent only where the commit can't be read.
    #[serde(borrow, default)]
    pub data: Option<&'a RawValue>,
    /// On a commit's first row: who asked for it, and through what.
    #[serde(borrow, default)]
    pub meta: Option<&'a RawValue>,
    /// On a commit's last row: its wire names as the table has them.
    #[serde(borrow, default)]
    pub types: Option<&'a RawValue>,
    /// On a commit's last row: the state that it led to.
    #[serde(borrow, default)]
    pub state: Option<&'a RawValue>,
    /// On a commit's last row: the shape of that state.
    #[serde(default)]
    pub state_schema: Option<u32>,
    /// On a commit's last row: its link, in base64.
    #[serde(borrow, default)]
    pub chain: Option<Cow<'a, str>>,
    /// On a commit's first row, and only where the rows don't tell it: its events' text.
    #[serde(borrow, default)]
    pub events: Option<&'a RawValue>,
    /// Why the commit can't be read, if it can't.
    #[serde(borrow, default)]
    pub broken: Option<Cow<'a, str>>,
}

impl<'a> Row<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// When it is no row.
    pub fn read(line: &'a Line) -> serde_json::Result<Self> {
        serde_json::from_slice(line.bytes())
    }

    /// What stands for a line that says no more than where it belongs.
    #[must_use]
    pub fn broken(line: &'a Line, why: &str) -> Self {
        Self {
            stream: Cow::Borrowed(line.stream()),
            sequence: line.sequence(),
            commit: line.sequence(),
            broken: Some(Cow::Owned(why.to_owned())),
            ..Self::default()
        }
    }

    /// Whether it is its commit's last.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.chain.is_some()
    }

    /// The event as it is stored.
    ///
    /// # Errors
    /// When the identifier or the time is none, or there are no data.
    pub fn stored(&self) -> Result<StoredEvent, NoEvent> {
        let data = self.data.ok_or(NoEvent)?;
        Ok(StoredEvent {
            id: self.id.parse().map_err(|_| NoEvent)?,
            name: self.name.clone().into_owned(),
            version: self.version,
            time: self.time.parse().map_err(|_| NoEvent)?,
            data: data.to_owned(),
        })
    }

    /// Adds the event to its commit's text, as the store writes it.
    pub fn write_event(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(if text.is_empty() { b"[{\"id\":\"" } else { b",{\"id\":\"" });
        text.extend_from_slice(self.id.as_bytes());
        text.extend_from_slice(b"\",\"type\":\"");
        text.extend_from_slice(self.name.as_bytes());
        let _ = write!(text, "\",\"version\":{},\"time\":\"", self.version);
        text.extend_from_slice(self.time.as_bytes());
        text.extend_from_slice(b"\",\"data\":");
        text.extend_from_slice(self.data.map_or("null", RawValue::get).as_bytes());
        text.push(b'}');
    }

    /// Writes the row, without a line break.
    pub fn write(&self, line: &mut Vec<u8>) {
        self.write_with(line, "", "");
    }

    /// Writes the row with further members before and after its data; each is JSON and ends with a comma.
    pub fn write_with(&self, line: &mut Vec<u8>, before: &str, after: &str) {
        start(line, &self.stream, self.sequence);
        let _ = write!(line, ",\"commit\":{},", self.commit);
        if let Some(broken) = &self.broken {
            member(line, "broken", &quoted(broken));
        } else {
            member(line, "id", &quoted(&self.id));
            member(line, "type", &quoted(&self.name));
            let _ = write!(line, "\"version\":{},", self.version);
            member(line, "time", &quoted(&self.time));
            line.extend_from_slice(before.as_bytes());
            member(line, "data", self.data.map_or("null", RawValue::get));
            line.extend_from_slice(after.as_bytes());
        }
        let raw = [
            ("meta", self.meta),
            ("events", self.events),
            ("types", self.types),
            ("state", self.state),
        ];
        for (name, value) in raw {
            if let Some(value) = value {
                member(line, name, value.get());
            }
        }
        if let Some(schema) = self.state_schema {
            let _ = write!(line, "\"state_schema\":{schema},");
        }
        if let Some(chain) = &self.chain {
            member(line, "chain", &quoted(chain));
        }
        // In the place of the last comma.
        line.pop();
        line.push(b'}');
    }
}

/// There is no event in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the row holds no event")]
pub struct NoEvent;

fn member(line: &mut Vec<u8>, name: &str, json: &str) {
    line.push(b'"');
    line.extend_from_slice(name.as_bytes());
    line.extend_from_slice(b"\":");
    line.extend_from_slice(json.as_bytes());
    line.push(b',');
}

/// Text as JSON.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    serde_json::to_string(text).map_or(Cow::Borrowed("\"\""), Cow::Owned)
}

/// The text that a member was made from by `as_json`.
pub(crate) fn text_of(raw: &RawValue) -> Cow<'_, str> {
    #[derive(Deserialize)]
    struct Text {
        #[serde(rename = "$text")]
        text: String,
    }
    if raw.get().starts_with(TEXT)
        && let Ok(Text { text }) = serde_json::from_str(raw.get())
    {
        return Cow::Owned(text);
    }
    Cow::Borrowed(raw.get())
}

/// Whether two lines are the same row, whatever else they tell.
pub(crate) fn same(one: &Line, other: &Line) -> bool {
    let (Ok(one), Ok(other)) = (Row::read(one), Row::read(other)) else { return false };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    one.write(&mut first);
    other.write(&mut second);
    first == second
}

/// Whether a name can be that of a stream.
pub(crate) fn is_plain(stream: &str) -> bool {
    !stream.is_empty() && stream.chars().all(is_name)
}

fn is_name(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '_' | '/' | '-' | '.' | ':' | '#' | '|')
}
