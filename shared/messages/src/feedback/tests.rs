#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use jiff::{SignedDuration, Timestamp};
use postern_domain::account::{NewDevice, Registration};
use postern_domain::message::{Recipient, message_id};
use postern_domain::ports::draw;
use postern_events::account::TrustedBy;
use postern_events::ids::{AccountId, DeviceId, EventId, VerificationId};
use postern_events::message::{BounceKind, MessageKind};
use postern_events::personal::Personal;
use postern_events::vocabulary::{
    AddressKey, DeviceDescription, DeviceKey, Method, Origin, Platform,
};
use postern_store::seal::DataKey;

use super::*;

/// Bytes that never repeat within a test.
#[derive(Default)]
struct Counter(AtomicU64);

impl Chance for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            let n = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            part.copy_from_slice(&n[8 - part.len()..]);
        }
    }
}

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        noon()
    }
}

fn noon() -> Timestamp {
    "2026-11-24T12:00:00.250Z".parse().unwrap()
}

const BOUNCED: Feedback = Feedback::Bounced(BounceKind::Permanent);

/// An account, and whoever listens for what becomes of its mails.
struct World {
    listener: Listener,
    account: AccountId,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tables.db");
        let client = serve(dynoxide::Database::new(file.to_str().unwrap()).unwrap()).await;
        create(&client, keys::EVENTS).await;
        let chance = Arc::new(Counter::default());
        let listener = Listener {
            store: Store::new(client, keys::DEFAULT_PREFIX),
            clock: Arc::new(Standing),
            chance: chance.clone(),
        };
        let account = AccountId::new(noon(), draw(&*chance));
        let world = Self { listener, account, _folder: folder };
        world.register().await;
        world
    }

    async fn register(&self) {
        let chance = &*self.listener.chance;
        let verification = VerificationId::new(noon(), draw(chance));
        let [name, model, os_version] = ["Phone", "P9", "16"].map(str::to_owned);
        let registration = Registration {
            account: self.account,
            email: Personal::Clear("ada@example.com".to_owned()),
            address_key: AddressKey::from_bytes(draw(chance)),
            locale: "en".to_owned(),
            verification,
            device: NewDevice {
                id: DeviceId::new(noon(), draw(chance)),
                key: DeviceKey::from_bytes(draw(chance)),
                platform: Platform::Ios,
                description: Personal::Clear(DeviceDescription { name, model, os_version }),
                origin: Personal::Clear(Origin { ip: [203, 0, 113, 7].into(), city: None }),
                by: TrustedBy::Registration(verification),
            },
        };
        // Nobody reads here what is sealed.
        let data_key = DataKey::throw_away(self.account, chance).unwrap();
        let scribe = || Scribe { data_key: Some(data_key.clone()), ..self.listener.scribe() };
        let register = || AccountCommand::Register(Box::new(registration.clone()));
        let streams = self.listener.store.streams();
        let id = self.account;
        streams.execute::<Account>(id, register, scribe, &meta(self.unknown())).await.unwrap();
    }

    fn unknown(&self) -> MessageId {
        MessageId::new(noon(), draw(&*self.listener.chance))
    }

    /// A mail of this kind that was asked for so long after noon, taken up and not yet sent.
    async fn mail(&self, kind: MessageKind, seconds: i64) -> MessageId {
        let asked_at = noon() + SignedDuration::from_secs(seconds);
        let asked_by = EventId::new(asked_at, draw(&*self.listener.chance));
        let message = message_id(asked_by, Recipient::Owner(self.account));
        let claim = Claimed {
            asked_by,
            stream: "sign_in/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
            kind,
            channel: Method::Email,
            recipient: self.account,
            device: None,
            attempt: 1,
            lease_until: asked_at,
            deadline: asked_at + SignedDuration::from_mins(5),
        };
        let claim = || MessageCommand::Claim { claim: Box::new(claim.clone()), now: asked_at };
        self.message(message, claim).await;
        message
    }

    async fn message(&self, id: MessageId, command: impl FnMut() -> MessageCommand) {
        let streams = self.listener.store.streams();
        let scribe = || self.listener.scribe();
        streams.execute::<Message>(id, command, scribe, &meta(id)).await.unwrap();
    }

    async fn hear(&self, message: MessageId, said: Feedback) -> Heard {
        self.listener.hear(Report { message, said }).await.unwrap()
    }

    /// The names of what has happened in a stream.
    async fn names(&self, stream: &str) -> Vec<String> {
        let commits = self.listener.store.streams().load_commits(stream).await.unwrap();
        commits.into_iter().flat_map(|it| it.events).map(|it| it.name).collect()
    }

    async fn of_message(&self, id: MessageId) -> Vec<String> {
        self.names(&keys::stream::<Message>(id)).await
    }

    /// How often the account was told that its address takes no mail.
    async fn marks(&self) -> usize {
        let names = self.names(&keys::stream::<Account>(self.account)).await;
        names.iter().filter(|it| *it == "account.email_undeliverable").count()
    }
}

