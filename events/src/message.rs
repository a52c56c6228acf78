//! Facts about one message to one recipient.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Payload, events};
use crate::ids::{AccountId, DeviceId, EventId};
use crate::vocabulary::Method;

events! {
    /// Everything that happens to a message.
    pub enum MessageEvent in "message" {
        /// A sender took it up; until the lease ends no other may.
        Claimed(Claimed) = "message.claimed", 1;
        /// The carrier accepted it.
        Sent(Sent) = "message.sent", 1;
        /// The carrier can't take it now; it is tried again later.
        Deferred(Deferred) = "message.deferred", 1;
        /// It will never be sent.
        Failed(Failed) = "message.failed", 1;
        /// The recipient's server took it.
        Delivered(Delivered) = "message.delivered", 1;
        /// The recipient's server is slow to take it; the carrier goes on trying.
        Delayed(Delayed) = "message.delayed", 1;
        /// The recipient's server refused it.
        Bounced(Bounced) = "message.bounced", 1;
        /// Its recipient called it unwanted.
        Complained(Complained) = "message.complained", 1;
        /// The carrier had accepted it and then did not send it.
        Rejected(Rejected) = "message.rejected", 1;
    }
}

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// The code that completes a registration.
    RegistrationCode,
    /// The code that completes a sign-in.
    SignInCode,
    /// Somebody tried to register an address that has an account.
    RegistrationAttempt,
    /// A new device has signed in.
    NewDevice,
    /// A trusted device is asked whether a new one may sign in.
    SignInRequest,
    /// What a trusted device was asked has been decided.
    RequestClosed,
    /// A device is trusted no longer and its sessions are over.
    SignedOut,
    /// The code that steps a session up.
    StepUpCode,
    /// The code that allows a new password.
    PasswordResetCode,
    /// The code that proves a new address.
    EmailChangeCode,
    /// Somebody wanted to move another account to an address that has one.
    EmailChangeAttempt,
    /// Code entry is paused after too many wrong codes.
    CodeEntryPaused,
    /// The password was changed by somebody who knew it.
    PasswordChanged,
    /// The password was reset through the mailbox.
    PasswordReset,
    /// The account has another address now; this goes to the former one.
    EmailChanged,
    /// New devices need no code any more.
    TwoStepDisabled,
    /// A device was removed.
    DeviceRemoved,
    /// There is a new set of recovery codes.
    RecoveryCodesCreated,
    /// The account is no more.
    AccountErased,
    /// What somebody asks support for.
    SupportRequest,
}

/// See [`MessageEvent::Claimed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claimed {
    /// The event that asked for the message.
    pub asked_by: EventId,
    /// The stream of that event.
    pub stream: String,
    /// What it says.
    pub kind: MessageKind,
    /// How it travels.
    pub channel: Method,
    /// Whom it is for.
    pub recipient: AccountId,
    /// The one device that it is for; absent where the owner's address is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Which try this is, from 1.
    pub attempt: u16,
    /// When the lease ends.
    #[schemars(with = "String")]
    pub lease_until: Timestamp,
    /// When there is no use in sending it any more.
    #[schemars(with = "String")]
    pub deadline: Timestamp,
}

/// See [`MessageEvent::Sent`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    /// The carrier's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_id: Option<String>,
}

/// Why a carrier did not take a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotTaken {
    /// It asks for fewer messages.
    Throttled,
    /// It did not answer, or answered with a fault of its own.
    Unavailable,
    /// It refuses this message or this sender.
    Rejected,
}

/// See [`MessageEvent::Deferred`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deferred {
    /// Why.
    pub because: NotTaken,
    /// When it is tried again.
    #[schemars(with = "String")]
    pub next_at: Timestamp,
}

/// Why a message is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GivenUp {
    /// What it says is of no use any more.
    Expired,
    /// A newer code or the end of the attempt made it pointless.
    Superseded,
    /// The carrier refuses it for good.
    Rejected,
    /// Its recipient is gone.
    RecipientErased,
    /// Its device can't be pushed to.
    EndpointDisabled,
    /// The same was said to the same person a moment ago.
    Repeated,
}

/// See [`MessageEvent::Failed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failed {
    /// Why.
    pub because: GivenUp,
}

/// See [`MessageEvent::Delivered`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivered {}

/// See [`MessageEvent::Delayed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delayed {}

/// Whether a refused message would be refused again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BounceKind {
    /// The address doesn't take mail.
    Permanent,
    /// It doesn't take mail now, such as a full mailbox.
    Transient,
    /// Its server doesn't say.
    Undetermined,
}

/// See [`MessageEvent::Bounced`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bounced {
    /// Whether it would be refused again.
    pub bounce: BounceKind,
}

/// See [`MessageEvent::Complained`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Complained {}

/// See [`MessageEvent::Rejected`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rejected {}

impl Payload for Delivered {}
impl Payload for Delayed {}
impl Payload for Bounced {}
impl Payload for Complained {}
impl Payload for Rejected {}
impl Payload for Claimed {}
impl Payload for Sent {}
impl Payload for Deferred {}
impl Payload for Failed {}
