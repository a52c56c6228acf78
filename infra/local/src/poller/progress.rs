//! How far each function has come, and what was given up on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use crate::state::State;

/// A record, or a message of the topic, that a function could not handle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// The function that failed.
    pub function: String,
    /// The record's number in the stream, or the message's identifier.
    pub sequence_number: String,
    /// The stream of the commit, where the record says it.
    pub stream: Option<String>,
    /// The version of the commit, where the record says it.
    pub version: Option<String>,
    /// What the function said the last time.
    pub reason: String,
    /// When it was given up, by the local clock.
    pub at: Timestamp,
}

/// The positions of all functions, stored with every step. Clones are the same.
#[derive(Debug, Clone)]
pub struct Progress {
    state: State,
    positions: Arc<watch::Sender<BTreeMap<String, i64>>>,
}

impl Progress {
    /// Reads where each of the functions stood; a new one begins with the oldest record.
    pub fn open<'a>(
        state: State,
        functions: impl IntoIterator<Item = &'a str>,
    ) -> rusqlite::Result<Self> {
        let mut positions: BTreeMap<String, i64> =
            functions.into_iter().map(|name| (name.to_owned(), 0)).collect();
        state.with(|db| {
            let mut rows = db.prepare("SELECT function, position FROM positions")?;
            for row in rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
                let (function, position): (String, i64) = row?;
                positions.entry(function).and_modify(|known| *known = position);
            }
            Ok(())
        })?;
        Ok(Self { state, positions: Arc::new(watch::Sender::new(positions)) })
    }

    /// The last record that `function` is done with, 0 before the first.
    #[must_use]
    pub fn position(&self, function: &str) -> i64 {
        self.positions.borrow().get(function).copied().unwrap_or(0)
    }

    /// Notes that `function` is done with everything up to `position`.
    pub fn advance(&self, function: &str, position: i64) -> rusqlite::Result<()> {
        self.state.with(|db| store(db, function, position))?;
        self.publish(function, position);
        Ok(())
    }

    /// Keeps the dead letter of the record at `position`, and goes on after it.
    pub fn bury(&self, letter: &DeadLetter, position: i64) -> rusqlite::Result<()> {
        self.state.with(|db| {
            let transaction = db.transaction()?;
            insert(&transaction, letter)?;
            store(&transaction, &letter.function, position)?;
            transaction.commit()
        })?;
        self.publish(&letter.function, position);
        Ok(())
    }

    /// Keeps the dead letter of something that was not on the stream.
    pub fn keep(&self, letter: &DeadLetter) -> rusqlite::Result<()> {
        self.state.with(|db| insert(db, letter))
    }

    /// Returns when every function is done with everything up to `position`, but for those that
    /// are `excused`.
    pub async fn reached(&self, position: i64, excused: &[&str]) {
        let mut positions = self.positions.subscribe();
        let all = |all: &BTreeMap<String, i64>| {
            all.iter().all(|(name, at)| *at >= position || excused.contains(&name.as_str()))
        };
        // The sender lives as long as `self`, so this can't fail.
        let _ = positions.wait_for(all).await;
    }

    /// The position of the function that is furthest behind; nothing without functions.
    #[must_use]
    pub fn lowest(&self) -> Option<i64> {
        self.positions.borrow().values().min().copied()
    }

    /// What was given up, newest first.
    pub fn dead_letters(&self) -> rusqlite::Result<Vec<DeadLetter>> {
        self.state.with(|db| {
            db.prepare(
                "SELECT function, sequence_number, stream, version, reason, at
                 FROM dead_letters ORDER BY id DESC",
            )?
            .query_map([], |row| {
                let at: String = row.get(5)?;
                Ok(DeadLetter {
                    function: row.get(0)?,
                    sequence_number: row.get(1)?,
                    stream: row.get(2)?,
                    version: row.get(3)?,
                    reason: row.get(4)?,
                    at: at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
                })
            })?
            .collect()
        })
    }

    /// Begins anew, after the state was cleared.
    pub fn forget(&self) {
        self.positions.send_modify(|all| all.values_mut().for_each(|position| *position = 0));
    }

    fn publish(&self, function: &str, position: i64) {
        self.positions.send_modify(|all| {
            all.insert(function.to_owned(), position);
        });
    }
}

fn insert(db: &rusqlite::Connection, letter: &DeadLetter) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO dead_letters (function, sequence_number, stream, version, reason, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        &letter.function,
        &letter.sequence_number,
        &letter.stream,
        &letter.version,
        &letter.reason,
        letter.at.to_string(),
    ))?;
    Ok(())
}

fn store(db: &rusqlite::Connection, function: &str, position: i64) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO positions (function, position) VALUES (?1, ?2)")?
        .execute((function, position))?;
    Ok(())
}