async fn serve(database: dynoxide::Database) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(format!("http://{address}"))
        .build();
    Client::from_conf(config)
}

async fn create(client: &Client, table: keys::Table) {
    let mut call = client
        .create_table()
        .table_name(format!("{}{}", keys::DEFAULT_PREFIX, table.name))
        .billing_mode(BillingMode::PayPerRequest);
    let hash = Some((table.hash, KeyType::Hash, keys::KeyType::Text));
    let range = table.range.map(|(name, kind)| (name, KeyType::Range, kind));
    for (name, role, kind) in hash.into_iter().chain(range) {
        let kind = match kind {
            keys::KeyType::Text => ScalarAttributeType::S,
            keys::KeyType::Number => ScalarAttributeType::N,
        };
        let element = KeySchemaElement::builder().attribute_name(name).key_type(role);
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(kind);
        call = call
            .key_schema(element.build().unwrap())
            .attribute_definitions(attribute.build().unwrap());
    }
    call.send().await.unwrap();
}

#[tokio::test]
async fn a_delivery_is_noted_once_however_often_it_is_reported() {
    let world = World::new().await;
    let mail = world.mail(MessageKind::SignInCode, 1).await;
    world.message(mail, || MessageCommand::Sent { carrier_id: None }).await;
    for _ in 0..2 {
        assert_eq!(world.hear(mail, Feedback::Delivered).await, Heard::Noted);
    }
    let names = ["message.claimed", "message.sent", "message.delivered"];
    assert_eq!(world.of_message(mail).await, names);
    assert_eq!(world.marks().await, 0);
}

#[tokio::test]
async fn a_report_may_come_before_the_sending_was_recorded() {
    let world = World::new().await;
    let mail = world.mail(MessageKind::SignInCode, 1).await;
    assert_eq!(world.hear(mail, Feedback::Delivered).await, Heard::Noted);
    assert_eq!(world.of_message(mail).await, ["message.claimed", "message.delivered"]);
}

#[tokio::test]
async fn reports_may_come_in_any_order_and_the_worst_is_what_counts() {
    let world = World::new().await;
    let mail = world.mail(MessageKind::NewDevice, 1).await;
    for said in [BOUNCED, Feedback::Delayed, Feedback::Delivered, BOUNCED] {
        assert_eq!(world.hear(mail, said).await, Heard::Noted);
    }
    assert_eq!(world.of_message(mail).await, ["message.claimed", "message.bounced"]);
    assert_eq!(world.marks().await, 1);
}

#[tokio::test]
async fn a_report_about_a_message_that_nobody_sent_leaves_nothing() {
    let world = World::new().await;
    let unknown = world.unknown();
    assert_eq!(world.hear(unknown, BOUNCED).await, Heard::NotOurs);
    assert!(world.of_message(unknown).await.is_empty());

    let given_up = world.unknown();
    let let_go = || MessageCommand::GiveUp { because: postern_events::message::GivenUp::Expired };
    world.message(given_up, let_go).await;
    assert_eq!(world.hear(given_up, BOUNCED).await, Heard::NotOurs);
    assert_eq!(world.of_message(given_up).await, ["message.failed"]);
    assert_eq!(world.marks().await, 0);
}

