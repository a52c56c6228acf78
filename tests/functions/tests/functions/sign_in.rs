//! The function for calls with a password.

use serde_json::{Value, json};

use crate::function::{Function, Lambda};
use crate::gateway::{event, proof, public_proof};
use crate::services::{OUTAGE, Tables};

const PATH: &str = "/v1/sign-ins";

async fn sign_in() -> Function {
    Lambda::with(Tables::Down).await.start("postern-sign-in")
}

fn credentials() -> Value {
    json!({
        "email": "jana.novotna@example.com",
        "password": "otter-Plinth-96-lagoon",
        "device": { "name": "Phone", "model": "Testfone", "platform": "android", "os_version": "16" },
    })
}

#[tokio::test]
async fn a_call_without_a_version_is_asked_to_update_before_any_other_work() {
    let mut sign_in = sign_in().await;
    let proof = public_proof("POST", PATH);
    let answer = sign_in.call(event("POST", PATH, &[("dpop", &proof)], &credentials())).await;
    let minimum = json!({ "minimum_version": "2.3" });
    answer.assert_problem(426, "app_update_required", "The app must be updated.", &minimum);
    assert!(sign_in.services().asked("DynamoDB_").is_empty());
}

#[tokio::test]
async fn while_the_tables_are_down_a_client_is_told_to_come_back_and_nothing_else() {
    let mut sign_in = sign_in().await;
    let proof = public_proof("POST", PATH);
    let headers = [("x-app-version", "2.3"), ("dpop", proof.as_str())];
    let answer = sign_in.call(event("POST", PATH, &headers, &credentials())).await;
    answer.assert_problem(503, "unavailable", "Postern is not available right now.", &json!({}));
    assert_eq!(answer.headers["retry-after"], "2");
    let whole = format!("{answer:?}").to_lowercase();
    for internal in [OUTAGE, "dynamo", "internalservererror", "postern-test", "127.0.0.1", "aws"] {
        assert!(!whole.contains(internal), "{internal} is in {whole}");
    }
    assert!(!sign_in.services().asked("DynamoDB_").is_empty());
}

#[tokio::test]
async fn a_proof_is_for_the_public_url_whatever_host_is_claimed() {
    let mut sign_in = sign_in().await;
    let made_for = async |sign_in: &mut Function, proof: String| {
        let headers = [
            ("x-app-version", "2.3"),
            ("dpop", proof.as_str()),
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-for", "6.6.6.6"),
        ];
        sign_in.call(event("POST", PATH, &headers, &credentials())).await
    };

    let evil = made_for(&mut sign_in, proof("POST", "https://evil.example/v1/sign-ins")).await;
    let told = evil.json();
    let why = json!({ "detail": told["detail"], "server_time": told["server_time"] });
    evil.assert_problem(401, "invalid_proof", "The device proof is not valid.", &why);
    assert!(told["server_time"].is_string());
    assert!(evil.headers.contains_key("www-authenticate"));
    assert!(sign_in.services().asked("DynamoDB_").is_empty());

    let right = made_for(&mut sign_in, public_proof("POST", PATH)).await;
    right.assert_problem(503, "unavailable", "Postern is not available right now.", &json!({}));
    assert!(!sign_in.services().asked("DynamoDB_").is_empty());
}
