//! One message on its way: claimed, sent, recorded.

use jiff::Timestamp;
use postern_domain::message::{Message, MessageCommand, MessageRefusal};
use postern_domain::policy;
use postern_events::message::NotTaken;
use postern_store::StoreError;
use postern_store::reaction::Failure;
use postern_store::streams::{DECISIONS, ExecuteError, StreamContext, wait};

use super::asked::{Asked, What};
use super::withheld::Withheld;
use super::{Delivery, meta};
use crate::mailer::SendMail;
use crate::push::SendPush;

/// What became of a message in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Became {
    /// It is sent.
    Sent,
    /// It is given up, or was done with before.
    Over,
    /// It waits, or another sender has it; the outbox holds a note of it.
    Pending,
}

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    pub(super) async fn deliver(&self, asked: &Asked) -> Result<Became, Failure> {
        let Some(claimed) = self.claim(asked).await? else { return Ok(Became::Pending) };
        if held_until(claimed.state()).is_none() {
            return self.finish(asked, Became::Over).await;
        }
        let ending = self.send(asked).await?;
        self.conclude(asked, claimed, ending).await
    }

    /// Takes a message that is done with off the outbox. A device that was told goodbye, or can't
    /// be told any more, is forgotten first; the note stays until that is done.
    async fn finish(&self, asked: &Asked, became: Became) -> Result<Became, Failure> {
        if let Some(device) = asked.signs_out()
            && !self.forget(asked.account, device, asked.deadline).await?
        {
            let due = self.clock.now() + policy::LONGEST_RETRY;
            self.store.outbox().put(&asked.unsent(due)).await?;
            return Ok(Became::Pending);
        }
        self.store.outbox().remove(asked.message()).await?;
        Ok(became)
    }

    /// Takes the message up, noting it in the outbox first so that no crash loses it. Nothing
    /// comes back where another sender has it; a message that is done with comes back as it is.
    async fn claim(&self, asked: &Asked) -> Result<Option<StreamContext<Message>>, Failure> {
        let now = self.clock.now();
        let streams = self.store.streams();
        let found = streams.load::<Message>(asked.message()).await?;
        let claim = MessageCommand::Claim { claim: Box::new(asked.claim(now)), now };
        let decided = match streams.decide(found.clone(), claim, &self.scribe(now)).await {
            Ok(decided) => decided,
            Err(ExecuteError::Refused(MessageRefusal::Done)) => return Ok(Some(found)),
            Err(other) => return refused(other).map(|()| None),
        };
        if let Some(lease) = held_until(decided.state()) {
            self.store.outbox().put(&asked.unsent(lease)).await?;
        }
        match streams.commit_one(decided, &meta(asked.cause.by)).await {
            Ok(committed) => Ok(Some(committed.context)),
            Err(lost) if lost.is_race() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes it ready and hands it over; how that ends is for the message's stream to record.
    async fn send(&self, asked: &Asked) -> Result<MessageCommand, Failure> {
        let handed_over = match &asked.what {
            What::Mail(topic) => self.send_mail(asked, topic).await,
            What::Push(telling, device) => self.send_push(asked, telling, *device).await,
        };
        let defer = |because| MessageCommand::Defer { because, now: self.clock.now() };
        Ok(match handed_over {
            Ok(receipt) => MessageCommand::Sent { carrier_id: receipt.carrier_id },
            Err(Withheld::Pointless(because)) => MessageCommand::GiveUp { because },
            Err(Withheld::NotTaken(because)) => defer(because),
            Err(Withheld::Unwritable(error)) => self.unwritable(asked, &*error),
            Err(Withheld::Store(error @ StoreError::Broken { .. })) => {
                self.unwritable(asked, &error)
            }
            Err(Withheld::Store(error)) => return Err(error.into()),
        })
    }

    /// Something of ours is missing: a key, a word. Whoever mends it before the deadline saves the
    /// message, and none of the others has to wait for that.
    fn unwritable(&self, asked: &Asked, error: &dyn std::error::Error) -> MessageCommand {
        let why = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(id = %asked.message(), %error, why, "a message can't be written");
        MessageCommand::Defer { because: NotTaken::Unavailable, now: self.clock.now() }
    }

    /// Records how it ended. The carrier may speak of the message before that is done: what it says
    /// is of the same lease, and outweighs what was to be recorded.
    async fn conclude(
        &self,
        asked: &Asked,
        claimed: StreamContext<Message>,
        ending: MessageCommand,
    ) -> Result<Became, Failure> {
        let (streams, lease) = (self.store.streams(), held_until(claimed.state()));
        let mut found = claimed;
        for lost in 0..DECISIONS {
            let scribe = self.scribe(self.clock.now());
            let decided = match streams.decide(found, ending.clone(), &scribe).await {
                Ok(decided) => decided,
                Err(ExecuteError::Refused(MessageRefusal::Done)) => {
                    let sent = matches!(ending, MessageCommand::Sent { .. });
                    let became = if sent { Became::Sent } else { Became::Over };
                    return self.finish(asked, became).await;
                }
                Err(other) => return refused(other).map(|()| Became::Pending),
            };
            match streams.commit_one(decided, &meta(asked.cause.by)).await {
                Ok(committed) => return self.concluded(asked, committed.state()).await,
                Err(race) if race.is_race() => wait(&*self.chance, lost).await,
                Err(error) => return Err(error.into()),
            }
            found = streams.load::<Message>(asked.message()).await?;
            if held_until(found.state()).is_some_and(|it| Some(it) != lease) {
                break;
            }
        }
        tracing::warn!(id = %asked.message(), "a lease ran out before its end was recorded");
        Ok(Became::Pending)
    }

    async fn concluded(&self, asked: &Asked, state: &Message) -> Result<Became, Failure> {
        let Some(due) = held_until(state) else {
            let became = if *state == Message::Sent { Became::Sent } else { Became::Over };
            return self.finish(asked, became).await;
        };
        self.store.outbox().put(&asked.unsent(due)).await?;
        Ok(Became::Pending)
    }
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

/// A message that refuses is in other hands; only the tables' errors are failures.
fn refused(error: ExecuteError<MessageRefusal>) -> Result<(), Failure> {
    match error {
        ExecuteError::Refused(
            MessageRefusal::Held { .. } | MessageRefusal::Done | MessageRefusal::NotClaimed,
        ) => Ok(()),
        ExecuteError::Sealing(why) => {
            let what = "a message's event".to_owned();
            Err(StoreError::Broken { what, source: why.into() }.into())
        }
        ExecuteError::Store(error) => Err(error.into()),
    }
}
