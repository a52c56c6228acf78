//! The embedded `DynamoDB`: dynoxide on one `SQLite` file, and a second connection beside it.
//!
//! The second connection reads the log in commit order, and keeps dynoxide's list of stream
//! records short: every write scans that list for its newest number.

mod log;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use dynoxide::actions::get_records::{GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::encode_shard_iterator;
use postern_store::keys;
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::watch;

pub use self::log::LogLine;
use crate::settings::StartError;

/// What every sequence number of dynoxide's streams is above its stored form, so that all have
/// the 21 digits that `DynamoDB`'s have.
const SEQUENCE_OFFSET: u128 = 100_000_000_000_000_000_000;

/// A fault of the embedded database. Nothing a caller did can cause one.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The engine refused or failed.
    #[error("the embedded DynamoDB failed")]
    Engine(#[from] dynoxide::DynoxideError),
    /// The second connection failed.
    #[error("the embedded DynamoDB's file could not be read or changed")]
    Sqlite(#[from] rusqlite::Error),
}

/// One record of the log's stream.
#[derive(Debug)]
pub struct Streamed {
    /// Where it stands in the stream: what a reader keeps to go on after it.
    pub position: i64,
    /// The record as `DynamoDB` Streams gives it.
    pub record: Record,
}

/// The embedded `DynamoDB`. Clones are the same database.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    file: PathBuf,
    log_table: String,
    engine: RwLock<dynoxide::Database>,
    beside: Mutex<Connection>,
    writes: watch::Sender<u64>,
}

impl Database {
    /// Opens the database in `file`, and creates the tables that are missing.
    pub fn open(file: &Path) -> Result<Self, StartError> {
        Self::try_open(file).map_err(|error| StartError::Unreadable {
            path: file.to_owned(),
            source: Box::new(error),
        })
    }

    fn try_open(file: &Path) -> Result<Self, DatabaseError> {
        let engine = open_engine(file)?;
        tables::create_missing(&engine)?;
        let beside = Connection::open(file)?;
        beside.execute_batch(
            "CREATE INDEX IF NOT EXISTS postern_stream_order
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER))",
        )?;
        let inner = Inner {
            file: file.to_owned(),
            log_table: tables::full_name(keys::EVENTS.name),
            engine: RwLock::new(engine),
            beside: Mutex::new(beside),
            writes: watch::Sender::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Runs `work` on the engine. It blocks: call it where blocking is allowed.
    pub fn call<T>(&self, work: impl FnOnce(&dynoxide::Database) -> T) -> T {
        work(&self.inner.engine.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells everyone who waits at [`Self::writes`] that something was written.
    pub fn wrote(&self) {
        self.inner.writes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Changes after every successful write, so that nobody has to ask again and again.
    #[must_use]
    pub fn writes(&self) -> watch::Receiver<u64> {
        self.inner.writes.subscribe()
    }

    /// The log's stream records after `position`, oldest first.
    pub fn records(&self, position: i64, limit: usize) -> Result<Vec<Streamed>, DatabaseError> {
        let table = &self.inner.log_table;
        let shard = dynoxide::streams::shard_id(table);
        let request = GetRecordsRequest {
            shard_iterator: encode_shard_iterator(table, &shard, position),
            limit: Some(limit),
        };
        let records = self.call(|engine| engine.get_records(request))?.records;
        Ok(records
            .into_iter()
            .filter_map(|record| {
                let position = position_of(&record.dynamodb.sequence_number)?;
                Some(Streamed { position, record })
            })
            .collect())
    }

    /// The name under which the log's stream is known, as records carry it.
    #[must_use]
    pub fn stream_arn(&self) -> String {
        dynoxide::streams::stream_arn(&self.inner.log_table, "local")
    }

    /// The position of the newest stream record, 0 while there is none.
    pub fn latest(&self) -> Result<i64, DatabaseError> {
        let newest: Option<Option<i64>> = self.beside(|db| {
            db.prepare_cached(
                "SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records
                 WHERE table_name = ?1",
            )?
            .query_row([&self.inner.log_table], |row| row.get(0))
            .optional()
        })?;
        Ok(newest.flatten().unwrap_or(0))
    }

    /// Forgets the stream records before `position`, which every function has handled.
    ///
    /// The record at `position` itself stays, since dynoxide numbers on from the newest one.
    pub fn trim(&self, position: i64) -> Result<usize, DatabaseError> {
        let _alone = self.inner.engine.write().unwrap_or_else(PoisonError::into_inner);
        let trimmed = self.beside(|db| {
            db.execute(
                "DELETE FROM _stream_records
                 WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2",
                (&self.inner.log_table, position),
            )
        })?;
        Ok(trimmed)
    }

    /// Deletes what expired by the system's time.
    ///
    /// The local clock only ever runs ahead of it, so nothing that lives by the local clock
    /// goes; readers must judge expiry themselves, as they must on AWS, where this takes days.
    pub fn sweep_expired(&self) -> Result<usize, DatabaseError> {
        Ok(self.call(dynoxide::Database::sweep_ttl)?)
    }

    /// Empties every table and the stream.
    ///
    /// The engine is opened anew, because it also remembers the tokens of recent transactions
    /// and would answer a repeat from a world that is gone.
    pub fn clear(&self) -> Result<(), DatabaseError> {
        let mut engine = self.inner.engine.write().unwrap_or_else(PoisonError::into_inner);
        self.beside(|db| {
            let transaction =
                db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            for table in tables::full_names() {
                transaction.execute(&format!("DELETE FROM {}", quoted(&table)), [])?;
            }
            transaction.execute("DELETE FROM _stream_records", [])?;
            transaction.commit()
        })?;
        *engine = open_engine(&self.inner.file)?;
        drop(engine);
        self.wrote();
        Ok(())
    }

    fn beside<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        work(&mut self.inner.beside.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Opens dynoxide in the mode that flushes at checkpoints only. A killed process still loses
/// nothing that was acknowledged; only a machine that loses its power may.
fn open_engine(file: &Path) -> Result<dynoxide::Database, DatabaseError> {
    let engine = dynoxide::Database::new(&file.to_string_lossy())?;
    // The only way to `PRAGMA synchronous = NORMAL` that the engine offers.
    engine.disable_bulk_loading()?;
    Ok(engine)
}

/// The position that a public sequence number names.
fn position_of(sequence_number: &str) -> Option<i64> {
    let number: u128 = sequence_number.parse().ok()?;
    i64::try_from(number.checked_sub(SEQUENCE_OFFSET)?).ok()
}

/// A table's name as SQL spells it.
fn quoted(table: &str) -> String {
    format!("\"{}\"", table.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
