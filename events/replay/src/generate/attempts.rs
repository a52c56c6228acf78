//! Attempts to sign in, step by step as the API's calls take them.

use jiff::Timestamp;
use postern_domain::account::{AccountCommand, OpenAccount};
use postern_domain::budget::Exhausted;
use postern_domain::challenge::Material;
use postern_domain::channels::Channels;
use postern_domain::guard::{AccountGuard, Paused};
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::sign_in::{Asking, Ending, RightPassword, SignIn, SignInCommand};
use postern_events::ids::{DeviceId, EventId, SessionId, SignInId};
use postern_events::personal::Personal;
use postern_events::sign_in::{Attempted, Completed, SignInEvent};
use postern_events::vocabulary::{Method, Nonce};
use postern_store::model::Recorded;
use postern_store::streams::{Meta, Offline, StreamContext};

use super::life::{ANONYMOUS, Life, SIGN_IN, Step, Stop, write};
use super::people::{Caller, LOCATED_BY};

/// An attempt that a story may go on with.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) context: StreamContext<SignIn>,
    pub(super) opened: Attempted,
    pub(super) opened_at: Timestamp,
    /// The ways that its codes went, in order.
    pub(super) sends: Vec<Method>,
    /// The event that its newest mail is about.
    pub(super) mailed: Option<EventId>,
}

