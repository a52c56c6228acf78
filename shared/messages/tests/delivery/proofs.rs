//! Codes of processes: to whom, and only while they are good for something.

use postern_domain::message::{Message, Recipient};
use postern_domain::policy;
use postern_domain::ports::Clock as _;
use postern_domain::verification::{Outcome, VerificationCommand};
use postern_events::ids::SessionId;
use postern_events::message::GivenUp;
use postern_events::vocabulary::{DeviceKey, Method};
use postern_messages::push::{Content, RequestId};

use crate::codes::code_line;
use crate::world::World;

/// Seconds after which a phone is young no more.
const A_DAY: i64 = policy::YOUNG_DEVICE.as_secs();

#[tokio::test]
async fn the_code_for_a_new_password_goes_to_the_address_as_its_owner_spelled_it() {
    let world = World::new().await;
    let ada = world.person("Ada@example.com").await;
    let reset = world.reset(&ada, "ADA@EXAMPLE.COM").await;
    world.react(&reset.stream).await;
    world.react(&reset.stream).await;

    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("Ada@example.com", "Your Postern password reset code",)
    );
    assert_eq!(mail.message, world.asked(&reset.stream, ada.account).await);
    let code = world.process_code(&reset).await;
    assert_eq!((code_line(&mail.text), code.len()), (code.as_str(), 8));
    assert!(!mail.text.contains("phone"), "a stranger's words: {}", mail.text);
    assert!(mail.text.contains("203.0.113.7"));
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_reset_of_an_address_that_nobody_has_is_over_without_a_mail() {
    let world = World::new().await;
    let reset = world.reset_of_nobody("nobody@example.com").await;
    world.react(&reset.stream).await;
    assert!(world.mailer.mails().is_empty());
    let message = world.asked(&reset.stream, reset.account).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::RecipientErased));
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn the_code_that_proves_a_new_address_goes_there_and_nowhere_else() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let change = world.change_address(&ada, "countess@example.com", None).await;
    world.react(&change.stream).await;

    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(mail.to, "countess@example.com");
    assert_eq!(mail.subject, "Your Postern code for a new e-mail address");
    assert_eq!(code_line(&mail.text), world.process_code(&change).await);
    assert!(!mail.text.contains("phone"), "it may be a stranger's: {}", mail.text);
    assert!(world.pusher.all().is_empty());
}

#[tokio::test]
async fn of_a_new_address_that_is_taken_only_its_owner_hears_once_and_gets_no_code() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let eve = world.person("eve@example.com").await;
    let change = world.change_address(&eve, "ADA@example.com", Some(ada.account)).await;
    world.react(&change.stream).await;
    let first = world.asked(&change.stream, ada.account).await;
    world.wait(30);
    world.send_again(&change).await;
    world.react(&change.stream).await;

    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!((mail.to.as_str(), mail.message), ("ada@example.com", first));
    assert_eq!(mail.subject, "Your e-mail address belongs to your Postern account");
    assert!(!mail.text.contains(&world.process_code(&change).await));
    assert!(!mail.text.contains("eve@"));
}

#[tokio::test]
async fn a_step_up_by_mail_tells_the_owner_which_device_asks() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let step_up = world.step_up(&ada, ada.key, Method::Email).await;
    world.react(&step_up.stream).await;

    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(mail.to, "ada@example.com");
    assert_eq!(mail.subject, "Your Postern confirmation code");
    assert_eq!(code_line(&mail.text), world.process_code(&step_up).await);
    assert!(mail.text.contains("Ada’s phone"));
    assert!(world.pusher.all().is_empty());
}

