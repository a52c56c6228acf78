#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sns::Client;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::ProvideErrorMetadata;
use aws_sdk_sns::types::MessageAttributeValue;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use super::*;
use crate::clients::Clients;
use crate::fixtures::{Ground, faults, noon, served};

mod carrier;
mod endpoints;

const APNS: &str = "arn:aws:sns:local:000000000000:app/APNS/postern";
const SANDBOX: &str = "arn:aws:sns:local:000000000000:app/APNS_SANDBOX/postern";
const FCM: &str = "arn:aws:sns:local:000000000000:app/GCM/postern";

/// A client that tries once, and the pushes that it makes.
struct Sns {
    client: Client,
    pushes: Pushes,
}

impl Sns {
    async fn new(ground: &Ground, faults: &Faults) -> Self {
        let (clients, pushes) =
            (Clients::new(served(mounted(ground, faults)).await), pushes(ground));
        let once =
            clients.sns().config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(once), pushes }
    }

    /// Makes an endpoint; its name, or the code and words of the refusal.
    async fn create(
        &self,
        application: &str,
        token: &str,
        user_data: &str,
    ) -> Result<String, (String, String)> {
        self.client
            .create_platform_endpoint()
            .platform_application_arn(application)
            .token(token)
            .custom_user_data(user_data)
            .send()
            .await
            .map(|made| made.endpoint_arn.unwrap())
            .map_err(|error| told(&error))
    }

    async fn attributes(&self, arn: &str) -> Result<BTreeMap<String, String>, (String, String)> {
        self.client
            .get_endpoint_attributes()
            .endpoint_arn(arn)
            .send()
            .await
            .map(|it| it.attributes.unwrap().into_iter().collect())
            .map_err(|error| told(&error))
    }

    async fn set(&self, arn: &str, changes: &[(&str, &str)]) -> Result<(), (String, String)> {
        let changes: HashMap<String, String> = owned(changes).collect();
        self.client
            .set_endpoint_attributes()
            .endpoint_arn(arn)
            .set_attributes(Some(changes))
            .send()
            .await
            .map(drop)
            .map_err(|error| told(&error))
    }

    async fn publish(&self, arn: &str, message: &str) -> Result<String, (String, String)> {
        self.client
            .publish()
            .target_arn(arn)
            .message_structure("json")
            .message(message)
            .message_attributes("AWS.SNS.MOBILE.APNS.TTL", attribute("300"))
            .message_attributes("AWS.SNS.MOBILE.APNS.COLLAPSE_ID", attribute("sin_1"))
            .send()
            .await
            .map(|sent| sent.message_id.unwrap())
            .map_err(|error| told(&error))
    }
}

fn mounted(ground: &Ground, faults: &Faults) -> Router {
    let phones = Endpoints::new(ground.state.clone());
    let endpoint = router(phones, pushes(ground), ground.clock.clone(), faults.clone());
    Router::new().nest_service("/sns", endpoint)
}

fn pushes(ground: &Ground) -> Pushes {
    Pushes::new(ground.state.clone())
}

fn attribute(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().unwrap()
}

fn owned<'a>(pairs: &'a [(&str, &str)]) -> impl Iterator<Item = (String, String)> + 'a {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
}

fn told(error: &impl ProvideErrorMetadata) -> (String, String) {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    (text(error.code()), text(error.message()))
}

fn refused(code: &str, message: &str) -> (String, String) {
    (code.to_owned(), message.to_owned())
}

fn apns(payload: &str) -> String {
    json!({ "default": "", "APNS": payload }).to_string()
}

#[tokio::test]
async fn a_push_is_kept_as_its_platform_would_get_it() {
    let ground = Ground::new();
    let sns = Sns::new(&ground, &Faults::default()).await;
    let message = json!({
        "default": "a request",
        "APNS": r#"{"aps":{"alert":"é"},"data":{"n":1}}"#,
        "APNS_SANDBOX": r#"{"aps":{"content-available":1}}"#,
        "GCM": r#"{"fcmV1Message":{"message":{"data":{"postern":"{}"}}}}"#,
    })
    .to_string();
    let mut ids = Vec::new();
    for application in [APNS, SANDBOX, FCM] {
        let arn = sns.create(application, "t", "dev_1").await.unwrap();
        ids.push(sns.publish(&arn, &message).await.unwrap());
    }
    let pushes = sns.pushes.pushes(Some("t")).unwrap();
    let shown: Vec<_> = pushes.iter().map(|it| (it.platform.as_str(), &it.payload)).collect();
    assert_eq!(
        shown,
        [
            ("fcm", &json!({"data": {"postern": "{}"}})),
            ("apns_sandbox", &json!({"aps": {"content-available": 1}})),
            ("apns", &json!({"aps": {"alert": "é"}, "data": {"n": 1}})),
        ]
    );
    let kept: Vec<_> = pushes.iter().rev().map(|push| push.id.clone()).collect();
    assert_eq!(kept, ids);
    assert_eq!(pushes[0].at, noon());
    let attributes =
        [("AWS.SNS.MOBILE.APNS.COLLAPSE_ID", "sin_1"), ("AWS.SNS.MOBILE.APNS.TTL", "300")];
    assert_eq!(pushes[0].attributes, owned(&attributes).collect());
    assert!(sns.pushes.pushes(Some("other")).unwrap().is_empty());
}

