//! A push service that is away, refuses, or forgets; senders that die over a push.

use postern_domain::message::{Message, Recipient};
use postern_domain::ports::Clock as _;
use postern_events::ids::DeviceId;
use postern_events::message::GivenUp;
use postern_messages::delivery::Swept;
use postern_messages::push::PushFailed;
use postern_store::outbox::Unsent;
use postern_store::reaction::Reaction as _;

use crate::phones::stream;
use crate::recorder::Next;
use crate::world::World;

#[tokio::test]
async fn a_push_service_that_is_away_gets_the_push_once_when_it_is_back() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will_be_away(1);
    world.react(&attempt.stream).await;
    let message = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    assert!(matches!(world.message(message).await, Message::Waiting(_)));
    world.wait(16);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!(swept, Swept { due: 1, sent: 1, over: 0, pending: 0 });
    world.react(&attempt.stream).await;
    world.wait(120);
    assert_eq!(world.delivery.sweep().await.unwrap(), Swept::default());
    assert_eq!(world.pusher.all().len(), 1);
    assert_eq!(world.message(message).await, Message::Sent);
}

#[tokio::test]
async fn a_push_that_fails_twice_in_a_row_goes_at_the_third_try() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    for _ in 0..2 {
        world.pusher.will(Next::Refuse(PushFailed::Unavailable));
    }
    world.react(&attempt.stream).await;
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_push_service_that_asks_for_fewer_is_not_asked_again_at_once() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will(Next::Refuse(PushFailed::Throttled));
    world.react(&attempt.stream).await;
    assert!(world.pusher.all().is_empty());
    assert_eq!(world.unsent().await.len(), 1);
}

#[tokio::test]
async fn a_push_that_fails_three_times_in_a_row_is_deferred_for_the_last_reason() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    for why in [PushFailed::Unavailable, PushFailed::Unavailable, PushFailed::Throttled] {
        world.pusher.will(Next::Refuse(why));
    }
    world.react(&attempt.stream).await;
    assert!(world.pusher.all().is_empty());
    let message = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    let commit = world.newest(&format!("message/{message}")).await;
    assert!(commit.types.contains("message.deferred"));
    assert!(commit.events_json.contains("throttled"), "{}", commit.events_json);
    assert_eq!(world.unsent().await.len(), 1);
}

#[tokio::test]
async fn a_push_service_that_stays_away_is_given_up_with_the_code() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will_be_away(40);
    world.react(&attempt.stream).await;
    let message = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    for _ in 0..5 {
        assert!(matches!(world.message(message).await, Message::Waiting(_)));
        world.wait(60);
        world.delivery.sweep().await.unwrap();
    }
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Expired));
    assert!(world.pusher.all().is_empty());
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_phone_that_is_not_reached_any_more_is_noted_on_the_account() {
    for why in [PushFailed::Disabled, PushFailed::Rejected] {
        let world = World::new().await;
        let ada = world.person_with_phone("ada@example.com", "one").await;
        let second = world.add_phone(&ada, "two").await;
        let attempt = world.sign_in(&ada).await;
        // Whichever of the two is first.
        world.pusher.will(Next::Refuse(why));
        world.react(&attempt.stream).await;
        assert_eq!(world.pusher.all().len(), 1);
        let open = world.open(&ada).await;
        let alive = |id| open.devices.iter().any(|it| it.id == id && it.is_pushable());
        assert!(alive(ada.device) != alive(second));
        let dead = if alive(ada.device) { second } else { ada.device };
        let message = world.asked_for(&attempt.stream, Recipient::Device(dead)).await;
        assert_eq!(world.message(message).await, Message::Failed(GivenUp::EndpointDisabled));
        let commit = world.newest(&stream(&ada)).await;
        assert!(commit.types.contains("account.push_endpoint_disabled"));
        assert_eq!(commit.meta.function, "notify");

        world.react(&attempt.stream).await;
        world.wait(120);
        assert_eq!(world.delivery.sweep().await.unwrap(), Swept::default());
        let later = world.sign_in(&ada).await;
        world.react(&later.stream).await;
        assert_eq!(world.pusher.all().len(), 2, "only the living one is asked");
    }
}

#[tokio::test]
async fn a_phone_that_registers_again_is_reached_again() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will(Next::Refuse(PushFailed::Disabled));
    world.react(&attempt.stream).await;
    assert!(!world.open(&ada).await.devices[0].is_pushable());
    world.wait(1);
    world.register_push(&ada, ada.device, "one").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
}

