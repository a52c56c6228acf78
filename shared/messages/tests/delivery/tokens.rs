//! Tokens that change while the push service is away, and registrations that meet their removal.

use postern_domain::message::{Message, Recipient};
use postern_events::message::GivenUp;
use postern_messages::push::PushFailed;
use postern_store::reaction::Reaction as _;

use crate::people::Person;
use crate::phones::stream;
use crate::recorder::Next;
use crate::world::World;

/// What a phone is told, and by which token.
fn request(token: &str) -> (String, &'static str) {
    (token.to_owned(), "sign_in_request")
}

/// Nothing is left of how a device was pushed to.
async fn is_forgotten(world: &World, person: &Person, token: &str) {
    assert!(!world.keeps(person, person.device).await);
    assert_eq!(world.owner_of(token).await, None);
    assert!(world.pusher.known().is_empty());
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_removal_is_one_also_by_a_clock_that_is_behind_the_registrations() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.wait(-5);
    world.remove_push(&ada, ada.device).await;
    world.react(&stream(&ada)).await;
    is_forgotten(&world, &ada, "one").await;
}

#[tokio::test]
async fn a_removed_device_is_forgotten_by_whatever_clock() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let second = world.trust(&ada).await;
    world.wait(5);
    world.register_push(&ada, second, "two").await;
    world.wait(-5);
    world.remove(&ada, second).await;
    world.react(&stream(&ada)).await;
    assert!(!world.keeps(&ada, second).await);
    assert_eq!(world.owner_of("two").await, None);
    assert!(world.pusher.known().is_empty());
}

#[tokio::test]
async fn a_registration_that_counts_stays_also_by_a_clock_that_is_behind_the_removals() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.wait(10);
    world.remove_push(&ada, ada.device).await;
    let left = world.newest(&stream(&ada)).await;
    world.wait(-5);
    world.register_push(&ada, ada.device, "one").await;
    world.delivery.react(&left).await.unwrap();
    assert!(world.keeps(&ada, ada.device).await);
    assert_eq!(world.owner_of("one").await, Some(ada.device));
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    assert_eq!(world.pusher.told(), [request("one")]);
}

#[tokio::test]
async fn a_phone_that_comes_back_while_it_is_forgotten_stays_with_its_token() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.remove_push(&ada, ada.device).await;
    let left = world.newest(&stream(&ada)).await;
    world.wait(1);
    let held = world.pusher.hold_removals().await;
    let comes_back = async {
        world.pusher.removal().await;
        world.register_unheard(&ada, ada.device, "one").await;
        drop(held);
    };
    let (forgotten, ()) = tokio::join!(world.delivery.react(&left), comes_back);
    forgotten.unwrap();
    assert!(world.keeps(&ada, ada.device).await);
    assert_eq!(world.owner_of("one").await, Some(ada.device));
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    assert_eq!(world.pusher.told(), [request("one")]);
}

#[tokio::test]
async fn two_who_forget_the_same_phone_at_once_are_both_done() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.remove_push(&ada, ada.device).await;
    let left = world.newest(&stream(&ada)).await;
    let (one, two) = tokio::join!(world.delivery.react(&left), world.delivery.react(&left));
    one.unwrap();
    two.unwrap();
    is_forgotten(&world, &ada, "one").await;
}

#[tokio::test]
async fn the_old_token_gets_nothing_more_also_if_the_new_one_came_during_an_outage() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "old").await;
    for _ in 0..2 {
        world.pusher.will_not_remove(PushFailed::Unavailable);
    }
    world.wait(1);
    world.register_push(&ada, ada.device, "new").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    assert!(world.pusher.all().is_empty());
    assert_eq!(world.pusher.known(), ["old"]);

    world.wait(16);
    assert_eq!(world.delivery.sweep().await.unwrap().sent, 1);
    assert_eq!(world.pusher.told(), [request("new")]);
    assert_eq!(world.pusher.known(), ["new"]);
}

