//! Sign-in requests: to every trusted phone, to no other, and only while they are true.

use std::collections::BTreeSet;

use postern_domain::message::{Message, Recipient};
use postern_events::message::GivenUp;
use postern_events::vocabulary::Method;
use postern_messages::delivery::Swept;
use postern_messages::push::{Content, Push, RequestId};
use postern_store::reaction::Reaction as _;

use crate::phones::stream;
use crate::world::World;

#[tokio::test]
async fn a_request_goes_to_every_trusted_phone_and_to_no_mailbox() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    world.trust(&ada).await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;

    let wanted = ["one", "two"].map(|it| (it.to_owned(), "sign_in_request"));
    assert_eq!(world.pusher.told(), wanted);
    assert!(world.mailer.mails().is_empty());
    let asked = |device| world.asked_for(&attempt.stream, Recipient::Device(device));
    let messages = BTreeSet::from([asked(ada.device).await, asked(second).await]);
    let pushes = world.pusher.all();
    assert_eq!(pushes.iter().map(|it| it.message).collect::<BTreeSet<_>>(), messages);
    for message in messages {
        assert_eq!(world.message(message).await, Message::Sent);
    }
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_request_says_who_asks_from_where_and_no_code() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;

    let [push] = world.pusher.all().try_into().unwrap();
    assert_eq!(push.life.as_secs(), 300);
    let Content::SignInRequest(request) = push.content else { panic!("{:?}", push.content) };
    assert_eq!(request.id, RequestId::SignIn(attempt.id));
    assert_eq!(request.device.as_deref(), Some("Ada’s phone"));
    assert_eq!((request.country.as_deref(), request.city.as_deref()), (Some("CZ"), Some("Prague")));
    assert_eq!(request.expires_at.to_string(), "2026-11-24T12:05:00.25Z");
    assert_eq!(request.alert.title, "Sign-in request");
    let body = "“Ada’s phone” (Android) near Prague, CZ wants to sign in. Open the app to see the \
        code.";
    assert_eq!(request.alert.body, body);
    let code = world.code(&ada, &attempt).await;
    assert!(!request.alert.body.contains(&code));
}

#[tokio::test]
async fn a_commit_that_comes_again_pushes_nothing_again() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    for _ in 0..3 {
        world.react(&attempt.stream).await;
        world.wait(70);
        world.delivery.sweep().await.unwrap();
    }
    assert_eq!(world.pusher.all().len(), 1);
}

#[tokio::test]
async fn a_phone_that_was_removed_a_moment_ago_is_told_nothing() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will_be_away(2);
    world.react(&attempt.stream).await;
    world.remove(&ada, second).await;
    world.wait(20);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!((swept.due, swept.over), (2, 2), "a removal ends every open attempt");

    assert!(world.pusher.all().is_empty());
    let message = world.asked_for(&attempt.stream, Recipient::Device(second)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
    let later = world.sign_in(&ada).await;
    world.react(&later.stream).await;
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
}

#[tokio::test]
async fn a_phone_that_registers_anew_in_time_is_pushed_to_by_its_new_token() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "old").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will_be_away(1);
    world.react(&attempt.stream).await;
    world.wait(20);
    world.register_push(&ada, ada.device, "new").await;
    assert_eq!(world.delivery.sweep().await.unwrap().sent, 1);
    assert_eq!(world.pusher.told(), [("new".to_owned(), "sign_in_request")]);
}

#[tokio::test]
async fn a_deferred_request_whose_attempt_is_over_is_not_sent() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will_be_away(1);
    world.react(&attempt.stream).await;
    let message = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    world.cancel(&ada, &attempt).await;
    world.wait(20);
    world.delivery.sweep().await.unwrap();
    assert!(world.pusher.all().is_empty());
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
}

#[tokio::test]
async fn of_a_deferred_send_and_a_later_one_only_the_later_goes_out() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will_be_away(1);
    world.react(&attempt.stream).await;
    let first = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    world.wait(40);
    world.resend(&ada, &attempt).await;
    world.react(&attempt.stream).await;
    world.delivery.sweep().await.unwrap();

    let [push] = world.pusher.all().try_into().unwrap();
    assert_ne!(push.message, first);
    assert_eq!(push.life.as_secs(), 260);
    assert_eq!(world.message(first).await, Message::Failed(GivenUp::Superseded));
}