#[tokio::test]
async fn a_message_that_its_platform_could_not_take_is_refused() {
    let ground = Ground::new();
    let sns = Sns::new(&ground, &Faults::default()).await;
    let phone = sns.create(APNS, "t", "dev_1").await.unwrap();
    let long = json!({ "aps": "x".repeat(4_087) }).to_string();
    assert_eq!(long.len(), 4_097);
    for wrong in [
        "plain text".to_owned(),
        json!({ "default": "x", "GCM": "{}" }).to_string(),
        json!({ "default": "x", "APNS": {} }).to_string(),
        apns("{"),
        apns("[]"),
        apns(&long),
    ] {
        let (code, _) = sns.publish(&phone, &wrong).await.unwrap_err();
        assert_eq!(code, "InvalidParameter", "{wrong}");
    }
    sns.publish(&phone, &apns(&long.replacen("xx", "x", 1))).await.unwrap();
    let phone = sns.create(FCM, "t", "dev_1").await.unwrap();
    let old = json!({ "GCM": r#"{"notification":{"title":"old"}}"# }).to_string();
    assert_eq!(sns.publish(&phone, &old).await.unwrap_err().0, "InvalidParameter");
    assert_eq!(sns.pushes.pushes(None).unwrap().len(), 1);

    let plain = sns.client.publish().target_arn(&phone).message("{}").send().await;
    assert_eq!(plain.unwrap_err().code(), Some("InvalidParameter"));
    let topic = sns.client.publish().topic_arn("arn:aws:sns:local:0:t").message("{}").send().await;
    assert_eq!(topic.unwrap_err().code(), Some("InvalidParameter"));
}

#[tokio::test]
async fn sns_that_is_down_takes_no_push_as_often_as_was_asked() {
    let (ground, faults) = (Ground::new(), Faults::default());
    let sns = Sns::new(&ground, &faults).await;
    let arn = sns.create(APNS, "t", "dev_1").await.unwrap();
    faults.replace(&serde_json::from_str(r#"{"push":"down","times":1}"#).unwrap());
    let error = sns
        .client
        .publish()
        .target_arn(&arn)
        .message_structure("json")
        .message(apns("{}"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 500);
    assert!(error.into_service_error().is_internal_error_exception());
    sns.publish(&arn, &apns("{}")).await.unwrap();
    assert_eq!(sns.pushes.pushes(None).unwrap().len(), 1);
}

#[tokio::test]
async fn sns_that_is_down_does_nothing_else_either() {
    let (ground, faults) = (Ground::new(), Faults::default());
    let sns = Sns::new(&ground, &faults).await;
    let arn = sns.create(APNS, "t", "dev_1").await.unwrap();
    faults.replace(&serde_json::from_str(r#"{"push":"down"}"#).unwrap());
    let down = refused("InternalError", "SNS is down on purpose.");
    assert_eq!(sns.create(APNS, "u", "dev_2").await.unwrap_err(), down);
    assert_eq!(sns.attributes(&arn).await.unwrap_err(), down);
    assert_eq!(sns.set(&arn, &[("Token", "new")]).await.unwrap_err(), down);
    let deleted = sns.client.delete_endpoint().endpoint_arn(&arn).send().await;
    assert_eq!(told(&deleted.unwrap_err()), down);
    faults.clear();
    assert_eq!(sns.attributes(&arn).await.unwrap()["Token"], "t");
}

#[tokio::test]
async fn a_disabled_endpoint_stays_so_until_it_is_enabled_and_the_others_are_spared() {
    let ground = Ground::new();
    let sns = Sns::new(&ground, &faults(r#"{"push":"disabled","times":1}"#)).await;
    let (lost, found) = (
        sns.create(APNS, "lost", "dev_1").await.unwrap(),
        sns.create(APNS, "found", "dev_2").await.unwrap(),
    );
    let disabled = refused("EndpointDisabled", "Endpoint is disabled");
    assert_eq!(sns.publish(&lost, &apns("{}")).await.unwrap_err(), disabled);
    assert_eq!(sns.attributes(&lost).await.unwrap()["Enabled"], "false");
    assert_eq!(sns.publish(&lost, &apns("{}")).await.unwrap_err(), disabled);
    sns.publish(&found, &apns("{}")).await.unwrap();
    sns.set(&lost, &[("Enabled", "true")]).await.unwrap();
    sns.publish(&lost, &apns("{}")).await.unwrap();
    assert_eq!(sns.pushes.pushes(None).unwrap().len(), 2);
}

#[tokio::test]
async fn an_action_that_is_not_captured_is_refused() {
    let ground = Ground::new();
    let sns = Sns::new(&ground, &Faults::default()).await;
    let error = sns.client.list_topics().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidAction"));
}

#[tokio::test]
async fn a_form_that_a_web_page_can_send_is_refused() {
    let ground = Ground::new();
    for path in ["/sns", "/sns/"] {
        let form = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!(
                "Action=CreatePlatformEndpoint&PlatformApplicationArn={APNS}&Token=t"
            )))
            .unwrap();
        let answer = mounted(&ground, &Faults::default()).oneshot(form).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains("<Code>MissingAuthenticationToken</Code>"), "{text}");
    }
}
