//! What can be asked of an account, and why nothing may come of it.

use jiff::Timestamp;
use postern_events::account::{PushRemovedBecause, TrustedBy, UndeliverableBecause};
use postern_events::ids::{AccountId, DeviceId, MessageId, SessionId, VerificationId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{AddressKey, DeviceDescription, DeviceKey, Origin, Platform};

use super::{NewEndpoint, Order, Report, Settings};
use crate::channels::{Channels, Unavailable};

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
    /// Switch two-step verification, choose a method.
    Settle {
        /// What is wished for.
        settings: Settings,
        /// Who wishes it.
        acting: Acting,
        /// How a code would reach the owner on another device.
        channels: Box<Channels>,
        /// Whether the password is long enough to stand alone.
        long_enough: bool,
    },
    /// Speak another language.
    ChooseLocale {
        /// Language tag.
        locale: String,
        /// The device that asks.
        by: DeviceId,
    },
    /// Call a trusted device otherwise.
    RenameDevice {
        /// The device.
        device: DeviceId,
        /// Its description with the new name.
        description: Personal<DeviceDescription>,
        /// Who asks.
        acting: Acting,
    },
    /// Make a new set of recovery codes.
    CreateRecoveryCodes {
        /// Who asks.
        acting: Acting,
    },
    /// Note that somebody who knew the password has set another one.
    ChangePassword {
        /// Who did.
        acting: Acting,
        /// Whether all other sessions and trust end.
        sign_out_others: bool,
    },
    /// Note that somebody who proved the mailbox has set another password.
    ResetPassword {
        /// The process that proved it.
        verification: VerificationId,
        /// The present.
        now: Timestamp,
    },
    /// Move the account to another, proven address.
    ChangeEmail {
        /// The address.
        email: Personal<String>,
        /// The same, normalised, under the lookup key.
        address_key: AddressKey,
        /// The process that proved it.
        verification: VerificationId,
        /// The device that asked.
        by: DeviceId,
    },
    /// Undo what the owner says, by a link in a mail, was not them.
    Report(Report),
    /// Note that mail to the account's address doesn't arrive.
    MarkUndeliverable {
        /// The message that did not.
        message: MessageId,
        /// When it was asked for; an address that is newer is not meant.
        asked_at: Timestamp,
        /// Why.
        because: UndeliverableBecause,
    },
    /// Erase the account.
    Erase {
        /// Who asks.
        acting: Acting,
    },
    /// Do what an operator orders.
    Operate(Order),
}

/// Who acts on an account, and what is true of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acting {
    /// The device.
    pub device: DeviceId,
    /// Its session.
    pub session: SessionId,
    /// Whether that session has just been stepped up.
    pub stepped_up: bool,
    /// The present.
    pub now: Timestamp,
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
    /// The session has not been stepped up.
    #[error("the session has to be stepped up")]
    StepUpRequired,
    /// The password is too short to stand alone.
    #[error("the password is too short to stand alone")]
    WeakAlone,
    /// The method can't reach the owner.
    #[error("the method can't reach the owner")]
    ChannelUnavailable(#[from] Unavailable),
}
