//! Who is trusted, from which step to which, and who is pushed to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use postern_events::account::{
    AccountEvent, DeviceRevoked, PushEndpointDisabled, PushEndpointRegistered, RevokedBecause,
};
use postern_events::ids::{DeviceId, MessageId, SessionId};
use postern_events::vocabulary::{Alerts, DeviceKey};

use super::{Acting, DAY, Watch};
use crate::store::Noted;

/// A device and the steps between which it was trusted.
#[derive(Debug)]
struct Trusted {
    device: DeviceId,
    key: DeviceKey,
    since: Timestamp,
    until: Option<u64>,
    /// Whether a push reaches it, and since which step that is so.
    pushed: (bool, u64),
    /// When its app registered last.
    registered: Option<Timestamp>,
}

/// Everything about trust.
#[derive(Debug, Default)]
pub(super) struct Trust {
    /// How often open attempts were ended.
    pub(super) generation: u32,
    /// How often sessions were.
    pub(super) sessions: u32,
    devices: Vec<Trusted>,
    /// The registration that each failed push was for.
    failed: BTreeMap<MessageId, Timestamp>,
}

impl Trust {
    fn end(&mut self, device: DeviceId, step: u64) {
        for it in self.devices.iter_mut().filter(|it| it.device == device) {
            it.until = it.until.or(Some(step));
            it.pushed = (false, step);
        }
    }
}

impl Watch {
    pub(super) fn account_event(&mut self, noted: &Noted<AccountEvent>, by: Acting) {
        self.owner_event(noted, by);
        match &noted.event {
            AccountEvent::DeviceTrusted(it) => self.trust.devices.push(Trusted {
                device: it.device,
                key: it.key,
                since: noted.stamp.time,
                until: None,
                pushed: (false, self.step),
                registered: None,
            }),
            AccountEvent::DeviceRevoked(it) => self.revoked(it, by),
            AccountEvent::SignedOutEverywhere(it) => {
                self.may_end(Some(it.by), &it.revoked, by);
                self.all_end(Some(it.by), None);
            }
            AccountEvent::TwoStepDisabled(it) => self.all_end(Some(it.by), Some(it.session)),
            AccountEvent::PasswordChanged(it) if it.signed_out_others => {
                self.may_end(Some(it.by), &it.revoked, by);
                self.all_end(Some(it.by), Some(it.session));
            }
            AccountEvent::PasswordReset(_) | AccountEvent::SignedOutByOperator(_) => {
                self.all_end(None, None);
            }
            AccountEvent::TwoStepEnabled(_)
            | AccountEvent::MethodChosen(_)
            | AccountEvent::PasswordChanged(_)
            | AccountEvent::PasswordCompromised(_)
            | AccountEvent::EmailChanged(_) => self.trust.generation += 1,
            AccountEvent::Erased(_) => self.sessions_end(None),
            AccountEvent::PushEndpointRegistered(it) => self.registered(it, noted.stamp.time),
            AccountEvent::PushEndpointRemoved(it) => self.pushed(it.device, false),
            AccountEvent::PushEndpointDisabled(it) => self.disabled(it),
            AccountEvent::Registered(_)
            | AccountEvent::EmailVerified(_)
            | AccountEvent::DeviceSeen(_)
            | AccountEvent::CodeEntryPaused(_)
            | AccountEvent::LocaleChosen(_)
            | AccountEvent::EmailUndeliverable(_)
            | AccountEvent::RecoveryCodesCreated(_)
            | AccountEvent::DeviceRenamed(_)
            | AccountEvent::Disclosed(_)
            | AccountEvent::CodeEntryResumed(_) => {}
        }
    }

    /// A device's trust ends, and its sessions with it.
    fn revoked(&mut self, it: &DeviceRevoked, by: Acting) {
        if it.because == RevokedBecause::Removed {
            self.may_end(it.by, &[it.device], by);
        }
        self.trust.end(it.device, self.step);
        self.trust.generation += u32::from(it.because != RevokedBecause::Unused);
        self.sessions_of_end(it.device);
    }

    /// All trust ends but this device's, and all sessions but this one.
    fn all_end(&mut self, device: Option<DeviceId>, session: Option<SessionId>) {
        for ended in self.devices().into_iter().filter(|it| Some(*it) != device) {
            self.trust.end(ended, self.step);
        }
        self.trust.generation += 1;
        self.trust.sessions += 1;
        self.sessions_end(session);
    }

    /// Nobody takes an elder's trust away who is young, unless a session was stepped up.
    fn may_end(&mut self, asking: Option<DeviceId>, targets: &[DeviceId], by: Acting) {
        let stepped_up = self.is_stepped_up(by);
        let since = |device: DeviceId| {
            let known = self.trust.devices.iter().find(|it| it.device == device);
            known.filter(|it| it.until.is_none()).map(|it| it.since)
        };
        let asked = asking.and_then(since);
        let may = |target: &DeviceId| {
            let older = asked.is_some_and(|at| by.now >= at + DAY || Some(at) < since(*target));
            asking == Some(*target) || stepped_up || older
        };
        let all = targets.iter().all(may);
        self.rule(all, || format!("{asking:?} is too young to end {targets:?}"));
    }

    fn registered(&mut self, it: &PushEndpointRegistered, at: Timestamp) {
        for known in self.trust.devices.iter_mut().filter(|known| known.device == it.device) {
            known.registered = Some(at);
        }
        self.pushed(it.device, it.alerts != Alerts::Denied);
    }

    fn disabled(&mut self, it: &PushEndpointDisabled) {
        let known = self.trust.devices.iter().rfind(|known| known.device == it.device);
        let meant = self.trust.failed.get(&it.message).copied();
        let is_meant = known.is_some_and(|known| known.registered == meant);
        self.rule(is_meant, || format!("{} was disabled for an older endpoint", it.device));
        self.pushed(it.device, false);
    }

    /// A push reaches the device from now on, or doesn't.
    fn pushed(&mut self, device: DeviceId, reached: bool) {
        let step = self.step;
        let changed = |it: &&mut Trusted| it.device == device && it.pushed.0 != reached;
        for it in self.trust.devices.iter_mut().filter(changed) {
            it.pushed = (reached, step);
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

    /// Whether the key has been trusted for a day.
    pub(super) fn is_old(&self, key: DeviceKey, now: Timestamp) -> bool {
        self.trust
            .devices
            .iter()
            .any(|it| it.key == key && it.until.is_none() && now >= it.since + DAY)
    }

    /// The keys that are trusted now.
    pub(super) fn trusted_keys(&self) -> Vec<DeviceKey> {
        self.trust.devices.iter().filter(|it| it.until.is_none()).map(|it| it.key).collect()
    }

    /// The owner's phone needs no code, whatever others do.
    pub(crate) fn owner_came(&mut self, key: DeviceKey, let_in: bool, at: Timestamp) {
        let trusted = self.is_trusted(key);
        self.rule((trusted || self.is_off()) == let_in, || {
            format!("at {at} a key whose trust is {trusted} needed no code: {let_in}")
        });
    }
}
