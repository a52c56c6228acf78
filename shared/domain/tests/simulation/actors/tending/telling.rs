//! After a change that no open attempt survives, each of them is told. They are dead anyway: this
//! is a courtesy, and may stay undone.

use postern_domain::decider::Decider;
use postern_domain::sign_in::SignInCommand;
use postern_events::ids::SignInId;

use crate::actors::{DECISIONS, Next};
use crate::store::{Transaction, Write};
use crate::world::{NotWritten, World};

/// Those that are told.
#[derive(Default)]
pub(super) struct Telling {
    tries: u8,
    stage: Stage,
}

#[derive(Default)]
enum Stage {
    #[default]
    ReadGuard,
    ReadAccount(Vec<SignInId>),
    /// The one that is last is next.
    Decide(Vec<SignInId>, u32),
    Write(Vec<SignInId>, u32, Transaction),
}

impl Telling {
    pub(super) fn step(&mut self, world: &mut World) -> Next {
        let now = world.acting.now;
        match std::mem::take(&mut self.stage) {
            Stage::ReadGuard => {
                let (guard, _) = world.store.guard();
                let open = guard.pending(now).filter_map(|it| it.parse().ok()).collect();
                self.go(Stage::ReadAccount(open))
            }
            // After the guard: no attempt that it named is of a later generation than this one.
            Stage::ReadAccount(open) => {
                let Some((_, account)) = world.account() else { return Next::Done };
                self.go(Stage::Decide(open, account.attempt_generation))
            }
            Stage::Decide(open, generation) => self.decide(open, generation, world),
            Stage::Write(mut open, generation, transaction) => match world.commit(&transaction) {
                Ok(()) => {
                    world.count("attempt called off");
                    open.pop();
                    self.go(Stage::Decide(open, generation))
                }
                Err(NotWritten::Race) => self.again(Stage::Decide(open, generation)),
                Err(NotWritten::NoAnswer) => {
                    self.again(Stage::Write(open, generation, transaction))
                }
            },
        }
    }

    fn decide(&mut self, mut open: Vec<SignInId>, generation: u32, world: &mut World) -> Next {
        let now = world.acting.now;
        let Some(id) = open.last().copied() else { return Next::Done };
        let loaded = world.store.sign_in(id);
        let told = loaded.state.decide(SignInCommand::Supersede { generation, now });
        let events = told.expect("nobody refuses to be told");
        if events.is_empty() {
            open.pop();
            return self.go(Stage::Decide(open, generation));
        }
        let append = world.append(loaded.version, now, events);
        let transaction = world.transaction(vec![Write::SignIn(id, append)]);
        self.go(Stage::Write(open, generation, transaction))
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
}
