//! A recovery code in a code's place: claimed like any guess, looked up, used up.

use postern_domain::decider::Decider;
use postern_domain::guard::{AccountGuard, Claim};
use postern_domain::sign_in::SignInCommand;
use postern_events::ids::SessionId;
use postern_events::sign_in::SignInEvent;

use super::opening::guard_write;
use super::verifying::{completed, pause, trust};
use super::{Actor, DECISIONS, Next, Own};
use crate::store::{Act, Transaction, Write};
use crate::world::{Known, NotWritten, World};

/// One recovery code, right or not.
pub(crate) struct Recovering {
    on: Known,
    code: u64,
    trust: bool,
    tries: u8,
    stage: Stage,
}

enum Stage {
    Load,
    Claim(Box<Own>, Transaction, Claim),
    Decide(Claim),
    Record(Transaction, Claim, bool),
}

impl Recovering {
    pub(crate) fn new(on: Known, code: u64, trust: bool) -> Self {
        Self { on, code, trust, tries: 0, stage: Stage::Load }
    }

    fn again(&mut self, stage: Stage) -> Next {
        self.tries += 1;
        self.stage = stage;
        if self.tries < DECISIONS { Next::Step } else { Next::Done }
    }

    fn load(&mut self, world: &mut World) -> Next {
        let Some(own) = self.own(world) else { return Next::Done };
        let (mut value, revision) = world.store.guard();
        let Ok(claim) = value.claim_guess(&own.id.to_string(), own.asking.now) else {
            world.count("recovery refused");
            return Next::Done;
        };
        let acts = vec![Act::Claimed { attempt: own.id }];
        let transaction = guard_write(world, value, revision, acts);
        self.stage = Stage::Claim(Box::new(own), transaction, claim);
        Next::Step
    }

    fn own(&self, world: &World) -> Option<Own> {
        let own = Own::load(world, self.on, world.acting.now)?;
        own.sign_in.state.may_recover(&own.asking).is_ok().then_some(own)
    }

    /// On what is true now; the claim is made and stays.
    fn decide(&mut self, claim: Claim, world: &mut World) -> Next {
        let Some(own) = self.own(world) else { return Next::Done };
        let (guard, revision) = world.store.guard();
        if !guard.is_open(&own.id.to_string(), own.asking.now) {
            return Next::Done;
        }
        let (now, vault) = (own.asking.now, world.store.vault());
        let right = vault.codes.contains(&self.code);
        let left = u8::try_from(vault.codes.len().saturating_sub(1)).unwrap();
        let session = SessionId::new(now, world.chance.bytes());
        let command = SignInCommand::Recover {
            asking: own.asking.clone(),
            account: Box::new(own.open.clone()),
            codes_left: right.then_some(left),
            // As it is now: claims are not always recorded in the order they were made in.
            guesses_left: guard.guesses_left(&own.id.to_string(), now),
            trust: self.trust,
            session,
        };
        let Ok(events) = own.sign_in.state.decide(command) else { return Next::Done };
        let acting = world.acting;
        world.watch.compared(own.id, acting);
        world.watch.recovers.insert(acting.number, self.code);
        let admitted = events.iter().find_map(completed);
        let mut writes = Vec::new();
        match admitted {
            Some(admitted) => {
                writes.push(verified(&own, guard, revision));
                writes.push(Write::UsedCode { revision: vault.revision(), code: self.code });
                writes.push(Write::Begin(own.session(session, &admitted)));
                match trust(&own, &admitted, world) {
                    Some(write) => writes.push(write),
                    None => return self.again(Stage::Decide(claim)),
                }
            }
            None => writes.extend(pause(&own, claim, world)),
        }
        writes.insert(0, sign_in(&own, events, world));
        let transaction = world.transaction(writes);
        self.stage = Stage::Record(transaction, claim, right);
        Next::Step
    }
}

fn sign_in(own: &Own, events: Vec<SignInEvent>, world: &mut World) -> Write {
    Write::SignIn(own.id, world.append(own.sign_in.version, own.asking.now, events))
}

fn verified(own: &Own, mut value: AccountGuard, revision: u64) -> Write {
    value.verified(&own.id.to_string());
    let acts = vec![Act::Verified { attempt: own.id }];
    Write::Guard { revision, value: Box::new(value), acts }
}

impl Actor for Recovering {
    fn step(&mut self, world: &mut World) -> Next {
        match std::mem::replace(&mut self.stage, Stage::Load) {
            Stage::Load => self.load(world),
            Stage::Claim(own, transaction, claim) => match world.commit(&transaction) {
                Ok(()) => {
                    self.stage = Stage::Decide(claim);
                    Next::Step
                }
                Err(NotWritten::Race) => self.again(Stage::Load),
                Err(NotWritten::NoAnswer) => self.again(Stage::Claim(own, transaction, claim)),
            },
            Stage::Decide(claim) => self.decide(claim, world),
            Stage::Record(transaction, claim, right) => match world.commit(&transaction) {
                Ok(()) => {
                    world.count(if right { "recovered" } else { "wrong recovery code" });
                    Next::Done
                }
                Err(NotWritten::Race) => self.again(Stage::Decide(claim)),
                Err(NotWritten::NoAnswer) => self.again(Stage::Record(transaction, claim, right)),
            },
        }
    }
}
