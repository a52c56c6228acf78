//! What people do, as far as it leads to mail.

use std::net::Ipv4Addr;
use std::sync::Arc;

use jiff::SignedDuration;
use postern_domain::account::{Account, AccountCommand, NewDevice, OpenAccount, Registration};
use postern_domain::challenge::{Challenge, Guess, Material};
use postern_domain::channels::Channels;
use postern_domain::codes::Code;
use postern_domain::guard::{AccountGuard, Paused};
use postern_domain::message::{Recipient, message_id};
use postern_domain::policy;
use postern_domain::ports::{Clock as _, draw};
use postern_domain::sign_in::{Asking, RightPassword, SignIn, SignInCommand};
use postern_events::account::TrustedBy;
use postern_events::ids::{AccountId, DeviceId, MessageId, SessionId, SignInId, VerificationId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{
    AddressKey, DeviceDescription, DeviceKey, Method, Nonce, Origin, Platform,
};
use postern_store::keys;
use postern_store::model::Scribe;
use postern_store::seal::DataKey;
use postern_store::streams::Meta;
use serde_json::json;

use crate::world::{World, code_keys};

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) account: AccountId,
    pub(crate) data_key: DataKey,
    /// The phone that they registered with, and its key.
    pub(crate) device: DeviceId,
    pub(crate) key: DeviceKey,
}

/// Somebody's attempt, by a phone of its own.
pub(crate) struct Attempt {
    pub(crate) id: SignInId,
    pub(crate) stream: String,
    pub(crate) key: DeviceKey,
    /// The account's attempt generation when it began.
    pub(crate) generation: u32,
}

pub(crate) const IP: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);

pub(crate) fn description() -> Personal<DeviceDescription> {
    let [name, model, os_version] = ["Ada’s phone", "P9", "16"].map(str::to_owned);
    Personal::Clear(DeviceDescription { name, model, os_version })
}

pub(crate) fn origin() -> Personal<Origin> {
    Personal::Clear(Origin { ip: IP.into(), city: Some("Prague".to_owned()) })
}

pub(crate) fn meta() -> Meta {
    let [request, actor, function] = ["req", "test", "test"].map(str::to_owned);
    Meta { request, actor, function, policy: 1, idempotency: None }
}

impl World {
    pub(crate) async fn person(&self, email: &str) -> Person {
        let account = AccountId::new(self.clock.now(), draw(&*self.chance));
        let data_key = self.reserve(account).await;
        let verification = VerificationId::new(self.clock.now(), draw(&*self.chance));
        let key = DeviceKey::from_bytes(draw(&*self.chance));
        let device = DeviceId::new(self.clock.now(), draw(&*self.chance));
        let registration = Registration {
            account,
            email: Personal::Clear(email.to_owned()),
            address_key: AddressKey::from_bytes(draw(&*self.chance)),
            locale: "en-GB".to_owned(),
            verification,
            device: NewDevice {
                id: device,
                key,
                platform: Platform::Ios,
                description: description(),
                origin: origin(),
                by: TrustedBy::Registration(verification),
            },
        };
        let command = || AccountCommand::Register(Box::new(registration.clone()));
        self.account(account, &data_key, command).await;
        Person { account, data_key, device, key }
    }

    pub(crate) async fn account(
        &self,
        account: AccountId,
        data_key: &DataKey,
        command: impl FnMut() -> AccountCommand,
    ) {
        let scribe = || self.scribe(data_key);
        let streams = self.store.streams();
        streams.execute::<Account>(account, command, scribe, &meta()).await.unwrap();
    }

    pub(crate) async fn sign_in(&self, person: &Person) -> Attempt {
        self.sign_in_with(person, DeviceKey::from_bytes(draw(&*self.chance))).await
    }

    pub(crate) async fn sign_in_with(&self, person: &Person, key: DeviceKey) -> Attempt {
        let id = SignInId::new(self.clock.now(), draw(&*self.chance));
        let account = self.open(person).await;
        let now = self.clock.now();
        let channels = Channels::of(&account, key, &AccountGuard::default(), now);
        let needs_code = account.needs_code(key, now);
        let password = RightPassword {
            id,
            account,
            channels: Some(channels),
            key,
            device: DeviceId::new(self.clock.now(), draw(&*self.chance)),
            session: SessionId::new(self.clock.now(), draw(&*self.chance)),
            platform: Platform::Android,
            description: description(),
            origin: origin(),
            country: Some("CZ".to_owned()),
            located_by: None,
            material: self.material(),
        };
        let generation = password.account.attempt_generation;
        let attempt = Attempt { id, stream: keys::stream::<SignIn>(id), key, generation };
        if needs_code {
            // As an attempt, though without the counts, which these tests are not about.
            let (id, ends_at) = (id.to_string(), now + policy::ATTEMPT_LIFE);
            let open = |guard: &mut AccountGuard| {
                guard.open_verification(&id, key, now, ends_at);
                Ok::<_, Paused>(())
            };
            let guards = self.store.guards();
            guards.update_guard(person.account, &*self.chance, open).await.unwrap();
        }
        let open = || SignInCommand::Open { password: Box::new(password.clone()), now };
        self.in_attempt(person, &attempt, open).await;
        attempt
    }

