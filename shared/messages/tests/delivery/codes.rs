//! Codes: to whom, which, and when no more.

use postern_domain::account::AccountCommand;
use postern_domain::message::{Message, Recipient};
use postern_events::ids::{DeviceId, SessionId};
use postern_events::message::GivenUp;
use postern_store::reaction::Reaction as _;

use crate::people::IP;
use crate::world::World;

/// The line of a letter that is a code and nothing else.
pub(crate) fn code_line(text: &str) -> &str {
    text.lines().find(|it| it.len() >= 6 && it.bytes().all(|b| b.is_ascii_digit())).unwrap()
}

#[tokio::test]
async fn a_sign_in_code_goes_to_the_accounts_address_and_says_who_asks() {
    let world = World::new().await;
    let ada = world.person("Ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;

    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(
        (mail.to.as_str(), mail.from.as_str()),
        ("Ada@example.com", "no-reply@postern.example")
    );
    assert_eq!(mail.message, world.asked(&attempt.stream, ada.account).await);
    assert_eq!(code_line(&mail.text), world.code(&ada, &attempt).await);
    for fact in [
        "“Ada’s phone” (Android)",
        "Prague, CZ",
        "203.0.113.7",
        "2026-11-24 12:00 UTC",
        "5 minutes",
    ] {
        assert!(mail.text.contains(fact), "{fact}");
        assert!(mail.html.contains(fact), "{fact}");
    }
    assert_eq!(world.message(mail.message).await, Message::Sent);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_registration_code_goes_to_the_address_that_is_to_be_proven() {
    let world = World::new().await;
    let registering = world.register("new@example.com", None).await;
    world.react(&registering.stream).await;

    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(mail.to, "new@example.com");
    assert_eq!(mail.message, world.asked(&registering.stream, registering.account).await);
    assert_eq!(code_line(&mail.text), world.process_code(&registering).await);
    // Anybody can register any address: no word of theirs may reach it.
    assert!(!mail.text.contains("Ada’s phone") && !mail.html.contains("Ada’s phone"));
}

#[tokio::test]
async fn a_commit_that_comes_again_is_silent() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    for _ in 0..3 {
        world.react(&attempt.stream).await;
        world.wait(90);
        world.delivery.sweep().await.unwrap();
    }
    assert_eq!(world.mailer.mails().len(), 1);
}

#[tokio::test]
async fn a_resend_is_a_mail_of_its_own_with_the_same_code() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    world.wait(45);
    world.resend(&ada, &attempt).await;
    world.react(&attempt.stream).await;
    world.react(&attempt.stream).await;

    let [first, second] = world.mailer.mails().try_into().unwrap();
    assert_ne!(first.message, second.message);
    assert_eq!(code_line(&first.text), code_line(&second.text));
    assert!(second.text.contains("4 minutes, until 2026-11-24 12:05 UTC"), "{}", second.text);
}

#[tokio::test]
async fn a_code_issued_anew_is_another_code_and_the_old_one_is_not_sent() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    let first = world.newest(&attempt.stream).await;
    let old = world.code(&ada, &attempt).await;
    world.wait(301);
    world.resend(&ada, &attempt).await;
    world.delivery.react(&first).await.unwrap();
    assert!(world.mailer.mails().is_empty());

    world.react(&attempt.stream).await;
    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(code_line(&mail.text), world.code(&ada, &attempt).await);
    assert_ne!(code_line(&mail.text), old);
}

#[tokio::test]
async fn nothing_is_sent_once_the_code_has_expired() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.wait(300);
    world.react(&attempt.stream).await;

    assert!(world.mailer.mails().is_empty());
    let message = world.asked(&attempt.stream, ada.account).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Expired));
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn nothing_is_sent_for_an_attempt_that_is_closed() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    let asking = world.newest(&attempt.stream).await;
    let message = world.asked(&attempt.stream, ada.account).await;
    world.cancel(&ada, &attempt).await;
    world.delivery.react(&asking).await.unwrap();

    assert!(world.mailer.mails().is_empty());
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn nothing_is_sent_for_an_attempt_of_an_earlier_generation() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    let at = attempt.id.time();
    let (by, session) = (DeviceId::new(at, [9; 10]), SessionId::new(at, [9; 10]));
    let stepped_up = true;
    let everywhere = || AccountCommand::SignOutEverywhere { by, session, stepped_up, now: at };
    world.account(ada.account, &ada.data_key, everywhere).await;
    world.react(&attempt.stream).await;

    assert!(world.mailer.mails().is_empty());
    let message = world.asked(&attempt.stream, ada.account).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
}

#[tokio::test]
async fn nothing_is_sent_to_somebody_who_was_erased() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.store.vault().erase(ada.account).await.unwrap();
    world.react(&attempt.stream).await;

    assert!(world.mailer.mails().is_empty());
    let message = world.asked(&attempt.stream, ada.account).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::RecipientErased));
}

#[tokio::test]
async fn the_messages_own_stream_holds_nothing_personal_and_no_code() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;

    let message = world.asked(&attempt.stream, ada.account).await;
    let commits = world.store.streams().load_commits(&format!("message/{message}")).await.unwrap();
    let types: Vec<_> =
        commits.iter().flat_map(|it| &it.events).map(|it| it.name.as_str()).collect();
    assert_eq!(types, ["message.claimed", "message.sent"]);
    let code = world.code(&ada, &attempt).await;
    for commit in commits {
        assert_eq!(
            (commit.meta.function.as_str(), commit.meta.actor.as_str()),
            ("notify", "system")
        );
        for secret in ["ada", "Ada", "Prague", &IP.to_string(), &format!("\"{code}\"")] {
            assert!(!commit.events_json.contains(secret), "{secret}");
            assert!(!commit.state.contains(secret), "{secret}");
        }
    }
}

#[tokio::test]
async fn a_code_that_was_denied_before_it_was_recorded_is_not_sent() {
    for token in [None, Some("one")] {
        let world = World::new().await;
        let ada = world.person("ada@example.com").await;
        if let Some(token) = token {
            world.register_push(&ada, ada.device, token).await;
        }
        let attempt = world.sign_in(&ada).await;
        world.deny_unseen(&ada, attempt.key).await;
        world.react(&attempt.stream).await;

        assert!(world.mailer.mails().is_empty());
        assert!(world.pusher.all().is_empty());
        let recipient = match token {
            None => Recipient::Owner(ada.account),
            Some(_) => Recipient::Device(ada.device),
        };
        let message = world.asked_for(&attempt.stream, recipient).await;
        assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
    }
}
