//! What tests of several modules begin with.

#![allow(clippy::unwrap_used, reason = "a test may")]

use dynoxide::actions::put_item::PutItemRequest;
use jiff::Timestamp;
use serde_json::json;

use crate::clock::LocalClock;
use crate::database::Database;
use crate::faults::Faults;
use crate::folder::Folder;
use crate::state::State;

/// The parts that need a folder, in one that goes with the value.
pub(crate) struct Ground {
    pub(crate) state: State,
    pub(crate) clock: LocalClock,
    pub(crate) database: Database,
    folder: Folder,
    dir: tempfile::TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    /// The same folder, opened again.
    pub(crate) fn reopened(self) -> Self {
        let Self { state, clock, database, folder, dir } = self;
        drop((state, clock, database, folder));
        Self::on(dir)
    }

    /// Where uploaded files are kept.
    pub(crate) fn files(&self) -> std::path::PathBuf {
        self.folder.files()
    }

    fn on(dir: tempfile::TempDir) -> Self {
        let folder = Folder::open(dir.path()).unwrap();
        let state = State::open(&folder).unwrap();
        let clock = LocalClock::over(noon, state.clone()).unwrap();
        let database = Database::open(&folder.dynamodb()).unwrap();
        Self { state, clock, database, folder, dir }
    }
}

/// The address of `router`, which is served until the test ends.
pub(crate) async fn served(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// Faults as a caller asks for them.
pub(crate) fn faults(json: &str) -> Faults {
    let faults = Faults::default();
    faults.replace(&serde_json::from_str(json).unwrap());
    faults
}

/// The unmoved time of every test: 2027-01-15T12:00:00Z.
pub(crate) fn noon() -> Timestamp {
    Timestamp::from_second(1_800_014_400).unwrap()
}

/// Appends a commit, as the event store would.
pub(crate) fn append(database: &Database, stream: &str, version: u32, event_type: &str) {
    let request: PutItemRequest = serde_json::from_value(json!({
        "TableName": "postern-events",
        "Item": {
            "stream": {"S": stream},
            "version": {"N": version.to_string()},
            "events": {"S": r#"[{"z":1,"a":2}]"#},
            "meta": {"S": "{\n}"},
            "types": {"SS": [event_type]},
            "state_schema": {"N": "1"},
            "chain": {"B": "AAEC"},
        },
        "ConditionExpression": "attribute_not_exists(#s)",
        "ExpressionAttributeNames": {"#s": "stream"},
    }))
    .unwrap();
    database.call(|engine| engine.put_item(request)).unwrap();
    database.wrote();
}
