//! What an event asks for.

use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::message::{Recipient, message_id};
use postern_domain::policy;
use postern_events::ids::{AccountId, DeviceId, EventId, MessageId};
use postern_events::message::{Claimed, MessageKind};
use postern_events::sign_in::Attempted;
use postern_events::verification::Opened;
use postern_events::vocabulary::Method;
use postern_store::outbox::Unsent;
use postern_store::streams::Commit;

/// The wire names of the events that can ask for something: what the function has to be told of.
pub const ASKING: [&str; 12] = [
    "account.device_revoked",
    "account.push_endpoint_registered",
    "account.push_endpoint_removed",
    "account.signed_out_everywhere",
    "sign_in.cancelled",
    "sign_in.code_issued",
    "sign_in.code_resent",
    "sign_in.completed",
    "sign_in.denied",
    "sign_in.locked",
    "verification.code_issued",
    "verification.code_resent",
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

    fn unsent(&self, message: MessageId, due: Timestamp) -> Unsent {
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
    /// What is to be done at the push service without a word to anybody.
    pub(super) chores: Vec<Chore>,
}

/// One message to one recipient.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The event that asks.
    pub(super) cause: Cause,
    /// The account that it is about.
    pub(super) account: AccountId,
    /// What is to be said, and how.
    pub(super) what: What,
    /// When there is no use in saying it any more.
    pub(super) deadline: Timestamp,
}

/// What is to be said, and how.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// To the owner, by mail.
    Mail(Topic),
    /// To one device, by push.
    Push(Telling, DeviceId),
}

/// What a mail is about.
#[derive(Debug, Clone)]
pub(super) enum Topic {
    /// The code of a sign-in.
    SignInCode(Arc<Attempted>),
    /// The code of a registration.
    RegistrationCode(Arc<Opened>),
    /// That somebody tried to register the owner's address.
    RegistrationAttempt(Arc<Opened>),
    /// That a new device signed in.
    NewDevice(Arc<Attempted>),
}

/// What a device is told.
#[derive(Debug, Clone)]
pub(super) enum Telling {
    /// That another one wants to sign in.
    SignInRequest(Arc<Attempted>),
    /// That this has been decided.
    RequestClosed(Arc<Attempted>),
    /// That it is trusted no longer.
    SignedOut,
}

impl Asked {
    pub(super) fn message(&self) -> MessageId {
        let recipient = match &self.what {
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

    fn kind(&self) -> MessageKind {
        match &self.what {
            What::Mail(Topic::SignInCode(_)) => MessageKind::SignInCode,
            What::Mail(Topic::RegistrationCode(_)) => MessageKind::RegistrationCode,
            What::Mail(Topic::RegistrationAttempt(_)) => MessageKind::RegistrationAttempt,
            What::Mail(Topic::NewDevice(_)) => MessageKind::NewDevice,
            What::Push(Telling::SignInRequest(_), _) => MessageKind::SignInRequest,
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
            What::Mail(_)
            | What::Push(Telling::SignInRequest(_) | Telling::RequestClosed(_), _) => None,
        }
    }
}

/// The same message to each device that a push reaches.
#[derive(Debug, Clone)]
pub(super) struct FanOut {
    /// The event that asks.
    pub(super) cause: Cause,
    /// Who attempted: the account says which devices, and this key is told nothing.
    pub(super) attempted: Arc<Attempted>,
    /// Whether the attempt is over.
    pub(super) closed: bool,
    /// When there is no use in saying it any more.
    pub(super) deadline: Timestamp,
}

impl FanOut {
    /// The message to one of them.
    pub(super) fn to(&self, device: DeviceId) -> Asked {
        let attempted = Arc::clone(&self.attempted);
        let telling = if self.closed { Telling::RequestClosed } else { Telling::SignInRequest };
        Asked {
            cause: self.cause.clone(),
            account: self.attempted.account,
            what: What::Push(telling(attempted), device),
            deadline: self.deadline,
        }
    }
}

/// Something to do at the push service.
#[derive(Debug, Clone)]
pub(super) struct Chore {
    /// The event that asks.
    pub(super) cause: Cause,
    /// The account.
    pub(super) account: AccountId,
    /// Its device.
    pub(super) device: DeviceId,
    /// What to do.
    pub(super) errand: Errand,
}

/// What to do about a device at the push service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    /// Make it known.
    Register,
    /// Forget it.
    Forget,
}

impl Chore {
    /// The name that it is noted under until it is done; no stream has it.
    pub(super) fn name(&self) -> MessageId {
        message_id(self.cause.by, Recipient::Device(self.device))
    }

    /// The outbox's note of it.
    pub(super) fn undone(&self, due: Timestamp) -> Unsent {
        self.cause.unsent(self.name(), due)
    }
}
