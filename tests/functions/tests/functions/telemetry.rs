//! What a function prints: logs and metrics, one JSON object a line, without anything personal.

use serde_json::{Value, json};

use crate::function::{Lambda, SECRET_ACCESS_KEY};
use crate::gateway::{event, public_proof};
use crate::recorded::recorded;
use crate::services::Tables;

/// What somebody gives that nobody may find anywhere else.
const CANARIES: [&str; 6] = [
    "canary-address@example.com",
    "canary-Plinth-96-lagoon",
    "Canary's phone",
    "Canaryfone",
    "192.0.2.7",
    "eyJ",
];

fn lines(said: &str) -> Vec<Value> {
    said.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

/// The lines that `CloudWatch` makes metrics of.
fn metrics(said: &str) -> Vec<Value> {
    lines(said).into_iter().filter(|line| line.get("_aws").is_some()).collect()
}

/// The trace that this Lambda names.
const TRACE: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0";

#[tokio::test]
async fn every_call_is_one_line_of_metrics() {
    let mut account = Lambda::with(Tables::Down).await.start("postern-account");
    account.call(event("GET", "/v1/client-config", &[], &Value::Null)).await;
    account.call(event("GET", "/v1/no-call-of-ours/42", &[], &Value::Null)).await;
    let proof = public_proof("GET", "/v1/sign-ins/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    let headers = [("x-app-version", "2.3"), ("dpop", proof.as_str())];
    let path = "/v1/sign-ins/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    account.call(event("GET", path, &headers, &Value::Null)).await;
    let told = metrics(&account.close().await);
    let about = |line: &Value| {
        ["function", "call", "outcome"].map(|it| line[it].as_str().unwrap().to_owned())
    };
    let expected = [
        ["account", "GET /v1/client-config", "ok"],
        ["account", "none", "not_found"],
        ["account", "GET /v1/sign-ins/{id}", "unavailable"],
    ];
    assert_eq!(told.iter().map(about).collect::<Vec<_>>(), expected);
    for (number, line) in told.iter().enumerate() {
        assert_eq!(line["calls"], 1);
        assert!(line["latency"].as_f64().unwrap() > 0.0);
        assert_eq!(line["trace"], TRACE);
        assert_eq!(line["request"], format!("00000000-0000-4000-8000-{:012}", number + 1));
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Postern");
    }
}

#[tokio::test]
async fn a_log_line_bears_the_request_and_the_trace() {
    let mut account = Lambda::with(Tables::Down).await.start("postern-account");
    let path = "/v1/sign-ins/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let proof = public_proof("GET", path);
    let headers = [("x-app-version", "2.3"), ("dpop", proof.as_str())];
    let answer = account.call(event("GET", path, &headers, &Value::Null)).await;
    let said = account.close().await;
    let logged: Vec<_> = lines(&said).into_iter().filter(|it| it["level"] == "ERROR").collect();
    let [line] = logged.as_slice() else { panic!("{said}") };
    let spans = line["spans"].as_array().unwrap();
    assert_eq!(spans[0]["requestId"], "00000000-0000-4000-8000-000000000001");
    assert_eq!(spans[0]["xrayTraceId"], TRACE);
    assert_eq!(spans[1]["request"], answer.headers["x-request-id"]);
}

#[tokio::test]
async fn streams_schedules_and_topics_are_measured_too() {
    let known = [
        ("postern-project", "stream.refused-passwords", ["project", "stream", "ok"], None),
        ("postern-project", "stream.unreadable", ["project", "stream", "retried"], None),
        ("postern-project", "stream.removed", ["project", "stream", "ok"], Some(1)),
        ("postern-notify", "schedule.sweep", ["notify", "schedule", "ok"], None),
        ("postern-feedback", "feedback.bounce", ["feedback", "topic", "ok"], None),
    ];
    for (package, name, about, changed) in known {
        let mut function = Lambda::with(Tables::Empty).await.start(package);
        function.invoke(recorded(name)).await.unwrap();
        let told = metrics(&function.close().await);
        assert_eq!(told.len(), 1, "{name}");
        assert_eq!(["function", "call", "outcome"].map(|it| told[0][it].clone()), about, "{name}");
        assert_eq!(told[0].get("log_changed").cloned(), changed.map(|it| json!(it)), "{name}");
    }
}

#[tokio::test]
async fn what_people_give_is_in_no_line() {
    let [address, password, name, model, _, _] = CANARIES;
    let body = json!({
        "email": address,
        "password": password,
        "device": { "name": name, "model": model, "platform": "android", "os_version": "16" },
    });
    for tables in [Tables::Down, Tables::Empty] {
        let mut lambda = Lambda::with(tables).await;
        lambda.environment.insert("POSTERN_LOG", "debug".to_owned());
        let mut sign_in = lambda.start("postern-sign-in");
        for path in ["/v1/sign-ins", "/v1/registrations"] {
            let proof = public_proof("POST", path);
            let headers = [("x-app-version", "2.3"), ("dpop", proof.as_str())];
            sign_in.call(event("POST", path, &headers, &body)).await;
        }
        let said = sign_in.close().await;
        assert_eq!(metrics(&said).len(), 2, "{said}");
        for canary in CANARIES.into_iter().chain([SECRET_ACCESS_KEY]) {
            assert!(!said.contains(canary), "{canary} is in {said}");
        }
    }
}
