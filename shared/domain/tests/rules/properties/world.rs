//! An account with its guard and its attempts, worked on in memory as a function would.

use jiff::Timestamp;
use postern_domain::account::{
    Account, AccountCommand, NewDevice, NewEndpoint, OpenAccount, Order, Registration,
};
use postern_domain::channels::Channels;
use postern_domain::guard::{AccountGuard, Paused, Resumed};
use postern_domain::policy;
use postern_domain::sign_in::{Asking, RightPassword, SignIn, SignInCommand, SignInRefusal};
use postern_events::code::CodeIssued;
use postern_events::ids::{DeviceId, SessionId, SignInId};
use postern_events::sign_in::{Completed, SignInEvent};
use postern_events::vocabulary::{Alerts, Method, Platform, PushPlatform, PushTokenKey};
use proptest::sample::Index;

mod checks;

use super::Typed;
use crate::fixtures::*;
use crate::stream::Stream;

fn code_issued(event: &SignInEvent) -> Option<&CodeIssued> {
    if let SignInEvent::CodeIssued(it) = event { Some(it) } else { None }
}

struct Running {
    id: SignInId,
    from: u8,
    stream: Stream<SignIn>,
    judged: u8,
    guesses_left: u8,
}

impl Running {
    fn issued(&self) -> Vec<&CodeIssued> {
        self.stream.events.iter().filter_map(code_issued).collect()
    }
}

/// One account and everything around it.
pub(super) struct World {
    /// The present.
    pub(super) now: Timestamp,
    /// Whether the last step was a right code, which alone forgives wrong ones.
    pub(super) forgiven: bool,
    account: Stream<Account>,
    guard: AccountGuard,
    attempts: Vec<Running>,
    drawn: u8,
}

impl World {
    pub(super) fn new() -> Self {
        let mut account = Stream::default();
        let register = AccountCommand::Register(Box::new(Registration {
            account: ada(),
            email: sealed(),
            address_key: address_key(),
            locale: "en".to_owned(),
            verification: registration(),
            device: new_device(PHONE),
        }));
        account.ask(at(0), register).unwrap();
        let guard = AccountGuard::default();
        Self { now: at(0), account, guard, attempts: Vec::new(), drawn: 0, forgiven: false }
    }

    fn draw(&mut self) -> u8 {
        self.drawn += 1;
        self.drawn
    }

    /// One of the newest attempts, which are the ones that may still be open.
    pub(super) fn recent(&self, on: Index) -> Option<usize> {
        let newest = self.attempts.len().min(3);
        (newest > 0).then(|| self.attempts.len() - 1 - on.index(newest))
    }

    /// Wrong codes in a row, over all attempts.
    pub(super) fn wrong_in_a_row(&self) -> u16 {
        self.guard.wrong_in_a_row()
    }

    fn open_account(&self) -> OpenAccount {
        self.account.state.open().unwrap().clone()
    }

    fn asking(&self, from: u8) -> Asking {
        let generation = self.open_account().attempt_generation;
        Asking { key: key(from), generation, now: self.now }
    }

    /// Counts an attempt and its first send, if there is room for both.
    fn note_attempt(
        &mut self,
        id: &str,
        from: u8,
        account: &OpenAccount,
    ) -> Result<Channels, Paused> {
        let (mut guard, now) = (self.guard.clone(), self.now);
        guard.open_attempt(id, key(from), now, now + policy::ATTEMPT_LIFE)?;
        let channels = Channels::of(account, key(from), &guard, now);
        if let Some(method) = channels.chosen(account.method).filter(|it| channels.costs(*it)) {
            guard.claim_send(method, now).expect("a chosen method has a send left");
        }
        self.guard = guard;
        Ok(channels)
    }

    pub(super) fn open(&mut self, from: u8, two_step: bool, method: Method) {
        let number = self.draw();
        let id = SignInId::new(self.now, [number; 10]);
        let account = OpenAccount { two_step, method, ..self.open_account() };
        let may_skip = account.trusted(key(from), self.now).is_some() || !two_step;
        assert_eq!(account.needs_code(key(from), self.now), !may_skip);
        let channels = if may_skip {
            None
        } else {
            let Ok(channels) = self.note_attempt(&id.to_string(), from, &account) else { return };
            Some(channels)
        };
        let password = Box::new(RightPassword {
            id,
            account,
            channels,
            key: key(from),
            device: DeviceId::new(self.now, [number; 10]),
            session: session(),
            platform: Platform::Web,
            description: sealed(),
            origin: sealed(),
            country: None,
            located_by: None,
            material: material(number),
        });
        let mut stream = Stream::<SignIn>::default();
        let events =
            stream.when(SignInCommand::Open { password, now: self.now }).expect("a new attempt");
        let needs_code = events.iter().any(|it| matches!(it, SignInEvent::CodeIssued(_)));
        let complete = events.iter().any(|it| matches!(it, SignInEvent::Completed(_)));
        let reached = channels.is_some_and(|it| it.chosen(method).is_some());
        assert_eq!((complete, needs_code), (may_skip, reached));
        stream.happened(self.now, &events);
        self.attempts.push(Running { id, from, stream, judged: 0, guesses_left: 5 });
    }

