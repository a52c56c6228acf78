//! The end of an account: its last words, and that nothing of the person stays.

use postern_domain::message::{Message, Recipient};
use postern_domain::policy;
use postern_domain::ports::{Clock as _, draw};
use postern_events::ids::{AccountId, SessionId, SupportId};
use postern_events::message::GivenUp;
use postern_events::personal::{Personal, PersonalField};
use postern_events::sign_in::AuthenticationMethod;
use postern_events::vocabulary::{DeviceKey, Platform};
use postern_messages::delivery::Swept;
use postern_messages::mailer::Undelivered;
use postern_messages::push::PushFailed;
use postern_store::keys;
use postern_store::sessions::Session;

use crate::people::{Person, description, origin};
use crate::phones::stream;
use crate::recorder::Next;
use crate::world::World;

/// Somebody with a phone, a session, a file and a counter, who wants to be forgotten.
async fn leaving(world: &World) -> Person {
    let ada = world.person_with_phone("ada@example.com", "one").await;
    world.sign_in_session(&ada).await;
    world.bucket.put(&keys::upload(ada.account, SupportId::new(world.clock.now(), [1; 10]), 0));
    world.sign_in(&ada).await;
    world.erase(&ada).await;
    ada
}

/// Waits until no upload that was granted before the erasure can arrive any more: only the chore that
/// looks for those is left, and then it is gone too.
async fn ends(world: &World) {
    assert_eq!(world.unsent().await.len(), 1);
    world.wait((policy::UPLOAD_LIFE + policy::LONGEST_UPLOAD).as_secs() + 1);
    world.delivery.sweep().await.unwrap();
    assert!(world.unsent().await.is_empty());
}

/// Whether nothing of the person is left.
async fn is_gone(world: &World, person: &Person) -> bool {
    let (vault, now) = (world.store.vault(), world.clock.now());
    let sessions = world.store.sessions().of_account(person.account, now).await.unwrap();
    let prefix = keys::uploads(person.account);
    let counts = world.guard(person.account).await;
    vault.load(person.account, now).await.unwrap().is_none()
        && vault.push_endpoints(person.account).await.unwrap().is_empty()
        && sessions.is_empty()
        && counts == 0
        && !world.bucket.files().iter().any(|it| it.starts_with(&prefix))
        && world.owner_of("one").await.is_none()
}

