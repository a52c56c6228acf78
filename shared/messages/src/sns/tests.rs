#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::config::{BehaviorVersion, Credentials, Region};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use jiff::Timestamp;
use postern_events::ids::{DeviceId, SignInId};
use serde_json::Value;

use super::payload::tests::{ARN, push, request};
use super::*;

const OTHER: &str = "arn:aws:sns:eu-central-1:1:endpoint/APNS/app/2";
const APP: &str = "arn:aws:sns:eu-central-1:1:app/APNS/app";

type Asked = BTreeMap<String, String>;

/// What a service on loopback was asked, and what it answers, one after the other.
#[derive(Default)]
struct Service {
    asked: Mutex<Vec<Asked>>,
    answers: Mutex<VecDeque<(StatusCode, String)>>,
}

impl Service {
    /// The action and the endpoint or application of each call.
    fn calls(&self) -> Vec<(String, String)> {
        let of = |it: &Asked| {
            let about = ["EndpointArn", "TargetArn", "PlatformApplicationArn"];
            let about = about.into_iter().find_map(|name| it.get(name)).unwrap();
            (it["Action"].clone(), about.clone())
        };
        self.asked.lock().unwrap().iter().map(of).collect()
    }
}

async fn service(
    answers: impl IntoIterator<Item = (StatusCode, String)>,
) -> (Arc<Service>, SnsPush) {
    service_with(RetryConfig::disabled(), answers).await
}

/// The same, for a client that repeats by itself what fails.
async fn service_with(
    retries: RetryConfig,
    answers: impl IntoIterator<Item = (StatusCode, String)>,
) -> (Arc<Service>, SnsPush) {
    let answers = Mutex::new(answers.into_iter().collect());
    let service = Arc::new(Service { answers, ..Service::default() });
    let app = Router::new().route("/", post(take)).with_state(Arc::clone(&service));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let config = aws_sdk_sns::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .retry_config(retries)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint)
        .build();
    let applications = PushApplications { apns: Some(APP.to_owned()), ..Default::default() };
    (service, SnsPush::new(Client::from_conf(config), applications))
}

async fn take(State(service): State<Arc<Service>>, body: String) -> (StatusCode, String) {
    let asked = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    service.asked.lock().unwrap().push(asked);
    service.answers.lock().unwrap().pop_front().unwrap()
}

fn answer(action: &str, result: &str) -> (StatusCode, String) {
    let body = format!(
        "<{action}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <{action}Result>{result}</{action}Result></{action}Response>"
    );
    (StatusCode::OK, body)
}

fn refusal(status: StatusCode, code: &str, message: &str) -> (StatusCode, String) {
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>\
         <Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    (status, body)
}

fn created(arn: &str) -> (StatusCode, String) {
    answer("CreatePlatformEndpoint", &format!("<EndpointArn>{arn}</EndpointArn>"))
}

fn not_found() -> (StatusCode, String) {
    refusal(StatusCode::NOT_FOUND, "NotFound", "Endpoint does not exist")
}

fn taken(by: &str) -> (StatusCode, String) {
    let message = format!(
        "Invalid parameter: Token Reason: Endpoint {by} already exists with the same Token, but \
         different attributes."
    );
    refusal(StatusCode::BAD_REQUEST, "InvalidParameter", &message)
}

fn phone(arn: Option<&str>) -> Registration {
    Registration {
        device: DeviceId::new(Timestamp::UNIX_EPOCH, [3; 10]),
        platform: PushPlatform::Apns,
        token: "SECRET-TOKEN".to_owned(),
        arn: arn.map(ToOwned::to_owned),
    }
}

