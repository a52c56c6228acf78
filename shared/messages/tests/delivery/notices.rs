//! Notices: told once, to the owner, and only when there is something to tell.

use postern_domain::message::Message;
use postern_events::message::GivenUp;
use postern_messages::delivery::Swept;
use postern_messages::mailer::Undelivered;

use crate::recorder::Next;
use crate::world::World;

#[tokio::test]
async fn of_an_address_that_is_taken_only_its_owner_hears_and_gets_no_code() {
    let world = World::new().await;
    let ada = world.person("Ada@example.com").await;
    let registering = world.register("ADA@example.com", Some(ada.account)).await;
    world.react(&registering.stream).await;

    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(mail.to, "Ada@example.com");
    assert_eq!(mail.message, world.asked(&registering.stream, ada.account).await);
    assert!(!mail.text.contains(&world.process_code(&registering).await));
    assert!(mail.text.contains("nothing was changed"));
    assert!(mail.text.contains("203.0.113.7"));
    assert!(!mail.text.contains("phone"), "a stranger's words: {}", mail.text);
}

#[tokio::test]
async fn however_often_a_stranger_asks_again_the_owner_hears_once() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let registering = world.register("ada@example.com", Some(ada.account)).await;
    world.react(&registering.stream).await;
    for wait in [30, 300] {
        world.wait(wait);
        world.send_again(&registering).await;
        world.react(&registering.stream).await;
        world.delivery.sweep().await.unwrap();
    }
    assert_eq!(world.mailer.mails().len(), 1);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_new_device_is_told_of_once_it_is_in_and_not_before() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    let code = world.code(&ada, &attempt).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    world.verify(&ada, &attempt, wrong).await;
    world.react(&attempt.stream).await;
    assert!(world.mailer.mails().is_empty());

    world.verify(&ada, &attempt, &code).await;
    world.react(&attempt.stream).await;
    world.react(&attempt.stream).await;
    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(mail.to, "ada@example.com");
    assert_eq!(mail.message, world.asked(&attempt.stream, ada.account).await);
    assert!(mail.text.contains("A new device has signed in"));
    assert!(mail.text.contains("Ada’s phone"));
    assert!(!mail.text.contains(&code));
}

#[tokio::test]
async fn a_phone_that_is_trusted_already_comes_in_without_any_mail() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in_with(&ada, ada.key).await;
    let commit = world.newest(&attempt.stream).await;
    assert!(commit.types.contains("sign_in.completed"));
    world.react(&attempt.stream).await;
    assert!(world.mailer.mails().is_empty());
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_notice_is_worth_sending_for_a_day() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    let code = world.code(&ada, &attempt).await;
    world.verify(&ada, &attempt, &code).await;
    world.wait(24 * 3_600);
    world.react(&attempt.stream).await;

    assert!(world.mailer.mails().is_empty());
    let message = world.asked(&attempt.stream, ada.account).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Expired));
}

#[tokio::test]
async fn a_device_that_comes_in_twice_in_a_row_is_told_of_once() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let first = world.sign_in(&ada).await;
    world.let_in(&ada, &first).await;
    world.mailer.will(Next::Refuse(Undelivered::Unavailable));
    world.react(&first.stream).await;

    world.wait(1);
    let second = world.sign_in_with(&ada, first.key).await;
    world.let_in(&ada, &second).await;
    world.react(&second.stream).await;
    assert!(world.mailer.mails().is_empty());
    let message = world.asked(&second.stream, ada.account).await;
    assert!(matches!(world.message(message).await, Message::Waiting(_)));

    // The first one speaks on where it was interrupted.
    world.wait(15);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!(swept, Swept { due: 1, sent: 1, over: 0, pending: 0 });
    world.wait(2);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!(swept, Swept { due: 1, sent: 0, over: 1, pending: 0 });
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Repeated));
    let other = world.sign_in(&ada).await;
    world.let_in(&ada, &other).await;
    world.react(&other.stream).await;
    assert_eq!(world.mailer.mails().len(), 2, "another device is another matter");

    world.wait(583);
    let again = world.sign_in_with(&ada, first.key).await;
    world.let_in(&ada, &again).await;
    world.react(&again.stream).await;
    assert_eq!(world.mailer.mails().len(), 3, "ten minutes later it is news again");
}

#[tokio::test]
async fn what_is_said_twice_is_told_by_when_it_happened_and_not_by_when_it_is_delivered() {
    for (between, mails) in [(599, 1), (600, 2), (3 * 3_600, 2)] {
        let world = World::new().await;
        let ada = world.person("ada@example.com").await;
        let first = world.sign_in(&ada).await;
        world.let_in(&ada, &first).await;
        world.wait(between);
        let second = world.sign_in_with(&ada, first.key).await;
        world.let_in(&ada, &second).await;
        world.wait(3 * 3_600);
        world.react(&second.stream).await;
        world.react(&first.stream).await;
        assert_eq!(world.mailer.mails().len(), mails, "{between}");
    }
}

#[tokio::test]
async fn a_notice_that_fails_for_good_silences_no_other() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let first = world.sign_in(&ada).await;
    world.let_in(&ada, &first).await;
    world.mailer.will(Next::Refuse(Undelivered::Unavailable));
    world.mailer.will(Next::Refuse(Undelivered::Rejected));
    world.react(&first.stream).await;
    world.wait(10);
    let second = world.sign_in_with(&ada, first.key).await;
    world.let_in(&ada, &second).await;
    world.react(&second.stream).await;

    world.wait(6);
    world.delivery.sweep().await.unwrap();
    let failed = world.asked(&first.stream, ada.account).await;
    assert_eq!(world.message(failed).await, Message::Failed(GivenUp::Rejected));
    assert!(world.mailer.mails().is_empty());
    world.wait(10);
    assert_eq!(world.delivery.sweep().await.unwrap().sent, 1);
    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(mail.message, world.asked(&second.stream, ada.account).await);
}

#[tokio::test]
async fn an_account_that_begins_asks_for_no_mail() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    world.react(&format!("account/{}", ada.account)).await;
    assert!(world.mailer.mails().is_empty());
    assert!(world.unsent().await.is_empty());
}
