//! What can be asked of a verification, and why it may do nothing.

use jiff::Timestamp;
use postern_events::ids::{DeviceId, EventId, SessionId};
use postern_events::verification::Opened;
use postern_events::vocabulary::{DeviceKey, Method};

use crate::challenge::{CodeRefusal, Guess, Material};
use crate::channels::{Channels, Unavailable};

/// The way that a process takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a code.
    Code(Method),
    /// None is needed: the password was right, on a device that has been trusted for long enough.
    AtOnce(SessionId),
    /// No channel reaches the owner for now.
    Nowhere,
}

/// What a right code leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A session, new or stepped up.
    Session(SessionId),
    /// What was asked for, and no session.
    Fulfilled,
    /// Nothing for now: what else was asked with it can't be done.
    Nothing,
}

/// Who asks for something about a process, and what is true now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Going {
    /// The key that proved possession.
    pub key: DeviceKey,
    /// Its session, where the process needs one.
    pub session: Option<SessionId>,
    /// The account's attempt generation, where there is an account.
    pub generation: Option<u32>,
    /// The present.
    pub now: Timestamp,
}

/// What can be asked of a verification.
#[derive(Debug, Clone)]
pub enum VerificationCommand {
    /// Open it.
    Open {
        /// What is asked for; the policy version is filled in.
        opened: Box<Opened>,
        /// The way that it takes.
        way: Way,
        /// What a code is made from.
        material: Material,
        /// The present.
        now: Timestamp,
    },
    /// Send the code again, or by another method.
    Resend {
        /// Who asks.
        going: Going,
        /// The method; the present one if none is given.
        method: Option<Method>,
        /// How a code can reach the owner, where there is more than the mail to prove.
        channels: Option<Channels>,
        /// What a new code is made from.
        material: Material,
    },
    /// Compare a guess.
    Verify {
        /// Who asks.
        going: Going,
        /// The guess.
        guess: Guess,
        /// Whether no code is right, such as for an address that somebody else has by now.
        never: bool,
        /// What a right one leads to.
        outcome: Outcome,
    },
    /// Say, as the owner, that it was not them.
    Deny {
        /// The trusted device it is said on.
        by: DeviceId,
        /// The account's attempt generation.
        generation: u32,
        /// The present.
        now: Timestamp,
    },
    /// Say, through a mail about it, that it was not them.
    Report {
        /// The event whose message that was.
        asked_by: EventId,
    },
}

/// Why a verification does nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VerificationRefusal {
    /// There is none, or it is another key's: both look alike.
    #[error("there is no such verification")]
    NotFound,
    /// The name is in use.
    #[error("the verification exists")]
    Exists,
    /// The method can't reach the owner.
    #[error("the method can't reach the owner")]
    ChannelUnavailable(#[from] Unavailable),
    /// What the code engine says.
    #[error(transparent)]
    Code(#[from] CodeRefusal),
}
