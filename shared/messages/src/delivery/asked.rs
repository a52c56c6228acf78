//! One message that an event asks for.

use jiff::Timestamp;
use postern_domain::message::message_id;
use postern_events::ids::{AccountId, EventId, MessageId};
use postern_events::message::{Claimed, MessageKind};
use postern_events::vocabulary::Method;
use postern_store::outbox::Unsent;
use postern_store::streams::Commit;

use super::story::Opening;

/// The wire names of the events that can ask for a message: what the function has to be told of.
pub const ASKING: [&str; 5] = [
    "sign_in.code_issued",
    "sign_in.code_resent",
    "sign_in.completed",
    "verification.code_issued",
    "verification.code_resent",
];

/// Whether a commit can ask for a message at all.
pub(super) fn asks(commit: &Commit) -> bool {
    commit.types.iter().any(|name| ASKING.contains(&name.as_str()))
}

/// A message that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The event that asks.
    pub(super) by: EventId,
    /// When it did.
    pub(super) at: Timestamp,
    /// The stream of that event.
    pub(super) stream: String,
    /// The version of its commit.
    pub(super) version: u64,
    /// What is to be said.
    pub(super) what: What,
    /// Whom to.
    pub(super) recipient: AccountId,
    /// When there is no use in saying it any more.
    pub(super) deadline: Timestamp,
    /// Who attempted what.
    pub(super) opening: Opening,
}

/// What is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// This issue of the attempt's code.
    Code {
        /// Its number.
        issue: u8,
    },
    /// That somebody tried to register the recipient's address.
    RegistrationAttempt,
    /// That a new device signed in.
    NewDevice,
}

impl Asked {
    pub(super) fn message(&self) -> MessageId {
        message_id(self.by, self.recipient)
    }

    /// What a claim says; attempt and lease are the decider's to fill in.
    pub(super) fn claim(&self, now: Timestamp) -> Claimed {
        Claimed {
            asked_by: self.by,
            stream: self.stream.clone(),
            kind: self.kind(),
            channel: Method::Email,
            recipient: self.recipient,
            attempt: 0,
            lease_until: now,
            deadline: self.deadline,
        }
    }

    fn kind(&self) -> MessageKind {
        match (self.what, &self.opening) {
            (What::Code { .. }, Opening::SignIn(_)) => MessageKind::SignInCode,
            (What::Code { .. }, Opening::Registration(_)) => MessageKind::RegistrationCode,
            (What::RegistrationAttempt, _) => MessageKind::RegistrationAttempt,
            (What::NewDevice, _) => MessageKind::NewDevice,
        }
    }

    /// The outbox's note of it.
    pub(super) fn unsent(&self, due: Timestamp) -> Unsent {
        Unsent {
            message: self.message(),
            stream: self.stream.clone(),
            version: self.version,
            event: self.by,
            due,
        }
    }
}
