//! A function that lacks something ends, says what, and keeps its secrets.

use postern_runtime::chance::SystemChance;
use postern_runtime::secrets::Secrets;
use serde_json::Value;

use crate::function::{CONFIGURED, Lambda, SECRET_ACCESS_KEY};
use crate::program::FUNCTIONS;
use crate::services::Tables;

/// What Lambda sets and no function can be without.
const OF_LAMBDA: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// Functions that hold no key: nothing personal is opened where they work.
const WITHOUT_KEYS: [&str; 2] = ["postern-project", "postern-feedback"];

/// Functions that hold keys.
fn with_keys() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.into_iter().filter(|package| !WITHOUT_KEYS.contains(package))
}

/// Every text in the document that is long enough to be a key.
fn keys(secrets: &Value) -> Vec<&str> {
    match secrets {
        Value::String(text) if text.len() >= 32 => vec![text],
        Value::Object(members) => members.values().flat_map(keys).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Vec::new()
        }
    }
}

#[tokio::test]
async fn a_missing_variable_is_named_and_no_secret_is() {
    let secrets = Secrets::generate(&SystemChance).unwrap().to_json().unwrap();
    let document: Value = serde_json::from_str(&secrets).unwrap();
    let hidden = keys(&document);
    assert_eq!(hidden.len(), 5);
    let variables = CONFIGURED.iter().map(|(name, _)| *name).chain(OF_LAMBDA);
    for missing in variables {
        for package in FUNCTIONS {
            let mut lambda = Lambda::holding(Tables::Down, Some(&secrets)).await;
            lambda.environment.remove(missing).unwrap();
            let (status, said) = lambda.start(package).end().await;
            assert!(!status.success(), "{package} without {missing}");
            assert!(said.contains(missing), "{package} without {missing} said: {said}");
            assert!(!said.contains(SECRET_ACCESS_KEY), "{package} without {missing}");
            assert!(hidden.iter().all(|key| !said.contains(key)), "{package} without {missing}");
        }
    }
}

#[tokio::test]
async fn without_any_environment_the_first_variable_is_named() {
    for package in FUNCTIONS {
        let mut lambda = Lambda::with(Tables::Down).await;
        lambda.environment.clear();
        let (status, said) = lambda.start(package).end().await;
        assert!(!status.success(), "{package}");
        assert!(said.contains("POSTERN_TABLE_PREFIX"), "{package} said: {said}");
    }
}

#[tokio::test]
async fn secrets_that_can_t_be_read_end_the_function_and_are_not_repeated() {
    for package in with_keys() {
        let lambda = Lambda::holding(Tables::Down, Some(r#"{"code": "hunter2"}"#)).await;
        let (status, said) = lambda.start(package).end().await;
        assert!(!status.success(), "{package}");
        assert!(said.contains("Form"), "{package} said: {said}");
        assert!(!said.contains("hunter2"), "{package} said: {said}");
    }
}

#[tokio::test]
async fn secrets_that_may_not_be_read_end_the_function() {
    for package in with_keys() {
        let (status, said) = Lambda::holding(Tables::Down, None).await.start(package).end().await;
        assert!(!status.success(), "{package}");
        assert!(said.contains("AccessDeniedException"), "{package} said: {said}");
        assert!(!said.contains(SECRET_ACCESS_KEY), "{package}");
    }
}
