//! Facts about an account, for as long as it lives.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Payload, Slots, events};
use crate::ids::{AccountId, DeviceId, EventId, MessageId, SessionId, VerificationId};
use crate::personal::{Personal, PersonalField};
use crate::vocabulary::{AddressKey, DeviceKey, GuessClass, Method};

mod devices;
mod operators;
pub use devices::{
    DeviceRenamed, DeviceRevoked, DeviceSeen, DeviceTrusted, PushEndpointDisabled,
    PushEndpointRegistered, PushEndpointRemoved, PushRemovedBecause, RevokedBecause,
    SignedOutEverywhere, TrustedBy,
};
pub use operators::{CodeEntryResumed, Disclosed, SignedOutByOperator};

events! {
    /// Everything that happens to an account.
    pub enum AccountEvent in "account" {
        /// An account was opened; two-step verification is on from its first moment.
        Registered(Registered) = "account.registered", 1;
        /// Control of the account's e-mail address was proven.
        EmailVerified(EmailVerified) = "account.email_verified", 1;
        /// A device's key skips the second step from now on.
        DeviceTrusted(DeviceTrusted) = "account.device_trusted", 1;
        /// A trusted device was used; recorded at most once a day for each device.
        DeviceSeen(DeviceSeen) = "account.device_seen", 1;
        /// A device's key is trusted no longer and its sessions are over.
        DeviceRevoked(DeviceRevoked) = "account.device_revoked", 1;
        /// All sessions and all trust ended, but for the device that asked.
        SignedOutEverywhere(SignedOutEverywhere) = "account.signed_out_everywhere", 1;
        /// A trusted device can be pushed to, or its app said something new about that.
        PushEndpointRegistered(PushEndpointRegistered) = "account.push_endpoint_registered", 1;
        /// A trusted device is no longer pushed to.
        PushEndpointRemoved(PushEndpointRemoved) = "account.push_endpoint_removed", 1;
        /// The push service no longer reaches a trusted device.
        PushEndpointDisabled(PushEndpointDisabled) = "account.push_endpoint_disabled", 1;
        /// Too many wrong codes in a row: no code is accepted on untrusted keys for a while.
        CodeEntryPaused(CodeEntryPaused) = "account.code_entry_paused", 1;
        /// New devices need a code again.
        TwoStepEnabled(TwoStepEnabled) = "account.two_step_enabled", 1;
        /// New devices need no code any more; all trust ended, but for the device that asked.
        TwoStepDisabled(TwoStepDisabled) = "account.two_step_disabled", 1;
        /// Codes travel another way from now on, if it can be helped.
        MethodChosen(MethodChosen) = "account.method_chosen", 1;
        /// The owner reads another language.
        LocaleChosen(LocaleChosen) = "account.locale_chosen", 1;
        /// The password is another one, set by somebody who knew the former.
        PasswordChanged(PasswordChanged) = "account.password_changed", 1;
        /// The password is another one, set by somebody who proved the mailbox; all trust ended.
        PasswordReset(PasswordReset) = "account.password_reset", 1;
        /// Somebody else knows the password, says its owner: it lets nobody in on an untrusted key.
        PasswordCompromised(PasswordCompromised) = "account.password_compromised", 1;
        /// The account has another, proven address.
        EmailChanged(EmailChanged) = "account.email_changed", 1;
        /// Mail to the account's address doesn't arrive; codes avoid it.
        EmailUndeliverable(EmailUndeliverable) = "account.email_undeliverable", 1;
        /// There is a new set of recovery codes, and the former one is dead.
        RecoveryCodesCreated(RecoveryCodesCreated) = "account.recovery_codes_created", 1;
        /// A trusted device is called otherwise.
        DeviceRenamed(DeviceRenamed) = "account.device_renamed", 1;
        /// An operator was shown what is stored about the owner, for the owner's own copy.
        Disclosed(Disclosed) = "account.disclosed", 1;
        /// An operator lifted a pause of code entry; the count of wrong codes stays.
        CodeEntryResumed(CodeEntryResumed) = "account.code_entry_resumed", 1;
        /// All sessions and all trust ended: an operator put everybody out.
        SignedOutByOperator(SignedOutByOperator) = "account.signed_out_by_operator", 1;
        /// The account is no more: its address is free, its personal values can't be opened.
        Erased(Erased) = "account.erased", 1;
    }
}

