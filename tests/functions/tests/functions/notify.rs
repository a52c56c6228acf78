//! The function that sends what the log asks for: what only it is asked.

use serde_json::{Value, json};

use crate::function::{Function, Lambda, batch};
use crate::lambda::SOON_OVER_MS;
use crate::services::{OUTAGE, Tables};

async fn notify() -> Function {
    Lambda::with(Tables::Down).await.start("postern-notify")
}

fn message(failed: &Value) -> &str {
    failed["errorMessage"].as_str().unwrap()
}

#[tokio::test]
async fn an_event_that_is_neither_batch_nor_schedule_is_an_error_and_the_function_goes_on() {
    let mut notify = notify().await;
    for unknown in [json!({}), json!({ "detail-type": "EC2 Instance Launch" }), json!("text")] {
        let failed = notify.invoke(unknown).await.unwrap_err();
        assert_eq!(message(&failed), "the event is neither a batch of the stream nor the schedule");
    }
    let empty = notify.invoke(batch(&[])).await;
    assert_eq!(empty, Ok(json!({ "batchItemFailures": [] })));
}

#[tokio::test]
async fn a_batch_that_can_t_be_read_is_an_error() {
    let failed = notify().await.invoke(json!({ "Records": 1 })).await.unwrap_err();
    assert_eq!(message(&failed), "the batch can't be read");
}

#[tokio::test]
async fn a_sweep_that_finds_no_tables_is_an_error_that_lambda_repeats() {
    let mut notify = notify().await;
    let schedule =
        json!({ "detail-type": "Scheduled Event", "source": "aws.events", "detail": {} });
    let failed = notify.invoke(schedule).await.unwrap_err();
    assert_eq!(message(&failed), "the sweep failed");
    assert!(!failed.to_string().contains(OUTAGE));
    assert!(!notify.services().asked("DynamoDB_").is_empty());
}

#[tokio::test]
async fn a_sweep_that_does_not_end_is_an_error_in_time() {
    let mut notify = Lambda::with(Tables::Silent).await.start("postern-notify");
    let schedule =
        json!({ "detail-type": "Scheduled Event", "source": "aws.events", "detail": {} });
    let failed = notify.invoke_for(SOON_OVER_MS, schedule).await.unwrap_err();
    assert_eq!(message(&failed), "the sweep did not end");
    let said = notify.close().await;
    assert!(said.contains(r#""outcome":"failed""#), "{said}");
}
