#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::Arc;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::SdkError;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types as ses;
use serde_json::Value;

use super::*;
use crate::clients::Clients;
use crate::fixtures::{Ground, faults, served};
use crate::poller::Progress;
use crate::topic::{Subscriber, TopicFunction};
use crate::world::World;

/// A client that tries once, and the mailbox that it fills.
async fn client(ground: &Ground, faults: &Faults) -> (Client, Mailbox) {
    let topic = Topic::new(ground.clock.clone(), World::default());
    reporting(ground, faults, topic).await
}

/// The same, of a SES that publishes to `topic`.
async fn reporting(ground: &Ground, faults: &Faults, topic: Topic) -> (Client, Mailbox) {
    let mailbox = Mailbox::new(ground.state.clone());
    let endpoint = router(mailbox.clone(), ground.clock.clone(), faults.clone(), topic);
    let clients = Clients::new(served(Router::new().nest("/ses", endpoint)).await);
    let once = clients.ses().config().to_builder().retry_config(RetryConfig::disabled()).build();
    (Client::from_conf(once), mailbox)
}

async fn send(client: &Client) -> Result<String, SdkError<SendEmailError>> {
    send_by(client, None).await
}

/// Sends a mail with one tag, by a configuration set or none.
async fn send_by(client: &Client, by: Option<&str>) -> Result<String, SdkError<SendEmailError>> {
    let text = || ses::Content::builder().data("Hello").build().unwrap();
    let body = ses::Body::builder().text(text()).build();
    let message = ses::Message::builder().subject(text()).body(body).build();
    let sent = client
        .send_email()
        .from_email_address("no-reply@postern.example")
        .destination(ses::Destination::builder().to_addresses("ann@example.org").build())
        .content(ses::EmailContent::builder().simple(message).build())
        .email_tags(ses::MessageTag::builder().name("message_id").value("msg_1").build().unwrap())
        .set_configuration_set_name(by.map(str::to_owned))
        .send()
        .await?;
    Ok(sent.message_id.unwrap())
}

#[tokio::test]
async fn a_throttled_sender_is_told_so_as_often_as_was_asked() {
    let ground = Ground::new();
    let (client, mailbox) = client(&ground, &faults(r#"{"email":"throttle","times":1}"#)).await;
    let error = send(&client).await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 429);
    assert!(error.into_service_error().is_too_many_requests_exception());
    assert!(mailbox.mails(None).unwrap().is_empty());
    send(&client).await.unwrap();
    assert_eq!(mailbox.mails(None).unwrap().len(), 1);
}

#[tokio::test]
async fn a_carrier_that_is_down_takes_nothing() {
    let ground = Ground::new();
    let faults = faults(r#"{"email":"down"}"#);
    let (client, mailbox) = client(&ground, &faults).await;
    for _ in 0..2 {
        let error = send(&client).await.unwrap_err();
        assert_eq!(error.raw_response().unwrap().status().as_u16(), 500);
    }
    assert!(mailbox.mails(None).unwrap().is_empty());
    faults.clear();
    send(&client).await.unwrap();
}

#[tokio::test]
async fn a_mail_that_bounces_was_taken_and_is_in_no_inbox() {
    let ground = Ground::new();
    let (client, mailbox) = client(&ground, &faults(r#"{"email":"bounce","times":1}"#)).await;
    let bounced = send(&client).await.unwrap();
    assert!(mailbox.mails(None).unwrap().is_empty());
    let arrived = send(&client).await.unwrap();
    assert_ne!(bounced, arrived);
    assert_eq!(mailbox.mails(Some("ann@example.org")).unwrap()[0].id, arrived);
}

#[tokio::test]
async fn what_becomes_of_a_mail_is_published_where_a_configuration_set_says_so() {
    let ground = Ground::new();
    let faults = faults(r#"{"email":"throttle","times":1}"#);
    let topic = Topic::new(ground.clock.clone(), World::default());
    let (client, _) = reporting(&ground, &faults, topic.clone()).await;
    send_by(&client, Some("reports")).await.unwrap_err();
    let taken = send_by(&client, Some("reports")).await.unwrap();
    faults.replace(&serde_json::from_str(r#"{"email":"bounce"}"#).unwrap());
    let bounced = send_by(&client, Some("reports")).await.unwrap();
    send_by(&client, None).await.unwrap();

    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let function: TopicFunction = Arc::new(move |event| {
        let message = event["Records"][0]["Sns"]["Message"].as_str().unwrap().to_owned();
        let _ = told.send(serde_json::from_str::<Value>(&message).unwrap());
        Box::pin(async { Ok(()) })
    });
    let progress = Progress::open(ground.state.clone(), []).unwrap();
    Subscriber::new(topic, Some(function), progress).settle().await;
    let tags = json!({"message_id": ["msg_1"], "ses:configuration-set": ["reports"]});
    for (kind, id) in [("Delivery", taken), ("Bounce", bounced)] {
        let event = heard.recv().await.unwrap();
        assert_eq!(event["eventType"], kind);
        assert_eq!(event["mail"]["messageId"], id);
        assert_eq!(event["mail"]["destination"], json!(["ann@example.org"]));
        assert_eq!(event["mail"]["tags"], tags);
        assert_eq!(event["bounce"]["bounceType"] == "Permanent", kind == "Bounce");
    }
    assert_eq!(heard.recv().await, None);
}
