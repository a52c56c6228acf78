//! The function for calls without a password.

use serde_json::{Value, json};

use crate::function::{Function, Lambda};
use crate::gateway::{Answer, event, public_proof};
use crate::lambda::{SOON_OVER_MS, TOO_LATE};
use crate::services::Tables;

/// An attempt that nobody has begun.
const NO_ATTEMPT: &str = "/v1/sign-ins/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV";

async fn account(tables: Tables) -> Function {
    Lambda::with(tables).await.start("postern-account")
}

/// A call about [`NO_ATTEMPT`] whose headers claim another host, and this source.
fn forged(source: &str) -> Value {
    let proof = public_proof("GET", NO_ATTEMPT);
    let forwarded = format!("for={source}");
    let headers = [
        ("x-app-version", "2.3"),
        ("dpop", proof.as_str()),
        ("host", "evil.example"),
        ("x-forwarded-for", source),
        ("forwarded", &forwarded),
        ("x-real-ip", source),
    ];
    event("GET", NO_ATTEMPT, &headers, &Value::Null)
}

#[tokio::test]
async fn clients_are_told_what_the_environment_says() {
    let mut account = account(Tables::Down).await;
    let answer = account.call(event("GET", "/v1/client-config", &[], &Value::Null)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/json");
    answer.assert_guarded();
    let mut told = answer.json();
    let time = told.as_object_mut().unwrap().remove("server_time").unwrap();
    assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    let expected = json!({
        "minimum_version": "2.3",
        "latest_version": "2.10.1",
        "code_length": 6,
        "email_sender": "no-reply@postern.example",
        "languages": ["en", "ar", "cs", "de"],
        "support_url": "https://postern.example/help",
    });
    assert_eq!(told, expected);
    assert!(account.services().asked("DynamoDB_").is_empty());
}

#[tokio::test]
async fn an_unknown_path_is_a_problem_document() {
    let mut account = account(Tables::Down).await;
    let answer = account.call(event("GET", "/v1/nothing", &[], &Value::Null)).await;
    answer.assert_problem(404, "not_found", "There is nothing here.", &json!({}));
}

#[tokio::test]
async fn secrets_are_fetched_once_for_many_calls() {
    let mut account = account(Tables::Down).await;
    for _ in 0..3 {
        let answer = account.call(event("GET", "/.well-known/jwks.json", &[], &Value::Null)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["keys"][0]["kid"], "token-1");
    }
    assert_eq!(account.services().asked("secretsmanager"), ["secretsmanager.GetSecretValue"]);
}

#[tokio::test]
async fn whoever_waits_for_tables_that_never_answer_is_told_in_time() {
    let mut account = account(Tables::Silent).await;
    let answer = account.call(forged("6.6.6.6")).await;
    answer.assert_problem(503, "unavailable", "Postern is not available right now.", &json!({}));
    // And the next one too: nothing is stuck.
    let answer = account.call(event("GET", "/v1/client-config", &[], &Value::Null)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn whoever_waits_is_told_before_the_invocation_is_over() {
    let mut account = account(Tables::Silent).await;
    let answer = Answer::read(&account.invoke_for(SOON_OVER_MS, forged("6.6.6.6")).await.unwrap());
    answer.assert_problem(503, "unavailable", "Postern is not available right now.", &json!({}));
    assert_eq!(answer.headers["retry-after"], "2");
    let said = account.close().await;
    assert!(said.contains(TOO_LATE), "{said}");
    assert!(said.contains(r#""outcome":"unavailable""#), "{said}");
}

#[tokio::test]
async fn an_event_that_is_no_call_is_an_error_and_the_function_goes_on() {
    let mut account = account(Tables::Down).await;
    for strange in [json!({}), json!("text"), json!({ "Records": [] })] {
        account.invoke(strange).await.unwrap_err();
    }
    let answer = account.call(event("GET", "/v1/client-config", &[], &Value::Null)).await;
    assert_eq!(answer.status, 200);
}

// Nothing shows a caller's address, but no call is served without one: who believed a header
// would fail where that is no address, and serve where only that is one.

#[tokio::test]
async fn a_header_that_is_no_address_does_not_hide_the_source_that_the_gateway_saw() {
    let mut account = account(Tables::Empty).await;
    let answer = account.call(forged("nowhere")).await;
    answer.assert_problem(404, "not_found", "There is nothing here.", &json!({}));
}

#[tokio::test]
async fn no_header_stands_in_for_a_source_that_the_gateway_did_not_tell() {
    let mut account = account(Tables::Empty).await;
    let mut call = forged("6.6.6.6");
    call["requestContext"]["http"].as_object_mut().unwrap().remove("sourceIp");
    let answer = account.call(call).await;
    answer.assert_problem(500, "unavailable", "Something went wrong on our side.", &json!({}));
}
