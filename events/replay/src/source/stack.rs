//! The log of a local stack, as it is shown over HTTP: a commit a line.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_store::streams::CommitParts;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Lost, Marks, Part, Parts};
use crate::row;

/// Bytes that are turned into rows at once.
const PART: usize = 1024 * 1024;

/// A commit as the local stack shows it.
#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(default)]
    cursor: u64,
    #[serde(borrow)]
    stream: Cow<'a, str>,
    version: u64,
    #[serde(borrow)]
    events: &'a RawValue,
    #[serde(borrow)]
    meta: &'a RawValue,
    types: Vec<String>,
    #[serde(borrow)]
    state: &'a RawValue,
    state_schema: u32,
    #[serde(borrow)]
    chain: Cow<'a, str>,
}

/// A commit from a line, and where the log goes on after it.
///
/// # Errors
/// When it is none.
pub fn commit(line: &[u8]) -> Result<(CommitParts, u64), Box<dyn std::error::Error + Send + Sync>> {
    let shown: Shown<'_> = serde_json::from_slice(line)?;
    let parts = CommitParts {
        stream: shown.stream.into_owned(),
        version: shown.version,
        events: shown.events.get().to_owned(),
        meta: shown.meta.get().to_owned(),
        types: shown.types,
        state: shown.state.get().to_owned(),
        state_schema: shown.state_schema,
        chain: STANDARD.decode(shown.chain.as_bytes())?,
    };
    Ok((parts, shown.cursor))
}

/// Reads what there is.
///
/// # Errors
/// When the stack doesn't answer with its log.
pub async fn read(address: &str, marks: &Marks, parts: Parts) -> Result<(), Lost> {
    let lost = |source: Box<dyn std::error::Error + Send + Sync>| Lost::Stack {
        address: address.to_owned(),
        source,
    };
    let after = marks.get(&0).and_then(serde_json::Value::as_u64).unwrap_or_default();
    let asked = format!("{address}/_local/events?after={after}");
    let answer = reqwest::get(asked).await.and_then(reqwest::Response::error_for_status);
    let mut answer = answer.map_err(|it| lost(it.into()))?;
    let mut text = Vec::new();
    loop {
        let chunk = answer.chunk().await.map_err(|it| lost(it.into()))?;
        let ended = chunk.is_none();
        text.extend_from_slice(&chunk.unwrap_or_default());
        if text.len() < PART && !ended {
            continue;
        }
        let whole = memchr::memrchr(b'\n', &text).map_or(0, |it| it + 1);
        let mut part =
            Part { reader: 0, lines: Vec::new(), mark: after.into(), read_units: 0.0, length: 0 };
        for line in text.drain(..whole).as_slice().split(|it| *it == b'\n') {
            if !line.is_empty() {
                let (commit, cursor) = commit(line).map_err(lost)?;
                part.lines.extend(row::lines(&commit));
                part.mark = cursor.into();
                part.length += 1;
            }
        }
        if ended && !text.is_empty() {
            return Err(lost("its last line has no end".into()));
        }
        // Nobody takes it: whoever gathers has failed, and says why.
        if (!part.lines.is_empty() && parts.send(part).await.is_err()) || ended {
            return Ok(());
        }
    }
}