impl Life<'_> {
    /// What a new code is made from.
    pub(super) fn material(&self) -> Material {
        let kid = self.world.keys.current().to_owned();
        Material { kid, nonce: Nonce::from_bytes(draw(&self.chance)) }
    }

    pub(super) fn attempt(&self, id: SignInId) -> Step<&Attempt> {
        self.attempts.get(&id).ok_or(Stop::Refused)
    }

    /// Who goes on with an attempt, as far as is known now.
    pub(super) fn asking(&self, caller: &Caller) -> Step<Asking> {
        let generation = self.open()?.attempt_generation;
        Ok(Asking { key: caller.key, generation, now: self.now })
    }

    /// Settles a password that was given: counted for a trusted key apart.
    pub(super) fn settle(&mut self, caller: &Caller, right: bool) -> Step<()> {
        let (now, key, source) = (self.now, caller.key, caller.source());
        let open = self.account.state().open();
        let settled = if open.is_some_and(|it| it.trusted(key, now).is_some()) {
            let tries = &mut self.counts.of_keys;
            if right { tries.right(key, now) } else { tries.wrong(key, now) }
        } else {
            let tries = &mut self.counts.of_address;
            if right { tries.right(source, now) } else { tries.wrong(source, now) }
        };
        settled.map_err(Stop::refused)
    }

    /// A wrong password, or a right one that counts for nothing any more.
    pub(super) fn wrong_password(&mut self, caller: &Caller) -> Step<()> {
        self.settle(caller, false)?;
        let account = self.account.state().open().map(|it| it.id);
        self.refuse(caller, account)
    }

    /// A password for an address that has no account.
    pub(super) fn unknown_address(&mut self, caller: &Caller) -> Step<()> {
        self.refuse(caller, None)
    }

    fn refuse(
        &mut self,
        caller: &Caller,
        account: Option<postern_events::ids::AccountId>,
    ) -> Step<()> {
        self.call(SIGN_IN);
        let context = StreamContext::new(SignInId::new(self.now, draw(&self.chance)));
        let command = SignInCommand::Refuse {
            account,
            platform: caller.platform,
            country: Some(caller.country()),
            located_by: Some(LOCATED_BY.to_owned()),
        };
        let meta = self.meta(ANONYMOUS);
        let writer = Offline { now: self.now, chance: &self.chance, account: self.id };
        write::<SignIn>(&context, command, &writer, &meta, &mut self.log)?;
        self.label(context.stream(), account);
        Ok(())
    }

    /// Gives the right password.
    pub(super) fn sign_in(&mut self, caller: &Caller) -> Step<SignInId> {
        let now = self.now;
        let open = self.open()?.clone();
        let trusted = open.trusted(caller.key, now).is_some();
        if open.password_compromised && !trusted {
            self.wrong_password(caller)?;
            return Err(Stop::Refused);
        }
        self.settle(caller, true)?;
        self.call(SIGN_IN);
        let id = SignInId::new(now, draw(&self.chance));
        let mut channels = None;
        let mut actor = ANONYMOUS.to_owned();
        if open.needs_code(caller.key, now) {
            let guard = &mut self.counts.guard;
            let opened = note_attempt(guard, &open, id, caller, now);
            channels = Some(opened.map_err(Stop::refused)?);
        }
        let password = self.right_password(id, &open, caller, channels);
        let command = SignInCommand::Open { password: Box::new(password), now };
        if channels.is_none() {
            let device = open.trusted(caller.key, now).map(|it| it.id);
            if let Some(device) = device {
                actor = device.to_string();
                let meta = self.meta(&actor);
                self.on_account(AccountCommand::SeeDevice { device, now }, &meta)?;
            }
        }
        self.open_attempt(id, command, &actor)?;
        Ok(id)
    }

    fn right_password(
        &self,
        id: SignInId,
        open: &OpenAccount,
        caller: &Caller,
        channels: Option<Channels>,
    ) -> RightPassword {
        RightPassword {
            id,
            account: open.clone(),
            channels,
            key: caller.key,
            device: DeviceId::new(self.now, draw(&self.chance)),
            session: SessionId::new(self.now, draw(&self.chance)),
            platform: caller.platform,
            description: Personal::Clear(caller.description.clone()),
            origin: Personal::Clear(caller.origin.clone()),
            country: Some(caller.country()),
            located_by: Some(LOCATED_BY.to_owned()),
            material: self.material(),
        }
    }

    fn open_attempt(&mut self, id: SignInId, command: SignInCommand, actor: &str) -> Step<()> {
        let context = StreamContext::new(id);
        let writer = Offline { now: self.now, chance: &self.chance, account: self.id };
        let done = write::<SignIn>(&context, command, &writer, &self.meta(actor), &mut self.log)?;
        self.label(context.stream(), Some(self.id));
        let opened = done.events.iter().find_map(|it| attempted(&it.event)).ok_or(Stop::Refused)?;
        let attempt = Attempt {
            context: done.context,
            opened: opened.clone(),
            opened_at: self.now,
            sends: Vec::new(),
            mailed: None,
        };
        self.attempts.insert(id, attempt);
        self.ask_for_attempt(id, &done.events);
        Ok(())
    }

    /// Has an attempt do something, and asks for the messages that follow.
    pub(super) fn on_attempt(
        &mut self,
        id: SignInId,
        command: SignInCommand,
        meta: &Meta,
    ) -> Step<Vec<Recorded<SignInEvent>>> {
        let attempt = self.attempts.get_mut(&id).ok_or(Stop::Refused)?;
        let writer = Offline { now: self.now, chance: &self.chance, account: self.id };
        let done = write(&attempt.context, command, &writer, meta, &mut self.log)?;
        attempt.context = done.context;
        self.ask_for_attempt(id, &done.events);
        Ok(done.events)
    }

    /// The session that an attempt has led to.
    pub(super) fn completed(&self, id: SignInId) -> Option<Completed> {
        match self.attempts.get(&id)?.context.state() {
            SignIn::Closed { how: Ending::Complete(it), .. } => Some(it.clone()),
            SignIn::New
            | SignIn::Refused
            | SignIn::Unreachable(_)
            | SignIn::CodeRequired(..)
            | SignIn::Closed { .. } => None,
        }
    }

    /// How the newest code of an attempt travels, while one is awaited.
    pub(super) fn awaited_by(&self, id: SignInId) -> Option<Method> {
        let pending = self.attempts.get(&id)?.context.state().pending();
        pending.map(|(_, challenge)| challenge.newest().method)
    }
}

pub(super) fn attempted(event: &SignInEvent) -> Option<&Attempted> {
    if let SignInEvent::Attempted(it) = event { Some(it) } else { None }
}

/// Counts the attempt and its first send among the account's.
fn note_attempt(
    guard: &mut AccountGuard,
    open: &OpenAccount,
    id: SignInId,
    caller: &Caller,
    now: Timestamp,
) -> Result<Channels, Paused> {
    guard.open_attempt(&id.to_string(), caller.key, now, now + policy::ATTEMPT_LIFE)?;
    let channels = Channels::of(open, caller.key, guard, now);
    let none_left = |it: Exhausted| Paused { until: Some(it.until) };
    let method = channels.chosen(open.method);
    if let Some(method) = method.filter(|it| channels.costs(*it)) {
        guard.claim_send(method, now).map_err(none_left)?;
    }
    if method == Some(Method::Email) && channels.tells_devices() {
        guard.claim_send(Method::App, now).map_err(none_left)?;
    }
    Ok(channels)
}
