//! What people do to their accounts, as far as it leads to messages.

use jiff::Timestamp;
use postern_domain::account::{AccountCommand, Acting, Report, Settings};
use postern_domain::channels::Channels;
use postern_domain::guard::AccountGuard;
use postern_domain::message::{Feedback, Message, MessageCommand};
use postern_domain::ports::{Clock as _, draw};
use postern_domain::sign_in::SignInCommand;
use postern_events::account::UndeliverableBecause;
use postern_events::ids::{DeviceId, EventId, MessageId, SessionId, VerificationId};
use postern_events::message::BounceKind;
use postern_events::personal::Personal;
use postern_events::vocabulary::{AddressKey, DeviceDescription, Method};
use postern_store::model::Scribe;

use crate::people::{Attempt, Person, meta};
use crate::world::World;

impl World {
    fn acting(&self, person: &Person) -> Acting {
        let now = self.clock.now();
        let session = SessionId::new(now, [9; 10]);
        Acting { device: person.device, session, stepped_up: true, now }
    }

    pub(crate) async fn change_password(&self, person: &Person, sign_out_others: bool) {
        let acting = self.acting(person);
        let command = || AccountCommand::ChangePassword { acting, sign_out_others };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn reset_password(&self, person: &Person, verification: VerificationId) {
        let now = self.clock.now();
        let command = || AccountCommand::ResetPassword { verification, now };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn move_to(&self, person: &Person, email: &str, by: VerificationId) {
        let command = || AccountCommand::ChangeEmail {
            email: Personal::Clear(email.to_owned()),
            address_key: AddressKey::from_bytes([2; 16]),
            verification: by,
            by: person.device,
        };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn switch(&self, person: &Person, two_step: bool) {
        self.settle(person, Settings { two_step: Some(two_step), method: None }).await;
    }

    pub(crate) async fn choose(&self, person: &Person, method: Method) {
        self.settle(person, Settings { two_step: None, method: Some(method) }).await;
    }

    async fn settle(&self, person: &Person, settings: Settings) {
        let (acting, account) = (self.acting(person), self.open(person).await);
        let guard = AccountGuard::default();
        let channels = Channels::of(&account, person.key, &guard, acting.now);
        let command = || AccountCommand::Settle {
            settings,
            acting,
            channels: Box::new(channels),
            long_enough: true,
        };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn make_recovery_codes(&self, person: &Person) {
        let acting = self.acting(person);
        let command = || AccountCommand::CreateRecoveryCodes { acting };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn note_pause(&self, person: &Person, until: Option<Timestamp>) {
        let command = || AccountCommand::PauseCodeEntry { wrong_in_a_row: 10, until };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn report(&self, person: &Person, device: DeviceId) {
        let report = Report {
            asked_by: EventId::new(self.clock.now(), draw(&*self.chance)),
            stream: "sign_in/x".to_owned(),
            at: self.clock.now(),
            device: Some(device),
            key: None,
            knew_password: true,
            turned_off: false,
        };
        let command = || AccountCommand::Report(report.clone());
        self.account(person.account, &person.data_key, command).await;
    }

    /// Says, through a mail about an attempt, that it was not them.
    pub(crate) async fn report_attempt(&self, person: &Person, attempt: &Attempt) {
        let asked_by = EventId::new(self.clock.now(), draw(&*self.chance));
        let command = || SignInCommand::Report { asked_by };
        self.in_attempt(person, attempt, command).await;
    }

    pub(crate) async fn rename(&self, person: &Person, device: DeviceId, name: &str) {
        let acting = self.acting(person);
        let [model, os_version] = ["P9", "16"].map(str::to_owned);
        let name = name.to_owned();
        let description = Personal::Clear(DeviceDescription { name, model, os_version });
        let command =
            || AccountCommand::RenameDevice { device, description: description.clone(), acting };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn mark_undeliverable(&self, person: &Person, because: UndeliverableBecause) {
        let asked_at = self.clock.now();
        let message = MessageId::new(asked_at, draw(&*self.chance));
        let command = || AccountCommand::MarkUndeliverable { message, asked_at, because };
        self.account(person.account, &person.data_key, command).await;
    }

    /// The recipient's server refuses a mail.
    pub(crate) async fn bounce(&self, message: MessageId) {
        self.note(message, Feedback::Bounced(BounceKind::Permanent)).await;
    }

    /// The carrier says something about a mail.
    pub(crate) async fn note(&self, message: MessageId, feedback: Feedback) {
        let (now, chance) = (self.clock.now(), self.chance.clone());
        let scribe = || Scribe { now, chance: chance.clone(), data_key: None };
        let command = || MessageCommand::Note(feedback);
        let streams = self.store.streams();
        streams.execute::<Message>(message, command, scribe, &meta()).await.unwrap();
    }

    pub(crate) async fn speak(&self, person: &Person, locale: &str) {
        let by = person.device;
        let command = || AccountCommand::ChooseLocale { locale: locale.to_owned(), by };
        self.account(person.account, &person.data_key, command).await;
    }

    pub(crate) async fn erase(&self, person: &Person) {
        let acting = self.acting(person);
        let command = || AccountCommand::Erase { acting };
        self.account(person.account, &person.data_key, command).await;
    }
}
