//! "Not me": every open attempt of a key ends at once.

use postern_domain::account::OpenAccount;
use postern_domain::decider::Decider;
use postern_domain::sign_in::{SignIn, SignInCommand};
use postern_events::ids::{DeviceId, SignInId};

use super::{Actor, DECISIONS, Next};
use crate::store::{Act, Loaded, Transaction, Write};
use crate::world::{Known, NotWritten, World};

/// The owner, who looks at a request and denies it.
pub(crate) struct Denying {
    on: Known,
    by: DeviceId,
    /// The account as it was when the call was authenticated.
    open: Option<OpenAccount>,
    tries: u8,
    stage: Stage,
}

enum Stage {
    Load,
    Guard(Loaded<SignIn>),
    Write(Transaction),
}

impl Denying {
    pub(crate) fn new(on: Known, by: DeviceId) -> Self {
        Self { on, by, open: None, tries: 0, stage: Stage::Load }
    }

    fn again(&mut self, stage: Stage) -> Next {
        self.tries += 1;
        self.stage = stage;
        if self.tries < DECISIONS { Next::Step } else { Next::Done }
    }

    fn decide(&mut self, request: Loaded<SignIn>, world: &mut World) -> Next {
        let now = world.acting.now;
        let Some(generation) = self.open.as_ref().map(|it| it.attempt_generation) else {
            return Next::Done;
        };
        let Ok(key) = request.state.is_open(generation, now).map(|(attempt, _)| attempt.key) else {
            return Next::Done;
        };
        let (mut value, revision) = world.store.guard();
        let named: Vec<SignInId> =
            value.deny(key, now).iter().filter_map(|it| it.parse().ok()).collect();
        let mut writes = Vec::new();
        let others = named.iter().filter(|it| **it != self.on.id);
        let mut all = vec![(self.on.id, request)];
        all.extend(others.map(|id| (*id, world.store.sign_in(*id))));
        for (id, loaded) in all {
            let command = SignInCommand::Deny { by: self.by, generation, now };
            if let Ok(events) = loaded.state.decide(command) {
                writes.push(Write::SignIn(id, world.append(loaded.version, now, events)));
            }
        }
        let acts = vec![Act::Denied { key, attempts: named }];
        writes.push(Write::Guard { revision, value: Box::new(value), acts });
        let transaction = world.transaction(writes);
        self.stage = Stage::Write(transaction);
        Next::Step
    }
}

impl Actor for Denying {
    fn step(&mut self, world: &mut World) -> Next {
        match std::mem::replace(&mut self.stage, Stage::Load) {
            Stage::Load => {
                if self.open.is_none() {
                    let Some((_, open)) = world.account() else { return Next::Done };
                    if open.device(self.by, world.acting.now).is_none() {
                        return Next::Done;
                    }
                    self.open = Some(open);
                }
                self.stage = Stage::Guard(world.store.sign_in(self.on.id));
                Next::Step
            }
            Stage::Guard(request) => self.decide(request, world),
            Stage::Write(transaction) => match world.commit(&transaction) {
                Ok(()) => {
                    world.count("denied");
                    Next::Done
                }
                Err(NotWritten::Race) => self.again(Stage::Load),
                Err(NotWritten::NoAnswer) => self.again(Stage::Write(transaction)),
            },
        }
    }
}
