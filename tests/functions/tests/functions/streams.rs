//! What both functions behind the log's stream do with a batch.

use serde_json::{Value, json};

use crate::function::{Function, Lambda, batch};
use crate::services::Tables;

const BEHIND_THE_STREAM: [&str; 2] = ["postern-project", "postern-notify"];

async fn start(package: &str) -> Function {
    Lambda::with(Tables::Down).await.start(package)
}

/// The record of a refused password, as the stream has it: it is shown, and nobody gets mail.
fn record(sequence: &str) -> Value {
    let stream = "sign_in/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let events = json!([{
        "id": "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "type": "sign_in.refused",
        "version": 1,
        "time": "2026-11-24T12:00:00Z",
        "data": { "account": "acc_01ARZ3NDEKTSV4RRFFQ69G5FAV", "platform": "ios", "policy": 1 },
    }]);
    let meta = json!({ "request": "r", "actor": "a", "function": "f", "policy": 1 });
    json!({
        "eventID": sequence,
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_764_000_000,
            "Keys": { "stream": { "S": stream }, "version": { "N": "1" } },
            "SequenceNumber": sequence,
            "SizeBytes": 1,
            "StreamViewType": "NEW_IMAGE",
            "NewImage": {
                "stream": { "S": stream },
                "version": { "N": "1" },
                "events": { "S": events.to_string() },
                "meta": { "S": meta.to_string() },
                "types": { "SS": ["sign_in.refused"] },
                "state": { "S": "\"Refused\"" },
                "state_schema": { "N": "1" },
                "chain": { "B": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
            },
        },
    })
}

fn failed(sequence: &str) -> Value {
    json!({ "batchItemFailures": [{ "itemIdentifier": sequence }] })
}

fn nothing_failed() -> Value {
    json!({ "batchItemFailures": [] })
}

#[tokio::test]
async fn an_empty_batch_has_no_failures() {
    for package in BEHIND_THE_STREAM {
        let mut function = start(package).await;
        assert_eq!(function.invoke(batch(&[])).await, Ok(nothing_failed()), "{package}");
        assert!(function.services().asked("DynamoDB_").is_empty(), "{package}");
    }
}

#[tokio::test]
async fn a_malformed_record_is_named_and_the_function_goes_on() {
    let damages: [fn(&mut Value); 4] = [
        |image| *image = json!({}),
        |image| image["version"] = json!({ "N": "two" }),
        |image| image["events"] = json!({ "S": "not json" }),
        |image| image["chain"] = json!({ "S": "not bytes" }),
    ];
    for package in BEHIND_THE_STREAM {
        let mut function = start(package).await;
        for (number, damage) in damages.iter().enumerate() {
            let sequence = format!("40000000000000{number}");
            let mut malformed = record(&sequence);
            damage(&mut malformed["dynamodb"]["NewImage"]);
            // The second one is not even looked at: the stream repeats from the first.
            let answer = function.invoke(batch(&[malformed.clone(), malformed])).await;
            assert_eq!(answer, Ok(failed(&sequence)), "{package}, damage {number}");
        }
        assert_eq!(function.invoke(batch(&[])).await, Ok(nothing_failed()), "{package}");
    }
}

#[tokio::test]
async fn a_record_of_a_changed_log_is_passed_over() {
    for package in BEHIND_THE_STREAM {
        let mut function = start(package).await;
        let mut changed = record("5");
        changed["eventName"] = json!("REMOVE");
        assert_eq!(function.invoke(batch(&[changed])).await, Ok(nothing_failed()), "{package}");
    }
}

#[tokio::test]
async fn a_record_is_handled() {
    for package in BEHIND_THE_STREAM {
        let mut function = Lambda::with(Tables::Empty).await.start(package);
        let answer = function.invoke(batch(&[record("6"), record("7")])).await;
        assert_eq!(answer, Ok(nothing_failed()), "{package}");
    }
}

#[tokio::test]
async fn what_the_tables_did_not_take_is_asked_for_again() {
    let mut project = start("postern-project").await;
    assert_eq!(project.invoke(batch(&[record("8"), record("9")])).await, Ok(failed("8")));
    assert!(!project.services().asked("DynamoDB_").is_empty());
}
