//! A right password: a session on a trusted key, else an attempt and its first code.

use jiff::SignedDuration;
use postern_domain::account::{Account, AccountCommand, OpenAccount};
use postern_domain::channels::{Channels, Unavailable};
use postern_domain::decider::Decider;
use postern_domain::guard::AccountGuard;
use postern_domain::sign_in::{RightPassword, SignIn, SignInCommand};
use postern_events::ids::{DeviceId, SessionId, SignInId};
use postern_events::sign_in::{Completed, SignInEvent};
use postern_events::vocabulary::Platform;

use super::{Actor, DECISIONS, Next};
use crate::cast;
use crate::store::{Act, Loaded, Session, Transaction, Write};
use crate::world::{Known, NotWritten, World};

/// One sign-in, after its password.
pub(crate) struct Opening {
    from: u8,
    /// The password that is presented, and was the right one when somebody learned it.
    password: u64,
    id: Option<SignInId>,
    tries: u8,
    stage: Stage,
}

enum Stage {
    ReadAccount,
    ReadGuard(OpenAccount),
    NoteAttempt(OpenAccount, Transaction, Channels),
    Decide(OpenAccount, Channels),
    Open(Transaction),
    LetIn(Loaded<Account>, OpenAccount),
    See(Transaction, Vec<SignInEvent>, OpenAccount),
    Complete(Transaction, Session),
    Begin(Transaction),
}

impl Opening {
    pub(crate) fn new(from: u8, password: u64) -> Self {
        Self { from, password, id: None, tries: 0, stage: Stage::ReadAccount }
    }

    fn again(&mut self, stage: Stage) -> Next {
        self.tries += 1;
        self.stage = stage;
        if self.tries < DECISIONS { Next::Step } else { Next::Done }
    }

    fn go(&mut self, stage: Stage) -> Next {
        self.stage = stage;
        Next::Step
    }

    fn read_account(&mut self, world: &mut World) -> Next {
        let now = world.acting.now;
        self.id.get_or_insert_with(|| SignInId::new(now, world.chance.bytes()));
        let Some((account, open)) = world.account() else { return Next::Done };
        let key = cast::key(self.from);
        world.watch.presented.insert(world.acting.number, self.password);
        if world.store.vault().password != self.password {
            world.count("former password");
            return Next::Done;
        }
        if open.password_compromised && open.trusted(key, now).is_none() {
            world.count("compromised password");
            return Next::Done;
        }
        let needs_code = open.needs_code(key, now);
        world.watch.owner_came(key, !needs_code, now);
        world.say(|| format!("password on key {}, needs a code: {needs_code}", self.from));
        let stage = if needs_code { Stage::ReadGuard(open) } else { Stage::LetIn(account, open) };
        self.go(stage)
    }

    /// Counts the attempt and its first send.
    fn read_guard(&mut self, open: OpenAccount, world: &mut World) -> Next {
        let (now, key) = (world.acting.now, cast::key(self.from));
        let Some(id) = self.id else { return Next::Done };
        let (mut value, revision) = world.store.guard();
        let ends_at = now + SignedDuration::from_mins(10);
        if value.open_attempt(&id.to_string(), key, now, ends_at).is_err() {
            world.count("opening refused");
            let acting = world.acting;
            world.watch.turned_away(acting);
            return Next::Done;
        }
        let channels = Channels::of(&open, key, &value, now);
        let mut acts = vec![Act::Opened { attempt: id, key }];
        let chosen = channels.chosen(open.method);
        if let Some(method) = chosen.filter(|it| channels.costs(*it)) {
            let claimed = value.claim_send(method, now).is_ok();
            world.watch.rule(claimed, || format!("{method:?} was chosen with nothing left"));
            acts.push(Act::Sent { attempt: id, method });
        }
        if chosen.is_none() {
            world.count("unreachable");
            if matches!(channels.without_mail, Some(Unavailable::RecentlyReset { .. })) {
                world.count("held by a reset");
            }
        }
        let transaction = guard_write(world, value, revision, acts);
        self.go(Stage::NoteAttempt(open, transaction, channels))
    }

    fn decide(
        &self,
        world: &mut World,
        open: &OpenAccount,
        channels: Option<Channels>,
    ) -> Vec<SignInEvent> {
        let now = world.acting.now;
        let password = Box::new(RightPassword {
            id: self.id.expect("drawn with the first step"),
            account: open.clone(),
            channels,
            key: cast::key(self.from),
            device: DeviceId::new(now, world.chance.bytes()),
            session: SessionId::new(now, world.chance.bytes()),
            platform: Platform::Android,
            description: cast::sealed(),
            origin: cast::sealed(),
            country: None,
            located_by: None,
            material: world.material(),
        });
        SignIn::default().decide(SignInCommand::Open { password, now }).expect("a new attempt")
    }