#[tokio::test]
async fn a_step_up_asks_every_other_phone_and_takes_that_back_when_it_is_over() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.add_phone(&ada, "two").await;
    world.wait(A_DAY);
    world.add_phone(&ada, "young").await;
    let step_up = world.step_up(&ada, ada.key, Method::App).await;
    world.react(&step_up.stream).await;
    world.react(&step_up.stream).await;

    let [push] = world.pusher.all().try_into().unwrap();
    assert_eq!(push.arn, "arn:two", "neither the phone that asks nor a young one is told");
    let Content::SignInRequest(request) = push.content else { panic!("{:?}", push.content) };
    assert_eq!(request.id, RequestId::StepUp(step_up.id));
    assert_eq!(request.device.as_deref(), Some("Ada’s phone"));
    assert_eq!(request.alert.title, "Confirm a change");
    assert!(!request.alert.body.contains(&world.process_code(&step_up).await));

    let code = world.process_code(&step_up).await;
    let session = SessionId::new(world.clock.now(), [1; 10]);
    world.guess(&step_up, &code, Outcome::Session(session)).await;
    world.react(&step_up.stream).await;
    let wanted = ["request_closed", "sign_in_request"].map(|it| ("two".to_owned(), it));
    assert_eq!(world.pusher.told(), wanted);
    assert!(world.mailer.mails().is_empty());
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_step_up_that_is_denied_or_reported_asks_no_longer() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let second = world.add_phone(&ada, "two").await;
    world.wait(A_DAY);
    for denied in [true, false] {
        let step_up = world.step_up(&ada, ada.key, Method::App).await;
        world.react(&step_up.stream).await;
        let now = world.clock.now();
        let asked_by = world.newest(&step_up.stream).await.events[0].id;
        let end = || {
            if denied {
                VerificationCommand::Deny { by: second, generation: 0, now }
            } else {
                VerificationCommand::Report { asked_by }
            }
        };
        world.in_process(&step_up, end).await;
        world.react(&step_up.stream).await;
        let last = world.pusher.all().pop().unwrap();
        assert_eq!(last.content.kind(), "request_closed", "{denied}");
        assert_eq!(last.content.request(), Some(RequestId::StepUp(step_up.id)));
    }
}

#[tokio::test]
async fn of_two_sends_of_a_process_only_the_later_goes_out() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let reset = world.reset(&ada, "ada@example.com").await;
    let first = world.newest(&reset.stream).await;
    let message = world.asked(&reset.stream, ada.account).await;
    world.wait(30);
    world.send_again(&reset).await;
    world.react_to(&first).await;
    assert!(world.mailer.mails().is_empty());
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
    world.react(&reset.stream).await;
    assert_eq!(world.mailer.mails().len(), 1);
}

#[tokio::test]
async fn a_code_that_an_act_has_made_worthless_is_not_sent() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.add_phone(&ada, "two").await;
    world.wait(A_DAY);
    let processes = [
        world.reset(&ada, "ada@example.com").await,
        world.change_address(&ada, "countess@example.com", None).await,
        world.step_up(&ada, ada.key, Method::Email).await,
        world.step_up(&ada, ada.key, Method::App).await,
    ];
    world.change_password(&ada, false).await;
    for process in &processes {
        world.react(&process.stream).await;
    }
    assert!(world.mailer.mails().is_empty());
    assert!(world.pusher.all().is_empty());
    let message = world.asked(&processes[0].stream, ada.account).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
}

#[tokio::test]
async fn a_pause_withholds_step_ups_from_keys_that_are_not_trusted_and_from_no_other() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.wait(A_DAY);
    let stranger = DeviceKey::from_bytes([200; 16]);
    let untrusted = world.step_up(&ada, stranger, Method::App).await;
    let trusted = world.step_up(&ada, ada.key, Method::Email).await;
    let reset = world.reset(&ada, "ada@example.com").await;
    world.pause(&ada).await;
    for process in [&untrusted, &trusted, &reset] {
        world.react(&process.stream).await;
    }
    assert!(world.pusher.all().is_empty());
    let message = world.asked_for(&untrusted.stream, Recipient::Device(ada.device)).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Superseded));
    let subjects: Vec<_> = world.mailer.mails().into_iter().map(|it| it.subject).collect();
    assert_eq!(subjects, ["Your Postern confirmation code", "Your Postern password reset code"]);
}

#[tokio::test]
async fn a_step_up_whose_denial_only_the_guard_knows_of_is_not_sent() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.add_phone(&ada, "two").await;
    world.wait(A_DAY);
    world.add_phone(&ada, "young").await;
    let step_up = world.step_up(&ada, ada.key, Method::App).await;
    world.deny_unseen(&ada, ada.key).await;
    world.react(&step_up.stream).await;
    assert!(world.pusher.all().is_empty());
}

#[tokio::test]
async fn what_a_proof_led_to_is_told_by_the_account_and_not_by_the_process() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    let reset = world.reset(&ada, "ada@example.com").await;
    let code = world.process_code(&reset).await;
    world.guess(&reset, &code, Outcome::Fulfilled).await;
    world.react(&reset.stream).await;
    assert!(world.mailer.mails().is_empty());
    assert!(world.pusher.all().is_empty());
}
