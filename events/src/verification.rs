//! Facts about one process that proves control of a channel.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Payload, Slots, events};
use crate::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified, Locked};
use crate::ids::{AccountId, DeviceId, EventId, SessionId, VerificationId};
use crate::personal::{Personal, PersonalField};
use crate::vocabulary::{
    AddressKey, DeviceDescription, DeviceKey, Method, Origin, Platform, Purpose,
};

events! {
    /// Everything that happens in a verification.
    pub enum VerificationEvent in "verification" {
        /// Somebody asked to prove an address.
        Opened(Opened) = "verification.opened", 1;
        /// A new code was made for it.
        CodeIssued(CodeIssued) = "verification.code_issued", 1;
        /// The living code was sent again.
        CodeResent(CodeResent) = "verification.code_resent", 1;
        /// A wrong code was given.
        CodeRejected(CodeRejected) = "verification.code_rejected", 1;
        /// The right code was given.
        CodeVerified(CodeVerified) = "verification.code_verified", 1;
        /// What was asked for has been done, for this session.
        Completed(Completed) = "verification.completed", 1;
        /// What was asked for has been done, and no session came of it.
        Fulfilled(Fulfilled) = "verification.fulfilled", 1;
        /// The owner said on another trusted device that it was not them.
        Denied(Denied) = "verification.denied", 1;
        /// Somebody who was mailed about it said that it was not them.
        Reported(Reported) = "verification.reported", 1;
        /// Too many wrong codes ended it.
        Locked(Locked) = "verification.locked", 1;
    }
}

/// See [`VerificationEvent::Opened`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Opened {
    /// The process's own name.
    pub verification: VerificationId,
    /// What it is for.
    pub purpose: Purpose,
    /// The account it is about; for a registration, the one that it would open.
    pub account: AccountId,
    /// The account that has the address already: its owner is told, and no code is ever right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<AccountId>,
    /// The key that proved possession, on this account.
    pub key: DeviceKey,
    /// The device that the key would be.
    pub device: DeviceId,
    /// Its platform.
    pub platform: Platform,
    /// Its description, sealed.
    pub description: Personal<DeviceDescription>,
    /// Where it asked from, sealed.
    pub origin: Personal<Origin>,
    /// The country the address suggests (ISO 3166-1 alpha-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What the country and the city were looked up in, with its date where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located_by: Option<String>,
    /// The address to prove, as it was spelled, sealed.
    pub email: Personal<String>,
    /// The normalised address under the lookup key.
    pub address_key: AddressKey,
    /// Language tag (BCP 47) for mails and answers.
    pub locale: String,
    /// The account's attempt generation; the process dies when it rises. Absent for a registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt_generation: Option<u32>,
    /// The session that asks; nobody else can go on with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// What the way of a step-up was decided from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<StepUpInputs>,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// What the way of a step-up was decided from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepUpInputs {
    /// Whether the device has been trusted for long enough to need no code.
    pub settled: bool,
    /// The account's method.
    pub method: Method,
    /// The methods that could reach the owner elsewhere.
    pub reachable: Vec<Method>,
    /// Other trusted devices that a push could reach.
    pub pushable: u8,
}

/// See [`VerificationEvent::Completed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Completed {
    /// The session that it led to, or that was stepped up.
    pub session: SessionId,
}

/// See [`VerificationEvent::Fulfilled`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fulfilled {}

/// See [`VerificationEvent::Denied`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Denied {
    /// The trusted device it was said on.
    pub by: DeviceId,
}

/// See [`VerificationEvent::Reported`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reported {
    /// The event whose message it was said through.
    pub asked_by: EventId,
}

impl Payload for Opened {
    fn personal(&mut self) -> Slots<'_> {
        vec![
            (PersonalField::Device, &mut self.description),
            (PersonalField::Origin, &mut self.origin),
            (PersonalField::Email, &mut self.email),
        ]
    }
}
impl Payload for Completed {}
impl Payload for Fulfilled {}
impl Payload for Denied {}
impl Payload for Reported {}
