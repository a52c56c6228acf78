//! A worker that delivers what a commit asks for: noted, claimed, looked at again, handed over,
//! recorded.

mod asks;
mod sending;

use jiff::Timestamp;
use postern_domain::decider::Decider;
use postern_domain::message::{Message, MessageCommand, MessageRefusal};
use postern_events::ids::SignInId;
use postern_events::message::GivenUp;

pub(crate) use self::asks::Ask;
use self::asks::fan_out;
use self::sending::Prepared;
use super::tending::{Tending, Wish};
use super::{Actor, DECISIONS, Next};
use crate::store::{Loaded, Transaction, Write};
use crate::world::{NotWritten, World};

/// One worker with one batch.
pub(crate) struct Notifying {
    record: Option<(SignInId, u64)>,
    asks: Vec<Ask>,
    tries: u8,
    stage: Stage,
}

enum Stage {
    FanOut,
    NextAsk,
    Load(Ask),
    Note(Ask, Loaded<Message>, Transaction, Timestamp),
    Claim(Ask, Loaded<Message>, Transaction),
    ReadAccount(Ask, Loaded<Message>),
    ReadAttempt(Ask, Loaded<Message>, Prepared),
    Send(Ask, Loaded<Message>, Prepared),
    Disable(Ask, Loaded<Message>, Box<Tending>),
    Conclude(Ask, Loaded<Message>, MessageCommand),
    Record(Ask, Loaded<Message>, Transaction),
}

impl Notifying {
    /// A worker with a record of the stream.
    pub(crate) fn of_record(record: (SignInId, u64)) -> Self {
        Self { record: Some(record), asks: Vec::new(), tries: 0, stage: Stage::FanOut }
    }

    /// A worker with what the sweep found.
    pub(crate) fn of_sweep(asks: Vec<Ask>) -> Self {
        Self { record: None, asks, tries: 0, stage: Stage::NextAsk }
    }

    fn go(&mut self, stage: Stage) -> Next {
        self.stage = stage;
        Next::Step
    }

    /// Tries a write again that had no answer; gives the message up to the sweep in the end.
    fn again(&mut self, stage: Stage) -> Next {
        self.tries += 1;
        self.go(if self.tries < DECISIONS { stage } else { Stage::NextAsk })
    }

    fn next_ask(&mut self) -> Next {
        self.tries = 0;
        match self.asks.pop() {
            Some(ask) => self.go(Stage::Load(ask)),
            None => Next::Done,
        }
    }

    fn load(&mut self, ask: Ask, world: &mut World) -> Next {
        let now = world.now;
        let found = world.store.message(ask.message);
        let claim = MessageCommand::Claim { claim: Box::new(ask.claim(now)), now };
        let events = match found.state.decide(claim) {
            Ok(events) => events,
            Err(MessageRefusal::Done) => {
                world.outbox.remove(&ask.message);
                return self.go(Stage::NextAsk);
            }
            Err(MessageRefusal::Held { .. } | MessageRefusal::NotClaimed) => {
                world.count("held by another");
                return self.go(Stage::NextAsk);
            }
        };
        let taken_over = matches!(found.state, Message::Claimed(_));
        if taken_over {
            world.count("lease taken over");
        }
        let (transaction, after) = write(&ask, &found, events, now, world);
        match held_until(&after.state) {
            Some(lease) => self.go(Stage::Note(ask, after, transaction, lease)),
            None => self.go(Stage::Claim(ask, after, transaction)),
        }
    }

    /// Looks again at the account, now that the message is claimed.
    fn read_account(&mut self, ask: Ask, claimed: Loaded<Message>, world: &mut World) -> Next {
        if let Message::Sent | Message::Failed(_) | Message::New = claimed.state {
            world.outbox.remove(&ask.message);
            return self.go(Stage::NextAsk);
        }
        match Prepared::read_account(&ask, world) {
            Ok(prepared) => self.go(Stage::ReadAttempt(ask, claimed, prepared)),
            Err(because) => self.give_up(ask, claimed, because, world),
        }
    }

    fn give_up(
        &mut self,
        ask: Ask,
        claimed: Loaded<Message>,
        because: GivenUp,
        world: &mut World,
    ) -> Next {
        world.say(|| format!("gives {} up: {because:?}", ask.message));
        self.go(Stage::Conclude(ask, claimed, MessageCommand::GiveUp { because }))
    }

    fn read_attempt(
        &mut self,
        ask: Ask,
        claimed: Loaded<Message>,
        prepared: Prepared,
        world: &mut World,
    ) -> Next {
        match prepared.read_attempt(&ask, world) {
            Ok(prepared) => self.go(Stage::Send(ask, claimed, prepared)),
            Err(because) => self.give_up(ask, claimed, because, world),
        }
    }

