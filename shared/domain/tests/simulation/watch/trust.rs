//! Who is trusted, from which step to which, and who is pushed to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use postern_events::account::{AccountEvent, RevokedBecause};
use postern_events::ids::{DeviceId, MessageId};
use postern_events::vocabulary::{Alerts, DeviceKey};

use super::{Acting, Watch};
use crate::store::Noted;

/// A device and the steps between which it was trusted.
#[derive(Debug)]
struct Trusted {
    device: DeviceId,
    key: DeviceKey,
    until: Option<u64>,
    /// Whether a push reaches it, and since which step that is so.
    pushed: (bool, u64),
    /// When its app registered last.
    registered: Option<Timestamp>,
}

/// Everything about trust.
#[derive(Debug, Default)]
pub(super) struct Trust {
    pub(super) generation: u32,
    devices: Vec<Trusted>,
    /// The registration that each failed push was for.
    failed: BTreeMap<MessageId, Timestamp>,
}

impl Watch {
    pub(super) fn account_event(&mut self, noted: &Noted<AccountEvent>, _: Acting) {
        let (step, trust) = (self.step, &mut self.trust);
        let end = |device: DeviceId, trust: &mut Trust| {
            for it in trust.devices.iter_mut().filter(|it| it.device == device) {
                it.until = it.until.or(Some(step));
                it.pushed = (false, step);
            }
        };
        let pushed = match &noted.event {
            AccountEvent::DeviceTrusted(it) => {
                let (device, key) = (it.device, it.key);
                trust.devices.push(Trusted {
                    device,
                    key,
                    until: None,
                    pushed: (false, step),
                    registered: None,
                });
                return;
            }
            AccountEvent::DeviceRevoked(it) => {
                end(it.device, trust);
                trust.generation += u32::from(it.because == RevokedBecause::Removed);
                return;
            }
            AccountEvent::SignedOutEverywhere(it) => {
                it.revoked.iter().for_each(|device| end(*device, trust));
                trust.generation += 1;
                return;
            }
            AccountEvent::PushEndpointRegistered(it) => {
                for known in trust.devices.iter_mut().filter(|known| known.device == it.device) {
                    known.registered = Some(noted.stamp.time);
                }
                (it.device, it.alerts != Alerts::Denied)
            }
            AccountEvent::PushEndpointRemoved(it) => (it.device, false),
            AccountEvent::PushEndpointDisabled(it) => {
                let known = trust.devices.iter().rfind(|known| known.device == it.device);
                let meant = trust.failed.get(&it.message).copied();
                let is_meant = known.is_some_and(|known| known.registered == meant);
                let device = it.device;
                self.rule(is_meant, || format!("{device} was disabled for an older endpoint"));
                (device, false)
            }
            AccountEvent::Registered(_)
            | AccountEvent::EmailVerified(_)
            | AccountEvent::DeviceSeen(_)
            | AccountEvent::CodeEntryPaused(_) => return,
        };
        let changed = |it: &&mut Trusted| it.device == pushed.0 && it.pushed.0 != pushed.1;
        for it in self.trust.devices.iter_mut().filter(changed) {
            it.pushed = (pushed.1, step);
        }
    }

    /// The push service says that this registration is dead.
    pub(crate) fn push_failed(&mut self, message: MessageId, since: Timestamp) {
        self.trust.failed.insert(message, since);
    }

    /// Whether the key was trusted, as this device, at any step since the request began.
    pub(super) fn was_trusted(&self, key: DeviceKey, device: DeviceId, by: Acting) -> bool {
        self.trust.devices.iter().any(|it| {
            it.key == key && it.device == device && it.until.is_none_or(|end| end >= by.since)
        })
    }

    /// Whether the key is trusted now.
    pub(crate) fn is_trusted(&self, key: DeviceKey) -> bool {
        self.trust.devices.iter().any(|it| it.key == key && it.until.is_none())
    }

    /// The devices that are trusted now.
    pub(crate) fn devices(&self) -> Vec<DeviceId> {
        self.trust.devices.iter().filter(|it| it.until.is_none()).map(|it| it.device).collect()
    }

    /// Whether the device was trusted and pushed to at the step when somebody looked.
    pub(super) fn was_pushed_to(&self, device: DeviceId, looked: u64) -> bool {
        self.trust.devices.iter().any(|it| {
            it.device == device
                && it.until.is_none_or(|end| end >= looked)
                && (it.pushed.0 || it.pushed.1 >= looked)
        })
    }

    /// Whether another device than this key's was pushed to at any step since the request began.
    pub(super) fn may_be_pushed(&self, key: DeviceKey, by: Acting) -> bool {
        self.trust.devices.iter().any(|it| {
            it.key != key
                && it.until.is_none_or(|end| end >= by.since)
                && (it.pushed.0 || it.pushed.1 >= by.since)
        })
    }

    /// Whether each other device was without pushes at any step since the request began.
    pub(super) fn may_be_silent(&self, key: DeviceKey, by: Acting) -> bool {
        let others = self.trust.devices.iter().filter(|it| it.key != key);
        others.into_iter().all(|it| !it.pushed.0 || it.pushed.1 >= by.since)
    }

    /// The owner's phone needs no code, whatever others do.
    pub(crate) fn owner_came(&mut self, key: DeviceKey, let_in: bool, at: Timestamp) {
        let trusted = self.is_trusted(key);
        self.rule(trusted == let_in, || {
            format!("at {at} a key whose trust is {trusted} needed no code: {let_in}")
        });
    }
}
