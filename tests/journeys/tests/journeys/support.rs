//! Asking support for help: what it gets to read, from whom, and how often.

use postern_client::answer::Answer;
use postern_client::client::Client;
use postern_client::mail::Mail;
use serde_json::{Value, json};

use crate::letters::{SUPPORT, mails};
use crate::owners::{DAY, settled_owner};
use crate::phones::asked_by;
use crate::world::{EMAIL, PASSWORD, World, alike, id, ok, refused};

/// An address that has no account.
const NOBODY: &str = "nobody@example.com";
/// What the owner is asked to say.
const TROUBLE: &str = "No code comes.\nI looked into the spam folder.";

/// A request for help, as the app makes it.
pub(crate) fn plea(phone: &Client) -> Value {
    json!({ "message": TROUBLE, "app_version": "2.3.1", "device": phone.description() })
}

/// The same from somebody who isn't signed in.
fn plea_for(phone: &Client, email: &str) -> Value {
    with(plea(phone), "email", json!(email))
}

/// The same with one member more, or another one.
pub(crate) fn with(mut plea: Value, member: &str, value: Value) -> Value {
    plea[member] = value;
    plea
}

/// The one mail that support has got.
async fn support_mail(world: &World) -> Mail {
    let mut mails = mails(world, SUPPORT).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.remove(0)
}