#[tokio::test]
async fn a_switch_to_mail_is_one_mail_and_no_further_push() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will_be_away(1);
    world.react(&attempt.stream).await;
    world.resend_by(&ada, &attempt, Some(Method::Email)).await;
    world.react(&attempt.stream).await;
    world.wait(20);
    world.delivery.sweep().await.unwrap();
    assert!(world.pusher.all().is_empty());
    assert_eq!(world.mailer.mails().len(), 1);
}

#[tokio::test]
async fn nothing_is_pushed_or_mailed_while_code_entry_is_paused() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let (pushed, mailed) = (world.sign_in(&ada).await, world.sign_in(&ada).await);
    world.resend_by(&ada, &mailed, Some(Method::Email)).await;
    world.pause(&ada).await;
    world.react(&pushed.stream).await;
    world.react(&mailed.stream).await;

    assert!(world.pusher.all().is_empty());
    assert!(world.mailer.mails().is_empty());
    let message = world.asked_for(&pushed.stream, Recipient::Device(ada.device)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
}

#[tokio::test]
async fn an_end_takes_the_request_back_on_every_phone_that_was_asked() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.add_phone(&ada, "two").await;
    for end in ["deny", "cancel", "lock"] {
        let attempt = world.sign_in(&ada).await;
        world.react(&attempt.stream).await;
        match end {
            "deny" => world.deny(&ada, &attempt, ada.device).await,
            "cancel" => world.cancel(&ada, &attempt).await,
            _ => world.lock(&ada, &attempt).await,
        }
        world.react(&attempt.stream).await;
        world.react(&attempt.stream).await;
        let about = |it: &&Push| it.content.request() == Some(RequestId::SignIn(attempt.id));
        let all = world.pusher.all();
        let kinds: Vec<_> = all.iter().filter(about).map(|it| it.content.kind()).collect();
        let wanted = ["sign_in_request", "sign_in_request", "request_closed", "request_closed"];
        assert_eq!(kinds, wanted, "{end}");
    }
    assert!(world.mailer.mails().is_empty());
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn an_end_is_not_told_to_a_phone_that_was_removed_meanwhile() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    world.cancel(&ada, &attempt).await;
    world.pusher.will_be_away(2);
    world.react(&attempt.stream).await;
    world.remove(&ada, second).await;
    world.wait(16);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!(swept, Swept { due: 2, sent: 1, over: 1, pending: 0 });
    let wanted =
        [("one", "request_closed"), ("one", "sign_in_request"), ("two", "sign_in_request")];
    assert_eq!(world.pusher.told(), wanted.map(|(token, kind)| (token.to_owned(), kind)));
    let message = world.asked_for(&attempt.stream, Recipient::Device(second)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
}

#[tokio::test]
async fn the_phone_that_was_let_in_is_not_told_that_it_was() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    world.let_in(&ada, &attempt).await;
    let device = world.trust_key(&ada, attempt.key).await;
    world.register_push(&ada, device, "new").await;
    world.react(&attempt.stream).await;

    let wanted = ["request_closed", "sign_in_request"].map(|it| ("one".to_owned(), it));
    assert_eq!(world.pusher.told(), wanted);
    assert_eq!(world.mailer.mails().len(), 1, "the owner hears of the new device");
}

#[tokio::test]
async fn an_end_of_which_no_phone_was_asked_is_told_to_none() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    world.register_push(&ada, ada.device, "one").await;
    world.cancel(&ada, &attempt).await;
    world.react(&attempt.stream).await;
    assert!(world.pusher.all().is_empty());
}

#[tokio::test]
async fn an_end_is_not_told_after_the_time_that_the_attempt_had_anyway() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    world.cancel(&ada, &attempt).await;
    world.wait(600);
    world.react(&attempt.stream).await;
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
    let message = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Expired));
}

#[tokio::test]
async fn a_push_tells_nothing_personal_to_the_log() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    let message = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    for stream in [format!("message/{message}"), stream(&ada)] {
        for commit in world.store.streams().load_commits(&stream).await.unwrap() {
            for secret in ["Ada’s phone", "Prague", "\"one\"", "arn:"] {
                assert!(!commit.events_json.contains(secret), "{secret} in {stream}");
            }
        }
    }
}

#[tokio::test]
async fn a_day_without_a_sender_pushes_nothing_that_is_over() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    let commit = world.newest(&attempt.stream).await;
    world.wait(25 * 3_600);
    world.delivery.react(&commit).await.unwrap();
    assert!(world.pusher.all().is_empty());
    let message = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Expired));
    assert!(world.unsent().await.is_empty());
}
