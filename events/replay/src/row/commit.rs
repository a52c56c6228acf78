//! A commit as rows, and the rows' text as its events.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_store::streams::CommitParts;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Row, TEXT, is_name, is_plain, quoted};
use crate::line::Line;

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

/// Stored text as JSON on one line, from which [`super::text_of`] gets the very text again.
fn as_json(text: &str) -> Box<RawValue> {
    let plain = !text.contains(['\n', '\r']) && !text.starts_with(TEXT);
    let kept = plain.then(|| RawValue::from_string(text.to_owned()).ok()).flatten();
    // White space around it would be lost.
    let kept = kept.filter(|it| it.get().len() == text.len());
    let wrapped = || RawValue::from_string(format!("{TEXT}{}}}", quoted(text))).ok();
    kept.or_else(wrapped).unwrap_or_default()
}

fn line(row: &Row<'_>) -> Option<Line> {
    let mut bytes = Vec::new();
    row.write(&mut bytes);
    let mut line = Line::default();
    line.take(&bytes).ok().map(|()| line)
}

#[cfg(test)]
mod tests {
    use super::super::text_of;
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