/// A text as a reader sees it: without its line breaks, and without the signs that keep programs from
/// making links of what somebody wrote (Unicode's WORD JOINER).
pub(crate) fn read(text: &str) -> String {
    let text = text.replace('\u{2060}', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// H1, H2, C7: support gets one mail: who asks and how that is known, with which app and device, and
/// what became of the last codes.
#[tokio::test]
async fn support_reads_who_asks_what_for_and_how_the_last_codes_fared() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    world.local.drain().await.unwrap();
    ok(phone.resend_by(&attempt, "email").await, 202);
    world.local.drain().await.unwrap();

    let taken = ok(owner.ask_for_help(&plea(&owner)).await, 201);
    assert!(id(&taken).starts_with("sup_"), "{}", taken.body);
    assert_eq!(taken.body["uploads"], json!([]));
    let mail = support_mail(&world).await;
    assert_eq!(mail.from, "no-reply@postern.example");
    assert_eq!(mail.subject, format!("Support request {}", id(&taken)));
    let account = ok(owner.account().await, 200).body;
    let device = owner.description();
    let expected = [
        account["id"].as_str().unwrap().to_owned(),
        "signed in: the device proved itself".to_owned(),
        EMAIL.to_owned(),
        "2.3.1".to_owned(),
        format!("“{}”, Testfone, Android 16", device["name"].as_str().unwrap()),
        "No code comes.".to_owned(),
        "I looked into the spam folder.".to_owned(),
    ];
    for text in [read(&mail.text), read(&mail.html)] {
        for part in &expected {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    let (_, history) = mail.text.split_once("Delivery of the last codes").unwrap();
    let rows: Vec<&str> = history.lines().filter_map(|it| it.strip_prefix("- ")).collect();
    let fared: Vec<&str> = rows.iter().map(|it| it.split_once(", ").unwrap().1).collect();
    assert_eq!(fared, ["sign_in_code, email, delivered", "sign_in_request, app, sent"]);
    // The owner has asked, so the owner need not be told.
    assert_eq!(
        world
            .log(None)
            .await
            .iter()
            .flat_map(|it| &it.events)
            .filter(|it| it.name == "support.requested")
            .count(),
        1
    );
}

/// H2, S5: nothing that opens anything stands in it, whatever has just been sent to the owner.
#[tokio::test]
async fn support_reads_no_code_no_token_and_no_password() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let by_app = crate::phones::shown(&owner, &attempt).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    let by_mail = world.code().await;
    let token = crate::reports::mailed_token(&world, EMAIL, "sign-in code").await;
    ok(owner.ask_for_help(&plea(&owner)).await, 201);
    let mail = support_mail(&world).await;
    let session = owner.session().unwrap();
    for secret in
        [by_app, by_mail, token, session.access_token, session.refresh_token, PASSWORD.to_owned()]
    {
        for text in [&mail.text, &mail.html, &mail.subject] {
            assert!(!text.contains(&secret), "{text}");
        }
    }
    // Nor a link or a token of anybody else's.
    for sign in ["security-reports", "eyJ"] {
        assert!(!mail.text.contains(sign), "{}", mail.text);
    }
    assert_eq!(mail.report_token(), None);
    assert!(!mail.headers.to_string().contains(EMAIL));
}

/// H1: it is an act of nobody's: the account stays as it was, whoever asks, and support has nothing in
/// hand that would change it.
#[tokio::test]
async fn asking_for_help_changes_nothing_about_the_account() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let account = ok(owner.account().await, 200).body;
    let stream = format!("account/{}", account["id"].as_str().unwrap());
    let before = world.log(Some(&stream)).await.len();
    ok(owner.ask_for_help(&plea(&owner)).await, 201);
    let stranger = world.phone();
    let message = json!("I lost my phone, please turn two-step verification off.");
    let plea = with(plea_for(&stranger, EMAIL), "message", message);
    ok(stranger.ask_for_help_from_outside(&plea).await, 201);
    assert_eq!(world.log(Some(&stream)).await.len(), before);
    assert_eq!(ok(owner.account().await, 200).body, account);
    let asked = ok(stranger.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(asked["status"], "code_required");
}

/// H1: somebody who only names an address is told to support as such.
#[tokio::test]
async fn support_knows_that_somebody_only_named_the_address() {
    let world = World::open().await;
    world.owner().await;
    let stranger = world.phone();
    ok(stranger.ask_for_help_from_outside(&plea_for(&stranger, EMAIL)).await, 201);
    let mail = support_mail(&world).await;
    assert!(mail.text.contains("- Proof: none: somebody named the account's address"));
    assert!(mail.text.contains(EMAIL));
}

/// What a request for help was answered, without what is always another one.
fn shape(answer: &Answer) -> Value {
    let mut body = alike(answer);
    for upload in body["uploads"].as_array_mut().unwrap() {
        let url = upload["url"].take();
        upload["url"] = json!(url.as_str().unwrap().len());
    }
    body
}

/// H1, S2: whether an address has an account shows neither in the answer nor in what it costs; support
/// hears only about accounts, and the log keeps nothing personal of anybody else.
#[tokio::test]
async fn an_address_without_an_account_is_answered_alike() {
    let world = World::open().await;
    world.owner().await;
    let mut told = Vec::new();
    for email in [EMAIL, NOBODY] {
        let stranger = world.phone();
        stranger.server_time().await.unwrap();
        world.local.drain().await.unwrap();
        world.local.reset_meter().await.unwrap();
        let file = json!([{ "name": "screen.png", "content_type": "image/png", "size": 4 }]);
        let plea = with(plea_for(&stranger, email), "attachments", file);
        let answer = ok(stranger.ask_for_help_from_outside(&plea).await, 201);
        let spent = world.local.meter().await.unwrap()["functions"]["account"].take();
        let headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        told.push((shape(&answer), operations(&spent), headers));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].0["uploads"].as_array().unwrap().len(), 1);
    assert_eq!(mails(&world, SUPPORT).await.len(), 1);
    assert_eq!(world.mails(NOBODY).await, 0);
    let dump = world.local.dump(None).await.unwrap();
    assert!(!dump.contains("nobody@") && !dump.contains("spam folder"));
}

/// How many requests of each kind were made; a sealed text costs what its length costs.
fn operations(spent: &Value) -> Vec<(String, String, Value)> {
    let tables = spent.as_object().unwrap().iter();
    let operations = tables.flat_map(|(table, operations)| {
        let operations = operations.as_object().unwrap().iter();
        operations.map(|(name, spent)| (table.clone(), name.clone(), spent["requests"].clone()))
    });
    operations.collect()
}

/// H2: what a request may hold has bounds, and what is beyond them is pointed at.
#[tokio::test]
async fn what_is_no_request_for_help_is_pointed_at() {
    let world = World::open().await;
    let owner = world.owner().await;
    let good = plea(&owner);
    let file = |content_type: &str, size: u64| json!({ "name": "screen.png", "content_type": content_type, "size": size });
    for (member, value, pointer) in [
        ("message", json!(""), "/message"),
        ("message", json!("é".repeat(3_001)), "/message"),
        ("message", json!("a\u{202e}b"), "/message"),
        ("app_version", json!("two"), "/app_version"),
        ("device", json!({ "name": "x" }), "/device"),
        ("email", json!(EMAIL), "/email"),
        ("attachments", json!(vec![file("image/png", 1); 6]), "/attachments"),
        ("attachments", json!([file("image/svg+xml", 1)]), "/attachments/0/content_type"),
        ("attachments", json!([file("text/html", 1)]), "/attachments/0/content_type"),
        ("attachments", json!([file("image/png", 0)]), "/attachments/0/size"),
        ("attachments", json!([file("image/png", 5 * 1_024 * 1_024 + 1)]), "/attachments/0/size"),
        ("two_step", json!(false), "/two_step"),
    ] {
        let body = with(good.clone(), member, value);
        let answer = refused(owner.ask_for_help(&body).await, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{body}");
    }
    let nobody = world.phone().ask_for_help_from_outside(&good).await;
    let answer = refused(nobody, 422, "invalid_request");
    assert_eq!(answer.body["errors"][0]["pointer"], "/email");
    let longest = with(good, "message", json!("é".repeat(3_000)));
    ok(owner.ask_for_help(&longest).await, 201);
    assert_eq!(mails(&world, SUPPORT).await.len(), 1);
}

/// H1: five a day are plenty; strangers who know the address don't use up what its owner has.
#[tokio::test]
async fn the_sixth_request_of_a_day_waits() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let stranger = world.phone();
    for email in [EMAIL, NOBODY] {
        let plea = plea_for(&stranger, email);
        for _ in 0..5 {
            ok(stranger.ask_for_help_from_outside(&plea).await, 201);
        }
        refused(stranger.ask_for_help_from_outside(&plea).await, 429, "rate_limited");
    }
    let plea = plea(&owner);
    for _ in 0..5 {
        ok(owner.ask_for_help(&plea).await, 201);
    }
    let wait = refused(owner.ask_for_help(&plea).await, 429, "rate_limited");
    let wait: u64 = wait.header("retry-after").parse().unwrap();
    assert!((DAY - 60..=DAY).contains(&wait), "{wait}");
    assert_eq!(mails(&world, SUPPORT).await.len(), 10);
    world.local.advance(DAY).await.unwrap();
    ok(owner.refresh().await, 200);
    ok(owner.ask_for_help(&plea).await, 201);
}

/// H1, S9: a request whose answer was lost is asked for again, and is one.
#[tokio::test]
async fn a_repeated_request_for_help_is_one() {
    let world = World::open().await;
    let owner = world.owner().await;
    let path = "/v1/support-requests";
    let first = ok(owner.post_once_signed_in("help-1", path, &plea(&owner)).await, 201);
    let again = ok(owner.post_once_signed_in("help-1", path, &plea(&owner)).await, 201);
    assert_eq!(again.body, first.body);
    assert_eq!(mails(&world, SUPPORT).await.len(), 1);
}
