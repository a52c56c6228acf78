//! What an event asks for.

use jiff::Timestamp;
use postern_domain::message::{Recipient, message_id};
use postern_domain::policy;
use postern_events::ids::{AccountId, DeviceId, EventId, MessageId};
use postern_events::message::{Claimed, MessageKind};
use postern_events::vocabulary::Method;
use postern_store::outbox::Unsent;
use postern_store::streams::Commit;

use super::chores::Chore;
use super::requests::{FanOut, Request};
use super::topic::Topic;

/// The wire names of the events that can ask for something: what the function has to be told of.
pub const ASKING: [&str; 26] = [
    "account.code_entry_paused",
    "account.device_revoked",
    "account.email_changed",
    "account.erased",
    "account.password_changed",
    "account.password_reset",
    "account.push_endpoint_registered",
    "account.push_endpoint_removed",
    "account.recovery_codes_created",
    "account.signed_out_by_operator",
    "account.signed_out_everywhere",
    "account.two_step_disabled",
    "sign_in.cancelled",
    "sign_in.code_issued",
    "sign_in.code_resent",
    "sign_in.completed",
    "sign_in.denied",
    "sign_in.locked",
    "sign_in.reported",
    "support.requested",
    "verification.code_issued",
    "verification.code_resent",
    "verification.completed",
    "verification.denied",
    "verification.locked",
    "verification.reported",
];

/// Whether a commit can ask for anything at all.
pub(super) fn asks(commit: &Commit) -> bool {
    commit.types.iter().any(|name| ASKING.contains(&name.as_str()))
}

/// The event that asks.
#[derive(Debug, Clone)]
pub(super) struct Cause {
    /// Its name.
    pub(super) by: EventId,
    /// When it happened.
    pub(super) at: Timestamp,
    /// Its stream.
    pub(super) stream: String,
    /// The version of its commit.
    pub(super) version: u64,
}

impl Cause {
    /// When a notice of it is of no use any more.
    pub(super) fn notice_deadline(&self) -> Timestamp {
        self.at + policy::NOTICE_DEADLINE
    }

    /// The outbox's note of what it asks for.
    pub(super) fn unsent(&self, message: MessageId, due: Timestamp) -> Unsent {
        let Self { by: event, stream, version, .. } = self.clone();
        Unsent { message, stream, version, event, due }
    }
}

/// All that the events of one commit ask for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Messages whose recipient is known.
    pub(super) messages: Vec<Asked>,
    /// Messages that go to whichever devices a push reaches by then.
    pub(super) fan_outs: Vec<FanOut>,
    /// What else is to be done.
    pub(super) chores: Vec<Chore>,
}

/// One message to one recipient.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The event that asks.
    pub(super) cause: Cause,
    /// The account that it is for; of a request for help, the one that it is about.
    pub(super) account: AccountId,
    /// What is to be said, and how.
    pub(super) what: What,
    /// When there is no use in saying it any more.
    pub(super) deadline: Timestamp,
}

/// What is to be said, and how.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// By mail.
    Mail(Topic),
    /// To one device, by push.
    Push(Telling, DeviceId),
}

/// What a device is told.
#[derive(Debug, Clone)]
pub(super) enum Telling {
    /// That somebody wants in, or wants to change something.
    Request(Request),
    /// That this has been decided.
    RequestClosed(Request),
    /// That it is trusted no longer.
    SignedOut,
}

impl Asked {
    pub(super) fn message(&self) -> MessageId {
        let recipient = match &self.what {
            What::Mail(Topic::Help(_)) => Recipient::Support,
            What::Mail(_) => Recipient::Owner(self.account),
            What::Push(_, device) => Recipient::Device(*device),
        };
        message_id(self.cause.by, recipient)
    }

    /// What a claim says; attempt and lease are the decider's to fill in.
    pub(super) fn claim(&self, now: Timestamp) -> Claimed {
        let (channel, device) = match &self.what {
            What::Mail(_) => (Method::Email, None),
            What::Push(_, device) => (Method::App, Some(*device)),
        };
        Claimed {
            asked_by: self.cause.by,
            stream: self.cause.stream.clone(),
            kind: self.kind(),
            channel,
            recipient: self.account,
            device,
            attempt: 0,
            lease_until: now,
            deadline: self.deadline,
        }
    }

    pub(super) fn kind(&self) -> MessageKind {
        match &self.what {
            What::Mail(topic) => topic.kind(),
            What::Push(Telling::Request(_), _) => MessageKind::SignInRequest,
            What::Push(Telling::RequestClosed(_), _) => MessageKind::RequestClosed,
            What::Push(Telling::SignedOut, _) => MessageKind::SignedOut,
        }
    }

    /// The outbox's note of it.
    pub(super) fn unsent(&self, due: Timestamp) -> Unsent {
        self.cause.unsent(self.message(), due)
    }

    /// The device that a message says goodbye to.
    pub(super) fn signs_out(&self) -> Option<DeviceId> {
        match &self.what {
            What::Push(Telling::SignedOut, device) => Some(*device),
            What::Mail(_) | What::Push(Telling::Request(_) | Telling::RequestClosed(_), _) => None,
        }
    }
}
