//! Which keys are trusted, who may take that away, and what follows from it.

use jiff::Timestamp;
use postern_events::account::{
    AccountEvent, DeviceRevoked, DeviceSeen, DeviceTrusted, RevokedBecause, SignedOutEverywhere,
};
use postern_events::ids::{DeviceId, SessionId};

use super::{AccountRefusal, NewDevice, OpenAccount, TrustedDevice};
use crate::policy;

pub(super) fn trusted(device: NewDevice, trusted_before: usize) -> AccountEvent {
    AccountEvent::DeviceTrusted(DeviceTrusted {
        device: device.id,
        key: device.key,
        platform: device.platform,
        description: device.description,
        origin: device.origin,
        by: device.by,
        trusted_before: u8::try_from(trusted_before).unwrap_or(u8::MAX),
        policy: policy::VERSION,
    })
}

pub(super) fn revoked(
    device: &TrustedDevice,
    because: RevokedBecause,
    by: Option<DeviceId>,
) -> AccountEvent {
    AccountEvent::DeviceRevoked(DeviceRevoked {
        device: device.id,
        key: device.key,
        because,
        by,
        policy: policy::VERSION,
    })
}

impl OpenAccount {
    /// Trusts a key; entries unused for too long make room, nothing else does.
    pub(super) fn trust(
        &self,
        device: NewDevice,
        now: Timestamp,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        if self.trusted(device.key, now).is_some() {
            return Err(AccountRefusal::AlreadyTrusted);
        }
        if !self.has_room(now) {
            return Err(AccountRefusal::NoRoom);
        }
        let (held, unused): (Vec<_>, Vec<_>) = self.devices.iter().partition(|it| it.holds(now));
        let mut events: Vec<_> =
            unused.into_iter().map(|it| revoked(it, RevokedBecause::Unused, None)).collect();
        events.push(trusted(device, held.len()));
        Ok(events)
    }

    pub(super) fn see(
        &self,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        let known = self.device(device, now).ok_or(AccountRefusal::NoDevice)?;
        if now < known.seen + policy::SEEN_EVERY {
            return Ok(Vec::new());
        }
        Ok(vec![AccountEvent::DeviceSeen(DeviceSeen { device })])
    }

    /// Whether a device may remove another. Itself, always; another one if the asking device is
    /// at least a day old, or older than the other, or its session has just been stepped up.
    #[must_use]
    pub fn may_remove(
        &self,
        target: &TrustedDevice,
        by: DeviceId,
        stepped_up: bool,
        now: Timestamp,
    ) -> bool {
        let asking = self.device(by, now);
        target.id == by
            || stepped_up
            || asking.is_some_and(|it| !it.is_young(now) || it.since < target.since)
    }

    pub(super) fn remove(
        &self,
        device: DeviceId,
        by: DeviceId,
        stepped_up: bool,
        now: Timestamp,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        let target = self.device(device, now).ok_or(AccountRefusal::NoDevice)?;
        if !self.may_remove(target, by, stepped_up, now) {
            return Err(AccountRefusal::TooYoung);
        }
        Ok(vec![revoked(target, RevokedBecause::Removed, Some(by))])
    }

    /// Takes every other device's trust away, so it needs what removing each of them needs:
    /// otherwise an intruder's young device could push out all its elders at once.
    pub(super) fn sign_out_everywhere(
        &self,
        by: DeviceId,
        session: SessionId,
        stepped_up: bool,
        now: Timestamp,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        let others = || self.devices.iter().filter(|it| it.id != by);
        let may = |it: &TrustedDevice| self.may_remove(it, by, stepped_up, now);
        if !others().filter(|it| it.holds(now)).all(may) {
            return Err(AccountRefusal::TooYoung);
        }
        let revoked = others().map(|it| it.id).collect();
        Ok(vec![AccountEvent::SignedOutEverywhere(SignedOutEverywhere { by, session, revoked })])
    }
}
