//! What owners are told of what was done to their accounts: each thing once, to the right address,
//! with a way to say that it was not them.

use jiff::SignedDuration;
use postern_domain::message::Message;
use postern_domain::ports::Clock as _;
use postern_domain::report::{ReportToken, Reported};
use postern_domain::verification::Outcome;
use postern_events::account::UndeliverableBecause;
use postern_events::ids::AccountId;
use postern_events::message::GivenUp;
use postern_events::vocabulary::Method;
use postern_messages::mailer::Mail;

use crate::people::Person;
use crate::phones::stream;
use crate::world::{PUBLIC_URL, World, code_keys};

/// Lets the sender hear of the account's newest commit twice, and gives what it mailed for it.
async fn hear(world: &World, person: &Person) -> Vec<Mail> {
    let before = world.mailer.mails().len();
    world.react(&stream(person)).await;
    world.react(&stream(person)).await;
    assert!(world.unsent().await.is_empty());
    world.mailer.mails().split_off(before)
}

/// The one mail that it mailed, which has this subject and is to the account's address.
async fn told(world: &World, person: &Person, subject: &str) -> Mail {
    let [mail] = hear(world, person).await.try_into().unwrap();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("ada@example.com", subject));
    mail
}

/// The token of a mail's link.
fn token(mail: &Mail) -> ReportToken {
    let link = format!("{PUBLIC_URL}/v1/security-reports#");
    assert_eq!(mail.text.matches(&link).count(), 1, "{}", mail.text);
    assert_eq!(mail.html.matches(&link).count(), 1, "{}", mail.html);
    let (_, rest) = mail.text.split_once(&link).unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

fn is_genuine(mail: &Mail, account: AccountId) -> bool {
    token(mail).is_genuine(&code_keys("c1"), account).unwrap()
}

#[tokio::test]
async fn each_thing_that_is_done_is_told_once_with_a_way_to_say_no() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let soon = world.clock.now() + SignedDuration::from_mins(15);
    for deed in ["pause", "off", "password", "two-step", "codes", "reset", "device", "reported"] {
        let subject = match deed {
            "pause" => {
                world.note_pause(&ada, Some(soon)).await;
                "Sign-in codes are paused for your Postern account"
            }
            "off" => {
                world.note_pause(&ada, None).await;
                "Sign-in codes are paused for your Postern account"
            }
            "password" => {
                world.change_password(&ada, true).await;
                "Your Postern password was changed"
            }
            "two-step" => {
                world.switch(&ada, false).await;
                "Two-step verification was turned off for your Postern account"
            }
            "codes" => {
                world.make_recovery_codes(&ada).await;
                "New recovery codes for your Postern account"
            }
            "reset" => {
                let reset = world.reset(&ada, "ada@example.com").await;
                world.reset_password(&ada, reset.id).await;
                "Your Postern password was reset"
            }
            _ => {
                let device = world.trust(&ada).await;
                assert!(hear(&world, &ada).await.is_empty());
                if deed == "device" {
                    world.remove(&ada, device).await;
                } else {
                    world.report(&ada, device).await;
                }
                "A device was removed from your Postern account"
            }
        };
        let mail = told(&world, &ada, subject).await;
        assert!(is_genuine(&mail, ada.account), "{deed}");
        let commit = world.newest(&stream(&ada)).await;
        let token = token(&mail);
        assert_eq!(token.about, Reported::Account(ada.account), "{deed}");
        assert!(commit.events.iter().any(|it| it.id == token.event), "{deed}");
    }
    assert!(world.pusher.all().is_empty());
}

#[tokio::test]
async fn what_is_no_news_to_the_owner_is_not_mailed() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    world.speak(&ada, "de").await;
    assert!(hear(&world, &ada).await.is_empty());
    world.choose(&ada, Method::Email).await;
    assert!(hear(&world, &ada).await.is_empty());
    world.rename(&ada, ada.device, "Countess").await;
    assert!(hear(&world, &ada).await.is_empty());
    world.sign_out_everywhere(&ada).await;
    assert!(hear(&world, &ada).await.is_empty());
    world.switch(&ada, false).await;
    assert_eq!(hear(&world, &ada).await.len(), 1);
    world.switch(&ada, true).await;
    assert!(hear(&world, &ada).await.is_empty());
}

#[tokio::test]
async fn of_another_address_the_former_one_hears_and_only_a_hint() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let change = world.change_address(&ada, "countess@example.org", None).await;
    let code = world.process_code(&change).await;
    world.guess(&change, &code, Outcome::Fulfilled).await;
    world.react(&change.stream).await;
    world.move_to(&ada, "countess@example.org", change.id).await;

    let mail = told(&world, &ada, "The e-mail address of your Postern account was changed").await;
    // Joined by invisible characters, so that no mail program makes a link of it.
    let text = mail.text.replace('\u{2060}', "");
    assert!(text.contains("c•••@e•••.org"), "{text}");
    assert!(!mail.text.contains("countess"));
    assert!(mail.text.contains("203.0.113.7"), "where it was asked from");
    assert!(is_genuine(&mail, ada.account));

    world.wait(1);
    world.make_recovery_codes(&ada).await;
    let [next] = hear(&world, &ada).await.try_into().unwrap();
    assert_eq!(next.to, "countess@example.org");
}

