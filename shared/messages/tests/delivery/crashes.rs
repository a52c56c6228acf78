//! Senders that die, and senders that meet.

use postern_domain::message::Message;
use postern_domain::ports::Clock as _;
use postern_events::ids::{EventId, MessageId};
use postern_messages::delivery::Swept;
use postern_store::outbox::Unsent;
use postern_store::reaction::Reaction as _;

use crate::recorder::Next;
use crate::world::World;

#[tokio::test]
async fn a_sender_that_dies_after_its_claim_is_replaced_when_its_lease_is_over() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.mailer.will(Next::DieBefore);
    world.die_reacting(&attempt.stream).await;

    world.react(&attempt.stream).await;
    world.wait(59);
    world.react(&attempt.stream).await;
    assert_eq!(world.delivery.sweep().await.unwrap(), Swept::default());
    assert!(world.mailer.mails().is_empty());

    world.wait(2);
    assert_eq!(world.delivery.sweep().await.unwrap().sent, 1);
    let [mail] = world.mailer.mails().try_into().unwrap();
    assert!(mail.text.contains(&world.code(&ada, &attempt).await));
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_mail_that_was_taken_and_not_recorded_is_repeated_to_the_letter() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.mailer.will(Next::DieAfter);
    world.die_reacting(&attempt.stream).await;
    world.wait(120);
    world.delivery.sweep().await.unwrap();
    world.delivery.sweep().await.unwrap();

    let [first, second] = world.mailer.mails().try_into().unwrap();
    assert!(first == second);
    assert_eq!(world.message(first.message).await, Message::Sent);
}

#[tokio::test]
async fn a_code_that_expired_with_its_sender_is_not_sent() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.mailer.will(Next::DieBefore);
    world.die_reacting(&attempt.stream).await;
    world.wait(600);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!(swept, Swept { due: 1, sent: 0, over: 1, pending: 0 });
    assert!(world.mailer.mails().is_empty());
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn two_senders_at_once_send_one_mail() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    for _ in 0..8 {
        let attempt = world.sign_in(&ada).await;
        let commit = world.newest(&attempt.stream).await;
        let before = world.mailer.mails().len();
        let (one, two) = tokio::join!(world.delivery.react(&commit), world.delivery.react(&commit));
        one.unwrap();
        two.unwrap();
        assert_eq!(world.mailer.mails().len(), before + 1);
    }
    world.wait(120);
    assert_eq!(world.delivery.sweep().await.unwrap().sent, 0);
    assert_eq!(world.mailer.mails().len(), 8);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_note_that_was_left_behind_is_swept_away() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    let now = world.clock.now();
    let commit = world.newest(&attempt.stream).await;
    let event = commit.events.last().unwrap().id;
    let message = world.asked(&attempt.stream, ada.account).await;
    let left = Unsent { message, stream: attempt.stream.clone(), version: 1, event, due: now };
    let lost = Unsent {
        message: MessageId::new(now, [3; 10]),
        event: EventId::new(now, [3; 10]),
        ..left.clone()
    };
    for note in [left, lost] {
        world.store.outbox().put(&note).await.unwrap();
    }
    world.wait(1);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!(swept, Swept { due: 2, sent: 0, over: 2, pending: 0 });
    assert_eq!(world.mailer.mails().len(), 1);
    assert!(world.unsent().await.is_empty());
}