    pub(crate) async fn resend(&self, person: &Person, attempt: &Attempt) {
        self.resend_by(person, attempt, None).await;
    }

    pub(crate) async fn resend_by(
        &self,
        person: &Person,
        attempt: &Attempt,
        method: Option<Method>,
    ) {
        let (asking, material) = (self.asking(attempt), self.material());
        let account = self.open(person).await;
        let guard = AccountGuard::default();
        let channels = Channels::of(&account, attempt.key, &guard, self.clock.now());
        let command = || SignInCommand::Resend {
            asking: asking.clone(),
            method,
            channels,
            material: material.clone(),
        };
        self.in_attempt(person, attempt, command).await;
    }

    pub(crate) async fn cancel(&self, person: &Person, attempt: &Attempt) {
        let asking = self.asking(attempt);
        let command = || SignInCommand::Cancel { asking: asking.clone() };
        self.in_attempt(person, attempt, command).await;
    }

    pub(crate) async fn open(&self, person: &Person) -> OpenAccount {
        let found = self.store.streams().load::<Account>(person.account).await.unwrap();
        found.state().open().unwrap().clone()
    }

    pub(crate) async fn verify(&self, person: &Person, attempt: &Attempt, code: &str) {
        let account = self.open(person).await;
        let (asking, code) = (self.asking(attempt), Code::parse(code, 6).unwrap());
        let command = || SignInCommand::Verify {
            asking: asking.clone(),
            account: Box::new(account.clone()),
            guess: Guess { code: code.clone(), keys: Arc::new(code_keys("c1")) },
            trust: true,
            session: SessionId::new(self.clock.now(), [1; 10]),
        };
        self.in_attempt(person, attempt, command).await;
    }

    pub(crate) async fn in_attempt(
        &self,
        person: &Person,
        attempt: &Attempt,
        command: impl FnMut() -> SignInCommand,
    ) {
        let scribe = || self.scribe(&person.data_key);
        let streams = self.store.streams();
        streams.execute::<SignIn>(attempt.id, command, scribe, &meta()).await.unwrap();
    }

    /// Comes in with a recovery code.
    pub(crate) async fn recover(&self, person: &Person, attempt: &Attempt) {
        let account = self.open(person).await;
        let asking = self.asking(attempt);
        let command = || SignInCommand::Recover {
            asking: asking.clone(),
            account: Box::new(account.clone()),
            codes_left: Some(9),
            guesses_left: 4,
            trust: true,
            session: SessionId::new(self.clock.now(), [1; 10]),
        };
        self.in_attempt(person, attempt, command).await;
    }

    /// The attempt's newest code.
    pub(crate) async fn code(&self, person: &Person, attempt: &Attempt) -> String {
        let found = self.store.streams().load::<SignIn>(attempt.id).await.unwrap();
        let (_, challenge) = found.state().pending().unwrap();
        reveal(challenge, person.account, &attempt.id.to_string())
    }

    /// The message that the last event of a stream's newest commit asks for.
    pub(crate) async fn asked(&self, stream: &str, recipient: AccountId) -> MessageId {
        self.asked_for(stream, Recipient::Owner(recipient)).await
    }

    /// The same for any recipient.
    pub(crate) async fn asked_for(&self, stream: &str, recipient: Recipient) -> MessageId {
        message_id(self.newest(stream).await.events.last().unwrap().id, recipient)
    }

    pub(crate) async fn reserve(&self, account: AccountId) -> DataKey {
        let (hash, salt) = ("A".repeat(43), "A".repeat(22));
        let record = json!({
            "hash": hash, "salt": salt, "pepper": "p1", "m": 8, "t": 1, "p": 1,
            "long_enough_alone": false,
        });
        let record = serde_json::from_value(record).unwrap();
        let until = self.clock.now() + SignedDuration::from_hours(100);
        self.store.vault().reserve(account, &record, until, &*self.chance).await.unwrap()
    }

    pub(crate) fn scribe(&self, data_key: &DataKey) -> Scribe {
        let chance = self.chance.clone();
        Scribe { now: self.clock.now(), chance, data_key: Some(data_key.clone()) }
    }

    fn asking(&self, attempt: &Attempt) -> Asking {
        Asking { key: attempt.key, generation: attempt.generation, now: self.clock.now() }
    }

    pub(crate) fn material(&self) -> Material {
        Material { kid: "c1".to_owned(), nonce: Nonce::from_bytes(draw(&*self.chance)) }
    }
}

pub(crate) fn reveal(challenge: &Challenge, account: AccountId, attempt: &str) -> String {
    let code = code_keys("c1").derive(&challenge.source(account, attempt)).unwrap();
    code.reveal().to_owned()
}