#[tokio::test]
async fn a_reset_is_told_with_the_place_that_it_was_asked_from() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.add_phone(&ada, "two").await;
    let reset = world.reset(&ada, "ada@example.com").await;
    world.reset_password(&ada, reset.id).await;
    let mail = told(&world, &ada, "Your Postern password was reset").await;
    assert!(mail.text.contains("203.0.113.7"));
    assert!(mail.text.contains("Prague"));
    assert!(!mail.text.contains("phone"), "a stranger's words: {}", mail.text);

    let wanted = ["one", "two"].map(|it| (it.to_owned(), "signed_out"));
    assert_eq!(world.pusher.told(), wanted, "every phone is out");
    assert!(world.pusher.known().is_empty());
}

#[tokio::test]
async fn phones_that_a_deed_signs_out_are_told_and_forgotten() {
    for deed in ["password", "two-step"] {
        let world = World::new().await;
        let ada = world.person_with_phone("ada@example.com", "one").await;
        let second = world.add_phone(&ada, "two").await;
        match deed {
            "password" => world.change_password(&ada, true).await,
            _ => world.switch(&ada, false).await,
        }
        assert_eq!(hear(&world, &ada).await.len(), 1);
        assert_eq!(world.pusher.told(), [("two".to_owned(), "signed_out")], "{deed}");
        assert_eq!(world.pusher.known(), ["one"]);
        assert!(!world.keeps(&ada, second).await);
    }
}

#[tokio::test]
async fn a_password_change_that_lets_the_others_stay_signs_out_none() {
    let world = World::new().await;
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.add_phone(&ada, "two").await;
    world.change_password(&ada, false).await;
    let mail = told(&world, &ada, "Your Postern password was changed").await;
    assert!(mail.text.contains("stay signed in"));
    assert!(world.pusher.all().is_empty());
}

#[tokio::test]
async fn a_notice_names_the_device_that_did_it_and_the_one_that_it_was_done_to() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let second = world.trust(&ada).await;
    world.rename(&ada, second, "Old tablet").await;
    world.remove(&ada, second).await;
    let mail = told(&world, &ada, "A device was removed from your Postern account").await;
    assert!(mail.text.contains("“Old tablet” (Android)"), "{}", mail.text);
    assert!(mail.text.contains("“Ada’s phone” (iPhone or iPad)"), "{}", mail.text);
}

#[tokio::test]
async fn the_same_deed_twice_in_a_row_is_told_once() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    world.make_recovery_codes(&ada).await;
    assert_eq!(hear(&world, &ada).await.len(), 1);
    world.wait(599);
    world.make_recovery_codes(&ada).await;
    assert!(hear(&world, &ada).await.is_empty());
    let message = world.asked(&stream(&ada), ada.account).await;
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Repeated));
    world.change_password(&ada, false).await;
    assert_eq!(hear(&world, &ada).await.len(), 1, "another deed is another matter");
    world.wait(1);
    world.make_recovery_codes(&ada).await;
    assert_eq!(hear(&world, &ada).await.len(), 1);
}

#[tokio::test]
async fn a_notice_is_tried_also_at_an_address_that_took_no_mail() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    world.mark_undeliverable(&ada, UndeliverableBecause::Bounced).await;
    assert!(hear(&world, &ada).await.is_empty());
    world.change_password(&ada, false).await;
    told(&world, &ada, "Your Postern password was changed").await;
}

#[tokio::test]
async fn a_notice_that_came_back_silences_no_other() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    world.make_recovery_codes(&ada).await;
    let [first] = hear(&world, &ada).await.try_into().unwrap();
    world.bounce(first.message).await;
    world.make_recovery_codes(&ada).await;
    assert_eq!(hear(&world, &ada).await.len(), 1);
}

#[tokio::test]
async fn every_mail_about_an_attempt_has_a_link_that_names_it() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let attempt = world.sign_in(&ada).await;
    world.react(&attempt.stream).await;
    world.let_in(&ada, &attempt).await;
    world.react(&attempt.stream).await;
    let all = world.mailer.mails();
    assert_eq!(all.len(), 2);
    for mail in &all {
        assert!(is_genuine(mail, ada.account));
        assert_eq!(token(mail).about, Reported::SignIn(attempt.id));
    }
    assert_ne!(token(&all[0]).event, token(&all[1]).event);
}

#[tokio::test]
async fn every_mail_about_a_process_has_a_link_that_names_it_and_its_account() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    let eve = world.person("eve@example.com").await;
    let processes = [
        world.register("new@example.com", None).await,
        world.register("ada@example.com", Some(ada.account)).await,
        world.reset(&ada, "ada@example.com").await,
        world.change_address(&ada, "countess@example.com", None).await,
        world.change_address(&eve, "ada@example.com", Some(ada.account)).await,
        world.step_up(&ada, ada.key, Method::Email).await,
    ];
    for (place, process) in processes.iter().enumerate() {
        world.react(&process.stream).await;
        let mail = world.mailer.mails().pop().unwrap();
        assert_eq!(world.mailer.mails().len(), place + 1);
        assert!(is_genuine(&mail, process.account), "{:?}", process.purpose);
        assert_eq!(token(&mail).about, Reported::Verification(process.id));
    }
}
