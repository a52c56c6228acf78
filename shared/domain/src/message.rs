//! One message: who may send it now, and when it is given up.

mod feedback;

use jiff::{SignedDuration, Timestamp};
use postern_events::ids::{AccountId, DeviceId, EventId, MessageId};
use postern_events::message::{
    Bounced, Claimed, Complained, Deferred, Delayed, Delivered, Failed, GivenUp, MessageEvent,
    NotTaken, Rejected, Sent,
};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Stamp};
use crate::policy;
pub use feedback::Feedback;

/// Whom a message goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// The owner of this account, by mail.
    Owner(AccountId),
    /// This one device, by push.
    Device(DeviceId),
    /// Those who help, by mail.
    Support,
}

/// The name of the message that an event asks for, for this recipient: whoever derives it, and
/// however often, it is the same message.
#[must_use]
pub fn message_id(asked_by: EventId, recipient: Recipient) -> MessageId {
    let recipient = match recipient {
        Recipient::Owner(account) => account.to_bytes(),
        Recipient::Device(device) => device.to_bytes(),
        // No identifier: those begin with a time.
        Recipient::Support => *b"postern-support!",
    };
    MessageId::derived(asked_by.time(), &[&asked_by.to_bytes(), &recipient])
}

/// A message that is not done with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsent {
    /// Tries so far.
    pub attempt: u16,
    /// When there is no use in sending it any more.
    pub deadline: Timestamp,
    /// Before this nobody else may send it: a lease or a wait.
    pub not_before: Timestamp,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// Nobody has taken it up.
    #[default]
    New,
    /// Somebody is sending it, or died doing so.
    Claimed(Unsent),
    /// The carrier could not take it.
    Waiting(Unsent),
    /// The carrier accepted it.
    Sent,
    /// The recipient's server took it.
    Delivered,
    /// The recipient's server refused it.
    Bounced,
    /// Its recipient called it unwanted.
    Complained,
    /// It is given up.
    Failed(GivenUp),
}

/// What can be asked of a message.
#[derive(Debug, Clone)]
pub enum MessageCommand {
    /// Take it up for sending. The attempt and the lease's end are filled in.
    Claim {
        /// What it is; `attempt` and `lease_until` are filled in.
        claim: Box<Claimed>,
        /// The present.
        now: Timestamp,
    },
    /// The carrier accepted it.
    Sent {
        /// The carrier's name for it.
        carrier_id: Option<String>,
    },
    /// The carrier did not take it.
    Defer {
        /// Why.
        because: NotTaken,
        /// The present.
        now: Timestamp,
    },
    /// Give it up.
    GiveUp {
        /// Why.
        because: GivenUp,
    },
    /// Note what its carrier says about it.
    Note(Feedback),
}

/// Why a message does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageRefusal {
    /// Another sender has it, or its wait isn't over.
    #[error("the message is held")]
    Held {
        /// Until when.
        until: Timestamp,
    },
    /// It was sent or given up.
    #[error("the message is done")]
    Done,
    /// Nobody has taken it up.
    #[error("the message is not claimed")]
    NotClaimed,
}

impl Decider for Message {
    const STATE_SCHEMA: u32 = 2;

    type Id = MessageId;
    type Command = MessageCommand;
    type Event = MessageEvent;
    type Refusal = MessageRefusal;

    fn decide(&self, command: MessageCommand) -> Result<Vec<MessageEvent>, MessageRefusal> {
        match (self, command) {
            (
                Self::Claimed(_)
                | Self::Waiting(_)
                | Self::Sent
                | Self::Delivered
                | Self::Bounced
                | Self::Complained
                | Self::Failed(_),
                MessageCommand::Note(feedback),
            ) => Ok(self.note(feedback)),
            (
                Self::Sent | Self::Delivered | Self::Bounced | Self::Complained | Self::Failed(_),
                _,
            ) => Err(MessageRefusal::Done),
            (Self::New, MessageCommand::Claim { claim, now }) => Ok(vec![claimed(*claim, 1, now)]),
            (Self::Claimed(it) | Self::Waiting(it), MessageCommand::Claim { claim, now }) => {
                if now < it.not_before && now < it.deadline {
                    return Err(MessageRefusal::Held { until: it.not_before });
                }
                Ok(vec![claimed(*claim, it.attempt.saturating_add(1), now)])
            }
            (Self::New, MessageCommand::Note(_))
            | (
                Self::New | Self::Waiting(_),
                MessageCommand::Sent { .. } | MessageCommand::Defer { .. },
            ) => Err(MessageRefusal::NotClaimed),
            (Self::Claimed(_), MessageCommand::Sent { carrier_id }) => {
                Ok(vec![MessageEvent::Sent(Sent { carrier_id })])
            }
            (Self::Claimed(it), MessageCommand::Defer { because, now }) => {
                Ok(it.defer(because, now))
            }
            (
                Self::New | Self::Claimed(_) | Self::Waiting(_),
                MessageCommand::GiveUp { because },
            ) => Ok(vec![MessageEvent::Failed(Failed { because })]),
        }
    }

