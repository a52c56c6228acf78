//! Whose account it is: passwords, addresses, reports, erasure.

use jiff::Timestamp;
use postern_events::account::{
    AccountEvent, EmailChanged, EmailUndeliverable, Erased, PasswordChanged, PasswordCompromised,
    PasswordReset, RevokedBecause, UndeliverableBecause,
};
use postern_events::ids::{DeviceId, EventId, MessageId, VerificationId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{AddressKey, DeviceKey};
use serde::{Deserialize, Serialize};

use super::devices::revoked;
use super::settings::enabled;
use super::{AccountRefusal, Acting, OpenAccount, TrustedDevice};
use crate::decider::Stamp;
use crate::{millis, policy};

/// A password that the mailbox alone has set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// When.
    #[serde(with = "millis")]
    pub at: Timestamp,
    /// The keys that were trusted until then.
    pub keys: Vec<DeviceKey>,
}

/// What the owner says was not them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The event whose message it is said through.
    pub asked_by: EventId,
    /// The stream of that event.
    pub stream: String,
    /// When it was done: the moment at which the password was given, or set.
    pub at: Timestamp,
    /// The device that did it or was let in by it, if one was.
    pub device: Option<DeviceId>,
    /// Its key, where that is known: a device that was let in anew has another name.
    pub key: Option<DeviceKey>,
    /// Whether whoever did it knew the password.
    pub knew_password: bool,
    /// Whether it was two-step verification that was turned off.
    pub turned_off: bool,
}

impl OpenAccount {
    /// Until when no code is mailed to let this key in: the mailbox has just set the password, and
    /// whoever holds it would else need nothing more.
    #[must_use]
    pub fn held_until(&self, key: DeviceKey, now: Timestamp) -> Option<Timestamp> {
        let reset = self.reset.as_ref()?;
        let until = reset.at + policy::RESET_HOLD;
        (now < until && !reset.keys.contains(&key)).then_some(until)
    }

    /// Signing out the others takes what removing each of them takes: an intruder's young device
    /// could else push out all its elders at once, with nothing but the password.
    pub(super) fn change_password(
        &self,
        acting: Acting,
        sign_out_others: bool,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        let Acting { device: by, session, stepped_up, now } = acting;
        let elders = self.devices.iter().filter(|it| it.id != by && it.holds(now));
        if sign_out_others && !elders.clone().all(|it| self.may_remove(it, by, stepped_up, now)) {
            return Err(AccountRefusal::TooYoung);
        }
        Ok(vec![AccountEvent::PasswordChanged(PasswordChanged {
            by,
            session,
            signed_out_others: sign_out_others,
            revoked: if sign_out_others { self.others(by) } else { Vec::new() },
            policy: policy::VERSION,
        })])
    }

    /// A second reset doesn't shorten what the first one brought: the keys that were trusted before
    /// it stay the only ones that a mailed code lets in.
    pub(super) fn reset_password(
        &self,
        verification: VerificationId,
        now: Timestamp,
    ) -> Vec<AccountEvent> {
        let earlier = self.reset.as_ref().filter(|it| now < it.at + policy::RESET_HOLD);
        let mut keys: Vec<DeviceKey> = earlier.map(|it| it.keys.clone()).unwrap_or_default();
        for device in self.devices.iter().filter(|it| it.holds(now)) {
            if !keys.contains(&device.key) {
                keys.push(device.key);
            }
        }
        vec![AccountEvent::PasswordReset(PasswordReset {
            verification,
            held: !keys.is_empty() || earlier.is_some() || self.was_reported(now),
            keys,
            revoked: self.devices.iter().map(|it| it.id).collect(),
            policy: policy::VERSION,
        })]
    }

    /// Whether a device was put out by a report a short time ago. Whoever holds the mailbox can do that
    /// to the only phone, which must not open the account to the mailbox alone.
    fn was_reported(&self, now: Timestamp) -> bool {
        self.reported_at.is_some_and(|at| now < at + policy::RESET_HOLD)
    }

    pub(super) fn change_email(
        &self,
        email: Personal<String>,
        address_key: AddressKey,
        verification: VerificationId,
        by: DeviceId,
    ) -> Vec<AccountEvent> {
        vec![AccountEvent::EmailChanged(EmailChanged {
            email,
            before: self.email.clone(),
            address_key,
            verification,
            by,
            policy: policy::VERSION,
        })]
    }

    /// What was done is undone, whatever of it still stands.
    pub(super) fn report(&self, report: Report) -> Vec<AccountEvent> {
        let mut events = Vec::new();
        let meant =
            |it: &&TrustedDevice| Some(it.id) == report.device || Some(it.key) == report.key;
        let named: Vec<&TrustedDevice> = self.devices.iter().filter(meant).collect();
        events.extend(named.iter().map(|it| revoked(it, RevokedBecause::Reported, None)));
        if report.turned_off && !self.two_step {
            events.push(enabled(None));
        }
        // One that was set since then is not the one that was known, unless they set it themselves.
        let set_by = |by: DeviceId| report.device == Some(by) || named.iter().any(|it| it.id == by);
        let known = report.at >= self.password_since || self.password_by.is_some_and(set_by);
        if report.knew_password && known && !self.password_compromised {
            events.push(AccountEvent::PasswordCompromised(PasswordCompromised {
                asked_by: report.asked_by,
                stream: report.stream,
                policy: policy::VERSION,
            }));
        }
        events
    }

    pub(super) fn mark_undeliverable(
        &self,
        message: MessageId,
        asked_at: Timestamp,
        because: UndeliverableBecause,
    ) -> Vec<AccountEvent> {
        let known = self.email_undeliverable || asked_at < self.email_proven_at;
        let marked = AccountEvent::EmailUndeliverable(EmailUndeliverable { message, because });
        (!known).then_some(marked).into_iter().collect()
    }

    pub(super) fn erase(&self, acting: Acting) -> Result<Vec<AccountEvent>, AccountRefusal> {
        if !acting.stepped_up {
            return Err(AccountRefusal::StepUpRequired);
        }
        let (by, email) = (Some(acting.device), self.email.clone());
        Ok(vec![AccountEvent::Erased(Erased { by, email })])
    }

    pub(super) fn apply_ownership(&mut self, event: &AccountEvent, stamp: Stamp) {
        if let AccountEvent::PasswordChanged(it) = event {
            self.password_since = stamp.time;
            self.password_by = Some(it.by);
            self.password_compromised = false;
            if it.signed_out_others {
                self.end_trust(&it.revoked);
            } else {
                self.end_attempts();
            }
        }
        if let AccountEvent::PasswordReset(it) = event {
            self.password_since = stamp.time;
            self.password_by = None;
            self.password_compromised = false;
            // The code came by mail, which is later than whatever bounces from before.
            self.email_undeliverable = false;
            self.email_proven_at = stamp.time;
            let keys = it.keys.clone();
            self.reset = it.held.then_some(Reset { at: stamp.time, keys });
            self.end_trust(&it.revoked);
        }
        if let AccountEvent::PasswordCompromised(_) = event {
            self.password_compromised = true;
            self.end_attempts();
        }
        if let AccountEvent::EmailChanged(it) = event {
            self.email = it.email.clone();
            self.address_key = it.address_key;
            self.email_since = stamp.time;
            self.email_proven_at = stamp.time;
            self.email_undeliverable = false;
            self.end_attempts();
        }
        if let AccountEvent::EmailUndeliverable(_) = event {
            self.email_undeliverable = true;
        }
    }
}
