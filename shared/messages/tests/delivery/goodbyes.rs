//! Phones come and go: what they are told, and what is kept of them.

use std::collections::BTreeSet;

use postern_domain::message::{Message, Recipient};
use postern_events::message::GivenUp;
use postern_messages::push::PushFailed;
use postern_store::reaction::Reaction as _;

use crate::phones::stream;
use crate::recorder::Next;
use crate::world::World;

#[tokio::test]
async fn a_phone_that_registers_is_known_to_the_push_service_at_once() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    assert_eq!(world.pusher.known(), ["one"]);
    let kept = world.store.vault().push_endpoint(ada.account, ada.device).await.unwrap();
    assert_eq!(kept.unwrap().endpoint.as_deref(), Some("arn:one"));
    world.react(&stream(&ada)).await;
    assert!(world.pusher.all().is_empty());
}

#[tokio::test]
async fn a_registration_that_came_too_late_is_left_to_the_newer_one() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    world.register_unheard(&ada, ada.device, "old").await;
    let old = world.newest(&stream(&ada)).await;
    world.wait(1);
    world.register_unheard(&ada, ada.device, "new").await;
    world.delivery.react(&old).await.unwrap();
    assert!(world.pusher.known().is_empty());
    world.react(&stream(&ada)).await;
    assert_eq!(world.pusher.known(), ["new"]);
}

#[tokio::test]
async fn a_removed_phone_is_told_once_and_then_forgotten() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    world.remove(&ada, second).await;
    world.react(&stream(&ada)).await;
    world.react(&stream(&ada)).await;

    assert_eq!(world.pusher.told(), [("two".to_owned(), "signed_out")]);
    assert_eq!(world.pusher.known(), ["one"]);
    assert_eq!(world.owner_of("two").await, None);
    assert!(!world.keeps(&ada, second).await);
    assert!(world.keeps(&ada, ada.device).await);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn signing_out_everywhere_tells_every_other_phone() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let others = [world.add_phone(&ada, "two").await, world.add_phone(&ada, "three").await];
    world.trust(&ada).await;
    world.sign_out_everywhere(&ada).await;
    world.react(&stream(&ada)).await;

    let wanted = ["three", "two"].map(|it| (it.to_owned(), "signed_out"));
    assert_eq!(world.pusher.told(), wanted);
    assert_eq!(world.pusher.known(), ["one"]);
    for other in others {
        assert!(!world.keeps(&ada, other).await);
    }
}

#[tokio::test]
async fn an_operator_s_sign_out_tells_every_phone_and_mails_nobody() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    world.trust(&ada).await;
    world.put_out(&ada).await;
    world.react(&stream(&ada)).await;

    let told: BTreeSet<_> = world.pusher.told().into_iter().collect();
    assert_eq!(told, BTreeSet::from(["one", "two"].map(|it| (it.to_owned(), "signed_out"))));
    assert!(world.pusher.known().is_empty());
    for device in [ada.device, second] {
        assert!(!world.keeps(&ada, device).await);
    }
    assert!(world.mailer.mails().is_empty());
}

#[tokio::test]
async fn a_goodbye_waits_for_the_push_service_and_so_does_what_is_kept() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    world.pusher.will_be_away(1);
    world.remove(&ada, second).await;
    world.react(&stream(&ada)).await;
    assert!(world.keeps(&ada, second).await);

    world.wait(16);
    assert_eq!(world.delivery.sweep().await.unwrap().sent, 1);
    assert_eq!(world.pusher.told(), [("two".to_owned(), "signed_out")]);
    assert!(!world.keeps(&ada, second).await);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_phone_is_forgotten_also_when_its_goodbye_can_never_be_said() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    world.pusher.will(Next::Refuse(PushFailed::Disabled));
    world.remove(&ada, second).await;
    world.react(&stream(&ada)).await;
    assert!(world.pusher.all().is_empty());
    assert!(!world.keeps(&ada, second).await);
    let message = world.asked_for(&stream(&ada), Recipient::Device(second)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::EndpointDisabled));

    let third = world.add_phone(&ada, "three").await;
    world.remove(&ada, third).await;
    world.wait(24 * 3_600);
    world.react(&stream(&ada)).await;
    assert!(world.pusher.all().is_empty());
    assert!(!world.keeps(&ada, third).await);
    assert_eq!(world.pusher.known(), ["one"]);
}

