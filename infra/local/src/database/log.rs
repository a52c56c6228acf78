//! The log as stored, in the order of its commits.
//!
//! The order is that of `SQLite`'s row numbers. A commit is inserted once and never changed or
//! deleted, so its number stays, and trimming the stream does not touch it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dynoxide::{AttributeValue, Item};
use postern_store::keys;
use serde_json::value::{RawValue, to_raw_value};

use super::{Database, DatabaseError, quoted};

/// Attributes that hold JSON text, which is shown as JSON.
const JSON: [&str; 3] = [keys::EVENTS_JSON, keys::META, keys::STATE];

/// One commit as people and replays read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Where it stands in the log; reading goes on after it.
    pub cursor: i64,
    /// One JSON object without line breaks.
    pub json: String,
}

impl Database {
    /// At most `limit` commits after `cursor`, of one stream or of all.
    pub fn log(
        &self,
        cursor: i64,
        stream: Option<&str>,
        limit: u32,
    ) -> Result<Vec<LogLine>, DatabaseError> {
        let table = quoted(&self.inner.log_table);
        let hash = stream
            .map(|stream| AttributeValue::S(stream.to_owned()).to_key_string().unwrap_or_default());
        let rows: Vec<(i64, String)> = self.beside(|db| {
            db.prepare_cached(&format!(
                "SELECT rowid, item_json FROM {table}
                 WHERE rowid > ?1 AND (?2 IS NULL OR pk = ?2) ORDER BY rowid LIMIT ?3"
            ))?
            .query_map((cursor, hash, limit), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
        })?;
        Ok(rows.into_iter().map(|(cursor, item)| line(cursor, &item)).collect())
    }
}

fn line(cursor: i64, item: &str) -> LogLine {
    let item: Item = serde_json::from_str(item).unwrap_or_default();
    let mut attributes: Vec<_> = item.iter().collect();
    attributes.sort_by_key(|(name, _)| (rank(name), name.as_str()));
    let mut json = format!("{{\"cursor\":{cursor}");
    for (name, value) in attributes {
        let shown = raw_json(name, value).or_else(|| to_raw_value(&plain(value)).ok());
        if let (Ok(name), Some(shown)) = (serde_json::to_string(name), shown) {
            json.push(',');
            json.push_str(&name);
            json.push(':');
            json.push_str(shown.get());
        }
    }
    json.push('}');
    LogLine { cursor, json }
}

/// What names a commit comes first.
fn rank(name: &str) -> u8 {
    match name {
        keys::STREAM => 0,
        keys::VERSION => 1,
        _ => 2,
    }
}

/// JSON text as it was stored, byte for byte, unless it spans lines.
fn raw_json(name: &str, value: &AttributeValue) -> Option<Box<RawValue>> {
    let AttributeValue::S(text) = value else { return None };
    if !JSON.contains(&name) {
        return None;
    }
    if text.contains(['\n', '\r']) {
        let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
        return to_raw_value(&parsed).ok();
    }
    RawValue::from_string(text.clone()).ok()
}

/// A value without `DynamoDB`'s type tags; bytes become base64.
fn plain(value: &AttributeValue) -> serde_json::Value {
    use serde_json::Value;
    let number = |text: &String| {
        serde_json::from_str::<serde_json::Number>(text)
            .map_or_else(|_| Value::from(text.as_str()), Value::Number)
    };
    match value {
        AttributeValue::S(text) => Value::from(text.as_str()),
        AttributeValue::N(text) => number(text),
        AttributeValue::B(bytes) => Value::from(STANDARD.encode(bytes)),
        AttributeValue::BOOL(yes) => Value::from(*yes),
        AttributeValue::NULL(_) => Value::Null,
        AttributeValue::SS(texts) => texts.iter().map(String::as_str).collect(),
        AttributeValue::NS(texts) => texts.iter().map(number).collect(),
        AttributeValue::BS(all) => all.iter().map(|bytes| STANDARD.encode(bytes)).collect(),
        AttributeValue::L(values) => values.iter().map(plain).collect(),
        AttributeValue::M(map) => {
            map.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
        }
    }
}
