#![allow(clippy::unwrap_used, reason = "a test may")]

use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

use super::*;

fn settings(dir: &tempfile::TempDir, port: u16) -> Settings {
    Settings { port, dir: dir.path().to_owned(), geo_database: None, rights: None }
}

/// A GET over a plain connection, as text from the status line on.
async fn fetch(url: &str, path: &str) -> String {
    let mut stream =
        tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn message() -> EmailContent {
    let text = |data: &str| Content::builder().data(data).build().unwrap();
    let header = MessageHeader::builder().name("List-Unsubscribe").value("<mailto:x@y.z>");
    let message = Message::builder()
        .subject(text("Your code"))
        .body(Body::builder().text(text("123 456")).html(text("<b>123 456</b>")).build())
        .headers(header.build().unwrap())
        .build();
    EmailContent::builder().simple(message).build()
}

#[tokio::test]
async fn a_mail_that_the_sdk_sends_is_found_in_the_inbox() {
    let dir = tempfile::tempdir().unwrap();
    let stack = Stack::open(&settings(&dir, 0)).await.unwrap();
    let (mailbox, ses) = (stack.mailbox.clone(), stack.clients().ses());
    let send = |to: &str| {
        ses.send_email()
            .from_email_address("Postern <code@postern.test>")
            .destination(Destination::builder().to_addresses(to).build())
            .content(message())
            .email_tags(MessageTag::builder().name("message").value("msg_1").build().unwrap())
            .configuration_set_name("postern")
            .send()
    };
    let first = send("ann@example.org").await.unwrap();
    let second = send("Ben <Ben@example.org>").await.unwrap();
    assert_ne!(first.message_id(), second.message_id());

    let mails = mailbox.mails(Some("ben@example.org")).unwrap();
    assert_eq!(mails.len(), 1);
    assert_eq!(Some(mails[0].id.as_str()), second.message_id());
    assert_eq!(mails[0].to, "Ben <Ben@example.org>");
    assert_eq!(mails[0].from, "Postern <code@postern.test>");
    assert_eq!(mails[0].subject, "Your code");
    assert_eq!(mails[0].text.as_deref(), Some("123 456"));
    assert_eq!(mails[0].html.as_deref(), Some("<b>123 456</b>"));
    assert_eq!(mails[0].headers["List-Unsubscribe"], "<mailto:x@y.z>");
    assert_eq!(mails[0].headers["X-SES-MESSAGE-TAGS"], "message=msg_1");
    let all = mailbox.mails(None).unwrap();
    assert_eq!(Some(all[1].id.as_str()), first.message_id());
}

#[tokio::test]
async fn a_push_that_the_sdk_sends_is_found_among_the_pushes() {
    let dir = tempfile::tempdir().unwrap();
    let stack = Stack::open(&settings(&dir, 0)).await.unwrap();
    let (pushes, sns) = (stack.pushes.clone(), stack.clients().sns());
    let phone = sns
        .create_platform_endpoint()
        .platform_application_arn("arn:aws:sns:local:000000000000:app/GCM/postern")
        .token("phone")
        .send()
        .await
        .unwrap();
    let message = r#"{"GCM":"{\"fcmV1Message\":{\"message\":{\"data\":{}}}}"}"#;
    let publish = sns.publish().set_target_arn(phone.endpoint_arn).message_structure("json");
    let sent = publish.message(message).send().await.unwrap();
    let found = pushes.pushes(Some("phone")).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(Some(found[0].id.as_str()), sent.message_id());
}

#[tokio::test]
async fn a_mail_to_nobody_is_refused_as_ses_refuses_it() {
    let dir = tempfile::tempdir().unwrap();
    let stack = Stack::open(&settings(&dir, 0)).await.unwrap();
    let sent = stack.clients().ses().send_email().from_email_address("a@b.c").content(message());
    let error = sent.send().await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception(), "{error:?}");
    assert!(stack.mailbox.mails(None).unwrap().is_empty());
}

#[tokio::test]
async fn the_stack_serves_the_application_beside_its_own_calls_and_ends_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    let stack = Stack::open(&settings(&dir, 0)).await.unwrap();
    let url = stack.url().to_owned();
    let port = url.rsplit_once(':').unwrap().1.parse().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let taken = Stack::open(&settings(&elsewhere, port)).await;
    assert!(matches!(taken, Err(StartError::PortTaken(taken)) if taken == port));
    let locked = Stack::open(&settings(&dir, 0)).await;
    assert!(matches!(locked, Err(StartError::FolderInUse(_))));

    let peer = async |axum::extract::ConnectInfo(peer): axum::extract::ConnectInfo<
        std::net::SocketAddr,
    >| peer.ip().to_string();
    let application =
        Application { api: Router::new().route("/healthz", get(peer)), ..Application::default() };
    let (end, ended) = oneshot::channel::<()>();
    let running = tokio::spawn(stack.run(application, async {
        let _ = ended.await;
    }));
    assert!(fetch(&url, "/healthz").await.ends_with("\r\n\r\n127.0.0.1"));
    assert!(fetch(&url, "/_local/emails").await.ends_with("[]"));
    assert!(fetch(&url, "/_local/pushes").await.ends_with("[]"));
    end.send(()).unwrap();
    running.await.unwrap().unwrap();
    Stack::open(&settings(&dir, port)).await.unwrap();
}

#[tokio::test]
async fn what_cargo_run_starts_answers_and_keeps_its_keys_to_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let stack = Stack::open(&settings(&dir, 0)).await.unwrap();
    let (url, secrets) = (stack.url().to_owned(), stack.secrets());
    let application = crate::compose::application(&stack).unwrap();
    let running = tokio::spawn(stack.run(application, std::future::pending()));
    assert!(fetch(&url, "/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(fetch(&url, "/_local/dead-letters").await.ends_with("[]"));
    assert_eq!(std::fs::metadata(secrets).unwrap().permissions().mode() & 0o777, 0o600);
    running.abort();
}
