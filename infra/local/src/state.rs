//! What the local stack remembers beside `DynamoDB`: one small `SQLite` file.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::folder::Folder;
use crate::settings::StartError;

/// The version of the layout that [`STEPS`] lead to; a later one is state this program can't read.
pub const LAYOUT: i64 = 2;

/// What leads from each layout to the next one. A step that was released is never changed.
const STEPS: [&str; 2] = [FIRST, PUSHES];

const FIRST: &str = "
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

const PUSHES: &str = "
    BEGIN;
    ALTER TABLE mails ADD COLUMN bounced INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE endpoints (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        platform TEXT NOT NULL,
        application TEXT NOT NULL,
        token TEXT NOT NULL,
        user_data TEXT NOT NULL,
        enabled INTEGER NOT NULL,
        UNIQUE (platform, application, token)
    );
    CREATE TABLE pushes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        platform TEXT NOT NULL,
        token TEXT NOT NULL,
        payload TEXT NOT NULL,
        attributes TEXT NOT NULL
    );
    PRAGMA user_version = 2;
    COMMIT;
";

/// A handle on the file; clones share one connection.
#[derive(Debug, Clone)]
pub struct State {
    connection: Arc<Mutex<Connection>>,
}

impl State {
    /// Opens the file of `folder`, and lays it out where it is new or of an earlier layout.
    pub fn open(folder: &Folder) -> Result<Self, StartError> {
        let file = folder.state();
        let connection = open(&file).map_err(unreadable(&file))?;
        let found: i64 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(unreadable(&file))?;
        let missing = usize::try_from(found).ok().and_then(|done| STEPS.get(done..));
        let Some(missing) = missing else {
            let path = folder.path().to_owned();
            return Err(StartError::OtherLayout { path, found, wanted: LAYOUT });
        };
        for step in missing {
            connection.execute_batch(step).map_err(unreadable(&file))?;
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
                 DELETE FROM mails; DELETE FROM endpoints; DELETE FROM pushes; COMMIT;",
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
    fn state_of_the_first_layout_is_brought_up_to_date_and_keeps_its_mails() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let old = Connection::open(folder.state()).unwrap();
        old.execute_batch(FIRST).unwrap();
        old.execute_batch(
            "INSERT INTO mails (at_ms, recipients, sender, subject, headers)
             VALUES (0, 'ann@example.org', 'a@b.c', 'Hello', '{}')",
        )
        .unwrap();
        drop(old);
        for _ in 0..2 {
            let state = State::open(&folder).unwrap();
            let mails = crate::capture::Mailbox::new(state).mails(None).unwrap();
            assert_eq!(mails.len(), 1);
        }
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        std::fs::write(folder.state(), "not a database, and long enough to tell").unwrap();
        assert!(matches!(State::open(&folder), Err(StartError::Unreadable { .. })));
    }
}