    fn open(&mut self, open: &OpenAccount, channels: Channels, world: &mut World) -> Next {
        let events = self.decide(world, open, Some(channels));
        let transaction = self.sign_in_write(world, events);
        self.go(Stage::Open(transaction))
    }

    fn sign_in_write(&self, world: &mut World, events: Vec<SignInEvent>) -> Transaction {
        let now = world.acting.now;
        let append = world.append(0, now, events);
        let write = Write::SignIn(self.id.expect("drawn with the first step"), append);
        world.transaction(vec![write])
    }

    /// The day's first use of the device, then the sign-in, then the session.
    fn let_in(&mut self, account: &Loaded<Account>, open: &OpenAccount, world: &mut World) -> Next {
        let (events, now) = (self.decide(world, open, None), world.acting.now);
        let Some(Completed { device, trusted, .. }) = admitted(&events) else {
            world.watch.rule(false, || "the owner's phone was not let in".to_owned());
            return Next::Done;
        };
        if !trusted {
            return self.complete(events, open, world);
        }
        let seen = account.state.decide(AccountCommand::SeeDevice { device, now });
        match seen {
            Ok(seen) if !seen.is_empty() => {
                let append = world.append(account.version, now, seen);
                let transaction = world.transaction(vec![Write::Account(append)]);
                self.go(Stage::See(transaction, events, open.clone()))
            }
            Ok(_) => self.complete(events, open, world),
            Err(refused) => {
                world.watch.rule(false, || format!("the owner's phone was refused: {refused}"));
                Next::Done
            }
        }
    }

    fn complete(
        &mut self,
        events: Vec<SignInEvent>,
        open: &OpenAccount,
        world: &mut World,
    ) -> Next {
        let Some(Completed { device, trusted, .. }) = admitted(&events) else { return Next::Done };
        let session = Session {
            id: SessionId::new(world.acting.now, world.chance.bytes()),
            attempt: self.id,
            device,
            key: cast::key(self.from),
            trusted,
            generation: open.trust_generation,
            stepped_up: None,
        };
        let transaction = self.sign_in_write(world, events);
        self.go(Stage::Complete(transaction, session))
    }
}

/// A write of the guard alone.
pub(super) fn guard_write(
    world: &mut World,
    value: AccountGuard,
    revision: u64,
    acts: Vec<Act>,
) -> Transaction {
    world.transaction(vec![Write::Guard { revision, value: Box::new(value), acts }])
}

fn admitted(events: &[SignInEvent]) -> Option<Completed> {
    match events {
        [SignInEvent::Attempted(_), SignInEvent::Completed(it)] => Some(it.clone()),
        _ => None,
    }
}

impl Actor for Opening {
    fn step(&mut self, world: &mut World) -> Next {
        match std::mem::replace(&mut self.stage, Stage::ReadAccount) {
            Stage::ReadAccount => self.read_account(world),
            Stage::ReadGuard(open) => self.read_guard(open, world),
            Stage::NoteAttempt(open, transaction, channels) => match world.commit(&transaction) {
                Ok(()) => self.go(Stage::Decide(open, channels)),
                Err(NotWritten::Race) => self.again(Stage::ReadGuard(open)),
                Err(NotWritten::NoAnswer) => {
                    self.again(Stage::NoteAttempt(open, transaction, channels))
                }
            },
            Stage::Decide(open, channels) => self.open(&open, channels, world),
            Stage::Open(transaction) => match world.commit(&transaction) {
                Ok(()) => {
                    let id = self.id.expect("drawn with the first step");
                    world.attempts.push(Known { id, from: self.from });
                    world.count("attempt opened");
                    Next::Done
                }
                Err(_) => self.again(Stage::Open(transaction)),
            },
            Stage::LetIn(account, open) => self.let_in(&account, &open, world),
            Stage::See(transaction, events, open) => match world.commit(&transaction) {
                Ok(()) => self.complete(events, &open, world),
                Err(NotWritten::Race) => self.again(Stage::ReadAccount),
                Err(NotWritten::NoAnswer) => self.again(Stage::See(transaction, events, open)),
            },
            Stage::Complete(transaction, session) => match world.commit(&transaction) {
                Ok(()) => {
                    let id = self.id.expect("drawn with the first step");
                    world.let_in.push(Known { id, from: self.from });
                    let begin = world.transaction(vec![Write::Begin(session)]);
                    self.go(Stage::Begin(begin))
                }
                Err(_) => self.again(Stage::Complete(transaction, session)),
            },
            Stage::Begin(transaction) => match world.commit(&transaction) {
                Ok(()) => {
                    world.count("let in without a code");
                    Next::Done
                }
                Err(_) => self.again(Stage::Begin(transaction)),
            },
        }
    }
}