    pub(super) fn guess(&mut self, on: usize, typed: &Typed, trust: bool) {
        let account = self.open_account();
        let asking = self.asking(self.attempts[on].from);
        let attempt = &mut self.attempts[on];
        let id = attempt.id.to_string();
        let code = typed.code(&attempt.issued(), ada(), &id);
        let command = SignInCommand::Verify {
            asking: asking.clone(),
            account: Box::new(account.clone()),
            guess: guess(&code),
            trust,
            session: SessionId::new(self.now, [7; 10]),
        };
        let may =
            attempt.stream.state.may_go_on(&asking).and_then(|(_, challenge)| {
                challenge.may_guess(self.now).map_err(SignInRefusal::Code)
            });
        if let Err(refused) = may {
            assert_eq!(attempt.stream.when(command), Err(refused));
            return;
        }
        let Ok(claim) = self.guard.claim_guess(&id, self.now) else { return };
        let newest = code_of(attempt.issued().last().unwrap(), ada(), &id);
        let events = attempt.stream.ask(self.now, command).expect("it may be judged");
        attempt.judged += 1;
        let right = matches!(events.first(), Some(SignInEvent::CodeVerified(_)));
        assert_eq!(right, newest.reveal() == code.reveal(), "only the newest code is right");
        if let [SignInEvent::CodeVerified(_), SignInEvent::Completed(completed)] = events.as_slice()
        {
            self.guard.verified(&id);
            self.forgiven = true;
            self.admitted(on, completed, &account);
        } else {
            assert!(!events.iter().any(|it| matches!(it, SignInEvent::Completed(_))));
            if let Some(pause) = claim.pause {
                let wrong_in_a_row = claim.wrong_in_a_row;
                let pause = AccountCommand::PauseCodeEntry { wrong_in_a_row, until: pause.until };
                self.account.ask(self.now, pause).unwrap();
            }
        }
    }

    fn admitted(&mut self, on: usize, completed: &Completed, account: &OpenAccount) {
        let (attempt, at) = (&self.attempts[on], self.now);
        if completed.trusted && account.trusted(key(attempt.from), at).is_none() {
            let device = Box::new(NewDevice { id: completed.device, ..new_device(attempt.from) });
            let trust = AccountCommand::TrustDevice { device, now: at };
            self.account.ask(at, trust).expect("there was room");
        }
    }

    pub(super) fn resend(&mut self, on: usize, method: Option<Method>) {
        let asking = self.asking(self.attempts[on].from);
        let material = material(self.draw());
        let key = key(self.attempts[on].from);
        let channels = Channels::of(&self.open_account(), key, &self.guard, self.now);
        let command = SignInCommand::Resend { asking, method, channels, material };
        if self.attempts[on].stream.ask(self.now, command).is_ok() {
            let method = self.attempts[on].stream.state.pending().unwrap().1.newest().method;
            if channels.costs(method) {
                self.guard.claim_send(method, self.now).expect("a send that was decided is there");
            }
        }
    }

    pub(super) fn cancel(&mut self, on: usize) {
        let asking = self.asking(self.attempts[on].from);
        if self.attempts[on].stream.ask(self.now, SignInCommand::Cancel { asking }).is_ok() {
            self.guard.close(&self.attempts[on].id.to_string());
        }
    }

    /// The owner says that one attempt is not hers: all of its key's are over, and no other.
    pub(super) fn deny(&mut self, on: usize) {
        let (from, now) = (self.attempts[on].from, self.now);
        let others: Vec<String> = self
            .attempts
            .iter()
            .filter(|it| it.from != from && self.guard.is_open(&it.id.to_string(), now))
            .map(|it| it.id.to_string())
            .collect();
        let denied = self.guard.deny(key(from), now);
        let generation = self.open_account().attempt_generation;
        for attempt in self.attempts.iter_mut().filter(|it| denied.contains(&it.id.to_string())) {
            assert_eq!(attempt.from, from);
            let deny = SignInCommand::Deny { by: device(PHONE), generation, now };
            let _ = attempt.stream.ask(now, deny);
        }
        let mine = |it: &&Running| it.from == from;
        assert!(
            !self
                .attempts
                .iter()
                .filter(mine)
                .any(|it| self.guard.is_open(&it.id.to_string(), now))
        );
        assert!(others.iter().all(|id| self.guard.is_open(id, now)));
    }

    /// The app of a trusted device says that it can be pushed to, or that nobody would see it.
    pub(super) fn register_push(&mut self, which: Index, alerts: Alerts) {
        let devices = self.open_account().devices;
        if devices.is_empty() {
            return;
        }
        let device = which.get(&devices).id;
        let (platform, token) = (PushPlatform::Fcm, PushTokenKey::from_bytes([1; 16]));
        let endpoint = NewEndpoint { device, platform, token, alerts };
        let command = AccountCommand::RegisterPush { endpoint, moved_from: None, now: self.now };
        let _ = self.account.ask(self.now, command);
    }

    pub(super) fn remove(&mut self, which: Index, by: Index, stepped_up: bool) {
        let devices = self.open_account().devices;
        if devices.is_empty() {
            return;
        }
        let (device, by) = (which.get(&devices).id, by.get(&devices).id);
        let remove = AccountCommand::RemoveDevice { device, by, stepped_up, now: self.now };
        let _ = self.account.ask(self.now, remove);
    }

    pub(super) fn sign_out_everywhere(&mut self, by: u8) {
        let (by, session, now) = (device(by), session(), self.now);
        let command = AccountCommand::SignOutEverywhere { by, session, stepped_up: false, now };
        let _ = self.account.ask(self.now, command);
    }

    /// An operator puts everybody out.
    pub(super) fn put_out(&mut self) {
        self.account.ask(self.now, AccountCommand::Operate(Order::SignOut)).unwrap();
        assert!(self.open_account().devices.is_empty());
    }

    /// An operator lifts a pause, if one is on that ends by itself.
    pub(super) fn resume(&mut self) {
        let Ok(Resumed { until, wrong_in_a_row }) = self.guard.resume(self.now) else { return };
        assert!(self.now < until && self.guard.paused(self.now).is_none());
        let order = Order::ResumeCodeEntry { until, wrong_in_a_row };
        self.account.ask(self.now, AccountCommand::Operate(order)).unwrap();
    }
}
