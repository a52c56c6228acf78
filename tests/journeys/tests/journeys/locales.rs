//! Which language somebody is spoken to in, wherever Postern speaks, and how it is chosen.

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::push::Push;
use serde_json::{Value, json};

use crate::owners::named;
use crate::phones::{BLUE, asked_by, pushed_to};
use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, id, ok, refused};

/// The languages that there are words for.
const LANGUAGES: [&str; 4] = ["ar", "cs", "de", "en"];

/// Asks for an attempt that isn't there, in the languages that a header names.
async fn nobody_asks(phone: &Client, languages: Option<&str>) -> Answer {
    let mut request = phone.request("GET", "/v1/sign-ins/sin_01J00000000000000000000000");
    if let Some(languages) = languages {
        request = request.header("Accept-Language", languages);
    }
    refused(request.send().await, 404, "not_found")
}

/// Somebody who is signed in makes a slip, while their phone asks for these languages.
async fn somebody_asks(phone: &Client, languages: &str) -> Answer {
    let token = phone.session().unwrap().access_token;
    let request = phone.request("PATCH", "/v1/account").token(&token);
    let request = request.header("Accept-Language", languages).json(&json!({ "locale": "x" }));
    refused(request.send().await, 422, "invalid_request")
}

fn words(answer: &Answer) -> [&Value; 2] {
    [&answer.body["title"], &answer.body["detail"]]
}

/// H4: before anybody is known, the language is what the request asks for, by weight; else English.
#[tokio::test]
async fn before_sign_in_a_refusal_is_told_in_the_language_that_is_asked_for() {
    let world = World::open().await;
    let phone = world.phone();
    let mut titles = Vec::new();
    for language in LANGUAGES {
        let answer = nobody_asks(&phone, Some(language)).await;
        assert_eq!(answer.header("content-language"), language);
        titles.push(answer.text("title").unwrap().to_owned());
    }
    titles.dedup();
    assert_eq!(titles.len(), LANGUAGES.len(), "{titles:?}");

    let english = nobody_asks(&phone, Some("en")).await;
    let czech = nobody_asks(&phone, Some("cs")).await;
    for (asked, language) in [
        (Some("cs-CZ"), "cs"),
        (Some("CS;q=0.9, en;q=0.8"), "cs"),
        (Some("en;q=0.1, cs"), "cs"),
        (Some("tlh, cs;q=0.1"), "cs"),
        (Some("tlh"), "en"),
        (Some("*"), "en"),
        (Some(";;;"), "en"),
        (Some("zh-Hant, ja"), "en"),
        (None, "en"),
    ] {
        let answer = nobody_asks(&phone, asked).await;
        assert_eq!(answer.header("content-language"), language, "{asked:?}");
        let same = if language == "cs" { &czech } else { &english };
        assert_eq!(words(&answer), words(same), "{asked:?}");
    }
}

/// H4, L5: who is signed in is answered in the account's language, whatever the phone asks for; also at
/// the next call after it was changed.
#[tokio::test]
async fn after_sign_in_the_account_s_language_counts() {
    let world = World::open().await;
    let owner = world.phone();
    let opened = id(&ok(owner.register_in("cs", EMAIL, PASSWORD).await, 202));
    ok(owner.verify_registration(&opened, &world.code().await).await, 200);
    let czech = somebody_asks(&owner, "de").await;
    assert_eq!(czech.header("content-language"), "cs");
    let advice = ok(owner.login_security().await, 200).body["advice"].clone();

    for (locale, language) in [("de-AT", "de"), ("ar", "ar"), ("pt-BR", "en"), ("en", "en")] {
        let account = ok(owner.choose_locale(locale).await, 200).body;
        assert_eq!(account["locale"], locale);
        assert_eq!(ok(owner.account().await, 200).body["locale"], locale);
        let answer = somebody_asks(&owner, "cs").await;
        assert_eq!(answer.header("content-language"), language, "{locale}");
        assert_ne!(words(&answer), words(&czech), "{locale}");
        assert_eq!(answer.code(), czech.code());
        let said = ok(owner.login_security().await, 200);
        assert_eq!(said.header("content-language"), language, "{locale}");
        assert_eq!(named(&said.body["advice"], "code"), named(&advice, "code"));
        assert_ne!(named(&said.body["advice"], "text"), named(&advice, "text"), "{locale}");
    }
}

