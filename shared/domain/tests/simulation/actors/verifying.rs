//! A guess: claimed, compared, recorded.

use postern_domain::account::{AccountCommand, AccountRefusal};
use postern_domain::challenge::Guess;
use postern_domain::codes::Code;
use postern_domain::decider::Decider;
use postern_domain::guard::{AccountGuard, Claim, Unclaimable};
use postern_domain::sign_in::SignInCommand;
use postern_events::ids::SessionId;
use postern_events::sign_in::{Completed, SignInEvent};

use super::opening::guard_write;
use super::{Actor, DECISIONS, Next, Own};
use crate::cast;
use crate::store::{Act, Transaction, Write};
use crate::world::{Known, NotWritten, World};

/// What somebody types.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Typed {
    Newest,
    Older,
    Wrong,
}

/// One guess.
pub(crate) struct Verifying {
    on: Known,
    typed: Typed,
    trust: bool,
    code: Option<Code>,
    tries: u8,
    stage: Stage,
}

/// A guess that is claimed, and the guard since then.
struct Claimed {
    claim: Claim,
    value: AccountGuard,
    revision: u64,
}

enum Stage {
    Load,
    ReadGuard(Own),
    Claim(Own, Transaction, Claimed),
    Decide(Own, Claimed),
    Record(Transaction, Claimed, bool),
    Reload(Claimed),
}

impl Verifying {
    pub(crate) fn new(on: Known, typed: Typed, trust: bool) -> Self {
        Self { on, typed, trust, code: None, tries: 0, stage: Stage::Load }
    }

    fn go(&mut self, stage: Stage) -> Next {
        self.stage = stage;
        Next::Step
    }

    fn again(&mut self, stage: Stage) -> Next {
        self.tries += 1;
        self.stage = stage;
        if self.tries < DECISIONS { Next::Step } else { Next::Done }
    }

    /// What is typed, as the codes made so far have it.
    fn typed(&self, world: &mut World) -> String {
        let issues: Vec<&str> = world
            .watch
            .attempts
            .get(&self.on.id)
            .map(|it| it.issues.iter().map(|issue| issue.code.as_str()).collect())
            .unwrap_or_default();
        match (self.typed, issues.as_slice()) {
            (Typed::Newest, [.., newest]) => (*newest).to_owned(),
            (Typed::Older, [.., older, _]) => (*older).to_owned(),
            (Typed::Newest | Typed::Older | Typed::Wrong, _) => {
                format!("{:06}", world.chance.below(1_000_000))
            }
        }
    }

    fn load(&mut self, world: &mut World) -> Next {
        let typed = self.typed(world);
        world.say(|| format!("types {:?} {typed} on {}", self.typed, self.on.id));
        self.code = Code::parse(&typed, 6);
        world.watch.typed.insert(world.acting.number, typed);
        let Some(own) = Own::load(world, self.on, world.acting.now) else { return Next::Done };
        if may_guess(&own) { self.go(Stage::ReadGuard(own)) } else { Next::Done }
    }

    fn read_guard(&mut self, own: Own, world: &mut World) -> Next {
        let (mut value, revision) = world.store.guard();
        match value.claim_guess(&own.id.to_string(), own.asking.now) {
            Ok(claim) => {
                let acts = vec![Act::Claimed { attempt: own.id }];
                let transaction = guard_write(world, value.clone(), revision, acts);
                let claimed = Claimed { claim, value, revision: revision + 1 };
                self.go(Stage::Claim(own, transaction, claimed))
            }
            Err(Unclaimable::Paused(_)) => {
                world.count("guess refused by a pause");
                let acting = world.acting;
                world.watch.told_to_wait(acting);
                Next::Done
            }
            Err(Unclaimable::Spent) => {
                world.count("guess refused by the attempt");
                Next::Done
            }
        }
    }