#[tokio::test]
async fn a_push_goes_out_to_its_endpoint_with_what_carries_it() {
    let (service, sns) = service([answer("Publish", "<MessageId>sns-1</MessageId>")]).await;
    let push = push(PushPlatform::Apns, request("Ada’s phone"));
    let receipt = sns.send(&push).await;
    assert_eq!(receipt, Ok(Receipt { carrier_id: Some("sns-1".to_owned()) }));
    let [asked] = <[Asked; 1]>::try_from(service.asked.lock().unwrap().clone()).unwrap();
    assert_eq!((asked["Action"].as_str(), asked["TargetArn"].as_str()), ("Publish", ARN));
    assert_eq!(asked["MessageStructure"], "json");
    let message: Value = serde_json::from_str(&asked["Message"]).unwrap();
    assert_eq!(message["default"], "sign_in_request");
    assert!(message["APNS"].is_string());
    let attributes: BTreeMap<&str, &str> = (1..=4)
        .map(|n| {
            let part = |part: &str| asked[&format!("MessageAttributes.entry.{n}.{part}")].as_str();
            assert_eq!(part("Value.DataType"), "String");
            (part("Name"), part("Value.StringValue"))
        })
        .collect();
    let id = SignInId::new(Timestamp::UNIX_EPOCH, [2; 10]).to_string();
    let wanted = BTreeMap::from([
        ("AWS.SNS.MOBILE.APNS.COLLAPSE_ID", id.as_str()),
        ("AWS.SNS.MOBILE.APNS.PRIORITY", "10"),
        ("AWS.SNS.MOBILE.APNS.PUSH_TYPE", "alert"),
        ("AWS.SNS.MOBILE.APNS.TTL", "299"),
    ]);
    assert_eq!(attributes, wanted);
}

#[tokio::test]
async fn each_refusal_of_a_push_means_what_it_means() {
    let bad = StatusCode::BAD_REQUEST;
    let down = StatusCode::INTERNAL_SERVER_ERROR;
    let invalid = "Invalid parameter: Message Reason: Notification is too large";
    let cases = [
        (refusal(bad, "EndpointDisabled", "Endpoint is disabled"), PushFailed::Disabled),
        (not_found(), PushFailed::Gone),
        (refusal(bad, "InvalidParameter", invalid), PushFailed::Rejected),
        (refusal(bad, "Throttling", "Rate exceeded"), PushFailed::Throttled),
        (refusal(bad, "PlatformApplicationDisabled", "Disabled"), PushFailed::Unavailable),
        (refusal(StatusCode::FORBIDDEN, "AuthorizationError", "No"), PushFailed::Unavailable),
        (refusal(down, "InternalError", "Down"), PushFailed::Unavailable),
        ((down, "no XML".to_owned()), PushFailed::Unavailable),
    ];
    for (answer, wanted) in cases {
        let (_, sns) = service([answer.clone()]).await;
        let sent = sns.send(&push(PushPlatform::Apns, request("Ada’s phone"))).await;
        assert_eq!(sent, Err(wanted), "{answer:?}");
    }
}

#[tokio::test]
async fn a_push_is_tried_once_also_by_a_client_that_repeats_what_fails() {
    let at_once = RetryConfig::standard().with_initial_backoff(Duration::ZERO);
    let down = refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "Down");
    let throttled = refusal(StatusCode::BAD_REQUEST, "Throttling", "Rate exceeded");
    for (failed, wanted) in
        [(down.clone(), PushFailed::Unavailable), (throttled, PushFailed::Throttled)]
    {
        let taken = answer("Publish", "<MessageId>sns-1</MessageId>");
        let (service, sns) = service_with(at_once.clone(), [failed, taken]).await;
        let sent = sns.send(&push(PushPlatform::Apns, request("Ada’s phone"))).await;
        assert_eq!(sent, Err(wanted));
        assert_eq!(service.calls(), [("Publish".to_owned(), ARN.to_owned())]);
    }
    let (service, sns) = service_with(at_once, [down, created(ARN)]).await;
    assert_eq!(sns.register(&phone(None)).await.as_deref(), Ok(ARN));
    assert_eq!(service.calls().len(), 2, "a registration is repeated");
}