/// H4: whoever guesses a password is answered in their own language, and doesn't learn its owner's;
/// the owner is refused in the account's.
#[tokio::test]
async fn a_wrong_password_is_not_refused_in_the_account_s_language() {
    let world = World::open().await;
    let owner = world.phone();
    let opened = id(&ok(owner.register_in("de", EMAIL, PASSWORD).await, 202));
    ok(owner.verify_registration(&opened, &world.code().await).await, 200);
    let phone = world.phone();
    let wrong = json!({
        "email": EMAIL, "password": WRONG_PASSWORD, "device": phone.description(),
    });
    let mut titles = Vec::new();
    for (asked, language) in [("cs, en;q=0.5", "cs"), ("fi, ar;q=0.1", "ar"), ("fi", "en")] {
        let request = phone.request("POST", "/v1/sign-ins").header("Accept-Language", asked);
        let answer = refused(request.json(&wrong).send().await, 401, "invalid_credentials");
        assert_eq!(answer.header("content-language"), language, "{asked}");
        titles.push(answer.text("title").unwrap().to_owned());
    }
    titles.dedup();
    assert_eq!(titles.len(), 3, "{titles:?}");

    let erase = async || refused(owner.erase_account().await, 403, "step_up_required");
    assert_eq!(erase().await.header("content-language"), "de");
    ok(owner.choose_locale("cs").await, 200);
    assert_eq!(erase().await.header("content-language"), "cs");
}

/// H4, C6: an account keeps the language that it was registered in, by the very name, and its mails are
/// in it from the first one on, or in English.
#[tokio::test]
async fn an_account_keeps_the_language_that_it_was_registered_in() {
    let world = World::open().await;
    for (locale, tags) in [
        ("cs-CZ", "lang=\"cs\" dir=\"ltr\""),
        ("de", "lang=\"de\" dir=\"ltr\""),
        ("ar-EG", "lang=\"ar\" dir=\"rtl\""),
        ("en-GB", "lang=\"en\" dir=\"ltr\""),
        ("fi", "lang=\"en\" dir=\"ltr\""),
    ] {
        let (phone, email) = (world.phone(), format!("{locale}@example.com"));
        let opened = id(&ok(phone.register_in(locale, &email, PASSWORD).await, 202));
        let code = world.local.mailed_code(&email).await.unwrap();
        ok(phone.verify_registration(&opened, &code).await, 200);
        assert_eq!(ok(phone.account().await, 200).body["locale"], locale);
        let mail = world.local.emails(&email).await.unwrap().remove(0);
        assert!(mail.html.contains(tags), "{locale}: {}", mail.html);
    }
}

/// H4, C1: mails and pushes follow the choice from the next one on.
#[tokio::test]
async fn mails_and_pushes_speak_the_language_that_was_chosen_last() {
    let world = World::open().await;
    let owner = world.owner().await;
    let (mut subjects, mut alerts) = (Vec::new(), Vec::new());
    for (locale, tags) in [
        ("en", "lang=\"en\" dir=\"ltr\""),
        ("cs", "lang=\"cs\" dir=\"ltr\""),
        ("de", "lang=\"de\" dir=\"ltr\""),
        ("ar", "lang=\"ar\" dir=\"rtl\""),
    ] {
        ok(owner.refresh().await, 200);
        ok(owner.choose_locale(locale).await, 200);
        ok(owner.remove_push().await, 204);
        let phone = world.phone();
        let attempt = asked_by("email", &phone).await;
        world.local.drain().await.unwrap();
        let mail = world.local.emails(EMAIL).await.unwrap().remove(0);
        assert!(mail.html.contains(tags), "{locale}: {}", mail.html);
        subjects.push(mail.subject);
        ok(phone.cancel(&attempt).await, 204);

        pushed_to(&owner, BLUE).await;
        let attempt = asked_by("app", &world.phone()).await;
        alerts.push(alert_about(&world, &attempt).await);
        // Five new devices an hour are all that there may be.
        world.local.advance(60 * 60).await.unwrap();
    }
    for mut said in [subjects, alerts] {
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), LANGUAGES.len(), "{said:?}");
    }
}

/// What the owner's phone shows by itself about an attempt.
async fn alert_about(world: &World, attempt: &str) -> String {
    world.local.drain().await.unwrap();
    let pushes = world.local.pushes(Some(BLUE)).await.unwrap();
    let shows = |it: &&Push| it.payload["aps"]["alert"].is_object();
    let push = pushes.iter().find(shows).unwrap();
    assert_eq!(push.postern().unwrap()["id"], attempt);
    push.payload["aps"]["alert"]["title"].as_str().unwrap().to_owned()
}

/// H4: what is no language tag is pointed at; nothing is chosen by it.
#[tokio::test]
async fn what_is_no_language_is_pointed_at() {
    let world = World::open().await;
    let owner = world.owner().await;
    let before = ok(owner.account().await, 200).body;
    let events = world.events().await;
    let long = "a-".repeat(30) + "a";
    for bad in ["", "c", "česky", "cs_CZ", "en-", "en us", "../etc", long.as_str()] {
        let answer = refused(owner.choose_locale(bad).await, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], "/locale", "{bad}");
        let answer = owner.register_in(bad, "somebody@example.net", PASSWORD).await;
        let answer = refused(answer, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], "/locale", "{bad}");
    }
    assert_eq!(ok(owner.account().await, 200).body, before);
    assert_eq!(world.events().await, events);
}