#[tokio::test]
async fn what_the_push_service_did_not_forget_is_tried_again_and_nothing_said_twice() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    world.pusher.will_not_remove(PushFailed::Unavailable);
    world.remove(&ada, second).await;
    world.react(&stream(&ada)).await;
    assert!(world.keeps(&ada, second).await);
    assert_eq!(world.pusher.known(), ["one", "two"]);

    world.wait(16 * 60);
    world.delivery.sweep().await.unwrap();
    assert_eq!(world.pusher.told(), [("two".to_owned(), "signed_out")]);
    assert_eq!(world.pusher.known(), ["one"]);
    assert!(!world.keeps(&ada, second).await);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_token_that_has_moved_on_is_left_alone() {
    let world = World::new().await;
    let (ada, eve) = (world.person("ada@example.com").await, world.person("eve@example.com").await);
    let phone = world.add_phone(&ada, "one").await;
    world.register_push(&eve, eve.device, "one").await;
    world.remove(&ada, phone).await;
    world.react(&stream(&ada)).await;

    assert!(world.pusher.all().is_empty(), "eve is not signed out");
    assert_eq!(world.pusher.known(), ["one"]);
    assert_eq!(world.owner_of("one").await, Some(eve.device));
    assert!(!world.keeps(&ada, phone).await);
    assert!(world.keeps(&eve, eve.device).await);
    let message = world.asked_for(&stream(&ada), Recipient::Device(phone)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
}

#[tokio::test]
async fn a_device_that_was_never_pushed_to_is_said_no_goodbye() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let second = world.trust(&ada).await;
    world.remove(&ada, second).await;
    world.react(&stream(&ada)).await;
    let message = world.asked_for(&stream(&ada), Recipient::Device(second)).await;
    assert_eq!(world.message(message).await, Message::New);
}

#[tokio::test]
async fn a_phone_that_wants_no_more_pushes_is_forgotten_without_a_word() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.wait(1);
    world.remove_push(&ada, ada.device).await;
    world.pusher.will_not_remove(PushFailed::Throttled);
    world.react(&stream(&ada)).await;
    assert!(world.keeps(&ada, ada.device).await);

    world.wait(16 * 60);
    world.delivery.sweep().await.unwrap();
    assert!(world.pusher.all().is_empty());
    assert!(world.pusher.known().is_empty());
    assert_eq!(world.owner_of("one").await, None);
    assert!(!world.keeps(&ada, ada.device).await);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_phone_that_came_back_is_not_forgotten_for_having_left() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.wait(1);
    world.remove_push(&ada, ada.device).await;
    let left = world.newest(&stream(&ada)).await;
    world.wait(1);
    world.register_push(&ada, ada.device, "one").await;
    world.delivery.react(&left).await.unwrap();
    assert!(world.keeps(&ada, ada.device).await);
    assert_eq!(world.owner_of("one").await, Some(ada.device));
    assert_eq!(world.pusher.known(), ["one"]);
}

#[tokio::test]
async fn a_phone_that_was_unused_for_too_long_is_forgotten_without_a_word() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.wait(91 * 24 * 3_600);
    world.trust(&ada).await;
    let commit = world.newest(&stream(&ada)).await;
    assert!(commit.types.contains("account.device_revoked"));
    world.react(&stream(&ada)).await;
    assert!(world.pusher.all().is_empty());
    assert!(world.pusher.known().is_empty());
    assert!(!world.keeps(&ada, ada.device).await);
    assert_eq!(world.owner_of("one").await, None);
}
