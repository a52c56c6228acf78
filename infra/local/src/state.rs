//! What the local stack remembers beside `DynamoDB`: one small `SQLite` file.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::folder::Folder;
use crate::settings::StartError;

/// The version of [`SCHEMA`]; another number means state this program can't read.
pub const LAYOUT: i64 = 1;

const SCHEMA: &str = "
    BEGIN;
    CREATE TABLE clock (only INTEGER PRIMARY KEY CHECK (only = 1), offset_ms INTEGER NOT NULL);
    CREATE TABLE positions (function TEXT PRIMARY KEY, position INTEGER NOT NULL);
    CREATE TABLE dead_letters (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        function TEXT NOT NULL,
        sequence_number TEXT NOT NULL,
        stream TEXT,
        version TEXT,
        reason TEXT NOT NULL,
        at TEXT NOT NULL
    );
    CREATE TABLE mails (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        recipients TEXT NOT NULL,
        sender TEXT NOT NULL,
        subject TEXT NOT NULL,
        text TEXT,
        html TEXT,
        headers TEXT NOT NULL
    );
    PRAGMA user_version = 1;
    COMMIT;
";

/// A handle on the file; clones share one connection.
#[derive(Debug, Clone)]
pub struct State {
    connection: Arc<Mutex<Connection>>,
}

impl State {
    /// Opens the file of `folder`, and lays it out where it is new.
    pub fn open(folder: &Folder) -> Result<Self, StartError> {
        let file = folder.state();
        let connection = open(&file).map_err(unreadable(&file))?;
        let found: i64 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(unreadable(&file))?;
        if found == 0 {
            connection.execute_batch(SCHEMA).map_err(unreadable(&file))?;
        } else if found != LAYOUT {
            let path = folder.path().to_owned();
            return Err(StartError::OtherLayout { path, found, wanted: LAYOUT });
        }
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Runs `work` on the one connection. The statements are short; nobody waits long.
    pub fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        work(&mut self.connection.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets everything at once.
    pub fn clear(&self) -> rusqlite::Result<()> {
        self.with(|db| {
            db.execute_batch(
                "BEGIN; DELETE FROM clock; DELETE FROM positions; DELETE FROM dead_letters;
                 DELETE FROM mails; COMMIT;",
            )
        })
    }
}

/// In this mode a killed process loses nothing that was committed; only a machine that loses its
/// power may. It spares the disk a flush for each mail and each position.
fn open(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

fn unreadable(file: &Path) -> impl FnOnce(rusqlite::Error) -> StartError {
    let path = file.to_owned();
    move |error| StartError::Unreadable { path, source: Box::new(error) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    #[test]
    fn state_of_another_layout_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        State::open(&folder)
            .unwrap()
            .with(|db| db.execute_batch("PRAGMA user_version = 7"))
            .unwrap();
        let refused = State::open(&folder).unwrap_err();
        assert!(matches!(refused, StartError::OtherLayout { found: 7, wanted: LAYOUT, .. }));
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        std::fs::write(folder.state(), "not a database, and long enough to tell").unwrap();
        assert!(matches!(State::open(&folder), Err(StartError::Unreadable { .. })));
    }
}