#[tokio::test]
async fn an_erased_account_is_told_goodbye_and_nothing_of_the_person_stays() {
    let world = World::new().await;
    let other = AccountId::new(world.clock.now(), draw(&*world.chance));
    let kept = keys::upload(other, SupportId::new(world.clock.now(), [1; 10]), 0);
    world.bucket.put(&kept);
    let ada = leaving(&world).await;
    world.react(&stream(&ada)).await;

    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(mail.to, "ada@example.com");
    assert_eq!(mail.subject, "Your Postern account was erased");
    assert_eq!(mail.message, world.asked(&stream(&ada), ada.account).await);
    assert!(!mail.text.contains("security-reports"), "nothing is left to save");
    assert!(mail.text.contains("Ada’s phone"));
    assert_eq!(world.pusher.told(), [("one".to_owned(), "signed_out")]);
    assert!(world.pusher.known().is_empty());
    assert!(is_gone(&world, &ada).await);
    assert_eq!(world.bucket.files(), std::slice::from_ref(&kept), "another account's file");

    // A photo that was granted a moment before is only up now.
    world.bucket.put(&keys::upload(ada.account, SupportId::new(world.clock.now(), [2; 10]), 0));
    ends(&world).await;
    assert_eq!(world.bucket.files(), [kept]);

    world.react(&stream(&ada)).await;
    assert_eq!((world.mailer.mails().len(), world.pusher.all().len()), (1, 1));
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn the_last_mail_is_in_the_language_that_its_reader_chose() {
    let world = World::new().await;
    let ada = world.person("ada@example.com").await;
    world.speak(&ada, "cs-CZ").await;
    world.erase(&ada).await;
    world.react(&stream(&ada)).await;
    let [mail] = world.mailer.mails().try_into().unwrap();
    assert_eq!(mail.language.tag(), "cs");
}

#[tokio::test]
async fn nothing_is_deleted_while_the_last_mail_waits_for_its_carrier() {
    let world = World::new().await;
    let ada = leaving(&world).await;
    world.mailer.will(Next::Refuse(Undelivered::Unavailable));
    world.react(&stream(&ada)).await;
    assert!(world.store.vault().load(ada.account, world.clock.now()).await.unwrap().is_some());
    assert!(!world.bucket.files().is_empty());

    // The mail goes on its own, and the chore after it.
    world.wait(61);
    world.delivery.sweep().await.unwrap();
    world.wait(61);
    world.delivery.sweep().await.unwrap();
    assert_eq!(world.mailer.mails().len(), 1);
    assert!(is_gone(&world, &ada).await);
    ends(&world).await;
}

#[tokio::test]
async fn a_carrier_that_never_comes_back_holds_erasure_up_for_an_hour_and_no_longer() {
    let world = World::new().await;
    let ada = leaving(&world).await;
    for _ in 0..100 {
        world.mailer.will(Next::Refuse(Undelivered::Unavailable));
    }
    world.pusher.will_be_away(100);
    world.react(&stream(&ada)).await;
    let message = world.asked(&stream(&ada), ada.account).await;
    for _ in 0..58 {
        world.wait(60);
        world.delivery.sweep().await.unwrap();
    }
    assert!(!is_gone(&world, &ada).await);
    for _ in 0..3 {
        world.wait(60);
        world.delivery.sweep().await.unwrap();
    }
    assert!(world.mailer.mails().is_empty());
    assert_eq!(world.message(message).await, Message::Failed(GivenUp::Expired));
    assert!(is_gone(&world, &ada).await);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_phone_that_the_push_service_does_not_forget_holds_erasure_up_no_longer_either() {
    let world = World::new().await;
    let ada = leaving(&world).await;
    for _ in 0..200 {
        world.pusher.will_not_remove(PushFailed::Unavailable);
    }
    world.react(&stream(&ada)).await;
    assert_eq!(world.mailer.mails().len(), 1);
    assert!(!is_gone(&world, &ada).await);
    world.wait(3_600);
    world.delivery.sweep().await.unwrap();
    world.wait(60);
    world.delivery.sweep().await.unwrap();
    assert!(is_gone(&world, &ada).await);
    assert_eq!(world.pusher.told(), [("one".to_owned(), "signed_out")]);
    assert!(world.unsent().await.is_empty());
}

#[tokio::test]
async fn a_mail_that_no_carrier_takes_is_given_up_and_erasure_goes_on() {
    let world = World::new().await;
    let ada = leaving(&world).await;
    world.mailer.will(Next::Refuse(Undelivered::Rejected));
    world.react(&stream(&ada)).await;
    assert!(world.mailer.mails().is_empty());
    assert!(is_gone(&world, &ada).await);
}

#[tokio::test]
async fn a_bucket_that_is_away_is_asked_again_and_the_person_kept_until_then() {
    let world = World::new().await;
    let ada = leaving(&world).await;
    world.bucket.be_away(true);
    let commit = world.newest(&stream(&ada)).await;
    world.fail_reacting(&commit).await;
    assert!(world.store.vault().load(ada.account, world.clock.now()).await.unwrap().is_some());
    world.bucket.be_away(false);
    world.wait(61);
    let swept = world.delivery.sweep().await.unwrap();
    assert_eq!(swept, Swept { due: 1, sent: 0, over: 0, pending: 1 });
    assert!(is_gone(&world, &ada).await);
    assert_eq!((world.mailer.mails().len(), world.pusher.all().len()), (1, 1));
    ends(&world).await;
}

#[tokio::test]
async fn whoever_dies_over_an_erasure_is_replaced_at_every_step() {
    for step in ["before the mail", "after the mail", "before the push", "after the push"] {
        let world = World::new().await;
        let ada = leaving(&world).await;
        match step {
            "before the mail" => world.mailer.will(Next::DieBefore),
            "after the mail" => world.mailer.will(Next::DieAfter),
            "before the push" => world.pusher.will(Next::DieBefore),
            _ => world.pusher.will(Next::DieAfter),
        }
        world.die_reacting(&stream(&ada)).await;
        assert!(!is_gone(&world, &ada).await, "{step}");
        for _ in 0..3 {
            world.wait(61);
            world.delivery.sweep().await.unwrap();
        }
        assert!(is_gone(&world, &ada).await, "{step}");
        let mails = world.mailer.mails();
        assert!(mails.iter().all(|it| *it == mails[0]), "{step}");
        assert_eq!(mails.len(), if step == "after the mail" { 2 } else { 1 }, "{step}");
        let pushes = if step == "after the push" { 2 } else { 1 };
        assert_eq!(world.pusher.told().len(), pushes, "{step}");
        ends(&world).await;
    }
}

#[tokio::test]
async fn whoever_dies_between_two_deletions_leaves_the_rest_to_be_found() {
    for step in 0..4 {
        let world = World::new().await;
        let ada = leaving(&world).await;
        world.bucket.be_away(true);
        let commit = world.newest(&stream(&ada)).await;
        world.fail_reacting(&commit).await;
        world.bucket.be_away(false);
        // As far as another sender came before it died.
        let (account, store) = (ada.account, &world.store);
        if step > 0 {
            world.uploads.forget(account).await.unwrap();
        }
        if step > 1 {
            store.sessions().forget(account).await.unwrap();
        }
        if step > 2 {
            store.guards().account_forget(account).await.unwrap();
            store.vault().erase(account).await.unwrap();
        }
        world.wait(61);
        world.delivery.sweep().await.unwrap();
        assert!(is_gone(&world, &ada).await, "{step}");
        assert_eq!((world.mailer.mails().len(), world.pusher.all().len()), (1, 1), "{step}");
        ends(&world).await;
    }
}

#[tokio::test]
async fn a_goodbye_that_waits_is_found_again_by_its_note() {
    let world = World::new().await;
    let ada = leaving(&world).await;
    world.pusher.will_be_away(1);
    world.react(&stream(&ada)).await;
    let message = world.asked_for(&stream(&ada), Recipient::Device(ada.device)).await;
    assert!(matches!(world.message(message).await, Message::Waiting(_)));
    world.wait(16);
    assert_eq!(world.delivery.sweep().await.unwrap().sent, 1);
    assert!(!is_gone(&world, &ada).await, "the rest comes in its own time");
    world.wait(60);
    world.delivery.sweep().await.unwrap();
    assert!(is_gone(&world, &ada).await);
    ends(&world).await;
}

fn clear<T>(value: Personal<T>) -> T {
    match value {
        Personal::Clear(value) => value,
        Personal::Sealed(_) => panic!("a value in clear was expected"),
    }
}

impl World {
    async fn sign_in_session(&self, person: &Person) {
        let now = self.clock.now();
        let event = postern_events::ids::EventId::new(now, draw(&*self.chance));
        let (device, place) = (clear(description()), clear(origin()));
        let description = person.data_key.seal(event, PersonalField::Device, &device).unwrap();
        let origin = person.data_key.seal(event, PersonalField::Origin, &place).unwrap();
        let session = Session {
            account: person.account,
            id: SessionId::new(now, [1; 10]),
            device: person.device,
            key: DeviceKey::from_bytes([1; 16]),
            trusted: true,
            trust_generation: 0,
            secret_hash: [0; 32],
            amr: vec![AuthenticationMethod::Pwd],
            auth_time: now,
            step_up_until: None,
            created_at: now,
            expires_at: now + jiff::SignedDuration::from_hours(24),
            platform: Platform::Ios,
            description,
            origin,
        };
        self.store.sessions().put(&session).await.unwrap();
    }
}
