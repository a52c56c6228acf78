//! The function that notes what became of mails.

use serde_json::{Value, json};

use crate::function::{Function, Lambda};
use crate::recorded::recorded;
use crate::services::{OUTAGE, Tables};

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:postern-feedback";

async fn feedback(tables: Tables) -> Function {
    Lambda::with(tables).await.start("postern-feedback")
}

/// What SES publishes when a mail has arrived.
fn delivery() -> Value {
    recorded("feedback.delivery")
}

/// The same with another text in it.
fn brought(message: &str) -> Value {
    let mut event = delivery();
    event["Records"][0]["Sns"]["Message"] = json!(message);
    event
}

#[tokio::test]
async fn a_report_about_an_unknown_message_is_looked_up_and_passed_over() {
    let mut feedback = feedback(Tables::Empty).await;
    assert_eq!(feedback.invoke(delivery()).await, Ok(Value::Null));
    let asked = feedback.services().asked("DynamoDB_");
    assert_eq!(asked, ["DynamoDB_20120810.Query"]);
}

#[tokio::test]
async fn what_can_t_be_read_is_dropped_and_the_function_goes_on() {
    let mut feedback = feedback(Tables::Down).await;
    let greeting = "Successfully validated SNS topic for Amazon SES event publishing.";
    for dropped in [brought(greeting), brought("{}"), json!({ "Records": [{ "Sns": 1 }] })] {
        assert_eq!(feedback.invoke(dropped).await, Ok(Value::Null));
    }
    assert!(feedback.services().asked("DynamoDB_").is_empty());
}

#[tokio::test]
async fn a_report_that_the_tables_did_not_take_is_an_error_that_lambda_repeats() {
    let mut feedback = feedback(Tables::Down).await;
    let failed = feedback.invoke(delivery()).await.unwrap_err();
    assert_eq!(failed["errorMessage"], "a report could not be noted");
    assert!(!failed.to_string().contains(OUTAGE));
    assert!(!feedback.services().asked("DynamoDB_").is_empty());
}

#[tokio::test]
async fn an_event_of_somebody_else_is_an_error_and_the_function_goes_on() {
    let mut feedback = feedback(Tables::Down).await;
    for unknown in [json!({}), json!({ "detail-type": "Scheduled Event" }), json!("text")] {
        let failed = feedback.invoke(unknown).await.unwrap_err();
        assert_eq!(failed["errorMessage"], "the event is not one of SNS");
    }
    assert_eq!(feedback.invoke(json!({ "Records": [] })).await, Ok(Value::Null));
}

#[tokio::test]
async fn another_topic_than_the_configured_one_is_not_listened_to() {
    let mut lambda = Lambda::with(Tables::Down).await;
    lambda.environment.insert("POSTERN_FEEDBACK_TOPIC", format!("{TOPIC}-2"));
    let mut feedback = lambda.start("postern-feedback");
    assert_eq!(feedback.invoke(delivery()).await, Ok(Value::Null));
    assert!(feedback.services().asked("DynamoDB_").is_empty());
}
