//! Facts about one attempt to sign in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Payload, Slots, events};
use crate::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified, Locked};
use crate::ids::{AccountId, DeviceId, EventId, SessionId, SignInId};
use crate::personal::{Personal, PersonalField};
use crate::vocabulary::{DeviceDescription, DeviceKey, Method, Origin, Platform};

events! {
    /// Everything that happens in an attempt to sign in.
    pub enum SignInEvent in "sign_in" {
        /// Somebody gave an account's right password.
        Attempted(Attempted) = "sign_in.attempted", 1;
        /// Somebody gave a wrong password, or an address that has no account.
        Refused(Refused) = "sign_in.refused", 1;
        /// A new code was made for the attempt.
        CodeIssued(CodeIssued) = "sign_in.code_issued", 1;
        /// The living code was sent again.
        CodeResent(CodeResent) = "sign_in.code_resent", 1;
        /// A wrong code was given.
        CodeRejected(CodeRejected) = "sign_in.code_rejected", 1;
        /// The right code was given.
        CodeVerified(CodeVerified) = "sign_in.code_verified", 1;
        /// A recovery code was given in the code's place, and is used up.
        RecoveryCodeUsed(RecoveryCodeUsed) = "sign_in.recovery_code_used", 1;
        /// The attempt led to a session.
        Completed(Completed) = "sign_in.completed", 1;
        /// The owner said on a trusted device that it was not them.
        Denied(Denied) = "sign_in.denied", 1;
        /// Somebody who was mailed about it said that it was not them.
        Reported(Reported) = "sign_in.reported", 1;
        /// Whoever attempted gave up, or the account changed under the attempt.
        Cancelled(Cancelled) = "sign_in.cancelled", 1;
        /// Too many wrong codes ended the attempt.
        Locked(Locked) = "sign_in.locked", 1;
    }
}

/// What the decision on an attempt rested on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttemptInputs {
    /// Whether the key was trusted on the account.
    pub trusted: bool,
    /// Whether the account asks for the second step.
    pub two_step: bool,
    /// The account's method.
    pub method: Method,
    /// The methods that could reach the owner, preferred first.
    pub reachable: Vec<Method>,
    /// The account's attempt generation; the attempt dies when it rises.
    pub attempt_generation: u32,
    /// The account's trust generation.
    pub trust_generation: u32,
    /// Trusted devices that a push could reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushable: Option<u8>,
}

/// See [`SignInEvent::Attempted`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempted {
    /// The attempt's own name.
    pub attempt: SignInId,
    /// The account.
    pub account: AccountId,
    /// The key that proved possession, on this account.
    pub key: DeviceKey,
    /// The device: the trusted one, or the one it will be when it is let in.
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
    /// What the decision rested on.
    pub inputs: AttemptInputs,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`SignInEvent::Refused`]. Nothing in it is personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// The account, where the address has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The platform that asked.
    pub platform: Platform,
    /// The country the address suggests (ISO 3166-1 alpha-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What the country and the city were looked up in, with its date where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located_by: Option<String>,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// How a session's holder proved who they are (RFC 8176 where it has a word).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationMethod {
    /// The password.
    Pwd,
    /// Possession of the device's key.
    Pop,
    /// A one-time code.
    Otp,
}

/// See [`SignInEvent::Completed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Completed {
    /// The device that was let in.
    pub device: DeviceId,
    /// Whether its key is trusted from now on.
    pub trusted: bool,
    /// The session that it got.
    pub session: SessionId,
    /// How its holder proved who they are.
    pub amr: Vec<AuthenticationMethod>,
}

/// Why an attempt was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancelledBecause {
    /// The account has changed in a way that no open attempt survives, such as a removed device.
    AccountChanged,
}

/// See [`SignInEvent::Cancelled`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cancelled {
    /// Why; absent where whoever attempted gave up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<CancelledBecause>,
}

/// See [`SignInEvent::RecoveryCodeUsed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryCodeUsed {
    /// Recovery codes that the account has left.
    pub codes_left: u8,
}

/// See [`SignInEvent::Denied`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Denied {
    /// The trusted device it was said on.
    pub by: DeviceId,
}

/// See [`SignInEvent::Reported`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reported {
    /// The event whose message it was said through.
    pub asked_by: EventId,
}

impl Payload for Attempted {
    fn personal(&mut self) -> Slots<'_> {
        vec![
            (PersonalField::Device, &mut self.description),
            (PersonalField::Origin, &mut self.origin),
        ]
    }
}
impl Payload for Refused {}
impl Payload for Completed {}
impl Payload for Cancelled {}
impl Payload for Denied {}
impl Payload for RecoveryCodeUsed {}
impl Payload for Reported {}
