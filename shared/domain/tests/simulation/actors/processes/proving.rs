//! A guess at a process: claimed, compared, recorded with what it leads to.

use postern_domain::account::{Account, OpenAccount};
use postern_domain::challenge::Guess;
use postern_domain::codes::Code;
use postern_domain::decider::Decider;
use postern_domain::guard::{Paused, Unclaimable};
use postern_domain::verification::{Going, Verification, VerificationCommand};
use postern_events::ids::SessionId;
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::Purpose;

use super::effect::{outcome, writes};
use crate::actors::opening::guard_write;
use crate::actors::verifying::Typed;
use crate::actors::{Actor, DECISIONS, Next};
use crate::cast;
use crate::store::{Act, Loaded, Transaction, Write};
use crate::world::{NotWritten, Process, World};

/// One guess.
pub(crate) struct Proving {
    on: Process,
    /// The session that comes with the guess, if one does.
    by: Option<SessionId>,
    typed: Typed,
    code: Option<Code>,
    tries: u8,
    stage: Stage,
}

enum Stage {
    Load,
    Claim(Transaction, Option<Paused>),
    Decide(Option<Paused>),
    Record(Transaction, Option<Paused>, bool),
}

/// A process that the one who asks may go on with.
struct Own {
    process: Loaded<Verification>,
    account: Loaded<Account>,
    open: OpenAccount,
    going: Going,
}

impl Proving {
    pub(crate) fn new(on: Process, by: Option<SessionId>, typed: Typed) -> Self {
        Self { on, by, typed, code: None, tries: 0, stage: Stage::Load }
    }

    fn again(&mut self, stage: Stage) -> Next {
        self.tries += 1;
        self.stage = stage;
        if self.tries < DECISIONS { Next::Step } else { Next::Done }
    }

    fn own(&self, world: &mut World) -> Option<Own> {
        let now = world.acting.now;
        let (account, open) = match self.by {
            Some(session) => {
                let it = world.authenticated(session)?;
                (it.account, it.open)
            }
            None => world.account()?,
        };
        let (key, session) = (cast::key(self.on.from), self.by);
        let generation = Some(open.attempt_generation);
        let going = Going { key, session, generation, now };
        let process = world.store.process(self.on.id);
        let may = process.state.may_go_on(&going);
        may.is_ok_and(|it| it.1.may_guess(now).is_ok()).then_some(Own {
            process,
            account,
            open,
            going,
        })
    }

    fn load(&mut self, world: &mut World) -> Next {
        let typed = self.typed(world);
        self.code = Code::parse(&typed, u32::try_from(typed.len()).unwrap());
        world.say(|| format!("types {:?} {typed} on {}", self.typed, self.on.id));
        world.watch.typed.insert(world.acting.number, typed);
        let Some(own) = self.own(world) else { return Next::Done };
        let (mut value, revision) = world.store.guard();
        let (id, now) = (self.on.id.to_string(), own.going.now);
        let trusted = own.open.trusted(own.going.key, now).is_some();
        let claimed = if self.on.purpose == Purpose::StepUp {
            value.claim_step_up_guess(&id, trusted, None, now).map(|it| it.pause)
        } else {
            value.claim_recovery_guess(&id, None, now).map(|()| None)
        };
        match claimed {
            Ok(pause) => {
                let acts = vec![Act::ClaimedAt { process: self.on.id, trusted }];
                let transaction = guard_write(world, value, revision, acts);
                self.stage = Stage::Claim(transaction, pause);
                Next::Step
            }
            Err(Unclaimable::Paused(_)) => {
                world.count("process refused by a pause");
                Next::Done
            }
            Err(Unclaimable::Spent) => {
                world.count("process refused by its guesses");
                Next::Done
            }
        }
    }

    /// What is typed, as the codes made so far have it.
    fn typed(&self, world: &mut World) -> String {
        let newest = world.watch.newest_of(self.on.id);
        let digits = newest.as_ref().map_or(6, String::len);
        match (self.typed, newest) {
            (Typed::Newest, Some(newest)) => newest,
            (Typed::Newest | Typed::Older | Typed::Wrong, _) => {
                format!("{:0digits$}", world.chance.below(1_000_000))
            }
        }
    }

    /// On what is true now; the claim is made and stays.
    fn decide(&mut self, pause: Option<Paused>, world: &mut World) -> Next {
        let Some(own) = self.own(world) else { return Next::Done };
        let guard = world.store.guard();
        let now = own.going.now;
        let Some(code) =
            self.code.clone().filter(|_| guard.0.is_open(&self.on.id.to_string(), now))
        else {
            return Next::Done;
        };
        let command = VerificationCommand::Verify {
            going: own.going,
            guess: Guess { code, keys: world.keys.clone() },
            never: false,
            outcome: outcome(&self.on),
        };
        let Ok(events) = own.process.state.decide(command) else { return Next::Done };
        let right = matches!(events.first(), Some(VerificationEvent::CodeVerified(_)));
        let mut all =
            vec![Write::Process(self.on.id, world.append(own.process.version, now, events))];
        if right {
            all.extend(writes(&self.on, &own.account, guard, world));
        } else if let Some(Paused { until }) = pause {
            world.count("paused by a step-up");
            let wrong_in_a_row = guard.0.wrong_in_a_row();
            let command =
                postern_domain::account::AccountCommand::PauseCodeEntry { wrong_in_a_row, until };
            let events = own.account.state.decide(command).expect("the account is open");
            all.push(Write::Account(world.append(own.account.version, now, events)));
        }
        let transaction = world.transaction(all);
        self.stage = Stage::Record(transaction, pause, right);
        Next::Step
    }

    fn recorded(&self, right: bool) -> &'static str {
        match (self.on.purpose, right) {
            (_, false) => "process's code rejected",
            (Purpose::StepUp, true) => "stepped up by a code",
            (Purpose::PasswordReset, true) => "password reset",
            (_, true) => "address changed",
        }
    }
}

impl Actor for Proving {
    fn step(&mut self, world: &mut World) -> Next {
        match std::mem::replace(&mut self.stage, Stage::Load) {
            Stage::Load => self.load(world),
            Stage::Claim(transaction, pause) => match world.commit(&transaction) {
                Ok(()) => {
                    self.stage = Stage::Decide(pause);
                    Next::Step
                }
                Err(NotWritten::Race) => self.again(Stage::Load),
                Err(NotWritten::NoAnswer) => self.again(Stage::Claim(transaction, pause)),
            },
            Stage::Decide(pause) => self.decide(pause, world),
            Stage::Record(transaction, pause, right) => match world.commit(&transaction) {
                Ok(()) => {
                    let counted = self.recorded(right);
                    if right && self.on.purpose == Purpose::StepUp {
                        world.stepped_up = self.on.session;
                    }
                    world.count(counted);
                    Next::Done
                }
                Err(NotWritten::Race) => self.again(Stage::Decide(pause)),
                Err(NotWritten::NoAnswer) => self.again(Stage::Record(transaction, pause, right)),
            },
        }
    }
}
