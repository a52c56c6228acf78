//! The code once more, or by the other method; or no more codes at all.

use postern_domain::challenge::CodeRefusal;
use postern_domain::channels::{Channels, Unavailable};
use postern_domain::decider::Decider;
use postern_domain::guard::AccountGuard;
use postern_domain::sign_in::{SignInCommand, SignInRefusal};
use postern_events::sign_in::SignInEvent;
use postern_events::vocabulary::Method;

use super::{Actor, DECISIONS, Next, Own};
use crate::store::{Act, Transaction, Write};
use crate::world::{Known, NotWritten, World};

/// One tap on "Resend".
pub(crate) struct Resending {
    on: Known,
    method: Option<Method>,
    tries: u8,
    stage: Stage,
}

enum Stage {
    Load,
    Decide(Box<Own>, AccountGuard, u64),
    Send(Transaction),
}

impl Resending {
    pub(crate) fn new(on: Known, method: Option<Method>) -> Self {
        Self { on, method, tries: 0, stage: Stage::Load }
    }

    fn again(&mut self, stage: Stage) -> Next {
        self.tries += 1;
        self.stage = stage;
        if self.tries < DECISIONS { Next::Step } else { Next::Done }
    }

    fn decide(
        &mut self,
        own: &Own,
        mut value: AccountGuard,
        revision: u64,
        world: &mut World,
    ) -> Next {
        let now = own.asking.now;
        if own.sign_in.state.may_go_on(&own.asking).is_err() || value.paused(now).is_some() {
            return Next::Done;
        }
        if value.guesses_left(&own.id.to_string(), now) == 0 {
            world.count("nothing left to guess at");
            return Next::Done;
        }
        let channels = Channels::of(&own.open, own.asking.key, &value, now);
        let command = SignInCommand::Resend {
            asking: own.asking.clone(),
            method: self.method,
            channels,
            material: world.material(),
        };
        let events = match own.sign_in.state.decide(command) {
            Ok(events) => events,
            Err(why) => {
                world.count(refusal(&why));
                return Next::Done;
            }
        };
        let Some(method) = events.iter().find_map(method) else { return Next::Done };
        let mut acts = Vec::new();
        if channels.costs(method) {
            if value.claim_send(method, now).is_err() {
                world.watch.rule(false, || "a send was decided that the budget refuses".to_owned());
                return Next::Done;
            }
            acts.push(Act::Sent { attempt: own.id, method });
        } else {
            world.count("shown without a push");
        }
        let append = world.append(own.sign_in.version, now, events);
        let guard = Write::Guard { revision, value: Box::new(value), acts };
        let transaction = world.transaction(vec![Write::SignIn(own.id, append), guard]);
        self.stage = Stage::Send(transaction);
        Next::Step
    }
}

/// What a refusal is counted as.
fn refusal(why: &SignInRefusal) -> &'static str {
    match why {
        SignInRefusal::ChannelUnavailable(Unavailable::NoDevice) => "no device for a code",
        SignInRefusal::ChannelUnavailable(Unavailable::TooManyPushes { .. }) => "pushes spent",
        SignInRefusal::ChannelUnavailable(Unavailable::RecentlyReset { .. }) => "held by a reset",
        SignInRefusal::Code(CodeRefusal::TooSoon { .. }) => "sent too soon",
        SignInRefusal::Code(CodeRefusal::TooManySends { .. }) => "sends spent",
        SignInRefusal::NotFound
        | SignInRefusal::Exists
        | SignInRefusal::ChannelUnavailable(Unavailable::Undeliverable)
        | SignInRefusal::Code(_) => "send refused",
    }
}

fn method(event: &SignInEvent) -> Option<Method> {
    if let SignInEvent::CodeIssued(it) = event {
        return Some(it.method);
    }
    if let SignInEvent::CodeResent(it) = event { Some(it.method) } else { None }
}

impl Actor for Resending {
    fn step(&mut self, world: &mut World) -> Next {
        match std::mem::replace(&mut self.stage, Stage::Load) {
            Stage::Load => {
                let Some(own) = Own::load(world, self.on, world.acting.now) else {
                    return Next::Done;
                };
                let (value, revision) = world.store.guard();
                self.stage = Stage::Decide(Box::new(own), value, revision);
                Next::Step
            }
            Stage::Decide(own, value, revision) => self.decide(&own, value, revision, world),
            Stage::Send(transaction) => match world.commit(&transaction) {
                Ok(()) => {
                    world.count("sent again");
                    Next::Done
                }
                Err(NotWritten::Race) => self.again(Stage::Load),
                Err(NotWritten::NoAnswer) => self.again(Stage::Send(transaction)),
            },
        }
    }
}

/// Whoever attempts gives up.
pub(crate) struct Cancelling {
    on: Known,
    tries: u8,
    pending: Option<Transaction>,
}

impl Cancelling {
    pub(crate) fn new(on: Known) -> Self {
        Self { on, tries: 0, pending: None }
    }
}

impl Actor for Cancelling {
    fn step(&mut self, world: &mut World) -> Next {
        self.tries += 1;
        if self.tries > 2 * DECISIONS {
            return Next::Done;
        }
        let Some(transaction) = self.pending.take() else {
            let Some(own) = Own::load(world, self.on, world.acting.now) else { return Next::Done };
            let command = SignInCommand::Cancel { asking: own.asking };
            let Ok(events) = own.sign_in.state.decide(command) else { return Next::Done };
            let append = world.append(own.sign_in.version, world.acting.now, events);
            self.pending = Some(world.transaction(vec![Write::SignIn(own.id, append)]));
            return Next::Step;
        };
        match world.commit(&transaction) {
            Ok(()) => {
                world.count("cancelled");
                Next::Done
            }
            Err(NotWritten::Race) => Next::Step,
            Err(NotWritten::NoAnswer) => {
                self.pending = Some(transaction);
                Next::Step
            }
        }
    }
}
