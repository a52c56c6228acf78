//! What both functions behind the log's stream do with a batch.

use serde_json::{Value, json};

use crate::function::{Function, Lambda, batch};
use crate::lambda::{SOON_OVER_MS, TOO_LATE};
use crate::recorded::recorded;
use crate::services::Tables;

const BEHIND_THE_STREAM: [&str; 2] = ["postern-project", "postern-notify"];

async fn start(package: &str) -> Function {
    Lambda::with(Tables::Down).await.start(package)
}

/// The record of a refused password, as the stream has it: it is shown, and nobody gets mail.
fn record(sequence: &str) -> Value {
    let mut record = recorded("stream.refused-passwords")["Records"][0].take();
    record["eventID"] = json!(sequence);
    record["dynamodb"]["SequenceNumber"] = json!(sequence);
    record
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

#[tokio::test]
async fn what_an_invocation_has_no_time_for_is_asked_for_again() {
    let mut project = Lambda::with(Tables::Silent).await.start("postern-project");
    let answer = project.invoke_for(SOON_OVER_MS, batch(&[record("8"), record("9")])).await;
    assert_eq!(answer, Ok(failed("8")));
    let said = project.close().await;
    assert!(said.contains(TOO_LATE), "{said}");
    assert!(said.contains(r#""outcome":"retried""#), "{said}");
}
