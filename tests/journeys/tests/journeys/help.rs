//! Asking for help.

use postern_client::answer::Answer;
use postern_client::client::Client;
use serde_json::{Value, json};

use crate::owners::settled_owner;
use crate::world::{EMAIL, World, asked, ok, refused};

const PATH: &str = "/v1/support-requests";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a photo of a screen";

fn plea(phone: &Client) -> Value {
    let file = json!({ "name": "screen.png", "content_type": "image/png", "size": PNG.len() });
    json!({
        "message": "No code comes.\nPlease help.",
        "app_version": "2.10",
        "device": phone.description(),
        "attachments": [file],
    })
}

async fn ask(phone: &Client, email: &str) -> Answer {
    let mut body = plea(phone);
    body["email"] = email.into();
    phone.call("POST", PATH, Some(&body)).await.unwrap()
}

async fn upload(url: &str, content_type: &str, bytes: &[u8]) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = client.put(url).header("content-type", content_type).body(bytes.to_vec());
    call.send().await.unwrap().status().as_u16()
}

/// H1, H2: support reads what was written and how the last codes fared, and no secret; a photo can be
/// uploaded as it was declared, and not otherwise.
#[tokio::test]
async fn support_gets_a_request_with_its_history_and_without_secrets() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    let code = world.code().await;
    let made = ok(owner.call_signed_in("POST", PATH, Some(&plea(&owner))).await, 201).body;
    assert!(made["id"].as_str().unwrap().starts_with("sup_"), "{made}");
    let url = made["uploads"][0]["url"].as_str().unwrap();
    assert_eq!(made["uploads"][0]["name"], "screen.png");
    assert_eq!(upload(url, "image/svg+xml", PNG).await, 403);
    assert_eq!(upload(url, "image/png", &[PNG, PNG].concat()).await, 403);
    assert_eq!(upload(&url.replacen("/0?", "/1?", 1), "image/png", PNG).await, 403);
    assert_eq!(upload(url, "image/png", PNG).await, 200);
    world.local.drain().await.unwrap();
    world.local.advance(16 * 60).await.unwrap();
    assert_eq!(upload(url, "image/png", PNG).await, 403);

    world.local.drain().await.unwrap();
    let log: Vec<_> = world.log(None).await;
    let asked_for =
        log.iter().flat_map(|it| &it.events).filter(|it| it.name == "support.requested");
    assert_eq!(asked_for.count(), 1);
    let all = all_mails(&world).await;
    let [mail] = all.as_slice() else { panic!("one mail to support: {all:#?}") };
    let text = mail["text"].as_str().unwrap().replace('\u{2060}', "");
    for told in ["No code comes.", "2.10", "screen.png", "delivered"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    for secret in [code.as_str(), "security-reports", "eyJ"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

/// Every mail to support.
async fn all_mails(world: &World) -> Vec<Value> {
    let url = format!("{}/_local/emails", world.stack.base());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let text = client.get(&url).send().await.unwrap().text().await.unwrap();
    let mails: Value = serde_json::from_str(&text).unwrap();
    let list = mails.as_array().or_else(|| mails["emails"].as_array()).unwrap().clone();
    list.into_iter().filter(|it| it["to"].to_string().contains("support@")).collect()
}

/// H1, C8: whoever only names an address learns nothing about it, and support hears of accounts alone.
#[tokio::test]
async fn a_request_by_address_does_not_tell_whether_there_is_an_account() {
    let world = World::open().await;
    world.owner().await;
    let (one, two) = (world.phone(), world.phone());
    let known = ok(Ok::<_, ()>(ask(&one, EMAIL).await), 201).body;
    let unknown = ok(Ok::<_, ()>(ask(&two, "nobody@example.com").await), 201).body;
    let shape = |it: &Value| it.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!(known["uploads"].as_array().unwrap().len(), 1);
    assert_eq!(unknown["uploads"].as_array().unwrap().len(), 1);
    world.local.drain().await.unwrap();
    assert_eq!(all_mails(&world).await.len(), 1);
    for _ in 0..4 {
        ok(Ok::<_, ()>(ask(&one, EMAIL).await), 201);
        ok(Ok::<_, ()>(ask(&two, "nobody@example.com").await), 201);
    }
    refused(Ok::<_, ()>(ask(&one, EMAIL).await), 429, "rate_limited");
    refused(Ok::<_, ()>(ask(&two, "nobody@example.com").await), 429, "rate_limited");
}

/// H2: what is attached is bounded in number, size and kind.
#[tokio::test]
async fn what_is_attached_is_bounded() {
    let world = World::open().await;
    let owner = world.owner().await;
    let file = |kind: &str, size: u64| json!({ "name": "a", "content_type": kind, "size": size });
    for (files, pointer) in [
        (vec![file("image/svg+xml", 1)], "/attachments/0/content_type"),
        (vec![file("image/png", 0)], "/attachments/0/size"),
        (vec![file("image/png", 5 * 1_024 * 1_024 + 1)], "/attachments/0/size"),
        (vec![file("image/png", 1); 6], "/attachments"),
    ] {
        let mut body = plea(&owner);
        body["attachments"] = files.into();
        let answer = owner.call_signed_in("POST", PATH, Some(&body)).await;
        let answer = refused(answer, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer);
    }
}
