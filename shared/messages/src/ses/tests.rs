#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::{Arc, Mutex};

use aws_sdk_sesv2::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sesv2::error::{ConnectorError, ErrorMetadata};
use aws_sdk_sesv2::types::error::{
    AccountSuspendedException, BadRequestException, LimitExceededException,
    MailFromDomainNotVerifiedException, MessageRejected, NotFoundException, SendingPausedException,
    TooManyRequestsException,
};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use jiff::Timestamp;
use postern_events::ids::MessageId;
use serde_json::{Value, json};

use super::*;
use crate::language::Language;

type Call = SdkError<SendEmailError, ()>;

fn refused(error: impl Into<SendEmailError>) -> Undelivered {
    judge(&Call::service_error(error.into(), ()))
}

fn unnamed(code: &str) -> Undelivered {
    refused(SendEmailError::generic(ErrorMetadata::builder().code(code).build()))
}

macro_rules! from {
    ($($variant:ident($error:ident)),+ $(,)?) => {
        [$(refused(SendEmailError::$variant($error::builder().build()))),+]
    };
}

#[test]
fn a_carrier_that_asks_for_less_throttles() {
    let all = from![
        TooManyRequestsException(TooManyRequestsException),
        LimitExceededException(LimitExceededException),
    ];
    assert_eq!(all, [Undelivered::Throttled; 2]);
    assert_eq!(unnamed("ThrottlingException"), Undelivered::Throttled);
}

#[test]
fn a_refused_mail_is_rejected() {
    let all = from![MessageRejected(MessageRejected), BadRequestException(BadRequestException)];
    assert_eq!(all, [Undelivered::Rejected; 2]);
    assert_eq!(unnamed("ValidationException"), Undelivered::Rejected);
    assert_eq!(judge(&Call::construction_failure("no")), Undelivered::Rejected);
}

#[test]
fn a_fault_of_the_whole_sender_is_no_fault_of_the_mail() {
    let all = from![
        AccountSuspendedException(AccountSuspendedException),
        SendingPausedException(SendingPausedException),
        MailFromDomainNotVerifiedException(MailFromDomainNotVerifiedException),
        NotFoundException(NotFoundException),
    ];
    assert_eq!(all, [Undelivered::Unavailable; 4]);
}

#[test]
fn no_answer_a_broken_one_and_an_unknown_one_mean_unavailable() {
    let no_connection = ConnectorError::io("refused".into());
    assert_eq!(judge(&Call::timeout_error("late")), Undelivered::Unavailable);
    assert_eq!(judge(&Call::dispatch_failure(no_connection)), Undelivered::Unavailable);
    assert_eq!(judge(&Call::response_error("garbage", ())), Undelivered::Unavailable);
    for code in ["InternalFailure", "ServiceUnavailable", "AccessDeniedException", ""] {
        assert_eq!(unnamed(code), Undelivered::Unavailable, "{code}");
    }
    let nameless = SendEmailError::generic(ErrorMetadata::builder().build());
    assert_eq!(refused(nameless), Undelivered::Unavailable);
}

/// What a carrier on loopback was asked, and what it answers.
struct Carrier {
    asked: Mutex<Vec<Value>>,
    answer: (StatusCode, &'static str, Value),
}

async fn carrier(answer: (StatusCode, &'static str, Value)) -> (Arc<Carrier>, SesMailer) {
    let carrier = Arc::new(Carrier { asked: Mutex::default(), answer });
    let app = Router::new()
        .route("/v2/email/outbound-emails", post(take))
        .with_state(Arc::clone(&carrier));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let config = aws_sdk_sesv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint)
        .build();
    (carrier, SesMailer::new(Client::from_conf(config), Some("reports".to_owned())))
}

async fn take(State(carrier): State<Arc<Carrier>>, body: String) -> axum::response::Response {
    carrier.asked.lock().unwrap().push(serde_json::from_str(&body).unwrap());
    let (status, kind, body) = &carrier.answer;
    axum::response::Response::builder()
        .status(*status)
        .header("x-amzn-errortype", *kind)
        .body(body.to_string().into())
        .unwrap()
}

fn mail() -> Mail {
    Mail {
        message: MessageId::new(Timestamp::UNIX_EPOCH, [1; 10]),
        to: "ada@example.com".to_owned(),
        from: "no-reply@postern.example".to_owned(),
        subject: "A subject".to_owned(),
        text: "Téxt\n".to_owned(),
        html: "<p>Téxt</p>".to_owned(),
        language: Language::fallback(),
    }
}

#[tokio::test]
async fn a_mail_goes_out_with_its_headers_its_tag_and_its_configuration_set() {
    let (carrier, mailer) = carrier((StatusCode::OK, "", json!({"MessageId": "ses-1"}))).await;
    let receipt = mailer.send(&mail()).await;
    assert_eq!(receipt, Ok(Receipt { carrier_id: Some("ses-1".to_owned()) }));
    let part = |data: &str| json!({"Data": data, "Charset": "UTF-8"});
    let wanted = json!({
        "FromEmailAddress": "no-reply@postern.example",
        "Destination": {"ToAddresses": ["ada@example.com"]},
        "Content": {"Simple": {
            "Subject": part("A subject"),
            "Body": {"Text": part("Téxt\n"), "Html": part("<p>Téxt</p>")},
            "Headers": [
                {"Name": "Content-Language", "Value": "en"},
                {"Name": "Auto-Submitted", "Value": "auto-generated"},
            ],
        }},
        "EmailTags": [{"Name": "message_id", "Value": mail().message.to_string()}],
        "ConfigurationSetName": "reports",
    });
    assert_eq!(*carrier.asked.lock().unwrap(), [wanted]);
}

#[tokio::test]
async fn a_rejection_is_one_request_and_says_nothing_of_the_address() {
    let said = json!({"message": "ada@example.com is not verified"});
    let (carrier, mailer) = carrier((StatusCode::BAD_REQUEST, "MessageRejected", said)).await;
    let error = mailer.send(&mail()).await.unwrap_err();
    assert_eq!(error, Undelivered::Rejected);
    assert!(!format!("{error} {error:?} {:?}", mail()).contains("ada"));
    assert_eq!(carrier.asked.lock().unwrap().len(), 1);
}
