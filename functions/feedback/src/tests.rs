#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::Arc;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use jiff::Timestamp;
use postern_domain::ports::{Chance, Clock};
use postern_store::{Store, keys};
use serde_json::json;

use super::*;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:postern-feedback";

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

impl Chance for Standing {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// The function in a world where no table answers: what fails was understood, and what succeeds
/// was dropped.
async fn cut_off(topic: Option<&str>) -> FeedbackFunction {
    // Bound and dropped at once, so that nobody listens there.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(nowhere)
        .build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    let listener = Listener {
        store: Store::new(client, keys::DEFAULT_PREFIX),
        clock: Arc::new(Standing),
        chance: Arc::new(Standing),
    };
    FeedbackFunction::new(listener, topic.map(str::to_owned))
}

fn delivery() -> String {
    let tags = json!({"message_id": ["msg_01ARZ3NDEKTSV4RRFFQ69G5FAV"]});
    json!({"eventType": "Delivery", "mail": {"tags": tags}, "delivery": {}}).to_string()
}

/// A record as SNS brings it to a function.
fn record(message: &str) -> Value {
    json!({
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": format!("{TOPIC}:00000000-0000-4000-8000-000000000000"),
        "Sns": {
            "Type": "Notification",
            "MessageId": "00000000-0000-4000-8000-000000000001",
            "TopicArn": TOPIC,
            "Subject": "Amazon SES Email Event Notification",
            "Message": message,
            "Timestamp": "2026-11-24T12:00:01.000Z",
            "SignatureVersion": "1",
            "Signature": "AA==",
            "SigningCertUrl": "https://sns.eu-central-1.amazonaws.com/cert.pem",
            "UnsubscribeUrl": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
            "MessageAttributes": {},
        },
    })
}

#[tokio::test]
async fn a_report_that_the_tables_did_not_take_fails_the_invocation() {
    let event = json!({"Records": [record(&delivery())]});
    for topic in [None, Some(TOPIC)] {
        let failed = cut_off(topic).await.handle(event.clone()).await.unwrap_err();
        assert!(matches!(failed, Failed::Report(Failure::Retry(_))), "{failed:?}");
    }
}

#[tokio::test]
async fn a_record_that_can_t_be_read_is_dropped_and_holds_up_no_other() {
    let feedback = cut_off(None).await;
    let unread = [
        json!({}),
        json!("text"),
        record("Successfully validated SNS topic for Amazon SES event publishing."),
        record("{}"),
    ];
    let event = json!({"Records": unread});
    assert!(feedback.handle(event).await.is_ok());
    let [first, second, third, fourth] = unread;
    let event = json!({"Records": [first, second, third, record(&delivery()), fourth]});
    assert!(matches!(feedback.handle(event).await, Err(Failed::Report(_))));
}

#[tokio::test]
async fn a_record_that_says_nothing_touches_no_table() {
    let feedback = cut_off(None).await;
    let opened = delivery().replace("Delivery", "Open");
    let foreign = delivery().replace("message_id", "campaign");
    let event = json!({"Records": [record(&opened), record(&foreign)]});
    assert!(feedback.handle(event).await.is_ok());
}

#[tokio::test]
async fn only_the_configured_topic_is_listened_to() {
    let feedback = cut_off(Some("arn:aws:sns:eu-central-1:123456789012:another")).await;
    assert!(feedback.handle(json!({"Records": [record(&delivery())]})).await.is_ok());
}

#[tokio::test]
async fn any_other_event_is_refused() {
    let feedback = cut_off(None).await;
    for unknown in [json!({}), json!({"Records": 1}), json!([]), json!("text")] {
        assert!(matches!(feedback.handle(unknown).await, Err(Failed::Unknown)));
    }
    assert!(feedback.handle(json!({"Records": []})).await.is_ok());
}