    fn decide(&mut self, own: &Own, claimed: Claimed, world: &mut World) -> Next {
        let (now, acting) = (own.asking.now, world.acting);
        let Some(code) = self.code.clone() else { return Next::Done };
        let session = SessionId::new(now, world.chance.bytes());
        let command = SignInCommand::Verify {
            asking: own.asking.clone(),
            account: Box::new(own.open.clone()),
            guess: Guess { code, keys: world.keys.clone() },
            trust: self.trust,
            session,
        };
        let Ok(events) = own.sign_in.state.decide(command) else { return Next::Done };
        world.watch.compared(own.id, acting);
        let completed = events.iter().find_map(completed);
        let append = world.append(own.sign_in.version, now, events);
        let mut writes = vec![Write::SignIn(own.id, append)];
        let right = completed.is_some();
        match completed {
            Some(completed) => {
                let mut value = claimed.value.clone();
                value.verified(&own.id.to_string());
                let acts = vec![Act::Verified { attempt: own.id }];
                let revision = claimed.revision;
                writes.push(Write::Guard { revision, value: Box::new(value), acts });
                writes.push(Write::Begin(own.session(session, &completed)));
                match trust(own, &completed, world) {
                    Some(write) => writes.push(write),
                    None => return self.again(Stage::Reload(claimed)),
                }
            }
            None => writes.extend(pause(own, claimed.claim, world)),
        }
        let transaction = world.transaction(writes);
        self.go(Stage::Record(transaction, claimed, right))
    }
}

fn may_guess(own: &Own) -> bool {
    let going_on = own.sign_in.state.may_go_on(&own.asking);
    going_on.is_ok_and(|(_, challenge)| challenge.may_guess(own.asking.now).is_ok())
}

pub(super) fn completed(event: &SignInEvent) -> Option<Completed> {
    if let SignInEvent::Completed(it) = event { Some(it.clone()) } else { None }
}

/// The device is trusted, or the account is to be what it was; nothing where it has changed.
pub(super) fn trust(own: &Own, completed: &Completed, world: &mut World) -> Option<Write> {
    let now = own.asking.now;
    if !completed.trusted || own.open.trusted(own.asking.key, now).is_some() {
        return Some(Write::AccountUnchanged { version: own.account.version });
    }
    let (attempt, _) = own.sign_in.state.may_recover(&own.asking).ok()?;
    let device = Box::new(attempt.new_device(cast::sealed(), cast::sealed()));
    match own.account.state.decide(AccountCommand::TrustDevice { device, now }) {
        Ok(events) => Some(Write::Account(world.append(own.account.version, now, events))),
        Err(why) => {
            let expected = matches!(why, AccountRefusal::AlreadyTrusted | AccountRefusal::NoRoom);
            world.watch.rule(expected, || format!("the account refused: {why}"));
            None
        }
    }
}

pub(super) fn pause(own: &Own, claim: Claim, world: &mut World) -> Option<Write> {
    let until = claim.pause?.until;
    world.count("paused");
    let wrong_in_a_row = claim.wrong_in_a_row;
    let command = AccountCommand::PauseCodeEntry { wrong_in_a_row, until };
    let events = own.account.state.decide(command).ok()?;
    Some(Write::Account(world.append(own.account.version, own.asking.now, events)))
}

impl Actor for Verifying {
    fn step(&mut self, world: &mut World) -> Next {
        match std::mem::replace(&mut self.stage, Stage::Load) {
            Stage::Load => self.load(world),
            Stage::ReadGuard(own) => self.read_guard(own, world),
            Stage::Claim(own, transaction, claimed) => match world.commit(&transaction) {
                Ok(()) => self.go(Stage::Decide(own, claimed)),
                Err(NotWritten::Race) => self.again(Stage::ReadGuard(own)),
                Err(NotWritten::NoAnswer) => self.again(Stage::Claim(own, transaction, claimed)),
            },
            Stage::Decide(own, claimed) => self.decide(&own, claimed, world),
            Stage::Record(transaction, claimed, right) => match world.commit(&transaction) {
                Ok(()) => {
                    world.count(if right { "completed by a code" } else { "code rejected" });
                    Next::Done
                }
                Err(NotWritten::Race) => self.again(Stage::Reload(claimed)),
                Err(NotWritten::NoAnswer) => self.again(Stage::Record(transaction, claimed, right)),
            },
            Stage::Reload(claimed) => {
                let Some(own) = Own::load(world, self.on, world.acting.now) else {
                    return Next::Done;
                };
                let (value, revision) = world.store.guard();
                if may_guess(&own) && value.is_open(&own.id.to_string(), own.asking.now) {
                    let claim = claimed.claim;
                    return self.go(Stage::Decide(own, Claimed { claim, value, revision }));
                }
                world.count("closed in the same moment");
                Next::Done
            }
        }
    }
}
