//! People who have something to prove, as far as it leads to messages.

use std::convert::Infallible;
use std::sync::Arc;

use postern_domain::account::Account;
use postern_domain::challenge::Guess;
use postern_domain::channels::Channels;
use postern_domain::codes::{Code, digits_for};
use postern_domain::guard::AccountGuard;
use postern_domain::policy;
use postern_domain::ports::{Clock as _, draw};
use postern_domain::verification::{Going, Outcome, Verification, VerificationCommand, Way};
use postern_events::ids::{AccountId, DeviceId, SessionId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::Opened;
use postern_events::vocabulary::{AddressKey, DeviceKey, Method, Platform, Purpose};
use postern_store::keys;
use postern_store::seal::DataKey;

use crate::people::{Person, description, meta, origin, reveal};
use crate::world::{World, code_keys};

/// A process that waits for its code.
pub(crate) struct Process {
    pub(crate) id: VerificationId,
    pub(crate) account: AccountId,
    pub(crate) stream: String,
    pub(crate) purpose: Purpose,
    key: DeviceKey,
    session: Option<SessionId>,
    data_key: DataKey,
}

impl World {
    pub(crate) async fn register(&self, email: &str, taken_by: Option<AccountId>) -> Process {
        let account = AccountId::new(self.clock.now(), draw(&*self.chance));
        let data_key = self.reserve(account).await;
        let process = self.process(Purpose::Registration, account, data_key, None);
        self.begin(&process, email, taken_by, Way::Code(Method::Email)).await;
        process
    }

    /// On a stranger's phone.
    pub(crate) async fn reset(&self, person: &Person, spelled: &str) -> Process {
        let process =
            self.process(Purpose::PasswordReset, person.account, person.data_key.clone(), None);
        self.begin(&process, spelled, None, Way::Code(Method::Email)).await;
        process
    }

    /// Of an address that nobody has.
    pub(crate) async fn reset_of_nobody(&self, email: &str) -> Process {
        let account = AccountId::new(self.clock.now(), draw(&*self.chance));
        let data_key = DataKey::throw_away(account, &*self.chance).unwrap();
        let process = self.process(Purpose::PasswordReset, account, data_key, None);
        self.begin(&process, email, None, Way::Code(Method::Email)).await;
        process
    }

    pub(crate) async fn change_address(
        &self,
        person: &Person,
        email: &str,
        taken_by: Option<AccountId>,
    ) -> Process {
        let (account, data_key) = (person.account, person.data_key.clone());
        let process = self.process(Purpose::EmailChange, account, data_key, Some(person.key));
        self.begin(&process, email, taken_by, Way::Code(Method::Email)).await;
        process
    }

    /// On a phone with this key.
    pub(crate) async fn step_up(&self, person: &Person, key: DeviceKey, by: Method) -> Process {
        let (account, data_key) = (person.account, person.data_key.clone());
        let process = self.process(Purpose::StepUp, account, data_key, Some(key));
        let (id, now) = (process.id.to_string(), self.clock.now());
        let open = |guard: &mut AccountGuard| {
            guard.open_verification(&id, key, now, now + policy::ATTEMPT_LIFE);
            Ok::<_, Infallible>(())
        };
        self.store.guards().update_guard(account, &*self.chance, open).await.unwrap();
        self.begin(&process, "ada@example.com", None, Way::Code(by)).await;
        process
    }

    fn process(
        &self,
        purpose: Purpose,
        account: AccountId,
        data_key: DataKey,
        key: Option<DeviceKey>,
    ) -> Process {
        let id = VerificationId::new(self.clock.now(), draw(&*self.chance));
        Process {
            id,
            account,
            stream: keys::stream::<Verification>(id),
            purpose,
            key: key.unwrap_or_else(|| DeviceKey::from_bytes(draw(&*self.chance))),
            session: key.map(|_| SessionId::new(self.clock.now(), [1; 10])),
            data_key,
        }
    }

    async fn begin(&self, process: &Process, email: &str, taken_by: Option<AccountId>, way: Way) {
        let opened = Opened {
            verification: process.id,
            purpose: process.purpose,
            account: process.account,
            taken_by,
            key: process.key,
            device: DeviceId::new(self.clock.now(), draw(&*self.chance)),
            platform: Platform::Other,
            description: description(),
            origin: origin(),
            country: None,
            located_by: None,
            email: Personal::Clear(email.to_owned()),
            address_key: AddressKey::from_bytes([1; 16]),
            locale: "en-GB".to_owned(),
            attempt_generation: self.generation(process.account).await,
            session: process.session,
            inputs: None,
            policy: 1,
        };
        let (material, now) = (self.material(), self.clock.now());
        let command = || VerificationCommand::Open {
            opened: Box::new(opened.clone()),
            way,
            material: material.clone(),
            now,
        };
        self.in_process(process, command).await;
    }

    async fn generation(&self, account: AccountId) -> Option<u32> {
        let found = self.store.streams().load::<Account>(account).await.unwrap();
        found.state().open().map(|it| it.attempt_generation)
    }

    async fn going(&self, process: &Process) -> Going {
        let Process { key, session, account, .. } = *process;
        let generation = self.generation(account).await;
        Going { key, session, generation, now: self.clock.now() }
    }

    pub(crate) async fn send_again(&self, process: &Process) {
        self.send_again_by(process, None).await;
    }

    pub(crate) async fn send_again_by(&self, process: &Process, method: Option<Method>) {
        let (going, material) = (self.going(process).await, self.material());
        let found = self.store.streams().load::<Account>(process.account).await.unwrap();
        let guard = AccountGuard::default();
        let of = |account| Channels::of(account, process.key, &guard, going.now);
        let channels = method.and(found.state().open().map(of));
        let command =
            || VerificationCommand::Resend { going, method, channels, material: material.clone() };
        self.in_process(process, command).await;
    }

    pub(crate) async fn guess(&self, process: &Process, code: &str, outcome: Outcome) {
        let going = self.going(process).await;
        let code = Code::parse(code, digits_for(process.purpose)).unwrap();
        let command = || VerificationCommand::Verify {
            going,
            guess: Guess { code: code.clone(), keys: Arc::new(code_keys("c1")) },
            never: false,
            outcome,
        };
        self.in_process(process, command).await;
    }

    pub(crate) async fn in_process(
        &self,
        process: &Process,
        command: impl FnMut() -> VerificationCommand,
    ) {
        let scribe = || self.scribe(&process.data_key);
        let streams = self.store.streams();
        streams.execute::<Verification>(process.id, command, scribe, &meta()).await.unwrap();
    }

    /// The process's newest code.
    pub(crate) async fn process_code(&self, process: &Process) -> String {
        let found = self.store.streams().load::<Verification>(process.id).await.unwrap();
        let Verification::CodeRequired(_, challenge) = found.state() else { panic!("no code") };
        reveal(challenge, process.account, &process.id.to_string())
    }
}