    fn send(
        &mut self,
        ask: Ask,
        claimed: Loaded<Message>,
        prepared: Prepared,
        world: &mut World,
    ) -> Next {
        let since = prepared.since;
        let ending = prepared.hand_over(&ask, world);
        let dead = matches!(ending, MessageCommand::GiveUp { because: GivenUp::EndpointDisabled });
        if let (true, Some(device), Some(since)) = (dead, ask.device, since) {
            world.watch.push_failed(ask.message, since);
            let wish = Wish::Disable { device, since, message: ask.message };
            return self.go(Stage::Disable(ask, claimed, Box::new(Tending::new(wish))));
        }
        self.go(Stage::Conclude(ask, claimed, ending))
    }

    fn conclude(
        &mut self,
        ask: Ask,
        claimed: &Loaded<Message>,
        ending: MessageCommand,
        world: &mut World,
    ) -> Next {
        let now = world.now;
        let Ok(events) = claimed.state.decide(ending) else { return self.go(Stage::NextAsk) };
        let (transaction, after) = write(&ask, claimed, events, now, world);
        self.go(Stage::Record(ask, after, transaction))
    }
}

/// The write of these events, and the message as it is afterwards.
fn write(
    ask: &Ask,
    found: &Loaded<Message>,
    events: Vec<postern_events::message::MessageEvent>,
    now: Timestamp,
    world: &mut World,
) -> (Transaction, Loaded<Message>) {
    let append = world.append(found.version, now, events);
    let mut state = found.state.clone();
    append.events.iter().for_each(|it| state.apply(&it.event, it.stamp));
    let version = found.version + u64::try_from(append.events.len()).unwrap();
    (world.transaction(vec![Write::Message(ask.message, append)]), Loaded { state, version })
}

/// Until when a message is nobody else's to send.
fn held_until(message: &Message) -> Option<Timestamp> {
    match message {
        Message::Claimed(it) | Message::Waiting(it) => Some(it.not_before),
        Message::New
        | Message::Sent
        | Message::Delivered
        | Message::Bounced
        | Message::Complained
        | Message::Failed(_) => None,
    }
}

impl Actor for Notifying {
    fn is_request(&self) -> bool {
        false
    }

    /// The record is delivered again, for nobody said that it was handled.
    fn died(&mut self, world: &mut World) {
        if let Some(record) = self.record {
            world.feed.push(record);
        }
    }

    fn step(&mut self, world: &mut World) -> Next {
        match std::mem::replace(&mut self.stage, Stage::NextAsk) {
            Stage::FanOut => {
                self.asks = self.record.map(|it| fan_out(it, world)).unwrap_or_default();
                Next::Step
            }
            Stage::NextAsk => self.next_ask(),
            Stage::Load(ask) => self.load(ask, world),
            Stage::Note(ask, after, transaction, lease) => {
                world.outbox.insert(ask.message, (ask.clone(), lease));
                self.go(Stage::Claim(ask, after, transaction))
            }
            Stage::Claim(ask, after, transaction) => match world.commit(&transaction) {
                Ok(()) => self.go(Stage::ReadAccount(ask, after)),
                Err(NotWritten::Race) => self.go(Stage::NextAsk),
                Err(NotWritten::NoAnswer) => self.again(Stage::Claim(ask, after, transaction)),
            },
            Stage::ReadAccount(ask, claimed) => self.read_account(ask, claimed, world),
            Stage::ReadAttempt(ask, claimed, prepared) => {
                self.read_attempt(ask, claimed, prepared, world)
            }
            Stage::Send(ask, claimed, prepared) => self.send(ask, claimed, prepared, world),
            Stage::Disable(ask, claimed, mut tending) => match tending.step(world) {
                Next::Step => self.go(Stage::Disable(ask, claimed, tending)),
                Next::Done => self.give_up(ask, claimed, GivenUp::EndpointDisabled, world),
            },
            Stage::Conclude(ask, claimed, ending) => self.conclude(ask, &claimed, ending, world),
            Stage::Record(ask, after, transaction) => match world.commit(&transaction) {
                Ok(()) => {
                    match held_until(&after.state) {
                        Some(due) => drop(world.outbox.insert(ask.message, (ask, due))),
                        None => drop(world.outbox.remove(&ask.message)),
                    }
                    self.go(Stage::NextAsk)
                }
                Err(NotWritten::Race) => self.go(Stage::NextAsk),
                Err(NotWritten::NoAnswer) => self.again(Stage::Record(ask, after, transaction)),
            },
        }
    }
}
