#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use jiff::Timestamp;
use postern_domain::codes::CodeKeys;
use postern_domain::ports::{Chance, Clock};
use postern_messages::letters::Letters;
use postern_messages::mailer::{Mail, Receipt, Undelivered};
use postern_messages::push::{Push, PushFailed, Registration};
use postern_store::uploads::Uploads;
use postern_store::{Store, keys};
use serde_json::json;

use super::*;

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

struct NoCarrier;

impl SendMail for NoCarrier {
    async fn send(&self, _: &Mail) -> Result<Receipt, Undelivered> {
        panic!("nothing was to be sent");
    }
}

impl SendPush for NoCarrier {
    async fn send(&self, _: &Push) -> Result<Receipt, PushFailed> {
        panic!("nothing was to be pushed");
    }

    async fn register(&self, _: &Registration) -> Result<String, PushFailed> {
        panic!("nobody was to be registered");
    }

    async fn remove(&self, _: &str) -> Result<(), PushFailed> {
        panic!("nobody was to be removed");
    }
}

/// The function in a world where no table answers.
async fn cut_off() -> Notify<NoCarrier, NoCarrier> {
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
    let bucket = aws_sdk_s3::Config::builder().behavior_version_latest().build();
    let keys = BTreeMap::from([("c1".to_owned(), [9; 32])]);
    Notify::new(Delivery {
        store: Store::new(client, keys::DEFAULT_PREFIX),
        mailer: NoCarrier,
        pusher: NoCarrier,
        uploads: Uploads::new(aws_sdk_s3::Client::from_conf(bucket), "uploads".to_owned()),
        letters: Letters::new().unwrap(),
        code_keys: Arc::new(CodeKeys::new("c1".to_owned(), keys).unwrap()),
        clock: Arc::new(Standing),
        chance: Arc::new(Standing),
        sender: "no-reply@postern.example".to_owned(),
        support: "support@postern.example".to_owned(),
        public_url: "https://api.postern.example".to_owned(),
    })
}

fn record(sequence: &str, stream: &str, event: &str, data: &Value) -> Value {
    let id = "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let events = json!([
        {"id": id, "type": event, "version": 1, "time": "2026-11-24T12:00:00Z", "data": data},
    ]);
    let meta = json!({"request": "r", "actor": "a", "function": "f", "policy": 1});
    json!({
        "eventID": sequence, "eventName": "INSERT", "awsRegion": "eu-central-1",
        "dynamodb": {
            "SequenceNumber": sequence, "SizeBytes": 1, "StreamViewType": "NEW_IMAGE",
            "ApproximateCreationDateTime": 1_764_000_000, "Keys": {},
            "NewImage": {
                "stream": {"S": stream}, "version": {"N": "2"},
                "events": {"S": events.to_string()}, "meta": {"S": meta.to_string()},
                "types": {"SS": [event]}, "state": {"S": "{}"}, "state_schema": {"N": "1"},
                "chain": {"B": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
            },
        },
    })
}

#[tokio::test]
async fn a_record_that_could_not_be_handled_is_named_and_those_before_it_are_not() {
    let notify = cut_off().await;
    let resent = json!({"method": "email", "issue": 1});
    let batch = json!({"Records": [
        record("1", "sign_in/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV", "sign_in.code_rejected", &json!({})),
        record("2", "sign_in/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV", "sign_in.code_resent", &resent),
    ]});
    let answer = notify.handle(batch, Deadline::NONE).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "2"}]}));
}

#[tokio::test]
async fn a_batch_that_asks_for_nothing_touches_no_table_and_has_no_failures() {
    let notify = cut_off().await;
    let stream = "account/acc_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let batch = json!({"Records": [record("1", stream, "account.device_seen", &json!({}))]});
    assert_eq!(
        notify.handle(batch, Deadline::NONE).await.unwrap(),
        json!({"batchItemFailures": []})
    );
}

#[tokio::test]
async fn the_schedule_sweeps_and_says_when_it_could_not() {
    let notify = cut_off().await;
    let schedule = json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
    let failed = notify.handle(schedule, Deadline::NONE).await.unwrap_err();
    assert!(matches!(failed, Failed::Sweep(Failure::Retry(_))), "{failed:?}");
}

#[tokio::test]
async fn any_other_event_is_refused() {
    let notify = cut_off().await;
    assert!(matches!(notify.handle(json!({}), Deadline::NONE).await, Err(Failed::Unknown)));
    let unreadable = notify.handle(json!({"Records": 1}), Deadline::NONE).await;
    assert!(matches!(unreadable, Err(Failed::Unreadable(_))));
}
