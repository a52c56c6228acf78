//! Processes that prove a mailbox or another channel, opened as the API's calls open them.

use jiff::Timestamp;
use postern_domain::account::nobody;
use postern_domain::budget::{Exhausted, OPEN_MAILS, Spent};
use postern_domain::challenge::Challenge;
use postern_domain::channels::Channels;
use postern_domain::guard::{AccountGuard, Paused};
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::verification::{Pending, Verification, VerificationCommand, Way};
use postern_events::ids::{AccountId, DeviceId, EventId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::{Opened, StepUpInputs, VerificationEvent};
use postern_events::vocabulary::{
    AddressKey, DeviceDescription, DeviceKey, Method, Platform, Purpose,
};
use postern_store::model::Recorded;
use postern_store::streams::{Meta, Offline, StreamContext};

use super::life::{ACCOUNT, ANONYMOUS, Life, SIGN_IN, Step, Stop, write};
use super::people::{Caller, LOCATED_BY, email};

/// The language of whoever's is not known.
const DEFAULT_LOCALE: &str = "en";

/// A process that a story may go on with.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) context: StreamContext<Verification>,
    pub(super) purpose: Purpose,
    /// The account that it is about, or would open.
    pub(super) whose: AccountId,
    pub(super) taken_by: Option<AccountId>,
    pub(super) key: DeviceKey,
    pub(super) opened_at: Timestamp,
    /// The ways that its codes went, in order.
    pub(super) sends: Vec<Method>,
    /// The event that its newest mail is about.
    pub(super) mailed: Option<EventId>,
    /// What counts the guesses at a registration: there is no account yet that could.
    pub(super) guesses: AccountGuard,
}

impl Process {
    /// What is asked for and its codes, while one is awaited.
    pub(super) fn awaited(&self) -> Option<(&Pending, &Challenge)> {
        if let Verification::CodeRequired(pending, challenge) = self.context.state() {
            Some((pending, challenge))
        } else {
            None
        }
    }
}

/// What all processes say when they are opened.
struct Opening<'a> {
    purpose: Purpose,
    account: AccountId,
    caller: &'a Caller,
    email: Personal<String>,
    address_key: AddressKey,
}