#[tokio::test]
async fn what_passes_says_nothing_about_the_address() {
    let world = World::new().await;
    let passing = [
        Feedback::Bounced(BounceKind::Transient),
        Feedback::Bounced(BounceKind::Undetermined),
        Feedback::Delayed,
        Feedback::Rejected,
    ];
    for (number, said) in (1..).zip(passing) {
        let mail = world.mail(MessageKind::SignInCode, number).await;
        world.hear(mail, said).await;
        assert_eq!(world.of_message(mail).await.len(), 2, "{said:?}");
    }
    assert_eq!(world.marks().await, 0);
}

#[tokio::test]
async fn a_bounce_for_good_after_one_that_passes_still_marks_the_address() {
    let world = World::new().await;
    let mail = world.mail(MessageKind::SignInCode, 1).await;
    world.hear(mail, Feedback::Bounced(BounceKind::Transient)).await;
    world.hear(mail, BOUNCED).await;
    assert_eq!(world.marks().await, 1);
}

#[tokio::test]
async fn a_complaint_marks_the_address_and_a_second_mail_says_nothing_new() {
    let world = World::new().await;
    let (first, second) = (
        world.mail(MessageKind::NewDevice, 1).await,
        world.mail(MessageKind::PasswordChanged, 2).await,
    );
    world.hear(first, Feedback::Complained).await;
    world.hear(second, BOUNCED).await;
    assert_eq!(world.of_message(second).await, ["message.claimed", "message.bounced"]);
    assert_eq!(world.marks().await, 1);
}

#[tokio::test]
async fn mail_to_another_address_says_nothing_about_the_account_s() {
    let world = World::new().await;
    let elsewhere = [
        MessageKind::RegistrationCode,
        MessageKind::EmailChangeCode,
        MessageKind::EmailChanged,
        MessageKind::SupportRequest,
    ];
    for (number, kind) in (1..).zip(elsewhere) {
        let mail = world.mail(kind, number).await;
        world.hear(mail, BOUNCED).await;
        assert_eq!(world.of_message(mail).await, ["message.claimed", "message.bounced"]);
    }
    assert_eq!(world.marks().await, 0);
}

#[tokio::test]
async fn a_mail_from_before_the_address_says_nothing_about_it() {
    let world = World::new().await;
    let mail = world.mail(MessageKind::SignInCode, -1).await;
    assert_eq!(world.hear(mail, BOUNCED).await, Heard::Noted);
    assert_eq!(world.marks().await, 0);
}

#[tokio::test]
async fn a_report_that_was_interrupted_after_the_account_was_told_does_the_rest_when_it_comes_again()
 {
    let world = World::new().await;
    let mail = world.mail(MessageKind::SignInCode, 1).await;
    let history = world.listener.history(mail).await.unwrap();
    let claimed = history.iter().find_map(claim).unwrap();
    world.listener.mark(mail, claimed, UndeliverableBecause::Bounced).await.unwrap();
    assert_eq!(world.hear(mail, BOUNCED).await, Heard::Noted);
    assert_eq!(world.of_message(mail).await, ["message.claimed", "message.bounced"]);
    assert_eq!(world.marks().await, 1);
}

#[tokio::test]
async fn a_bounce_of_which_the_owner_was_told_does_not_count_again_once_mail_arrives() {
    let world = World::new().await;
    let mail = world.mail(MessageKind::SignInCode, 1).await;
    world.hear(mail, BOUNCED).await;
    let verification = VerificationId::new(noon(), draw(&*world.listener.chance));
    let streams = world.listener.store.streams();
    let reset = || AccountCommand::ResetPassword { verification, now: noon() };
    let (id, scribe) = (world.account, || world.listener.scribe());
    streams.execute::<Account>(id, reset, scribe, &meta(mail)).await.unwrap();
    world.hear(mail, BOUNCED).await;
    assert_eq!(world.marks().await, 1);
}
