//! What can be written: parts of transactions, and what they stand for.

use jiff::Timestamp;
use postern_domain::account::OpenAccount;
use postern_domain::decider::Stamp;
use postern_domain::guard::AccountGuard;
use postern_domain::tries::{AddressTries, KeyTries};
use postern_events::account::AccountEvent;
use postern_events::ids::{DeviceId, MessageId, SessionId, SignInId, VerificationId};
use postern_events::message::MessageEvent;
use postern_events::sign_in::SignInEvent;
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::{DeviceKey, Method};

use crate::actors::passwords::Counted;

/// An event and its stamp.
#[derive(Debug, Clone)]
pub(crate) struct Noted<E> {
    pub(crate) stamp: Stamp,
    pub(crate) event: E,
}

/// Events for one stream, on the condition that nobody else has appended meanwhile.
#[derive(Debug, Clone)]
pub(crate) struct Append<E> {
    pub(crate) version: u64,
    pub(crate) events: Vec<Noted<E>>,
}

/// What a write of the guard stands for; nothing in the store looks at it.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Opened {
        attempt: SignInId,
        key: DeviceKey,
    },
    Claimed {
        attempt: SignInId,
    },
    Sent {
        attempt: SignInId,
        method: Method,
    },
    Denied {
        key: DeviceKey,
        attempts: Vec<SignInId>,
    },
    Verified {
        attempt: SignInId,
    },
    /// A process may be guessed at.
    Begun,
    /// A guess at a process; its account's own key is trusted, for a step-up.
    ClaimedAt {
        process: VerificationId,
        trusted: bool,
    },
    /// A first code of a step-up.
    SentFor {
        process: VerificationId,
        method: Method,
    },
    /// The right code of a step-up.
    SteppedUp,
    /// A new password; whether it lifts what only a new password lifts.
    Forgiven {
        lift: bool,
    },
    /// A pause is lifted.
    Resumed,
}

/// A session as far as it matters here.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    /// The attempt that led to it; the first one comes of the registration.
    pub(crate) attempt: Option<SignInId>,
    pub(crate) device: DeviceId,
    pub(crate) key: DeviceKey,
    /// Whether its device was trusted when it began.
    pub(crate) trusted: bool,
    /// The account's trust generation when it began or was renewed.
    pub(crate) generation: u32,
    pub(crate) stepped_up: Option<Timestamp>,
}

impl Session {
    /// Whether a request with it is answered, by the account as it is.
    pub(crate) fn lives(&self, account: &OpenAccount, now: Timestamp) -> bool {
        let trusted = account.device(self.device, now).is_some_and(|it| it.key == self.key);
        self.generation == account.trust_generation && (trusted || !self.trusted)
    }
}

/// What of an account's vault matters here: which password is the present one, and the recovery
/// codes that are left.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vault {
    pub(crate) password: u64,
    /// The password before that, which somebody may still try.
    pub(crate) former: u64,
    pub(crate) codes: Vec<u64>,
    pub(super) revision: u64,
}

impl Vault {
    /// For a write on the condition that the codes are what they were.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }
}

/// One part of a transaction.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    Account(Append<AccountEvent>),
    AccountUnchanged {
        version: u64,
    },
    SignIn(SignInId, Append<SignInEvent>),
    Message(MessageId, Append<MessageEvent>),
    Process(VerificationId, Append<VerificationEvent>),
    Password(u64),
    /// Another set of recovery codes.
    NewCodes(Vec<u64>),
    /// One recovery code less.
    UsedCode {
        revision: u64,
        code: u64,
    },
    Guard {
        revision: u64,
        value: Box<AccountGuard>,
        acts: Vec<Act>,
    },
    Address {
        revision: u64,
        value: AddressTries,
        by: Counted,
        right: bool,
    },
    Keys {
        revision: u64,
        value: KeyTries,
        by: Counted,
        right: bool,
    },
    Begin(Session),
    End(DeviceId),
    /// The session that ended all others goes on.
    Renew(SessionId, u32),
    StepUp(SessionId, Timestamp),
}

/// Writes under one token: sent twice, they happen once.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    pub(crate) token: u64,
    pub(crate) writes: Vec<Write>,
}
