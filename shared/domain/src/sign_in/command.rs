//! What can be asked of an attempt to sign in, and why nothing may come of it.

use jiff::Timestamp;
use postern_events::ids::{AccountId, DeviceId, EventId, SessionId, SignInId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{DeviceDescription, DeviceKey, Method, Origin, Platform};

use crate::account::OpenAccount;
use crate::challenge::{CodeRefusal, Guess, Material};
use crate::channels::{Channels, Unavailable};

/// A right password.
#[derive(Debug, Clone)]
pub struct RightPassword {
    /// The attempt's name.
    pub id: SignInId,
    /// The account as it is.
    pub account: OpenAccount,
    /// How a code can reach its owner; nobody looks where none is needed.
    pub channels: Option<Channels>,
    /// The key that proved possession.
    pub key: DeviceKey,
    /// The name for its device, should it be let in without being known.
    pub device: DeviceId,
    /// The name for its session.
    pub session: SessionId,
    /// Its platform.
    pub platform: Platform,
    /// Its description.
    pub description: Personal<DeviceDescription>,
    /// Where it asks from.
    pub origin: Personal<Origin>,
    /// The country that suggests.
    pub country: Option<String>,
    /// What says so.
    pub located_by: Option<String>,
    /// What a code is made from, if one is needed.
    pub material: Material,
}

/// Who asks for something about an attempt, and what is true now.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The key that proved possession.
    pub key: DeviceKey,
    /// The account's attempt generation.
    pub generation: u32,
    /// The present.
    pub now: Timestamp,
}

/// What can be asked of an attempt.
#[derive(Debug, Clone)]
pub enum SignInCommand {
    /// Note a wrong password.
    Refuse {
        /// The account, where the address has one.
        account: Option<AccountId>,
        /// The platform that asked.
        platform: Platform,
        /// The country the address suggests.
        country: Option<String>,
        /// What says so.
        located_by: Option<String>,
    },
    /// Open it behind the right password.
    Open {
        /// Who, and on which account.
        password: Box<RightPassword>,
        /// The present.
        now: Timestamp,
    },
    /// Send a code again, or by another method.
    Resend {
        /// Who asks.
        asking: Asking,
        /// The method; the present one if none is given.
        method: Option<Method>,
        /// How a code can reach the owner.
        channels: Channels,
        /// What a new code is made from.
        material: Material,
    },
    /// Compare a guess.
    Verify {
        /// Who asks.
        asking: Asking,
        /// The account as it is.
        account: Box<OpenAccount>,
        /// The guess.
        guess: Guess,
        /// Whether the device wants to be trusted.
        trust: bool,
        /// The name for the session.
        session: SessionId,
    },
    /// Take a recovery code in the code's place, or note that it is none of the account's.
    Recover {
        /// Who asks.
        asking: Asking,
        /// The account as it is.
        account: Box<OpenAccount>,
        /// Recovery codes left behind the right one; absent for a wrong one.
        codes_left: Option<u8>,
        /// Guesses that can still be claimed at the attempt.
        guesses_left: u8,
        /// Whether the device wants to be trusted.
        trust: bool,
        /// The name for the session.
        session: SessionId,
    },
    /// Give up.
    Cancel {
        /// Who asks.
        asking: Asking,
    },
    /// Note that the account has changed under the attempt; whoever waits for it is told so.
    Supersede {
        /// The account's attempt generation.
        generation: u32,
        /// The present.
        now: Timestamp,
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

/// Why an attempt does nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SignInRefusal {
    /// There is none, or it is another key's: both look alike.
    #[error("there is no such attempt")]
    NotFound,
    /// The name is in use.
    #[error("the attempt exists")]
    Exists,
    /// The method can't reach the owner.
    #[error("the method can't reach the owner")]
    ChannelUnavailable(#[from] Unavailable),
    /// What the code engine says.
    #[error(transparent)]
    Code(#[from] CodeRefusal),
}
