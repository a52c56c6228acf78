//! Which of an account's devices can be pushed to.

use jiff::Timestamp;
use postern_events::account::{
    AccountEvent, PushEndpointDisabled, PushEndpointRegistered, PushEndpointRemoved,
    PushRemovedBecause,
};
use postern_events::ids::{DeviceId, MessageId};
use postern_events::vocabulary::{Alerts, PushPlatform, PushTokenKey};
use serde::{Deserialize, Serialize};

use super::{AccountRefusal, OpenAccount, TrustedDevice};
use crate::decider::Stamp;
use crate::millis;

/// How a trusted device can be pushed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// When its app registered the endpoint: which of several registrations is meant.
    #[serde(with = "millis")]
    pub since: Timestamp,
    /// Whether a push reaches it, as far as is known.
    pub alive: bool,
}

/// What a device's app says about pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEndpoint {
    /// The device.
    pub device: DeviceId,
    /// Through whom it is reached.
    pub platform: PushPlatform,
    /// Its push token under a key of the account.
    pub token: PushTokenKey,
    /// Whether its owner sees what is pushed.
    pub alerts: Alerts,
}

impl OpenAccount {
    /// A token reaches one app on one phone: whoever had it before is not reached any more.
    pub(super) fn register_push(
        &self,
        endpoint: &NewEndpoint,
        moved_from: Option<DeviceId>,
        now: Timestamp,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        let NewEndpoint { device, platform, token, alerts } = *endpoint;
        self.device(device, now).ok_or(AccountRefusal::NoDevice)?;
        let moved = moved_from.filter(|it| *it != device);
        let mut events = moved
            .map(|other| self.remove_push(other, PushRemovedBecause::Moved))
            .unwrap_or_default();
        events.push(AccountEvent::PushEndpointRegistered(PushEndpointRegistered {
            device,
            platform,
            token,
            alerts,
        }));
        Ok(events)
    }

    /// Nothing happens where nothing is pushed to.
    pub(super) fn remove_push(
        &self,
        device: DeviceId,
        because: PushRemovedBecause,
    ) -> Vec<AccountEvent> {
        let known = self.devices.iter().any(|it| it.id == device && it.push.is_some());
        let removed = AccountEvent::PushEndpointRemoved(PushEndpointRemoved { device, because });
        known.then_some(removed).into_iter().collect()
    }

    /// Nothing happens where the device has registered anew meanwhile, or is known to be dead.
    pub(super) fn disable_push(
        &self,
        device: DeviceId,
        since: Timestamp,
        message: MessageId,
    ) -> Vec<AccountEvent> {
        let meant = |it: &TrustedDevice| {
            it.id == device && it.push.is_some_and(|push| push.alive && push.since == since)
        };
        let disabled = AccountEvent::PushEndpointDisabled(PushEndpointDisabled { device, message });
        self.devices.iter().any(meant).then_some(disabled).into_iter().collect()
    }

    pub(super) fn apply_push(&mut self, event: &AccountEvent, stamp: Stamp) {
        let (device, push) = match event {
            AccountEvent::PushEndpointRegistered(it) => {
                let alive = it.alerts != Alerts::Denied;
                (it.device, Some(Push { since: stamp.time, alive }))
            }
            AccountEvent::PushEndpointRemoved(it) => (it.device, None),
            AccountEvent::PushEndpointDisabled(it) => {
                let known = self.devices.iter().find(|known| known.id == it.device);
                let push = known.and_then(|known| known.push);
                (it.device, push.map(|push| Push { alive: false, ..push }))
            }
            AccountEvent::Registered(_)
            | AccountEvent::EmailVerified(_)
            | AccountEvent::DeviceTrusted(_)
            | AccountEvent::DeviceSeen(_)
            | AccountEvent::DeviceRevoked(_)
            | AccountEvent::DeviceRenamed(_)
            | AccountEvent::SignedOutEverywhere(_)
            | AccountEvent::SignedOutByOperator(_)
            | AccountEvent::CodeEntryPaused(_)
            | AccountEvent::CodeEntryResumed(_)
            | AccountEvent::TwoStepEnabled(_)
            | AccountEvent::TwoStepDisabled(_)
            | AccountEvent::MethodChosen(_)
            | AccountEvent::LocaleChosen(_)
            | AccountEvent::PasswordChanged(_)
            | AccountEvent::PasswordReset(_)
            | AccountEvent::PasswordCompromised(_)
            | AccountEvent::EmailChanged(_)
            | AccountEvent::EmailUndeliverable(_)
            | AccountEvent::RecoveryCodesCreated(_)
            | AccountEvent::Disclosed(_)
            | AccountEvent::Erased(_) => return,
        };
        if let Some(known) = self.devices.iter_mut().find(|known| known.id == device) {
            known.push = push;
        }
    }
}
