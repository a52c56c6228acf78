//! What somebody asks support for: who reads it, and what stands in it.

use postern_domain::message::{Feedback, Recipient, message_id};
use postern_domain::ports::{Clock as _, draw};
use postern_domain::support::{Support, SupportCommand};
use postern_events::ids::{DeviceId, SupportId};
use postern_events::personal::Personal;
use postern_events::support::{Attachment, Plea, Requested};
use postern_events::vocabulary::{Method, Platform};
use postern_messages::push::PushFailed;

use crate::people::{Person, description, meta, origin};
use crate::recorder::Next;
use crate::world::{SUPPORT, World};

const WORDS: &str = "No code comes.\nPlease <help>.";

/// Somebody's request: of the account's own device, or of one who only named the address.
async fn ask(world: &World, of: &Person, known: bool, by: Option<DeviceId>) -> String {
    let request = SupportId::new(world.clock.now(), draw(&*world.chance));
    let plea = Plea { message: WORDS.to_owned(), attachments: vec!["screen.png".to_owned()] };
    let requested = Requested {
        request,
        account: known.then_some(of.account),
        by,
        plea: known.then_some(Personal::Clear(plea)),
        app_version: "2.10".to_owned(),
        platform: Platform::Ios,
        description: known.then(description),
        origin: known.then(origin),
        country: None,
        located_by: None,
        attachments: vec![Attachment { content_type: "image/png".to_owned(), size: 1_234 }],
        policy: 1,
    };
    let command = || SupportCommand::Request(Box::new(requested.clone()));
    let scribe = || world.scribe(&of.data_key);
    let streams = world.store.streams();
    streams.execute::<Support>(request, command, scribe, &meta()).await.unwrap();
    let stream = format!("support/{request}");
    world.react(&stream).await;
    stream
}

#[tokio::test]
async fn support_reads_once_what_was_written_and_how_the_codes_fared() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    let code = world.code(&ada, &attempt).await;
    let commit = world.newest(&attempt.stream).await;
    world.store.views().project_activity(&commit).await.unwrap();
    let before = world.mailer.mails().len();

    let stream = ask(&world, &ada, true, Some(ada.device)).await;
    world.react(&stream).await;
    let mails = world.mailer.mails().split_off(before);
    let [mail] = mails.try_into().unwrap();
    assert_eq!(mail.to, SUPPORT);
    assert!(!mail.subject.contains("ada") && !mail.subject.contains('@'), "{}", mail.subject);
    let account = ada.account.to_string();
    for told in [account.as_str(), "No code comes.", "2.10", "screen.png", "image/png", "sent"] {
        let text = mail.text.replace('\u{2060}', "");
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(mail.html.contains("Please &lt;help&gt;."), "{}", mail.html);
    for text in [&mail.text, &mail.html] {
        assert!(!text.contains(&code), "a code");
        assert!(!text.contains("security-reports"), "a token");
        assert!(!text.contains("203.0.113.7"), "an address of the network");
    }
    let event = world.newest(&stream).await.events[0].id;
    assert_eq!(mail.message, message_id(event, Recipient::Support));
}

#[tokio::test]
async fn the_history_says_of_every_send_by_whichever_way_how_far_it_came() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will(Next::Refuse(PushFailed::Disabled));
    world.react(&attempt.stream).await;
    let by_app = world.code(&ada, &attempt).await;
    world.wait(60);
    world.resend_by(&ada, &attempt, Some(Method::Email)).await;
    world.react(&attempt.stream).await;
    let by_mail = world.code(&ada, &attempt).await;
    let message = world.asked(&attempt.stream, ada.account).await;
    world.note(message, Feedback::Delivered).await;
    for commit in world.store.streams().load_commits(&attempt.stream).await.unwrap() {
        world.store.views().project_activity(&commit).await.unwrap();
    }
    world.wait(60);
    let before = world.mailer.mails().len();
    ask(&world, &ada, true, Some(ada.device)).await;

    let [mail] = world.mailer.mails().split_off(before).try_into().unwrap();
    let lines: Vec<_> = mail.text.lines().filter(|it| it.starts_with("- 2026-")).collect();
    let wanted = [
        "- 2026-11-24 12:01 UTC, sign_in_code, email, delivered",
        "- 2026-11-24 12:00 UTC, sign_in_request, app, given up",
    ];
    assert_eq!(lines, wanted, "{}", mail.text);
    for secret in [by_app.as_str(), &by_mail, "arn:", "Prague", "#sin_"] {
        assert!(!mail.text.contains(secret) && !mail.html.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_address_that_nobody_has_is_nobody_s_business() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    ask(&world, &ada, false, None).await;
    assert!(world.mailer.mails().is_empty());
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn the_files_of_one_who_only_named_the_address_lie_where_that_does_not_show() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    ask(&world, &ada, true, None).await;
    let [mail] = world.mailer.mails().try_into().unwrap();
    let own = postern_store::keys::uploads(ada.account);
    assert!(!mail.text.contains(&own), "{}", mail.text);
    let open = world.open(&ada).await;
    let folder = postern_domain::account::nobody(open.address_key);
    assert!(mail.text.contains(&postern_store::keys::uploads(folder)), "{}", mail.text);

    world.bucket.put(&postern_store::keys::upload(
        folder,
        SupportId::new(world.clock.now(), [1; 10]),
        0,
    ));
    world.erase(&ada).await;
    world.react(&format!("account/{}", ada.account)).await;
    assert!(world.bucket.files().is_empty());
}
