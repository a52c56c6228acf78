//! What can be asked of an account, and why nothing may come of it.

use jiff::Timestamp;
use postern_events::account::{PushRemovedBecause, TrustedBy};
use postern_events::ids::{AccountId, DeviceId, MessageId, SessionId, VerificationId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{AddressKey, DeviceDescription, DeviceKey, Origin, Platform};

use super::NewEndpoint;

/// A key that is to be trusted.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// The name it will have.
    pub id: DeviceId,
    /// Its key on the account.
    pub key: DeviceKey,
    /// Its platform.
    pub platform: Platform,
    /// Its description.
    pub description: Personal<DeviceDescription>,
    /// Where it is.
    pub origin: Personal<Origin>,
    /// What makes it trusted.
    pub by: TrustedBy,
}

/// An account that is to be opened.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its name.
    pub account: AccountId,
    /// The proven address.
    pub email: Personal<String>,
    /// The normalised address under the lookup key.
    pub address_key: AddressKey,
    /// Language tag.
    pub locale: String,
    /// The process that proved the address.
    pub verification: VerificationId,
    /// The device it was done on.
    pub device: NewDevice,
}

/// What can be asked of an account.
#[derive(Debug, Clone)]
pub enum AccountCommand {
    /// Open it.
    Register(Box<Registration>),
    /// Trust a key whose owner gave the right code.
    TrustDevice {
        /// The key.
        device: Box<NewDevice>,
        /// The present.
        now: Timestamp,
    },
    /// Note that a trusted device was used.
    SeeDevice {
        /// The device.
        device: DeviceId,
        /// The present.
        now: Timestamp,
    },
    /// Take a device's trust and sessions away.
    RemoveDevice {
        /// The device.
        device: DeviceId,
        /// The device whose session asks.
        by: DeviceId,
        /// Whether that session has just been stepped up.
        stepped_up: bool,
        /// The present.
        now: Timestamp,
    },
    /// End all sessions, and all trust but the asking device's.
    SignOutEverywhere {
        /// The device that asks.
        by: DeviceId,
        /// Its session.
        session: SessionId,
        /// Whether that session has just been stepped up.
        stepped_up: bool,
        /// The present.
        now: Timestamp,
    },
    /// Push to a trusted device from now on, or know something new about that.
    RegisterPush {
        /// The device and what its app says.
        endpoint: NewEndpoint,
        /// The device of this account that had the token.
        moved_from: Option<DeviceId>,
        /// The present.
        now: Timestamp,
    },
    /// Push to a device no longer.
    RemovePush {
        /// The device.
        device: DeviceId,
        /// Why.
        because: PushRemovedBecause,
    },
    /// Note that the push service no longer reaches a device.
    DisablePush {
        /// The device.
        device: DeviceId,
        /// When the endpoint that failed was registered; a newer one is not meant.
        since: Timestamp,
        /// The message that could not be pushed.
        message: MessageId,
    },
    /// Note that code entry is paused.
    PauseCodeEntry {
        /// Wrong codes in a row.
        wrong_in_a_row: u16,
        /// When it ends; absent when only a new password lifts it.
        until: Option<Timestamp>,
    },
}

/// Why an account does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefusal {
    /// There is no open account.
    #[error("there is no such account")]
    NoAccount,
    /// There is one already.
    #[error("the account exists")]
    Exists,
    /// The key is trusted already.
    #[error("the key is trusted already")]
    AlreadyTrusted,
    /// All places for trusted keys are taken.
    #[error("no further device can be trusted")]
    NoRoom,
    /// No trusted device has this name.
    #[error("there is no such device")]
    NoDevice,
    /// The asking device is too young to remove an older one.
    #[error("the device has not been trusted for long enough")]
    TooYoung,
}
