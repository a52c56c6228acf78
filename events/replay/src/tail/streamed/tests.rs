#![allow(clippy::unwrap_used, reason = "a test may")]

mod backlog;
mod endpoint;
mod tampering;
mod troubles;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_runtime::feed::chain_of;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use self::endpoint::{BEGAN, Endpoint};
use super::super::{Told, Wanted, tail};
use crate::source::Source;

/// As long as nobody follows.
const A_DAY: Duration = Duration::from_hours(24);

/// A record of the table's stream, made so many seconds after the shards were first listed.
fn record(kind: &str, stream: &str, version: u64, after: i64) -> Value {
    json!({
        "eventName": kind,
        "dynamodb": {
            "Keys": { "stream": { "S": stream }, "version": { "N": version.to_string() } },
            "SequenceNumber": version.to_string(),
            "ApproximateCreationDateTime": BEGAN + after,
        },
    })
}

/// The record of a commit of one event.
fn appended(stream: &str, version: u64, after: i64) -> Value {
    let time = jiff::Timestamp::from_second(BEGAN + after).unwrap();
    let event = json!({
        "id": format!("evt_{version}"), "type": "gate.opened", "version": 1, "time": time, "data": {},
    });
    let mut record = record("INSERT", stream, version, after);
    record["dynamodb"]["NewImage"] = json!({
        "stream": { "S": stream },
        "version": { "N": version.to_string() },
        "events": { "S": json!([event]).to_string() },
        "meta": { "S": "{}" },
        "types": { "SS": ["gate.opened"] },
        "state": { "S": "\"open\"" },
        "state_schema": { "N": "1" },
        "chain": { "B": STANDARD.encode([7; 32]) },
    });
    record
}

/// The newest so many, and nothing after them.
fn newest(count: usize) -> Wanted {
    Wanted { newest: count, follow: false, stream: None }
}

/// The newest so many, and those that come.
fn following(count: usize) -> Wanted {
    Wanted { follow: true, ..newest(count) }
}

/// What is told within so long, each with its time in milliseconds, and how it ended, if it did.
async fn told(
    endpoint: &Endpoint,
    wanted: &Wanted,
    within: Duration,
) -> (Vec<String>, Option<Result<(), String>>) {
    let (begun, mut told) = (Instant::now(), Vec::new());
    let source = Source::Table(endpoint.table());
    let tell = |it: Told<'_>| {
        let what = match it {
            Told::Event(line) => format!("{} {}", line.stream(), line.sequence()),
            Told::Tampered(it) => format!("{} {} {}", it.tampered, it.stream, it.commit),
            Told::Trimmed(shard) => format!("trimmed {shard}"),
            Told::Waiting(why) => format!("waiting: {}", chain_of(why)),
        };
        told.push(format!("{} {what}", begun.elapsed().as_millis()));
        Ok(())
    };
    let tail = timeout(within, tail(&source, || endpoint.streams(), wanted, tell));
    let ended = tail.await.ok().map(|it| it.map_err(|it| chain_of(&it)));
    (told, ended)
}
