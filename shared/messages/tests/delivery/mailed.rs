//! Sign-ins whose code goes by mail: the phones hear of them all the same.

use postern_domain::message::{Message, Recipient};
use postern_events::message::GivenUp;
use postern_events::vocabulary::Method;
use postern_messages::push::Content;

use crate::people::{Attempt, Person};
use crate::world::World;

/// Somebody who has chosen mail, with a phone.
async fn ada(world: &World) -> Person {
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.choose(&ada, Method::Email).await;
    ada
}

async fn sign_in(world: &World, ada: &Person) -> Attempt {
    let attempt = world.sign_in(ada).await;
    world.react(&attempt.stream).await;
    attempt
}

#[tokio::test]
async fn the_first_mailed_code_is_told_to_every_phone_without_being_shown_there() {
    let world = World::new().await;
    let ada = ada(&world).await;
    world.add_phone(&ada, "two").await;
    let attempt = sign_in(&world, &ada).await;
    world.react(&attempt.stream).await;

    assert_eq!(world.mailer.mails().len(), 1);
    let wanted = ["one", "two"].map(|it| (it.to_owned(), "sign_in_request"));
    assert_eq!(world.pusher.told(), wanted);
    let Content::SignInRequest(request) = world.pusher.all().remove(0).content else { panic!() };
    let body = "“Ada’s phone” (Android) near Prague, CZ wants to sign in. If it isn’t you, open \
        the app and deny it.";
    assert_eq!(request.alert.body, body);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_further_mail_tells_the_phones_nothing_new() {
    let world = World::new().await;
    let ada = ada(&world).await;
    let attempt = sign_in(&world, &ada).await;
    world.wait(30);
    world.resend(&ada, &attempt).await;
    world.react(&attempt.stream).await;
    assert_eq!(world.mailer.mails().len(), 2);
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
}

#[tokio::test]
async fn a_phone_that_was_away_hears_of_it_also_after_a_further_mail() {
    let world = World::new().await;
    let ada = ada(&world).await;
    world.pusher.will_be_away(1);
    let attempt = sign_in(&world, &ada).await;
    world.wait(30);
    world.resend(&ada, &attempt).await;
    world.react(&attempt.stream).await;
    assert!(world.pusher.all().is_empty());
    world.delivery.sweep().await.unwrap();
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
}

#[tokio::test]
async fn a_phone_that_is_asked_for_the_code_meanwhile_is_not_asked_for_less() {
    let world = World::new().await;
    let ada = ada(&world).await;
    world.pusher.will_be_away(1);
    let attempt = sign_in(&world, &ada).await;
    let message = world.asked_for(&attempt.stream, Recipient::Device(ada.device)).await;
    world.resend_by(&ada, &attempt, Some(Method::App)).await;
    world.wait(20);
    world.react(&attempt.stream).await;
    world.delivery.sweep().await.unwrap();
    assert_eq!(world.pusher.told(), [("one".to_owned(), "sign_in_request")]);
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
}

#[tokio::test]
async fn its_end_is_told_to_the_phones_that_heard_of_it() {
    let world = World::new().await;
    let ada = ada(&world).await;
    let attempt = sign_in(&world, &ada).await;
    world.let_in(&ada, &attempt).await;
    world.react(&attempt.stream).await;
    let wanted = ["request_closed", "sign_in_request"].map(|it| ("one".to_owned(), it));
    assert_eq!(world.pusher.told(), wanted);
}

#[tokio::test]
async fn a_report_by_mail_takes_the_request_back() {
    let world = World::new().await;
    let ada = ada(&world).await;
    let attempt = sign_in(&world, &ada).await;
    world.report_attempt(&ada, &attempt).await;
    world.react(&attempt.stream).await;
    let wanted = ["request_closed", "sign_in_request"].map(|it| ("one".to_owned(), it));
    assert_eq!(world.pusher.told(), wanted);
    assert_eq!(world.mailer.mails().len(), 1, "only the code");
}

#[tokio::test]
async fn a_device_that_a_recovery_code_let_in_is_told_of_as_such() {
    let world = World::new().await;
    let ada = ada(&world).await;
    let attempt = sign_in(&world, &ada).await;
    world.recover(&ada, &attempt).await;
    world.react(&attempt.stream).await;
    world.react(&attempt.stream).await;

    let [_, mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(mail.subject, "A new device signed in to your Postern account");
    assert!(mail.text.contains("recovery code"), "{}", mail.text);
    let wanted = ["request_closed", "sign_in_request"].map(|it| ("one".to_owned(), it));
    assert_eq!(world.pusher.told(), wanted);
}