#[tokio::test]
async fn a_new_phone_is_created() {
    let (service, sns) = service([created(ARN)]).await;
    assert_eq!(sns.register(&phone(None)).await.as_deref(), Ok(ARN));
    let [asked] = <[Asked; 1]>::try_from(service.asked.lock().unwrap().clone()).unwrap();
    assert_eq!(asked["PlatformApplicationArn"], APP);
    assert_eq!(asked["Token"], "SECRET-TOKEN");
    assert_eq!(asked["CustomUserData"], phone(None).device.to_string());
    assert_eq!(asked["Attributes.entry.1.key"], "Enabled");
    assert_eq!(asked["Attributes.entry.1.value"], "true");
}

#[tokio::test]
async fn a_known_phone_is_set_right_and_made_anew_if_it_was_deleted() {
    let (service, sns) = service([answer("SetEndpointAttributes", "")]).await;
    assert_eq!(sns.register(&phone(Some(ARN))).await.as_deref(), Ok(ARN));
    let [asked] = <[Asked; 1]>::try_from(service.asked.lock().unwrap().clone()).unwrap();
    let mut set: Vec<_> = (1..=3)
        .map(|n| {
            let part = |part: &str| asked[&format!("Attributes.entry.{n}.{part}")].clone();
            (part("key"), part("value"))
        })
        .collect();
    set.sort();
    let device = phone(None).device.to_string();
    let wanted = [("CustomUserData", &*device), ("Enabled", "true"), ("Token", "SECRET-TOKEN")];
    assert_eq!(set, wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));

    let (service, sns) = self::service([not_found(), created(OTHER)]).await;
    assert_eq!(sns.register(&phone(Some(ARN))).await.as_deref(), Ok(OTHER));
    let wanted = [("SetEndpointAttributes", ARN), ("CreatePlatformEndpoint", APP)];
    assert_eq!(service.calls(), wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[tokio::test]
async fn a_token_that_another_endpoint_has_is_taken_over_with_it() {
    for known in [None, Some(ARN)] {
        let (service, sns) = service([taken(OTHER), answer("SetEndpointAttributes", "")]).await;
        assert_eq!(sns.register(&phone(known)).await.as_deref(), Ok(OTHER), "{known:?}");
        let last = service.calls().pop().unwrap();
        assert_eq!(last, ("SetEndpointAttributes".to_owned(), OTHER.to_owned()));
    }
}

#[tokio::test]
async fn a_phone_that_cant_be_registered_says_why_and_not_which() {
    let bad = StatusCode::BAD_REQUEST;
    let invalid = "Invalid parameter: Token Reason: SECRET-TOKEN is not hexadecimal";
    let cases = [
        (vec![refusal(bad, "InvalidParameter", invalid)], PushFailed::Rejected),
        (vec![refusal(bad, "Throttled", "Slower")], PushFailed::Throttled),
        (vec![not_found()], PushFailed::Unavailable),
        (vec![taken(OTHER), not_found()], PushFailed::Unavailable),
    ];
    for (answers, wanted) in cases {
        let (_, sns) = service(answers.clone()).await;
        let failed = sns.register(&phone(None)).await.unwrap_err();
        assert_eq!(failed, wanted, "{answers:?}");
        assert!(!format!("{failed} {failed:?} {:?}", phone(Some(ARN))).contains("SECRET"));
    }
    let (service, sns) = service([]).await;
    let elsewhere = Registration { platform: PushPlatform::Fcm, ..phone(None) };
    assert_eq!(sns.register(&elsewhere).await, Err(PushFailed::Unavailable));
    assert!(service.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_phone_is_removed_also_if_it_is_gone() {
    let down = refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "Down");
    let cases = [
        (answer("DeleteEndpoint", ""), Ok(())),
        (not_found(), Ok(())),
        (down, Err(PushFailed::Unavailable)),
    ];
    for (answer, wanted) in cases {
        let (service, sns) = service([answer]).await;
        assert_eq!(sns.remove(ARN).await, wanted);
        assert_eq!(service.calls(), [("DeleteEndpoint".to_owned(), ARN.to_owned())]);
    }
}

#[test]
fn what_is_printed_of_a_push_is_its_name_alone() {
    let push = push(PushPlatform::Apns, request("Ada’s phone"));
    let printed = format!("{push:?} {:?}", push.content);
    for secret in ["Ada", "A title", "A body", ARN, "CZ"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
