//! Facts about one process that proves control of a channel.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Payload, Slots, events};
use crate::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified, Locked};
use crate::ids::{AccountId, DeviceId, SessionId, VerificationId};
use crate::personal::{Personal, PersonalField};
use crate::vocabulary::{AddressKey, DeviceDescription, DeviceKey, Origin, Platform, Purpose};

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
        /// What was asked for has been done.
        Completed(Completed) = "verification.completed", 1;
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
    /// The address to prove, as it was spelled, sealed.
    pub email: Personal<String>,
    /// The normalised address under the lookup key.
    pub address_key: AddressKey,
    /// Language tag (BCP 47) for mails and answers.
    pub locale: String,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`VerificationEvent::Completed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Completed {
    /// The session that it led to.
    pub session: SessionId,
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
