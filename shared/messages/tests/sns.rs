//! The push adapter against an emulator of SNS that knows the real errors.
//!
//! Ignored unless asked for: the emulator needs Python, and `.ci/run` starts it and names its
//! address in `POSTERN_TEST_SNS`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

use std::collections::HashMap;

use aws_sdk_sns::Client;
use aws_sdk_sns::config::{BehaviorVersion, Credentials, Region};
use jiff::{SignedDuration, Timestamp};
use postern_events::ids::{DeviceId, MessageId, SignInId};
use postern_events::vocabulary::PushPlatform;
use postern_messages::push::{Content, Push, PushFailed, Registration, RequestId, SendPush as _};
use postern_messages::sns::{PushApplications, SnsPush};

const NOBODY: &str = "arn:aws:sns:us-east-1:123456789012:endpoint/APNS/nobody/0";

struct World {
    client: Client,
    sns: SnsPush,
}

impl World {
    /// An emulator with an application of this test's own, so that tests don't meet.
    async fn new(name: &str) -> Self {
        let url = std::env::var("POSTERN_TEST_SNS").expect("the emulator's address");
        let config = aws_sdk_sns::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(url)
            .build();
        let client = Client::from_conf(config);
        let made = client.create_platform_application().name(name).platform("APNS");
        let made = made.set_attributes(Some(HashMap::new())).send().await.unwrap();
        let applications =
            PushApplications { apns: made.platform_application_arn, ..PushApplications::default() };
        Self { sns: SnsPush::new(client.clone(), applications), client }
    }

    async fn attributes(&self, arn: &str) -> HashMap<String, String> {
        let asked = self.client.get_endpoint_attributes().endpoint_arn(arn).send().await;
        asked.unwrap().attributes.unwrap()
    }

    async fn disable(&self, arn: &str) {
        let call = self.client.set_endpoint_attributes().endpoint_arn(arn);
        call.attributes("Enabled", "false").send().await.unwrap();
    }
}

fn phone(device: u8, token: &str) -> Registration {
    Registration {
        device: DeviceId::from_bytes([device; 16]),
        platform: PushPlatform::Apns,
        token: token.to_owned(),
        arn: None,
    }
}

fn push(arn: &str) -> Push {
    let id = SignInId::derived(Timestamp::UNIX_EPOCH, &[b"attempt"]);
    Push {
        message: MessageId::derived(Timestamp::UNIX_EPOCH, &[b"message"]),
        arn: arn.to_owned(),
        platform: PushPlatform::Apns,
        content: Content::RequestClosed { id: RequestId::SignIn(id) },
        life: SignedDuration::from_mins(5),
    }
}

#[tokio::test]
#[ignore = "needs an emulator of SNS"]
async fn a_phone_is_made_known_once_and_pushed_to() {
    let world = World::new("known").await;
    let arn = world.sns.register(&phone(1, "token-known")).await.unwrap();
    let again = Registration { arn: Some(arn.clone()), ..phone(1, "token-known") };
    assert_eq!(world.sns.register(&again).await, Ok(arn.clone()));
    assert_eq!(world.sns.register(&phone(1, "token-known")).await, Ok(arn.clone()));
    assert!(world.sns.send(&push(&arn)).await.unwrap().carrier_id.is_some());
}

#[tokio::test]
#[ignore = "needs an emulator of SNS"]
async fn a_disabled_phone_is_told_and_enabled_again_by_registering() {
    let world = World::new("disabled").await;
    let arn = world.sns.register(&phone(1, "token-disabled")).await.unwrap();
    world.disable(&arn).await;
    assert_eq!(world.sns.send(&push(&arn)).await, Err(PushFailed::Disabled));
    let again = Registration { arn: Some(arn.clone()), ..phone(1, "token-disabled") };
    assert_eq!(world.sns.register(&again).await, Ok(arn.clone()));
    assert!(world.sns.send(&push(&arn)).await.is_ok());
}

#[tokio::test]
#[ignore = "needs an emulator of SNS"]
async fn a_token_of_another_device_is_taken_over() {
    let world = World::new("moved").await;
    let first = world.sns.register(&phone(1, "token-moved")).await.unwrap();
    let second = world.sns.register(&phone(2, "token-moved")).await.unwrap();
    assert_eq!(second, first);
    let device = DeviceId::from_bytes([2; 16]).to_string();
    assert_eq!(world.attributes(&second).await["CustomUserData"], device);
}

#[tokio::test]
#[ignore = "needs an emulator of SNS"]
async fn a_new_token_replaces_the_old_one_in_its_place() {
    let world = World::new("replaced").await;
    let arn = world.sns.register(&phone(1, "token-old")).await.unwrap();
    let renewed = Registration { arn: Some(arn.clone()), ..phone(1, "token-new") };
    assert_eq!(world.sns.register(&renewed).await, Ok(arn.clone()));
    assert_eq!(world.attributes(&arn).await["Token"], "token-new");
}

#[tokio::test]
#[ignore = "needs an emulator of SNS"]
async fn a_phone_that_sns_has_forgotten_is_made_known_anew() {
    let world = World::new("forgotten").await;
    let arn = world.sns.register(&phone(1, "token-forgotten")).await.unwrap();
    world.sns.remove(&arn).await.unwrap();
    assert_eq!(world.sns.remove(&arn).await, Ok(()), "gone is fine");
    assert_eq!(world.sns.send(&push(&arn)).await, Err(PushFailed::Gone));
    let again = Registration { arn: Some(arn), ..phone(1, "token-forgotten") };
    let anew = world.sns.register(&again).await.unwrap();
    assert!(world.sns.send(&push(&anew)).await.is_ok());
}

#[tokio::test]
#[ignore = "needs an emulator of SNS"]
async fn a_phone_that_never_was_is_gone() {
    let world = World::new("nobody").await;
    assert_eq!(world.sns.send(&push(NOBODY)).await, Err(PushFailed::Gone));
}

#[tokio::test]
#[ignore = "needs an emulator of SNS"]
async fn a_platform_without_an_application_waits_for_one() {
    let world = World::new("nothing").await;
    let android = Registration { platform: PushPlatform::Fcm, ..phone(1, "token-fcm") };
    assert_eq!(world.sns.register(&android).await, Err(PushFailed::Unavailable));
}
