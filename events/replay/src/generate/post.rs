//! Messages on their way: taken up, handed over, and what their carrier says about them later.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use postern_domain::account::AccountCommand;
use postern_domain::message::{Feedback, Message, MessageCommand};
use postern_domain::policy;
use postern_events::ids::EventId;
use postern_events::message::MessageKind;
use postern_store::streams::{Meta, Offline, StreamContext};

use super::asking::Asked;
use super::chance::millis;
use super::life::{Life, Step, Stop, write};

/// Something that is due at some time.
#[derive(Debug)]
pub(super) enum Errand {
    /// A message is to be taken up.
    Take(Box<Asked>, StreamContext<Message>),
    /// It has been handed over, or not.
    HandOver(Box<Asked>, StreamContext<Message>),
    /// Its carrier says something, and perhaps more a while after.
    Hear(Box<Asked>, StreamContext<Message>, Vec<(SignedDuration, Feedback)>),
}

/// What is due, and when. What is due at the same time comes in the order in which it was put there.
#[derive(Debug, Default)]
pub(super) struct Post {
    due: BTreeMap<(Timestamp, u64), Errand>,
    put: u64,
    /// What was said lately: kind, thing and time.
    pub(super) said: Vec<(MessageKind, String, Timestamp)>,
}

impl Post {
    pub(super) fn put(&mut self, at: Timestamp, errand: Errand) {
        // Times of events are whole milliseconds.
        let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
        self.put += 1;
        self.due.insert((at, self.put), errand);
    }

    /// The first that is due by then.
    pub(super) fn take_due(&mut self, then: Timestamp) -> Option<(Timestamp, Errand)> {
        let first = self.due.first_entry().filter(|it| it.key().0 <= then)?;
        let ((at, _), errand) = first.remove_entry();
        Some((at, errand))
    }

    /// Whether the same was said a moment ago; if not, it is said now.
    pub(super) fn repeats(&mut self, asked: &Asked) -> bool {
        let Some(thing) = &asked.thing else { return false };
        let at = asked.cause.time;
        self.said.retain(|(.., of)| at.duration_since(*of) < policy::NOTICE_MERGED_WITHIN);
        let repeats = self.said.iter().any(|(kind, of, _)| *kind == asked.kind && of == thing);
        if !repeats {
            self.said.push((asked.kind, thing.clone(), at));
        }
        repeats
    }
}

/// Who commits because of an event, as its function names itself.
fn system(function: &str, request: String) -> Meta {
    Meta {
        request,
        actor: "system".to_owned(),
        function: function.to_owned(),
        policy: policy::VERSION,
        idempotency: None,
    }
}

fn notify(asked_by: EventId) -> Meta {
    system("notify", asked_by.to_string())
}

/// How long a sender that was stopped is missed: until its lease ends and the sweep comes by.
fn swept(from: Timestamp, life: &Life<'_>) -> Timestamp {
    from + life.chance.between(SignedDuration::ZERO, policy::SWEEP_EVERY)
}

/// Senders that are stopped in the middle, in ten thousand.
const STOPPED: u64 = 8;

impl Life<'_> {
    /// Does what is due. What a rule refuses is nothing that happens.
    pub(super) fn run(&mut self, errand: Errand) -> Step<()> {
        let done = match errand {
            Errand::Take(asked, message) => self.take(asked, &message),
            Errand::HandOver(asked, message) => self.hand_over(asked, &message),
            Errand::Hear(asked, message, said) => self.hear(asked, &message, said),
        };
        match done {
            Err(Stop::Refused) => Ok(()),
            done => done,
        }
    }

    fn on_message(
        &mut self,
        message: &StreamContext<Message>,
        command: MessageCommand,
        meta: &Meta,
    ) -> Step<StreamContext<Message>> {
        let writer = Offline { now: self.now, chance: &self.chance, account: self.id };
        Ok(write(message, command, &writer, meta, &mut self.log)?.context)
    }

    fn take(&mut self, asked: Box<Asked>, message: &StreamContext<Message>) -> Step<()> {
        let claim = Box::new(asked.claim(self.now));
        let command = MessageCommand::Claim { claim, now: self.now };
        if let Some(story) = asked.story.filter(|_| !message.exists()) {
            let known = self.account.state().open().map(|it| it.id);
            self.label_as(story, message.stream(), known.filter(|it| *it == asked.account));
        }
        let message = self.on_message(message, command, &notify(asked.cause.id))?;
        let Message::Claimed(unsent) = message.state() else { return Ok(()) };
        if self.chance.happens(STOPPED) {
            let again = swept(unsent.not_before, self);
            self.post.put(again, Errand::Take(asked, message));
        } else {
            let handed = self.chance.around(millis(160), 200);
            self.post.put(self.now + handed, Errand::HandOver(asked, message));
        }
        Ok(())
    }

    fn hand_over(&mut self, asked: Box<Asked>, message: &StreamContext<Message>) -> Step<()> {
        let meta = notify(asked.cause.id);
        let command = self.carry(&asked, &meta)?;
        let message = self.on_message(message, command, &meta)?;
        if let Message::Waiting(unsent) = message.state() {
            let again = swept(unsent.not_before, self);
            self.post.put(again, Errand::Take(asked, message));
        } else if *message.state() == Message::Sent && asked.device.is_none() {
            let said = self.fate(&asked);
            self.hear_later(asked, message, said);
        }
        Ok(())
    }

    fn hear_later(
        &mut self,
        asked: Box<Asked>,
        message: StreamContext<Message>,
        mut said: Vec<(SignedDuration, Feedback)>,
    ) {
        let Some((wait, _)) = said.first_mut() else { return };
        let at = self.now + std::mem::take(wait);
        self.post.put(at, Errand::Hear(asked, message, said));
    }

    /// Tells the account first, where no more mail will arrive, as the function for reports does.
    fn hear(
        &mut self,
        asked: Box<Asked>,
        message: &StreamContext<Message>,
        mut said: Vec<(SignedDuration, Feedback)>,
    ) -> Step<()> {
        if said.is_empty() {
            return Ok(());
        }
        let (_, feedback) = said.remove(0);
        let name = asked.message();
        let meta = system("feedback", name.to_string());
        if let Some(because) = feedback.means_undeliverable(asked.kind)
            && asked.account == self.id
        {
            let asked_at = asked.cause.id.time();
            let mark = AccountCommand::MarkUndeliverable { message: name, asked_at, because };
            match self.on_account(mark, &meta) {
                Ok(_) | Err(Stop::Refused) => {}
                Err(stop) => return Err(stop),
            }
        }
        let message = self.on_message(message, MessageCommand::Note(feedback), &meta)?;
        self.hear_later(asked, message, said);
        Ok(())
    }
}
