use std::collections::BTreeMap;

use super::*;
use crate::capture::{Application, Changes, Endpoints, NewPush, Platform};
use crate::faults::{EmailFault, Fault, PushFault};

fn post_faults(body: &str) -> Request<Body> {
    request(Method::POST, "/_local/faults", body)
}

fn handles() -> StreamFunction {
    Arc::new(|_| Box::pin(async { Ok(DynamoDbEventResponse::default()) }))
}

#[tokio::test]
async fn each_post_puts_its_faults_in_the_place_of_all_others() {
    let ground = Ground::new();
    let api = api(&ground, &[], vec![]);
    let (bounce, down) = (Fault::Email(EmailFault::Bounce), Fault::Push(PushFault::Down));
    assert_eq!(ask(&api, post_faults(r#"{"email":"bounce","times":1}"#)).await.0, 204);
    assert!(api.faults.has(bounce));
    assert_eq!(ask(&api, post_faults(r#"{"push":"down"}"#)).await.0, 204);
    assert!(api.faults.has(down) && !api.faults.has(bounce));
    assert_eq!(ask(&api, post_faults("{}")).await.0, 204);
    assert!(!api.faults.has(down));
}

#[tokio::test]
async fn a_fault_that_is_not_understood_is_refused_and_changes_nothing() {
    let ground = Ground::new();
    let api = api(&ground, &[], vec![]);
    assert_eq!(ask(&api, post_faults(r#"{"push":"down"}"#)).await.0, 204);
    for wrong in [
        r#"{"email":"Bounce"}"#,
        r#"{"email":"disabled"}"#,
        r#"{"email":null}"#,
        r#"{"email":1}"#,
        r#"{"email":"down","email":"down"}"#,
        r#"{"project":"twice"}"#,
        r#"{"sms":"down"}"#,
        r#"{"push":"down","times":0}"#,
        r#"{"push":"down","times":-1}"#,
        r#"{"push":"down","times":1.5}"#,
        r#"{"push":"down","times":"1"}"#,
        r#"{"push":"down","times":null}"#,
        "[]",
    ] {
        let refused = refusal(&api, post_faults(wrong)).await;
        assert_eq!(refused, (422, "invalid_request".to_owned()), "{wrong}");
    }
    assert!(api.faults.has(Fault::Push(PushFault::Down)));
}

#[tokio::test]
async fn a_drain_waits_for_nobody_who_is_paused_and_says_who_is() {
    let ground = Ground::new();
    let api = api(&ground, &["notify", "project"], vec![]);
    follow(&ground, &api, "notify", handles());
    follow(&ground, &api, "project", handles());
    ask(&api, post_faults(r#"{"notify":"paused"}"#)).await;
    append(&ground.database, "account/acc_1", 1, "account.registered");
    let drain = || request(Method::POST, "/_local/drain", "{}");
    assert_eq!(ask(&api, drain()).await, (200, json!({"paused": ["notify"]})));
    let latest = ground.database.latest().unwrap();
    assert_eq!((api.progress.position("notify"), api.progress.position("project")), (0, latest));
    ask(&api, post_faults("{}")).await;
    assert_eq!(ask(&api, drain()).await, (200, json!({"paused": []})));
    assert_eq!(api.progress.position("notify"), latest);
}

#[tokio::test]
async fn a_drain_that_already_waits_returns_when_what_it_waits_for_is_paused() {
    let ground = Ground::new();
    let api = api(&ground, &["project"], vec![]);
    append(&ground.database, "account/acc_1", 1, "account.registered");
    // Nobody follows the stream for `project`, so only a pause can end this.
    let draining = ask(&api, request(Method::POST, "/_local/drain", "{}"));
    let pausing = async {
        tokio::task::yield_now().await;
        ask(&api, post_faults(r#"{"project":"paused"}"#)).await
    };
    let (drained, paused) = tokio::join!(draining, pausing);
    assert_eq!(paused.0, 204);
    assert_eq!(drained, (200, json!({"paused": ["project"]})));
}

#[tokio::test]
async fn a_reset_leaves_neither_fault_nor_phone_nor_push() {
    let ground = Ground::new();
    let api = api(&ground, &["notify"], vec![]);
    follow(&ground, &api, "notify", handles());
    let phones = Endpoints::new(ground.state.clone());
    let application = Application::named("arn:aws:sns:local:000000000000:app/GCM/postern").unwrap();
    let phone = phones.create(&application, "one", &Changes::default()).unwrap();
    let push = |token: &str| NewPush {
        platform: Platform::Fcm,
        token: token.to_owned(),
        payload: json!({"data": {"n": token}}),
        attributes: BTreeMap::from([("ttl".to_owned(), "60".to_owned())]),
    };
    for token in ["one", "two", "one"] {
        api.pushes.take(&push(token), crate::fixtures::noon()).unwrap();
    }
    let all = get_json(&api, "/_local/pushes").await;
    let tokens: Vec<_> = all.as_array().unwrap().iter().map(|push| &push["token"]).collect();
    assert_eq!(tokens, ["one", "two", "one"]);
    let one = get_json(&api, "/_local/pushes?token=two").await;
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(
        one[0],
        json!({
            "id": "00000000-0000-4000-9000-000000000002",
            "at": "2027-01-15T12:00:00Z",
            "platform": "fcm",
            "token": "two",
            "payload": {"data": {"n": "two"}},
            "attributes": {"ttl": "60"},
        })
    );

    ask(&api, post_faults(r#"{"notify":"paused","push":"down"}"#)).await;
    append(&ground.database, "account/acc_1", 1, "account.registered");
    assert_eq!(ask(&api, request(Method::POST, "/_local/reset", "{}")).await.0, 204);
    assert!(api.faults.paused().is_empty());
    assert!(!api.faults.has(Fault::Push(PushFault::Down)));
    assert_eq!(get_json(&api, "/_local/pushes").await, json!([]));
    phones.find(&phone.arn()).unwrap_err();
    append(&ground.database, "account/acc_1", 1, "account.registered");
    let drained = ask(&api, request(Method::POST, "/_local/drain", "{}")).await;
    assert_eq!(drained, (200, json!({"paused": []})));
}
