//! An account with its guard and its attempts, worked on in memory as a function would.

use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand, NewDevice, OpenAccount, Registration};
use postern_domain::guard::AccountGuard;
use postern_domain::policy;
use postern_domain::sign_in::{Asking, RightPassword, SignIn, SignInCommand, SignInRefusal};
use postern_events::code::CodeIssued;
use postern_events::ids::{DeviceId, SessionId, SignInId};
use postern_events::sign_in::{Completed, SignInEvent};
use postern_events::vocabulary::{Method, Platform};
use proptest::sample::Index;

use super::Typed;
use crate::fixtures::*;
use crate::stream::{Stream, stored_and_loaded};

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

    pub(super) fn open(&mut self, from: u8, two_step: bool, both_methods: bool) {
        let number = self.draw();
        let id = SignInId::new(self.now, [number; 10]);
        let account = OpenAccount { two_step, ..self.open_account() };
        let may_skip = account.trusted(key(from), self.now).is_some() || !two_step;
        let password = Box::new(RightPassword {
            id,
            account,
            key: key(from),
            device: DeviceId::new(self.now, [number; 10]),
            session: session(),
            platform: Platform::Web,
            description: sealed(),
            origin: sealed(),
            country: None,
            material: material(number),
        });
        let mut stream = Stream::<SignIn>::default();
        let mut events =
            stream.when(SignInCommand::Open { password, now: self.now }).expect("a new attempt");
        let needs_code = events.iter().any(|it| matches!(it, SignInEvent::CodeIssued(_)));
        let complete = events.iter().any(|it| matches!(it, SignInEvent::Completed(_)));
        assert_eq!((complete, needs_code), (may_skip, !may_skip));
        if both_methods && let Some(SignInEvent::Attempted(it)) = events.first_mut() {
            it.inputs.reachable = vec![Method::App, Method::Email];
        }
        let ends_at = self.now + policy::ATTEMPT_LIFE;
        if needs_code && self.guard.open_attempt(&id.to_string(), self.now, ends_at).is_err() {
            return;
        }
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
        let command = SignInCommand::Resend { asking, method, material };
        let _ = self.attempts[on].stream.ask(self.now, command);
    }

    pub(super) fn cancel(&mut self, on: usize) {
        let asking = self.asking(self.attempts[on].from);
        if self.attempts[on].stream.ask(self.now, SignInCommand::Cancel { asking }).is_ok() {
            self.guard.close(&self.attempts[on].id.to_string());
        }
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

    /// What holds after every step.
    pub(super) fn check(&mut self) {
        for attempt in &mut self.attempts {
            let events = &attempt.stream.events;
            let count = |of: fn(&SignInEvent) -> bool| events.iter().filter(|it| of(it)).count();
            let verified = count(|it| matches!(it, SignInEvent::CodeVerified(_)));
            let rejected = count(|it| matches!(it, SignInEvent::CodeRejected(_)));
            let completed = count(|it| matches!(it, SignInEvent::Completed(_)));
            let sends =
                count(|it| matches!(it, SignInEvent::CodeIssued(_) | SignInEvent::CodeResent(_)));
            let Some(SignInEvent::Attempted(first)) = events.first() else { panic!("no attempt") };
            assert!(attempt.judged <= 5 && verified + rejected == usize::from(attempt.judged));
            assert!(sends <= 5 && completed <= 1);
            let skips_code = first.inputs.trusted || !first.inputs.two_step;
            assert!(completed == 0 || verified == 1 || skips_code, "{events:?}");
            let opened_at = attempt.id.time();
            for issued in attempt.issued() {
                assert!(issued.expires_at <= opened_at + policy::ATTEMPT_LIFE);
            }
            if let Some((_, challenge)) = attempt.stream.state.pending() {
                assert!(challenge.guesses_left() <= attempt.guesses_left, "guesses came back");
                attempt.guesses_left = challenge.guesses_left();
            }
        }
        assert!(self.open_account().devices.len() <= policy::TRUSTED_DEVICES);
    }

    /// What holds for everything that was stored.
    pub(super) fn check_stored(&self) {
        for attempt in &self.attempts {
            assert_eq!(attempt.stream.refolded(), attempt.stream.state);
            assert_eq!(stored_and_loaded(&attempt.stream.state), attempt.stream.state);
        }
        assert_eq!(self.account.refolded(), self.account.state);
        assert_eq!(stored_and_loaded(&self.account.state), self.account.state);
        let guard = serde_json::to_string(&self.guard).unwrap();
        assert_eq!(serde_json::from_str::<AccountGuard>(&guard).unwrap(), self.guard);
    }
}
