//! Invocations as AWS makes them, from the log's contract: each is played to the function it is for.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::function::{Function, Lambda};
use crate::gateway::Answer;
use crate::services::Tables;

/// Where they lie.
fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/invocations"))
}

/// The invocation of this name.
pub(crate) fn recorded(name: &str) -> Value {
    let path = folder().join(format!("{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

async fn start(package: &str) -> Function {
    Lambda::with(Tables::Empty).await.start(package)
}

/// What `package` makes of an invocation, and what it asked the tables for.
async fn played(package: &str, name: &str) -> (Value, Vec<String>) {
    let mut function = start(package).await;
    let answer = function.invoke(recorded(name)).await.unwrap();
    let asked = function.services().asked("DynamoDB_20120810.");
    let operation = |it: String| it.rsplit('.').next().unwrap_or_default().to_owned();
    (answer, asked.into_iter().map(operation).collect())
}

#[tokio::test]
async fn every_call_of_the_gateway_is_answered() {
    let known = [
        ("postern-account", "api.client-config", 200, json!(null)),
        ("postern-account", "api.unrouted", 404, json!("not_found")),
        // The proof is made for one call, so it can't be recorded.
        ("postern-sign-in", "api.sign-in", 401, json!("invalid_proof")),
    ];
    for (package, name, status, code) in known {
        let (answer, asked) = played(package, name).await;
        let answer = Answer::read(&answer);
        assert_eq!((answer.status, &answer.json()["code"]), (status, &code), "{name}");
        answer.assert_guarded();
        assert_eq!(asked, [""; 0], "{name}");
    }
}

#[tokio::test]
async fn every_report_about_a_mail_is_looked_up_and_the_greeting_is_not() {
    for kind in ["delivery", "bounce", "complaint", "reject", "delay"] {
        let (answer, asked) = played("postern-feedback", &format!("feedback.{kind}")).await;
        assert_eq!((answer, asked), (Value::Null, vec!["Query".to_owned()]), "{kind}");
    }
    let greeted = played("postern-feedback", "feedback.greeting").await;
    assert_eq!(greeted, (Value::Null, Vec::new()));
}

#[tokio::test]
async fn the_schedule_looks_for_unsent_messages() {
    let swept = played("postern-notify", "schedule.sweep").await;
    assert_eq!(swept, (Value::Null, vec!["Query".to_owned()]));
}

#[tokio::test]
async fn of_a_batch_the_first_record_that_failed_is_named() {
    let failed = |list: Value| json!({ "batchItemFailures": list });
    let first = json!([{ "itemIdentifier": "111100000000000000013" }]);
    for package in ["postern-project", "postern-notify"] {
        for (name, failures) in [
            ("stream.refused-passwords", json!([])),
            ("stream.unreadable", first.clone()),
            ("stream.removed", json!([])),
        ] {
            let (answer, _) = played(package, name).await;
            assert_eq!(answer, failed(failures), "{package}, {name}");
        }
    }
}

/// Whatever is added to the folder has to be played here.
#[test]
fn every_invocation_there_is_is_played() {
    let names = fs::read_dir(folder()).unwrap().map(|it| it.unwrap().file_name());
    let mut names: Vec<_> = names.map(|it| it.into_string().unwrap()).collect();
    names.sort();
    let played = include_str!("recorded.rs");
    assert_eq!(names.len(), 13);
    for name in names {
        let name = name.strip_suffix(".json").unwrap();
        let kind = name.strip_prefix("feedback.").unwrap_or(name);
        assert!(played.contains(&format!("\"{name}\"")) || played.contains(&format!("\"{kind}\"")));
    }
}
