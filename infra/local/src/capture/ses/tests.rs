#![allow(clippy::unwrap_used, reason = "a test may")]

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::SdkError;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types as ses;

use super::*;
use crate::clients::Clients;
use crate::fixtures::{Ground, faults, served};

/// A client that tries once, and the mailbox that it fills.
async fn client(ground: &Ground, faults: &Faults) -> (Client, Mailbox) {
    let mailbox = Mailbox::new(ground.state.clone());
    let endpoint = router(mailbox.clone(), ground.clock.clone(), faults.clone());
    let clients = Clients::new(served(Router::new().nest("/ses", endpoint)).await);
    let once = clients.ses().config().to_builder().retry_config(RetryConfig::disabled()).build();
    (Client::from_conf(once), mailbox)
}

async fn send(client: &Client) -> Result<String, SdkError<SendEmailError>> {
    let text = || ses::Content::builder().data("Hello").build().unwrap();
    let body = ses::Body::builder().text(text()).build();
    let message = ses::Message::builder().subject(text()).body(body).build();
    let sent = client
        .send_email()
        .from_email_address("no-reply@postern.example")
        .destination(ses::Destination::builder().to_addresses("ann@example.org").build())
        .content(ses::EmailContent::builder().simple(message).build())
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
