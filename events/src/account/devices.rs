//! Facts about the devices of an account: trust, and how they are pushed to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[expect(unused_imports, reason = "documentation links to it")]
use super::AccountEvent;
use crate::catalogue::{Payload, Slots};
use crate::ids::{DeviceId, MessageId, SessionId, SignInId, VerificationId};
use crate::personal::{Personal, PersonalField};
use crate::vocabulary::{
    Alerts, DeviceDescription, DeviceKey, Origin, Platform, PushPlatform, PushTokenKey,
};

/// What made a device trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrustedBy {
    /// A code verified while signing in.
    SignIn(SignInId),
    /// A code verified while registering.
    Registration(VerificationId),
}

/// See [`AccountEvent::DeviceTrusted`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceTrusted {
    /// The device.
    pub device: DeviceId,
    /// Its key on this account.
    pub key: DeviceKey,
    /// Its platform.
    pub platform: Platform,
    /// Its description, sealed.
    pub description: Personal<DeviceDescription>,
    /// Where it was when it became trusted, sealed.
    pub origin: Personal<Origin>,
    /// What made it trusted.
    pub by: TrustedBy,
    /// Devices trusted before it, the input to the limit.
    pub trusted_before: u8,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::DeviceSeen`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceSeen {
    /// The device.
    pub device: DeviceId,
}

/// Why a device is trusted no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokedBecause {
    /// Its owner removed it from the list.
    Removed,
    /// It was unused for longer than trust lasts, and its place was needed or its key came back.
    Unused,
    /// Its owner said, by a link in a mail, that what it did was not them.
    Reported,
}

/// See [`AccountEvent::DeviceRevoked`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRevoked {
    /// The device.
    pub device: DeviceId,
    /// Its key on this account.
    pub key: DeviceKey,
    /// Why.
    pub because: RevokedBecause,
    /// The device whose session asked for it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<DeviceId>,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::SignedOutEverywhere`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignedOutEverywhere {
    /// The device that asked, whose trust stays if it had any.
    pub by: DeviceId,
    /// The session that asked; it ends with this.
    pub session: SessionId,
    /// The devices whose trust ended.
    pub revoked: Vec<DeviceId>,
}

/// See [`AccountEvent::PushEndpointRegistered`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushEndpointRegistered {
    /// The device.
    pub device: DeviceId,
    /// Through whom it is reached.
    pub platform: PushPlatform,
    /// The push token under a key of this account: it tells that a token is another one, and not
    /// that two accounts have it.
    pub token: PushTokenKey,
    /// Whether its owner sees what is pushed.
    pub alerts: Alerts,
}

/// Why a device is no longer pushed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PushRemovedBecause {
    /// The device asked for it.
    Asked,
    /// Its token belongs to another device or account now.
    Moved,
}

/// See [`AccountEvent::PushEndpointRemoved`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushEndpointRemoved {
    /// The device.
    pub device: DeviceId,
    /// Why.
    pub because: PushRemovedBecause,
}

/// See [`AccountEvent::PushEndpointDisabled`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PushEndpointDisabled {
    /// The device.
    pub device: DeviceId,
    /// The message that could not be pushed.
    pub message: MessageId,
}

/// See [`AccountEvent::DeviceRenamed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceRenamed {
    /// The device.
    pub device: DeviceId,
    /// Its description with the new name, sealed.
    pub description: Personal<DeviceDescription>,
    /// The device that asked.
    pub by: DeviceId,
}

impl Payload for DeviceTrusted {
    fn personal(&mut self) -> Slots<'_> {
        vec![
            (PersonalField::Device, &mut self.description),
            (PersonalField::Origin, &mut self.origin),
        ]
    }
}
impl Payload for DeviceSeen {}
impl Payload for DeviceRevoked {}
impl Payload for SignedOutEverywhere {}
impl Payload for PushEndpointRegistered {}
impl Payload for PushEndpointRemoved {}
impl Payload for PushEndpointDisabled {}
impl Payload for DeviceRenamed {
    fn personal(&mut self) -> Slots<'_> {
        vec![(PersonalField::Device, &mut self.description)]
    }
}
