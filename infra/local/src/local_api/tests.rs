#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::Arc;

use aws_lambda_events::event::streams::DynamoDbEventResponse;
use axum::body::Body;
use axum::http::{Method, Request, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;
use crate::capture::{Name, NewMail};
use crate::fixtures::{Ground, append};
use crate::poller::{Poller, StreamFunction, Subscription};
use crate::timer::Sweep;
use crate::topic::{Topic, TopicFunction};

mod faults;

fn api(ground: &Ground, functions: &[&str], sweeps: Vec<Sweep>) -> LocalApi {
    let (faults, world) = (Faults::default(), World::default());
    let progress = Progress::open(ground.state.clone(), functions.iter().copied()).unwrap();
    let topic = Topic::new(ground.clock.clone(), world.clone());
    LocalApi {
        clock: ground.clock.clone(),
        database: ground.database.clone(),
        mailbox: Mailbox::new(ground.state.clone()),
        pushes: Pushes::new(ground.state.clone()),
        meter: Meter::default(),
        files: Files::new(ground.files()),
        subscriber: Subscriber::new(topic, None, progress.clone()),
        progress,
        timer: Timer::new(sweeps, ground.clock.clone(), world.clone(), faults.clone()),
        faults,
        world,
        state: ground.state.clone(),
    }
}

/// Plays the stream to one function of `api`.
fn follow(ground: &Ground, api: &LocalApi, name: &str, function: StreamFunction) {
    let poller = Poller {
        subscription: Subscription { name: name.to_owned(), filter: None, function },
        database: ground.database.clone(),
        progress: api.progress.clone(),
        clock: ground.clock.clone(),
        world: api.world.clone(),
        faults: api.faults.clone(),
    };
    tokio::spawn(poller.run());
}

fn request(method: Method, path: &str, body: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn ask(api: &LocalApi, request: Request<Body>) -> (u16, Value) {
    let response = api.clone().router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn get_json(api: &LocalApi, path: &str) -> Value {
    let (status, body) = ask(api, request(Method::GET, path, "")).await;
    assert_eq!(status, 200, "{path}");
    body
}

async fn refusal(api: &LocalApi, request: Request<Body>) -> (u16, String) {
    let response = api.clone().router().oneshot(request).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["status"], status);
    (status, problem["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_page_that_reaches_loopback_under_another_name_is_refused() {
    let ground = Ground::new();
    let api = api(&ground, &[], vec![]);
    for path in ["/_local/emails", "/_local/nothing", "/_local"] {
        let mut evil = request(Method::GET, path, "");
        evil.headers_mut().insert(header::HOST, "evil.example:8080".parse().unwrap());
        assert_eq!(refusal(&api, evil).await, (403, "forbidden_host".to_owned()));
        let mut nameless = request(Method::GET, path, "");
        nameless.headers_mut().remove(header::HOST);
        assert_eq!(refusal(&api, nameless).await.0, 403);
    }
}

#[tokio::test]
async fn every_post_is_json_and_every_refusal_a_problem() {
    let ground = Ground::new();
    let api = api(&ground, &[], vec![]);
    for path in ["/_local/clock", "/_local/drain", "/_local/faults", "/_local/reset"] {
        let mut form = request(Method::POST, path, "{}");
        form.headers_mut().insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
        assert_eq!(refusal(&api, form).await, (415, "unsupported_media_type".to_owned()));
        let malformed = request(Method::POST, path, "{");
        assert_eq!(refusal(&api, malformed).await, (400, "malformed_body".to_owned()));
        let unknown = request(Method::POST, path, r#"{"x":1}"#);
        assert_eq!(refusal(&api, unknown).await, (422, "invalid_request".to_owned()));
        let long = request(Method::POST, path, &" ".repeat(20_000));
        assert_eq!(refusal(&api, long).await, (413, "too_large".to_owned()));
        assert_eq!(refusal(&api, request(Method::PUT, path, "{}")).await.0, 405);
    }
    for path in ["/_local", "/_local/", "/_local/x", "/_local/emails/x"] {
        assert_eq!(refusal(&api, request(Method::GET, path, "")).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_body_may_be_left_out_but_not_by_a_page() {
    let ground = Ground::new();
    let api = api(&ground, &[], vec![]);
    let bare = |body: &str| {
        let mut bare = request(Method::POST, "/_local/drain", body);
        bare.headers_mut().remove(header::CONTENT_TYPE);
        bare
    };
    assert_eq!(ask(&api, bare("")).await.0, 200);
    assert_eq!(refusal(&api, bare("{}")).await, (415, "unsupported_media_type".to_owned()));
    let mut page = bare("");
    page.headers_mut().insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    assert_eq!(refusal(&api, page).await, (415, "unsupported_media_type".to_owned()));
}

#[tokio::test]
async fn the_clock_moves_by_whole_seconds_and_only_forward() {
    let ground = Ground::new();
    let api = api(&ground, &[], vec![]);
    let advance = |body: &str| request(Method::POST, "/_local/clock", body);
    let (_, moved) = ask(&api, advance(r#"{"advance_seconds":3600}"#)).await;
    assert_eq!(moved["server_time"], "2027-01-15T13:00:00Z");
    assert_eq!(ask(&api, advance(r#"{"advance_seconds":0}"#)).await.1, moved);
    for wrong in [
        "{}",
        r#"{"advance_seconds":-1}"#,
        r#"{"advance_seconds":1.5}"#,
        r#"{"advance_seconds":"1"}"#,
        r#"{"advance_seconds":9999999999999}"#,
    ] {
        assert_eq!(refusal(&api, advance(wrong)).await.0, 422, "{wrong}");
    }
    assert_eq!(ask(&api, advance(r#"{"advance_seconds":0}"#)).await.1, moved);
}

#[tokio::test]
async fn the_log_is_read_on_from_a_cursor_and_by_stream() {
    let ground = Ground::new();
    let api = api(&ground, &[], vec![]);
    append(&ground.database, "account/acc_1", 1, "account.registered");
    append(&ground.database, "sign_in/sin_1", 1, "sign_in.attempted");
    append(&ground.database, "account/acc_1", 2, "account.device_trusted");
    let lines = async |path: &str| {
        let response = api.clone().router().oneshot(request(Method::GET, path, "")).await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/x-ndjson");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = lines("/_local/events").await;
    assert_eq!(all.len(), 3);
    let first: Value = serde_json::from_str(&all[0]).unwrap();
    let rest = lines(&format!("/_local/events?after={}", first["cursor"])).await;
    assert_eq!(rest, all[1..]);
    let account = lines("/_local/events?stream=account/acc_1").await;
    assert_eq!(account, [all[0].clone(), all[2].clone()]);
    let wrong = request(Method::GET, "/_local/events?after=x", "");
    assert_eq!(refusal(&api, wrong).await.0, 422);
}

#[tokio::test]
async fn the_live_log_tells_what_is_appended_later() {
    let ground = Ground::new();
    let api = api(&ground, &[], vec![]);
    append(&ground.database, "account/acc_1", 1, "account.registered");
    let mut live = request(Method::GET, "/_local/events", "");
    live.headers_mut().insert(header::ACCEPT, "text/event-stream".parse().unwrap());
    let mut body = api.clone().router().oneshot(live).await.unwrap().into_body();
    let mut next = async || {
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        String::from_utf8(frame.to_vec()).unwrap()
    };
    assert!(next().await.contains("id: 1\n"));
    append(&ground.database, "account/acc_1", 2, "account.device_trusted");
    assert!(next().await.contains("account.device_trusted"));
    api.world.stop();
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn a_drain_returns_when_functions_and_sweeps_and_what_they_wrote_are_done() {
    let ground = Ground::new();
    let (database, state) = (ground.database.clone(), Mailbox::new(ground.state.clone()));
    let sweep = Sweep {
        name: "notify".to_owned(),
        function: Arc::new(move || {
            if database.log(0, Some("message/msg_1"), 1).unwrap().is_empty() {
                append(&database, "message/msg_1", 1, "message.sent");
            }
            Box::pin(async { Ok(()) })
        }),
    };
    let api = api(&ground, &["notify"], vec![sweep]);
    let function: StreamFunction = Arc::new(move |event| {
        for _ in event.records {
            state.take(&NewMail::default(), crate::fixtures::noon()).unwrap();
        }
        Box::pin(async { Ok(DynamoDbEventResponse::default()) })
    });
    follow(&ground, &api, "notify", function);
    append(&ground.database, "account/acc_1", 1, "account.registered");
    let (status, answer) = ask(&api, request(Method::POST, "/_local/drain", "{}")).await;
    assert_eq!((status, answer), (200, json!({"paused": []})));
    assert_eq!(get_json(&api, "/_local/emails").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_drain_returns_when_reports_and_what_followed_from_them_are_done() {
    let ground = Ground::new();
    let mut api = api(&ground, &["project"], vec![]);
    let topic = Topic::new(ground.clock.clone(), api.world.clone());
    let database = ground.database.clone();
    let noted: TopicFunction = Arc::new(move |_| {
        append(&database, "message/msg_1", 1, "message.delivered");
        Box::pin(async { Ok(()) })
    });
    api.subscriber = Subscriber::new(topic.clone(), Some(noted), api.progress.clone());
    let done: StreamFunction =
        Arc::new(|_| Box::pin(async { Ok(DynamoDbEventResponse::default()) }));
    follow(&ground, &api, "project", done);
    topic.publish(&json!({"eventType": "Delivery"}));
    assert_eq!(ask(&api, request(Method::POST, "/_local/drain", "{}")).await.0, 200);
    assert_eq!(ground.database.log(0, None, 2).unwrap().len(), 1);
    assert_eq!(api.progress.position("project"), ground.database.latest().unwrap());
}

#[tokio::test]
async fn a_reset_leaves_an_empty_world() {
    let ground = Ground::new();
    let api = api(&ground, &["notify"], vec![]);
    append(&ground.database, "account/acc_1", 1, "account.registered");
    api.mailbox.take(&NewMail::default(), crate::fixtures::noon()).unwrap();
    api.files.put(&Name::new("postern-uploads", "photo").unwrap(), b"a photo").unwrap();
    api.clock.advance(60).unwrap();
    api.progress.advance("notify", 7).unwrap();
    let cost =
        crate::dynamo::meter::Cost { table: "postern-vault".to_owned(), read: 1.0, write: 0.0 };
    api.meter.book("account", "GetItem", &[cost]);
    assert_eq!(
        get_json(&api, "/_local/meter").await["functions"]["account"]["vault"]["GetItem"],
        json!({"requests": 1, "read_units": 1.0, "write_units": 0.0})
    );

    assert_eq!(ask(&api, request(Method::POST, "/_local/reset", "{}")).await.0, 204);
    assert_eq!(get_json(&api, "/_local/emails").await, json!([]));
    assert_eq!(get_json(&api, "/_local/dead-letters").await, json!([]));
    assert_eq!(get_json(&api, "/_local/meter").await, json!({"functions": {}}));
    assert!(ground.database.log(0, None, 1).unwrap().is_empty());
    assert_eq!(api.files.list("postern-uploads", "").unwrap(), []);
    assert_eq!(api.progress.position("notify"), 0);
    assert_eq!(api.clock.advance(0).unwrap(), crate::fixtures::noon());
}
