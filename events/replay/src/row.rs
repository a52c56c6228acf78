//! One row an event: the form in which the log lies in files.
//!
//! A commit's first row has its metadata, its last row what it led to, so that a file holds all that
//! the table holds, byte for byte, and its chain can be verified from it.

use std::borrow::Cow;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_events::stored::StoredEvent;
use postern_store::streams::CommitParts;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::line::{Line, start};

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

/// An event in a commit's text.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(rename = "type", borrow)]
    name: Cow<'a, str>,
    version: u16,
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
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

/// The text that a member was made from by [`as_json`].
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

/// Stored text as JSON on one line, from which [`text_of`] gets the very text again.
fn as_json(text: &str) -> Box<RawValue> {
    let plain = !text.contains(['\n', '\r']) && !text.starts_with(TEXT);
    let kept = plain.then(|| RawValue::from_string(text.to_owned()).ok()).flatten();
    // White space around it would be lost.
    let kept = kept.filter(|it| it.get().len() == text.len());
    let wrapped = || RawValue::from_string(format!("{TEXT}{}}}", quoted(text))).ok();
    kept.or_else(wrapped).unwrap_or_default()
}

/// The lines of a commit, one an event.
#[must_use]
pub fn lines(parts: &CommitParts) -> Vec<Line> {
    // No number in the table is larger, and the sequences of its events have to fit too.
    if !is_plain(&parts.stream) || i64::try_from(parts.version).is_err() {
        return vec![broken(&parts.stream, parts.version, "no commit is called so")];
    }
    // A row is one line. In text JSON has no line breaks but escaped ones; elsewhere they are white space.
    let breaks = ['\n', '\r'];
    let text = if parts.events.contains(breaks) {
        Cow::Owned(parts.events.replace(breaks, " "))
    } else {
        Cow::Borrowed(parts.events.as_str())
    };
    let Ok(written) = serde_json::from_str::<Vec<Written<'_>>>(&text) else {
        return vec![broken(&parts.stream, parts.version, "its events can't be read")];
    };
    if written.is_empty() || parts.version == 0 {
        return vec![broken(&parts.stream, parts.version, "it holds no event")];
    }
    let meta = as_json(&parts.meta);
    let state = as_json(&parts.state);
    let mut types = parts.types.clone();
    types.sort_unstable();
    let types = as_json(&serde_json::to_string(&types).unwrap_or_default());
    let mut rows: Vec<Row<'_>> = written
        .iter()
        .zip(parts.version..)
        .map(|(it, sequence)| Row {
            stream: Cow::Borrowed(&parts.stream),
            sequence,
            commit: parts.version,
            id: Cow::Borrowed(&it.id),
            name: Cow::Borrowed(&it.name),
            version: it.version,
            time: Cow::Borrowed(&it.time),
            data: Some(it.data),
            meta: None,
            types: None,
            state: None,
            state_schema: None,
            chain: None,
            events: None,
            broken: None,
        })
        .collect();
    let mut told = Vec::with_capacity(parts.events.len());
    for row in &rows {
        row.write_event(&mut told);
    }
    told.push(b']');
    let differs = (told != parts.events.as_bytes()).then(|| as_json(&parts.events));
    if let Some(first) = rows.first_mut() {
        first.meta = Some(&meta);
        first.events = differs.as_deref();
    }
    if let Some(last) = rows.last_mut() {
        last.types = Some(&types);
        last.state = Some(&state);
        last.state_schema = Some(parts.state_schema);
        last.chain = Some(Cow::Owned(STANDARD.encode(&parts.chain)));
    }
    rows.iter().filter_map(line).collect()
}