#[tokio::test]
async fn a_push_that_overtakes_a_registration_goes_to_the_new_token() {
    for (was, is) in [("old", "new"), ("same", "same")] {
        let world = World::new().await;
        let ada = world.person_with_phone("ada@example.com", was).await;
        world.wait(1);
        world.register_unheard(&ada, ada.device, is).await;
        let registered = world.newest(&stream(&ada)).await;
        let attempt = world.sign_in(&ada).await;
        world.react(&attempt.stream).await;
        world.delivery.react(&registered).await.unwrap();
        assert_eq!(world.pusher.told(), [request(is)]);
        assert_eq!(world.pusher.known(), [is]);
        let kept = world.store.vault().push_endpoint(ada.account, ada.device).await.unwrap();
        assert_eq!(kept.unwrap().earlier.map(|it| it.endpoint), None);
    }
}

#[tokio::test]
async fn a_token_that_is_given_up_while_another_phone_takes_it_is_left_to_that_one() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let eve = world.person("eve@example.com").await;
    world.wait(1);
    world.register_unheard(&ada, ada.device, "two").await;
    world.register_push(&eve, eve.device, "one").await;
    world.react(&stream(&ada)).await;
    assert_eq!(world.pusher.known(), ["one", "two"]);
    world.remove_push(&ada, ada.device).await;
    world.react(&stream(&ada)).await;
    assert_eq!(world.pusher.known(), ["one"]);
}

#[tokio::test]
async fn a_phone_is_forgotten_by_the_name_that_it_had_before_too() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "old").await;
    world.wait(1);
    world.register_unheard(&ada, ada.device, "new").await;
    world.remove_push(&ada, ada.device).await;
    world.react(&stream(&ada)).await;
    is_forgotten(&world, &ada, "new").await;
    assert_eq!(world.owner_of("old").await, None);
}

#[tokio::test]
async fn a_token_that_another_account_takes_over_during_a_failed_try_gets_no_further_one() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let eve = world.person("eve@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will(Next::Refuse(PushFailed::Unavailable));
    let held = world.pusher.hold_pushes().await;
    let moves = async {
        world.pusher.push().await;
        world.move_token(&ada, &eve, "one").await;
        drop(held);
    };
    tokio::join!(world.react(&attempt.stream), moves);

    assert!(world.pusher.all().is_empty());
    let message = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::EndpointDisabled));
    assert!(world.unsent().await.is_empty());
    let hers = world.sign_in(&eve).await;
    world.react(&hers.stream).await;
    assert_eq!(world.pusher.told(), [request("one")]);
}

#[tokio::test]
async fn an_end_is_not_told_to_an_account_that_takes_the_token_over_during_a_failed_try() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let eve = world.person("eve@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    world.pusher.push().await;
    world.cancel(&ada, &attempt).await;
    world.pusher.will(Next::Refuse(PushFailed::Unavailable));
    let held = world.pusher.hold_pushes().await;
    let moves = async {
        world.pusher.push().await;
        world.move_token(&ada, &eve, "one").await;
        drop(held);
    };
    tokio::join!(world.react(&attempt.stream), moves);
    assert_eq!(world.pusher.told(), [request("one")], "of the end nothing");
}

#[tokio::test]
async fn a_device_that_is_removed_during_a_failed_try_gets_no_further_one() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let second = world.add_phone(&ada, "two").await;
    let attempt = world.sign_in(&ada).await;
    world.pusher.will(Next::Refuse(PushFailed::Unavailable));
    let held = world.pusher.hold_pushes().await;
    let removes = async {
        world.pusher.push().await;
        world.remove(&ada, second).await;
        drop(held);
    };
    tokio::join!(world.react(&attempt.stream), removes);

    assert!(world.pusher.all().is_empty());
    let message = world.asked_for(&attempt.stream, Recipient::Device(second)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn whoever_takes_a_token_over_during_a_failed_goodbye_is_not_signed_out() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let second = world.add_phone(&ada, "one").await;
    let eve = world.person("eve@example.com").await;
    world.remove(&ada, second).await;
    let removed = world.newest(&stream(&ada)).await;
    world.pusher.will(Next::Refuse(PushFailed::Unavailable));
    let held = world.pusher.hold_pushes().await;
    let moves = async {
        world.pusher.push().await;
        world.register_push(&eve, eve.device, "one").await;
        drop(held);
    };
    let (told, ()) = tokio::join!(world.delivery.react(&removed), moves);
    told.unwrap();
    assert!(world.pusher.all().is_empty());
    assert_eq!(world.owner_of("one").await, Some(eve.device));
    assert_eq!(world.pusher.known(), ["one"]);
}