    fn apply(&mut self, event: &MessageEvent, _: Stamp) {
        match event {
            MessageEvent::Claimed(it) => {
                *self = Self::Claimed(Unsent {
                    attempt: it.attempt,
                    deadline: it.deadline,
                    not_before: it.lease_until,
                });
            }
            MessageEvent::Sent(_) => *self = Self::Sent,
            MessageEvent::Deferred(it) => {
                if let Self::Claimed(unsent) | Self::Waiting(unsent) = self {
                    let unsent = Unsent { not_before: it.next_at, ..unsent.clone() };
                    *self = Self::Waiting(unsent);
                }
            }
            MessageEvent::Failed(it) => *self = Self::Failed(it.because),
            MessageEvent::Delivered(_) => *self = Self::Delivered,
            MessageEvent::Delayed(_) => {}
            MessageEvent::Bounced(_) => *self = Self::Bounced,
            MessageEvent::Complained(_) => *self = Self::Complained,
            MessageEvent::Rejected(_) => *self = Self::Failed(GivenUp::Rejected),
        }
    }
}

impl Message {
    /// What is worse outweighs what was better, whichever is heard first; what is known is not said
    /// again. It may come before the sender has noted that the carrier accepted the message.
    fn note(&self, feedback: Feedback) -> Vec<MessageEvent> {
        let event = match (feedback, self) {
            (
                Feedback::Delivered,
                Self::New | Self::Delivered | Self::Bounced | Self::Complained,
            )
            | (
                Feedback::Delayed,
                Self::New | Self::Delivered | Self::Bounced | Self::Complained | Self::Failed(_),
            )
            | (Feedback::Bounced(_), Self::New | Self::Bounced | Self::Complained)
            | (Feedback::Complained, Self::New | Self::Complained)
            | (
                Feedback::Rejected,
                Self::New
                | Self::Delivered
                | Self::Bounced
                | Self::Complained
                | Self::Failed(GivenUp::Rejected),
            ) => return Vec::new(),
            (Feedback::Delivered, _) => MessageEvent::Delivered(Delivered {}),
            (Feedback::Delayed, _) => MessageEvent::Delayed(Delayed {}),
            (Feedback::Bounced(bounce), _) => MessageEvent::Bounced(Bounced { bounce }),
            (Feedback::Complained, _) => MessageEvent::Complained(Complained {}),
            (Feedback::Rejected, _) => MessageEvent::Rejected(Rejected {}),
        };
        vec![event]
    }
}

fn claimed(claim: Claimed, attempt: u16, now: Timestamp) -> MessageEvent {
    if now >= claim.deadline {
        return MessageEvent::Failed(Failed { because: GivenUp::Expired });
    }
    let lease_until = now + policy::MESSAGE_LEASE;
    MessageEvent::Claimed(Claimed { attempt, lease_until, ..claim })
}

impl Unsent {
    /// Waits, twice as long each time, but never past half of what time is left; gives up when
    /// that is too little to matter.
    fn defer(&self, because: NotTaken, now: Timestamp) -> Vec<MessageEvent> {
        let half_left = self.deadline.duration_since(now) / 2;
        let wait = wait_after(self.attempt).min(half_left);
        if wait < policy::SHORTEST_RETRY {
            return vec![MessageEvent::Failed(Failed { because: GivenUp::Expired })];
        }
        vec![MessageEvent::Deferred(Deferred { because, next_at: now + wait })]
    }
}

fn wait_after(attempt: u16) -> SignedDuration {
    2_i32
        .checked_pow(u32::from(attempt.saturating_sub(1)))
        .and_then(|factor| policy::FIRST_RETRY_AFTER.checked_mul(factor))
        .map_or(policy::LONGEST_RETRY, |wait| wait.min(policy::LONGEST_RETRY))
}