/// See [`AccountEvent::Registered`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Registered {
    /// The new account.
    pub account: AccountId,
    /// The address as its owner spelled it; mail goes to this spelling only.
    pub email: Personal<String>,
    /// The normalised address under the lookup key; the claim on it can be rebuilt from here.
    pub address_key: AddressKey,
    /// Language tag (BCP 47) for mails and answers.
    pub locale: String,
    /// The method chosen at the start.
    pub method: Method,
    /// The process that proved the address.
    pub verification: VerificationId,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::EmailVerified`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailVerified {
    /// The process that proved it.
    pub verification: VerificationId,
}

/// See [`AccountEvent::CodeEntryPaused`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeEntryPaused {
    /// Whose count led to it.
    pub class: GuessClass,
    /// Wrong codes in a row so far.
    pub wrong_in_a_row: u16,
    /// When codes are accepted again; absent when only a new password lifts it.
    #[schemars(with = "Option<String>")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::TwoStepEnabled`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TwoStepEnabled {
    /// The device that asked; absent where a report undid what somebody else had done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<DeviceId>,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::TwoStepDisabled`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TwoStepDisabled {
    /// The device that asked, whose trust stays if it had any.
    pub by: DeviceId,
    /// The session that asked, which goes on.
    pub session: SessionId,
    /// The devices whose trust ended.
    pub revoked: Vec<DeviceId>,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::MethodChosen`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MethodChosen {
    /// The method.
    pub method: Method,
    /// The device that asked.
    pub by: DeviceId,
    /// The methods that could reach the owner on another device.
    pub reachable: Vec<Method>,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::LocaleChosen`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LocaleChosen {
    /// Language tag (BCP 47) for mails and answers.
    pub locale: String,
    /// The device that asked.
    pub by: DeviceId,
}

/// See [`AccountEvent::PasswordChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordChanged {
    /// The device that asked, whose trust stays if it had any.
    pub by: DeviceId,
    /// The session that asked, which goes on.
    pub session: SessionId,
    /// Whether all other sessions and all other trust ended.
    pub signed_out_others: bool,
    /// The devices whose trust ended.
    pub revoked: Vec<DeviceId>,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::PasswordReset`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordReset {
    /// The process that proved the mailbox.
    pub verification: VerificationId,
    /// The keys that were trusted at that moment, or at an earlier reset whose wait is not over:
    /// for a while no other key is let in by a code that is mailed.
    pub keys: Vec<DeviceKey>,
    /// Whether that holds: somebody was trusted a short time ago, perhaps one who was put out by a
    /// report since.
    pub held: bool,
    /// The devices whose trust ended.
    pub revoked: Vec<DeviceId>,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::PasswordCompromised`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordCompromised {
    /// The event whose message it was said through.
    pub asked_by: EventId,
    /// The stream of that event.
    pub stream: String,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::EmailChanged`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EmailChanged {
    /// The address as its owner spelled it.
    pub email: Personal<String>,
    /// The former one, which is told: the very token that the account had until now, so the two can't
    /// change places unseen.
    pub before: Personal<String>,
    /// The normalised address under the lookup key.
    pub address_key: AddressKey,
    /// The process that proved it.
    pub verification: VerificationId,
    /// The device that asked.
    pub by: DeviceId,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// Why mail doesn't arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UndeliverableBecause {
    /// The address doesn't take mail.
    Bounced,
    /// Its owner called a mail unwanted, and carriers send no more.
    Complained,
}

/// See [`AccountEvent::EmailUndeliverable`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailUndeliverable {
    /// The message that did not arrive.
    pub message: MessageId,
    /// Why.
    pub because: UndeliverableBecause,
}

/// See [`AccountEvent::RecoveryCodesCreated`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryCodesCreated {
    /// How many.
    pub count: u8,
    /// The device that asked.
    pub by: DeviceId,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::Erased`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Erased {
    /// The device that asked; absent where an operator did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<DeviceId>,
    /// The address, for a last message; it can't be opened once that is done with.
    pub email: Personal<String>,
}

impl Payload for Registered {
    fn personal(&mut self) -> Slots<'_> {
        vec![(PersonalField::Email, &mut self.email)]
    }
}
impl Payload for EmailVerified {}
impl Payload for CodeEntryPaused {}
impl Payload for TwoStepEnabled {}
impl Payload for TwoStepDisabled {}
impl Payload for MethodChosen {}
impl Payload for LocaleChosen {}
impl Payload for PasswordChanged {}
impl Payload for PasswordReset {}
impl Payload for PasswordCompromised {}
impl Payload for EmailChanged {
    fn personal(&mut self) -> Slots<'_> {
        vec![(PersonalField::Email, &mut self.email), (PersonalField::Email, &mut self.before)]
    }
}
impl Payload for EmailUndeliverable {}
impl Payload for RecoveryCodesCreated {}
impl Payload for Erased {
    fn personal(&mut self) -> Slots<'_> {
        vec![(PersonalField::Email, &mut self.email)]
    }
}
