//! The captured pushes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::Platform;
use crate::state::State;

/// A push as the platform would be given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPush {
    /// Who would bring it to the phone.
    pub platform: Platform,
    /// The platform's name for the app on the phone.
    pub token: String,
    /// What the platform would get.
    pub payload: Value,
    /// What SNS was told beside it: time to live, collapse key, priority.
    pub attributes: BTreeMap<String, String>,
}

/// A captured push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Push {
    /// The message id that SNS answered with.
    pub id: String,
    /// When it was taken, by the local clock.
    pub at: Timestamp,
    /// `apns`, `apns_sandbox` or `fcm`.
    pub platform: String,
    /// The platform's name for the app on the phone.
    pub token: String,
    /// What the platform would get.
    pub payload: Value,
    /// What SNS was told beside it, by name.
    pub attributes: BTreeMap<String, String>,
}

/// All captured pushes. Clones are the same.
#[derive(Debug, Clone)]
pub struct Pushes {
    state: State,
}

impl Pushes {
    /// The pushes that `state` keeps.
    #[must_use]
    pub fn new(state: State) -> Self {
        Self { state }
    }

    /// Keeps a push and names it.
    pub fn take(&self, push: &NewPush, at: Timestamp) -> rusqlite::Result<String> {
        let attributes = serde_json::to_string(&push.attributes)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let row = self.state.with(|db| {
            db.execute(
                "INSERT INTO pushes (at_ms, platform, token, payload, attributes)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                (
                    at.as_millisecond(),
                    push.platform.in_api(),
                    &push.token,
                    push.payload.to_string(),
                    attributes,
                ),
            )?;
            Ok(db.last_insert_rowid())
        })?;
        Ok(message_id(row))
    }

    /// The pushes to one token, or all of them, newest first.
    pub fn pushes(&self, token: Option<&str>) -> rusqlite::Result<Vec<Push>> {
        self.state.with(|db| {
            db.prepare_cached(
                "SELECT id, at_ms, platform, token, payload, attributes
                 FROM pushes WHERE ?1 IS NULL OR token = ?1 ORDER BY id DESC",
            )?
            .query_map([token], |row| {
                let (payload, attributes): (String, String) = (row.get(4)?, row.get(5)?);
                Ok(Push {
                    id: message_id(row.get(0)?),
                    at: Timestamp::from_millisecond(row.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH),
                    platform: row.get(2)?,
                    token: row.get(3)?,
                    payload: serde_json::from_str(&payload).unwrap_or_default(),
                    attributes: serde_json::from_str(&attributes).unwrap_or_default(),
                })
            })?
            .collect()
        })
    }
}

/// A name in the shape of SNS's, from what is unique here: rows are never numbered twice.
fn message_id(row: i64) -> String {
    format!("00000000-0000-4000-9000-{row:012x}")
}
