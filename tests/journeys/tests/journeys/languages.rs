//! People read their own language.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, id, ok};

/// A person who registers in a language.
async fn owner(world: &World, locale: &str) -> Client {
    let phone = world.phone();
    let body = json!({
        "email": EMAIL, "password": PASSWORD, "locale": locale, "device": phone.description(),
    });
    let opened = id(&ok(phone.call("POST", "/v1/registrations", Some(&body)).await, 202));
    let code = world.code().await;
    ok(phone.verify_registration(&opened, &code).await, 200);
    phone
}

/// H4, C6: every letter is in its owner's language, from the one sender, with the code alone on its
/// line and nowhere in the subject; what isn't spoken is English.
#[tokio::test]
async fn letters_are_in_their_owner_s_language() {
    for (locale, spoken, direction) in [
        ("cs-CZ", "cs", "ltr"),
        ("de", "de", "ltr"),
        ("ar-EG", "ar", "rtl"),
        ("en-GB", "en", "ltr"),
        ("fi", "en", "ltr"),
    ] {
        let world = World::open().await;
        let owner = owner(&world, locale).await;
        ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201);
        world.local.drain().await.unwrap();
        let mails = world.local.emails(EMAIL).await.unwrap();
        assert_eq!(mails.len(), 2, "{locale}");
        for mail in &mails {
            let tag = format!(r#"lang="{spoken}""#);
            assert!(mail.html.contains(&tag), "{locale}: {}", mail.html);
            assert!(mail.html.contains(&format!(r#"dir="{direction}""#)), "{locale}");
            let code = mail.code().unwrap();
            assert!(!mail.subject.contains(&code), "{}", mail.subject);
            assert!(mail.html.contains(&code), "the same in HTML");
            assert!(mail.from.contains("no-reply@"), "{}", mail.from);
        }
        let english = mails.iter().any(|it| it.subject.contains("Your "));
        assert_eq!(english, spoken == "en", "{locale}");
        assert_eq!(ok(owner.account().await, 200).body["locale"], locale);
    }
}

/// H4: problems are told in the language of the request, and once it is known in that of the account;
/// their codes are not translated.
#[tokio::test]
async fn problems_are_in_the_reader_s_language() {
    let world = World::open().await;
    let owner = owner(&world, "de").await;
    let phone = world.phone();
    let wrong = json!({
        "email": EMAIL, "password": WRONG_PASSWORD, "device": phone.description(),
    });
    let mut titles = Vec::new();
    for (accepted, spoken) in [("cs, en;q=0.5", "cs"), ("fi, ar;q=0.1", "ar"), ("fi", "en")] {
        let request = phone.request("POST", "/v1/sign-ins").header("accept-language", accepted);
        let answer = request.json(&wrong).send().await.unwrap();
        assert_eq!(answer.header("content-language"), spoken);
        assert_eq!((answer.status, answer.code()), (401, "invalid_credentials"));
        titles.push(answer.body["title"].clone());
    }
    titles.dedup();
    assert_eq!(titles.len(), 3, "{titles:?}");

    let denied = owner.call_signed_in("DELETE", "/v1/account", None).await.unwrap();
    assert_eq!((denied.header("content-language"), denied.code()), ("de", "step_up_required"));
    let body = json!({ "locale": "cs" });
    let account = ok(owner.call_signed_in("PATCH", "/v1/account", Some(&body)).await, 200).body;
    assert_eq!(account["locale"], "cs");
    let denied = owner.call_signed_in("DELETE", "/v1/account", None).await.unwrap();
    assert_eq!(denied.header("content-language"), "cs");
    let bad = json!({ "locale": "../etc" });
    let answer = owner.call_signed_in("PATCH", "/v1/account", Some(&bad)).await.unwrap();
    assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (422, &json!("/locale")));
}

/// H3, H4, C6: the app learns what is spoken, which versions there are, and who mails.
#[tokio::test]
async fn the_app_learns_what_there_is() {
    let world = World::open().await;
    let config = ok(world.phone().config().await, 200).body;
    let mut languages: Vec<Value> = config["languages"].as_array().unwrap().clone();
    languages.sort_by_key(Value::to_string);
    assert_eq!(languages, ["ar", "cs", "de", "en"]);
    for member in
        ["server_time", "minimum_version", "latest_version", "email_sender", "support_url"]
    {
        assert!(config[member].is_string(), "{member}: {config}");
    }
    assert_eq!(config["code_length"], 6);
}
