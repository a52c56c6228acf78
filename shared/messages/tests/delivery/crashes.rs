//! Senders that die, and senders that meet.

use postern_domain::message::{Feedback, Message};
use postern_domain::ports::Clock as _;
use postern_events::ids::{EventId, MessageId};
use postern_events::message::BounceKind;
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

#[tokio::test]
async fn what_the_carrier_says_before_its_answer_is_recorded_is_no_second_sender() {
    let said = [
        (Feedback::Delivered, Message::Delivered),
        (Feedback::Bounced(BounceKind::Permanent), Message::Bounced),
        (Feedback::Delayed, Message::Sent),
    ];
    for (feedback, state) in said {
        let world = World::new().await;
        let ada = world.person("ada@example.com").await;
        let attempt = world.sign_in(&ada).await;
        let message = world.asked(&attempt.stream, ada.account).await;
        let held = world.mailer.hold_mails().await;
        let carrier = async {
            world.mailer.mail().await;
            world.note(message, feedback).await;
            drop(held);
        };
        tokio::join!(world.react(&attempt.stream), carrier);

        assert_eq!(world.mailer.mails().len(), 1, "{feedback:?}");
        assert_eq!(world.message(message).await, state);
        assert!(world.unsent().await.is_empty(), "{feedback:?}");
        world.react(&attempt.stream).await;
        assert_eq!(world.mailer.mails().len(), 1, "{feedback:?}");
    }
}

#[tokio::test]
async fn a_sender_whose_lease_was_taken_over_leaves_the_message_to_the_other() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    let message = world.asked(&attempt.stream, ada.account).await;
    let held = world.mailer.hold_mails().await;
    let other = async {
        world.mailer.mail().await;
        world.wait(61);
        let sweep = world.delivery.sweep();
        let release = async {
            world.mailer.mail().await;
            drop(held);
        };
        let (swept, ()) = tokio::join!(sweep, release);
        swept.unwrap();
    };
    tokio::join!(world.react(&attempt.stream), other);
    let [first, second] = world.mailer.mails().try_into().unwrap();
    assert!(first == second, "at least once, and the same to the letter");
    assert_eq!(world.message(message).await, Message::Sent);
    world.wait(120);
    world.delivery.sweep().await.unwrap();
    assert_eq!(world.mailer.mails().len(), 2);
    assert!(world.unsent().await.is_empty());
}