/// The line of a commit that can't be read.
#[must_use]
pub fn broken(stream: &str, version: u64, why: &str) -> Line {
    // What can't stand in a name is no part of one.
    let plain: String = stream.chars().map(|it| if is_name(it) { it } else { '?' }).collect();
    let version = version.min(i64::MAX.unsigned_abs());
    let line = Line::begin(&plain, version).member("commit", &version.to_string());
    let why = if is_plain(stream) { why.to_owned() } else { format!("{why}: {stream:?}") };
    line.member("broken", &quoted(&why)).end()
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

/// The text of a commit's events as its rows tell it, from the text as it is stored.
pub(crate) fn told(events: &str) -> Option<Vec<u8>> {
    let written: Vec<Written<'_>> = serde_json::from_str(events).ok()?;
    let mut text = Vec::with_capacity(events.len());
    for it in &written {
        let row = Row {
            id: Cow::Borrowed(&it.id),
            name: Cow::Borrowed(&it.name),
            version: it.version,
            time: Cow::Borrowed(&it.time),
            data: Some(it.data),
            ..Row::default()
        };
        row.write_event(&mut text);
    }
    text.push(b']');
    Some(text)
}

fn line(row: &Row<'_>) -> Option<Line> {
    let mut bytes = Vec::new();
    row.write(&mut bytes);
    let mut line = Line::default();
    line.take(&bytes).ok().map(|()| line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(events: &str) -> CommitParts {
        CommitParts {
            stream: "gate/1".into(),
            version: 4,
            events: events.into(),
            meta: r#"{"request":"r"}"#.into(),
            types: vec!["gate.shut".into(), "gate.opened".into()],
            state: "\"shut\"".into(),
            state_schema: 2,
            chain: vec![7; 32],
        }
    }

    const TWO: &str = r#"[{"id":"a","type":"gate.opened","version":1,"time":"t","data":{"n":1}},{"id":"b","type":"gate.shut","version":1,"time":"t","data":{}}]"#;

    #[test]
    fn a_commit_is_one_row_an_event_and_nothing_of_it_is_lost() {
        let lines = lines(&parts(TWO));
        let rows: Vec<Row<'_>> = lines.iter().map(|it| Row::read(it).unwrap()).collect();
        let [first, last] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((first.sequence, first.commit, first.is_last()), (4, 4, false));
        assert_eq!((last.sequence, last.commit, last.is_last()), (5, 4, true));
        assert_eq!(first.meta.map(RawValue::get), Some(r#"{"request":"r"}"#));
        assert_eq!(last.types.map(RawValue::get), Some(r#"["gate.opened","gate.shut"]"#));
        assert_eq!(last.state.map(RawValue::get), Some("\"shut\""));
        let mut text = Vec::new();
        for row in &rows {
            row.write_event(&mut text);
        }
        text.push(b']');
        assert_eq!(String::from_utf8(text).unwrap(), TWO);
        assert!(first.events.is_none(), "the rows tell it");
    }

    #[test]
    fn text_that_the_rows_do_not_tell_is_kept_as_it_was() {
        let odd = TWO.replace("\"n\":1", "\"n\" : 1").replace(",\"version\":1", ", \"version\":1");
        let lines = lines(&parts(&odd));
        let first = Row::read(lines.first().unwrap()).unwrap();
        assert_eq!(text_of(first.events.unwrap()), odd);
        let spanning = CommitParts { state: "{\n}".into(), ..parts(TWO) };
        let lines = super::lines(&spanning);
        let last = Row::read(lines.last().unwrap()).unwrap();
        assert_eq!(text_of(last.state.unwrap()), "{\n}");
        assert!(!lines.last().unwrap().bytes().contains(&b'\n'));
    }

    #[test]
    fn a_commit_that_can_not_be_read_is_a_row_that_says_so() {
        for events in ["", "[]", "{}", "[{}]"] {
            let lines = lines(&parts(events));
            let [line] = lines.as_slice() else { panic!("{events}") };
            let row = Row::read(line).unwrap();
            assert_eq!((row.stream.as_ref(), row.sequence), ("gate/1", 4));
            assert!(row.broken.is_some(), "{events}");
        }
    }
}