impl Life<'_> {
    pub(super) fn process(&self, id: VerificationId) -> Step<&Process> {
        self.processes.get(&id).ok_or(Stop::Refused)
    }

    fn new_process(&self) -> VerificationId {
        VerificationId::new(self.now, draw(&self.chance))
    }

    fn opened(&self, id: VerificationId, opening: Opening<'_>) -> Opened {
        let Opening { purpose, account, caller, email, address_key } = opening;
        let open = self.account.state().open();
        Opened {
            verification: id,
            purpose,
            account,
            taken_by: None,
            key: caller.key,
            device: DeviceId::new(self.now, draw(&self.chance)),
            platform: caller.platform,
            description: Personal::Clear(caller.description.clone()),
            origin: Personal::Clear(caller.origin.clone()),
            country: Some(caller.country()),
            located_by: Some(LOCATED_BY.to_owned()),
            email,
            address_key,
            locale: open.map_or_else(|| DEFAULT_LOCALE.to_owned(), |it| it.locale.clone()),
            attempt_generation: open.map(|it| it.attempt_generation),
            session: None,
            inputs: None,
            policy: policy::VERSION,
        }
    }

    /// Begins to register the owner's address. Where it has an account already, its owner is told.
    pub(super) fn register(&mut self, caller: &Caller) -> Step<VerificationId> {
        self.call(SIGN_IN);
        OPEN_MAILS.take(&mut self.counts.open_mails, self.now).map_err(Stop::refused)?;
        let id = self.new_process();
        let taken_by = self.account.state().open().map(|it| it.id);
        let account = match taken_by {
            Some(_) => AccountId::new(self.now, draw(&self.chance)),
            None => self.id,
        };
        let email = Personal::Clear(self.owner.email.clone());
        let address_key = self.address;
        let purpose = Purpose::Registration;
        let opening = Opening { purpose, account, caller, email, address_key };
        let opened = Opened {
            taken_by,
            locale: caller.country.locale.to_owned(),
            attempt_generation: None,
            ..self.opened(id, opening)
        };
        self.open_process(opened, Way::Code(Method::Email), ANONYMOUS)?;
        let (now, name) = (self.now, id.to_string());
        if let Some(process) = self.processes.get_mut(&id) {
            process.guesses.open_verification(&name, caller.key, now, now + policy::ATTEMPT_LIFE);
        }
        Ok(id)
    }

    /// Begins a password reset: of the account, or of an address that has none.
    pub(super) fn reset(&mut self, caller: &Caller, known: bool) -> Step<VerificationId> {
        self.call(ACCOUNT);
        let id = self.new_process();
        let now = self.now;
        let open = self.account.state().open().filter(|_| known);
        let (email, address_key, account) = if let Some(it) = open {
            (it.email.clone(), it.address_key, it.id)
        } else {
            let address = AddressKey::from_bytes(draw(&self.chance));
            (Personal::Clear(email(&self.chance)), address, nobody(address))
        };
        let device = open.and_then(|it| it.trusted(caller.key, now)).map(|it| it.id);
        let purpose = Purpose::PasswordReset;
        let known = open.is_some();
        let opened = self.opened(id, Opening { purpose, account, caller, email, address_key });
        let opened = Opened {
            platform: Platform::Other,
            description: Personal::Clear(undescribed()),
            device: device.unwrap_or(opened.device),
            attempt_generation: opened.attempt_generation.filter(|_| known),
            locale: if known { opened.locale } else { DEFAULT_LOCALE.to_owned() },
            ..opened
        };
        if known {
            OPEN_MAILS.take(&mut self.counts.open_mails, now).map_err(Stop::refused)?;
            self.allow_recovery(id, caller.key);
        }
        self.open_process(opened, Way::Code(Method::Email), ANONYMOUS)?;
        Ok(id)
    }

    /// Begins to move the account to another address, on a session that is stepped up.
    pub(super) fn change_email(&mut self, phone: usize) -> Step<VerificationId> {
        self.call(ACCOUNT);
        let (acting, caller) = (self.acting(phone)?, self.owner.phones[phone].caller.clone());
        if !acting.stepped_up {
            return Err(Stop::Refused);
        }
        let id = self.new_process();
        // The new address has a budget of its own, which is whole.
        OPEN_MAILS.take(&mut Spent::default(), self.now).map_err(Stop::refused)?;
        let address_key = AddressKey::from_bytes(draw(&self.chance));
        let email = Personal::Clear(email(&self.chance));
        let purpose = Purpose::EmailChange;
        let opening = Opening { purpose, account: self.id, caller: &caller, email, address_key };
        let opened = self.of_session(phone, self.opened(id, opening))?;
        self.allow_recovery(id, caller.key);
        self.open_process(opened, Way::Code(Method::Email), &acting.device.to_string())?;
        Ok(id)
    }

    /// Gives the password once more. On a settled device that is enough, else a code is needed.
    pub(super) fn step_up(&mut self, phone: usize) -> Step<VerificationId> {
        let caller = self.owner.phones[phone].caller.clone();
        self.settle(&caller, true)?;
        self.call(SIGN_IN);
        let (acting, id, now) = (self.acting(phone)?, self.new_process(), self.now);
        let open = self.open()?.clone();
        let trusted = open.device(acting.device, now);
        let settled = trusted.is_some_and(|it| !it.is_young(now));
        let (way, channels) = if settled {
            (Way::AtOnce(acting.session), None)
        } else {
            let guard = &mut self.counts.guard;
            if trusted.is_none() && guard.paused(now).is_some() {
                return Err(Stop::Refused);
            }
            let channels = Channels::of_step_up(&open, caller.key, guard, now);
            let ends_at = now + policy::ATTEMPT_LIFE;
            let opened = guard.open_step_up(&id.to_string(), caller.key, now, ends_at);
            opened.map_err(Stop::refused)?;
            let chosen = channels.chosen(open.method);
            if let Some(method) = chosen.filter(|it| channels.costs(*it)) {
                let none_left = |it: Exhausted| Paused { until: Some(it.until) };
                guard.claim_send(method, now).map_err(none_left).map_err(Stop::refused)?;
            }
            (chosen.map_or(Way::Nowhere, Way::Code), Some(channels))
        };
        let (email, address_key) = (open.email.clone(), open.address_key);
        let purpose = Purpose::StepUp;
        let opening = Opening { purpose, account: self.id, caller: &caller, email, address_key };
        let opened = Opened {
            inputs: Some(StepUpInputs {
                settled: channels.is_none(),
                method: open.method,
                reachable: channels.map(|it| it.available()).unwrap_or_default(),
                pushable: channels.map_or(0, |it| u8::try_from(it.pushable).unwrap_or(u8::MAX)),
            }),
            ..self.of_session(phone, self.opened(id, opening))?
        };
        self.open_process(opened, way, &acting.device.to_string())?;
        if settled {
            self.stepped_up(phone);
        }
        Ok(id)
    }

    /// A process that a session asks for keeps what the session knows of its device.
    fn of_session(&self, phone: usize, opened: Opened) -> Step<Opened> {
        let signed_in = self.owner.phones[phone].signed_in.as_ref().ok_or(Stop::Refused)?;
        Ok(Opened {
            device: signed_in.device,
            description: signed_in.description.clone(),
            session: Some(signed_in.session),
            ..opened
        })
    }

    fn allow_recovery(&mut self, id: VerificationId, key: DeviceKey) {
        let ends_at = self.now + policy::ATTEMPT_LIFE;
        self.counts.recovery.open_verification(&id.to_string(), key, self.now, ends_at);
    }

    fn open_process(&mut self, opened: Opened, way: Way, actor: &str) -> Step<()> {
        let Opened { verification: id, purpose, account: whose, taken_by, key, .. } = opened;
        let context = StreamContext::new(id);
        let (opened, material, now) = (Box::new(opened), self.material(), self.now);
        let command = VerificationCommand::Open { opened, way, material, now };
        let writer = Offline { now, chance: &self.chance, account: whose };
        let meta = self.meta(actor);
        let done = write::<Verification>(&context, command, &writer, &meta, &mut self.log)?;
        let about = self.account.state().open().map(|it| it.id);
        let unknown = whose != self.id && taken_by.is_none();
        self.label(context.stream(), about.filter(|_| !unknown));
        let process = Process {
            context: done.context,
            purpose,
            whose,
            taken_by,
            key,
            opened_at: now,
            sends: Vec::new(),
            mailed: None,
            guesses: AccountGuard::default(),
        };
        self.processes.insert(id, process);
        self.ask_for_process(id, &done.events);
        Ok(())
    }

    /// Has a process do something, and asks for the messages that follow.
    pub(super) fn on_process(
        &mut self,
        id: VerificationId,
        command: VerificationCommand,
        meta: &Meta,
    ) -> Step<Vec<Recorded<VerificationEvent>>> {
        let process = self.processes.get_mut(&id).ok_or(Stop::Refused)?;
        let writer = Offline { now: self.now, chance: &self.chance, account: process.whose };
        let done = write(&process.context, command, &writer, meta, &mut self.log)?;
        process.context = done.context;
        self.ask_for_process(id, &done.events);
        Ok(done.events)
    }
}

/// The call says nothing about the device.
fn undescribed() -> DeviceDescription {
    DeviceDescription { name: String::new(), model: String::new(), os_version: String::new() }
}