#[tokio::test]
async fn a_phone_that_is_not_known_yet_is_made_known_by_its_first_push() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    world.pusher.will_not_register(PushFailed::Unavailable);
    world.register_push(&ada, ada.device, "one").await;
    assert!(world.pusher.known().is_empty());
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
    let kept = world.store.vault().push_endpoint(ada.account, ada.device).await.unwrap();
    assert_eq!(kept.unwrap().endpoint.as_deref(), Some("arn:one"));
}

#[tokio::test]
async fn a_token_that_the_push_service_refuses_makes_its_phone_unreachable() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    for _ in 0..2 {
        world.pusher.will_not_register(PushFailed::Rejected);
    }
    world.register_push(&ada, ada.device, "nonsense").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    assert!(world.pusher.all().is_empty());
    assert!(!world.open(&ada).await.devices[0].is_pushable());
}

#[tokio::test]
async fn a_phone_that_the_push_service_has_forgotten_is_made_known_and_pushed_to() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.pusher.forget_all();
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
    assert!(world.open(&ada).await.devices[0].is_pushable());
}

#[tokio::test]
async fn a_sender_that_dies_after_its_claim_is_replaced_when_its_lease_is_over() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will(Next::DieBefore);
    world.die_reacting(&attempt.stream).await;
    world.react(&attempt.stream).await;
    assert!(world.pusher.all().is_empty());
    world.wait(61);
    assert_eq!(world.delivery.sweep().await.unwrap().sent, 1);
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_push_that_was_taken_and_not_recorded_is_repeated_with_the_same_content() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will(Next::DieAfter);
    world.die_reacting(&attempt.stream).await;
    world.wait(90);
    world.delivery.sweep().await.unwrap();
    world.delivery.sweep().await.unwrap();
    let [first, second] = world.pusher.all().try_into().unwrap();
    assert!(first.message == second.message && first.content == second.content);
    assert_eq!(second.life.as_secs(), 210);
    assert_eq!(world.message(first.message).await, Message::Sent);
}

#[tokio::test]
async fn a_sender_that_dies_over_a_goodbye_leaves_it_to_the_sweep() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    world.pusher.will(Next::DieBefore);
    world.remove(&ada, second).await;
    world.die_reacting(&stream(&ada)).await;
    assert!(world.keeps(&ada, second).await);
    world.wait(61);
    // The goodbye, and the owner's mail about the removal.
    world.delivery.sweep().await.unwrap();
    assert_eq!(world.pusher.told(), [("two".to_owned(), "signed_out")]);
    assert_eq!(world.mailer.mails().len(), 1);
    assert!(!world.keeps(&ada, second).await);
}

#[tokio::test]
async fn one_phone_that_cant_be_reached_holds_up_no_other() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    for token in ["two", "three"] {
        world.add_phone(&ada, token).await;
    }
    let attempt = world.sign_in(&ada).await;
    world.pusher.cut_off(Some("two"));
    world.react(&attempt.stream).await;
    assert_eq!(world.pusher.all().len(), 2);
    world.pusher.cut_off(None);
    world.wait(16);
    assert_eq!(world.delivery.sweep().await.unwrap().sent, 1);
    let wanted = ["one", "three", "two"].map(|it| (it.to_owned(), "sign_in_request"));
    assert_eq!(world.pusher.told(), wanted);
}

#[tokio::test]
async fn a_push_that_was_noted_and_not_claimed_is_found_by_the_sweep() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    let attempt = world.sign_in(&ada).await;
    let commit = world.newest(&attempt.stream).await;
    let event = commit.events.last().unwrap().id;
    for device in [second, DeviceId::new(world.clock.now(), [3; 10])] {
        let message = world.asked_for(&attempt.stream, Recipient::Device(device)).await;
        let (stream, due) = (attempt.stream.clone(), world.clock.now());
        let note = Unsent { message, stream, version: commit.version, event, due };
        world.store.outbox().put(&note).await.unwrap();
    }
    world.wait(1);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!(swept, Swept { due: 2, sent: 1, over: 1, pending: 0 });
    assert_eq!(world.pusher.told(), [("two".to_owned(), "sign_in_request")]);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn two_senders_at_once_push_once() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    for _ in 0..4 {
        let attempt = world.sign_in(&ada).await;
        let commit = world.newest(&attempt.stream).await;
        let before = world.pusher.all().len();
        let (one, two) = tokio::join!(world.delivery.react(&commit), world.delivery.react(&commit));
        one.unwrap();
        two.unwrap();
        assert_eq!(world.pusher.all().len(), before + 1);
    }
    assert!(world.unsent().await.is_empty());
}
