//! A carrier that does not take a mail.

use postern_domain::message::Message;
use postern_events::message::GivenUp;
use postern_messages::delivery::Swept;
use postern_messages::mailer::Undelivered;
use postern_store::reaction::Reaction as _;

use crate::recorder::Next;
use crate::world::World;

#[tokio::test]
async fn a_throttled_mail_waits_and_goes_with_a_later_sweep() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.mailer.will(Next::Refuse(Undelivered::Throttled));
    world.react(&attempt.stream).await;
    let message = world.asked(&attempt.stream, ada.account).await;
    assert!(matches!(world.message(message).await, Message::Waiting(_)));

    world.react(&attempt.stream).await;
    world.wait(14);
    assert_eq!(world.delivery.sweep().await.unwrap(), Swept::default());
    assert!(world.mailer.mails().is_empty());

    world.wait(2);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!(swept, Swept { due: 1, sent: 1, over: 0, pending: 0 });
    assert_eq!(world.mailer.mails().len(), 1);
    assert_eq!(world.message(message).await, Message::Sent);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_carrier_that_stays_away_is_given_up_at_the_deadline_and_not_before() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    for _ in 0..40 {
        world.mailer.will(Next::Refuse(Undelivered::Unavailable));
    }
    world.react(&attempt.stream).await;
    let message = world.asked(&attempt.stream, ada.account).await;
    for _ in 0..4 {
        world.wait(60);
        world.delivery.sweep().await.unwrap();
        assert!(matches!(world.message(message).await, Message::Waiting(_)));
    }
    world.wait(60);
    world.delivery.sweep().await.unwrap();
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Expired));
    assert!(world.mailer.mails().is_empty());
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_rejected_mail_is_never_tried_again() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.mailer.will(Next::Refuse(Undelivered::Rejected));
    world.react(&attempt.stream).await;
    world.react(&attempt.stream).await;
    world.wait(120);
    assert_eq!(world.delivery.sweep().await.unwrap(), Swept::default());

    assert!(world.mailer.mails().is_empty());
    let message = world.asked(&attempt.stream, ada.account).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Rejected));
}

#[tokio::test]
async fn one_message_that_cant_go_holds_up_no_other() {
    let world = World::new().await;
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    let (first, second) = (world.sign_in(&ada).await, world.sign_in(&eve).await);
    world.mailer.will(Next::Refuse(Undelivered::Unavailable));
    world.react(&first.stream).await;
    world.react(&second.stream).await;
    let mails = world.mailer.mails();
    assert_eq!(mails.iter().map(|it| it.to.as_str()).collect::<Vec<_>>(), ["eve@example.com"]);
}

#[tokio::test]
async fn a_message_whose_key_is_missing_waits_until_the_key_is_back() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    let commit = world.newest(&attempt.stream).await;
    world.sender_with_keys("another").react(&commit).await.unwrap();
    assert!(world.mailer.mails().is_empty());

    world.wait(60);
    // On another task, as a timer would: a sweep may move between threads.
    let delivery = world.delivery.clone();
    let swept = tokio::spawn(async move { delivery.sweep().await });
    assert_eq!(swept.await.unwrap().unwrap().sent, 1);
    let [mail] = world.mailer.mails().try_into().unwrap();
    assert!(mail.text.contains(&world.code(&ada, &attempt).await));
}
