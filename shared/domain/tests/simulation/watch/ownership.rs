//! Whose account it is: the second step, the password, who had the mailbox, whether it is there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use postern_domain::account::Account;
use postern_events::account::{AccountEvent, PasswordReset, RevokedBecause};
use postern_events::ids::{DeviceId, SessionId};
use postern_events::vocabulary::{DeviceKey, Purpose};

use super::{Acting, DAY, SLACK, Watch};
use crate::cast;
use crate::store::{Noted, Store};

/// What was seen of it.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    /// Whether two-step verification is off, and since which step that is so.
    off: (bool, u64),
    password_since: Option<Timestamp>,
    /// The password, and since which step it is this one.
    password: (u64, u64),
    /// Since which step somebody else knows the password.
    compromised: Option<u64>,
    /// The device that set the password.
    password_by: Option<DeviceId>,
    /// When a device was last put out by a report.
    reported_at: Option<Timestamp>,
    /// The last reset, and the keys that were trusted then.
    reset: Option<(Timestamp, HashSet<DeviceKey>)>,
    erased: bool,
    /// Until when each session was stepped up.
    stepped_up: BTreeMap<SessionId, Timestamp>,
    /// The recovery codes that are left, and those that were used.
    codes: BTreeSet<u64>,
    used: BTreeSet<u64>,
}

impl Watch {
    /// What an event says about the owner; trust is looked at elsewhere.
    pub(super) fn owner_event(&mut self, noted: &Noted<AccountEvent>, by: Acting) {
        let (at, step) = (noted.stamp.time, self.step);
        let erased = self.ownership.erased;
        self.rule(!erased, || format!("an erased account went on: {noted:?}"));
        if is_sensitive(&noted.event) {
            let stepped_up = self.is_stepped_up(by);
            self.rule(stepped_up, || format!("done without a step-up: {noted:?}"));
        }
        let ownership = &mut self.ownership;
        match &noted.event {
            AccountEvent::Registered(_) => ownership.password_since = Some(at),
            AccountEvent::TwoStepEnabled(_) => ownership.off = (false, step),
            AccountEvent::TwoStepDisabled(_) => ownership.off = (true, step),
            AccountEvent::DeviceRevoked(it) if it.because == RevokedBecause::Reported => {
                ownership.reported_at = Some(at);
            }
            AccountEvent::PasswordChanged(it) => {
                ownership.password_since = Some(at);
                ownership.password_by = Some(it.by);
                ownership.compromised = None;
            }
            AccountEvent::PasswordReset(it) => self.reset(it, at, by),
            AccountEvent::PasswordCompromised(_) => self.compromised(by),
            AccountEvent::EmailChanged(_) => {
                let proven = self.fulfilled.get(&by.number) == Some(&Purpose::EmailChange);
                self.rule(proven, || "an address that nobody had proven".to_owned());
            }
            AccountEvent::Erased(_) => ownership.erased = true,
            AccountEvent::EmailVerified(_)
            | AccountEvent::DeviceTrusted(_)
            | AccountEvent::DeviceSeen(_)
            | AccountEvent::DeviceRevoked(_)
            | AccountEvent::SignedOutEverywhere(_)
            | AccountEvent::PushEndpointRegistered(_)
            | AccountEvent::PushEndpointRemoved(_)
            | AccountEvent::PushEndpointDisabled(_)
            | AccountEvent::CodeEntryPaused(_)
            | AccountEvent::MethodChosen(_)
            | AccountEvent::LocaleChosen(_)
            | AccountEvent::EmailUndeliverable(_)
            | AccountEvent::RecoveryCodesCreated(_)
            | AccountEvent::DeviceRenamed(_)
            | AccountEvent::Disclosed(_)
            | AccountEvent::CodeEntryResumed(_)
            | AccountEvent::SignedOutByOperator(_) => {}
        }
    }

    /// The keys that are trusted, and those of a reset whose day is not over.
    fn reset(&mut self, it: &PasswordReset, at: Timestamp, by: Acting) {
        let proven = self.fulfilled.get(&by.number) == Some(&Purpose::PasswordReset);
        let earlier = self.ownership.reset.take().filter(|(then, _)| at < *then + DAY);
        let reported = self.ownership.reported_at.is_some_and(|then| at < then + DAY);
        let recent = earlier.is_some() || reported;
        let mut keys = earlier.map(|it| it.1).unwrap_or_default();
        keys.extend(self.trusted_keys());
        let said: HashSet<_> = it.keys.iter().copied().collect();
        self.rule(proven, || "a password was reset by one without the mailbox".to_owned());
        self.rule(said == keys, || format!("a reset says {said:?}, and not {keys:?}"));
        self.ownership.password_since = Some(at);
        self.ownership.compromised = None;
        let held = recent || !keys.is_empty();
        self.rule(it.held == held, || format!("a reset holds: {}, not {held}", it.held));
        self.ownership.reset = held.then_some((at, keys));
        self.ownership.password_by = None;
    }

    fn compromised(&mut self, by: Acting) {
        let done_at = self.reports.get(&by.number).map(|it| it.at);
        let device = self.reports.get(&by.number).and_then(|it| it.device);
        let own = device.is_some() && device == self.ownership.password_by;
        let same = own || done_at.is_some_and(|at| Some(at) >= self.ownership.password_since);
        self.rule(same, || format!("a password was marked that is newer than {done_at:?}"));
        self.ownership.compromised = Some(self.step);
    }

    /// Until when no code is mailed for this key.
    pub(super) fn held_until(&self, key: DeviceKey, now: Timestamp) -> Option<Timestamp> {
        let (at, keys) = self.ownership.reset.as_ref()?;
        let until = *at + DAY;
        (now < until && !keys.contains(&key)).then_some(until)
    }

    /// Whoever has the mailbox alone gets no code within a day of a reset. Clocks differ.
    pub(super) fn is_held(&self, key: Option<DeviceKey>, now: Timestamp) -> bool {
        key.is_some_and(|key| self.held_until(key, now + SLACK).is_some())
    }

    /// Whether the second step was off at any step since the request began.
    pub(super) fn may_be_off(&self, by: Acting) -> bool {
        self.ownership.off.0 || self.ownership.off.1 >= by.since
    }

    /// Whether the second step is off now.
    pub(super) fn is_off(&self) -> bool {
        self.ownership.off.0
    }

    /// Whether the password was known to somebody else before the request began.
    pub(super) fn is_compromised(&self, by: Acting) -> bool {
        self.ownership.compromised.is_some_and(|since| since < by.since)
    }

    pub(super) fn step_up(&mut self, session: SessionId, until: Timestamp, by: Acting) {
        let completed = self.stepping.get(&by.number) == Some(&session);
        let length = until.duration_since(by.now);
        self.rule(completed, || format!("{session} was stepped up for nothing"));
        self.rule(length == super::MINUTE * 5, || format!("{session} is stepped up for {length}"));
        self.ownership.stepped_up.insert(session, until);
    }

    /// Whether the session that the request came with has been stepped up.
    pub(super) fn is_stepped_up(&self, by: Acting) -> bool {
        let session = self.came_with.get(&by.number);
        let until = session.and_then(|it| self.ownership.stepped_up.get(it));
        until.is_some_and(|until| by.now < *until)
    }

    pub(super) fn new_secret(&mut self, password: u64) {
        self.ownership.password = (password, self.step);
    }

    /// Whether the request presented the password, or the one that was when it began.
    pub(super) fn knows_password(&self, by: Acting) -> bool {
        let (password, since) = self.ownership.password;
        self.presented.get(&by.number) == Some(&password) || since >= by.since
    }

    pub(super) fn new_codes(&mut self, codes: &[u64]) {
        self.ownership.codes = codes.iter().copied().collect();
    }

    /// Each recovery code once, of the newest set only.
    pub(super) fn code_used(&mut self, code: u64, by: Acting) {
        let mine = self.recovers.get(&by.number) == Some(&code);
        let left = self.ownership.codes.remove(&code);
        let fresh = self.ownership.used.insert(code);
        self.rule(mine && left && fresh, || format!("recovery code {code} was used again"));
        self.recovered.insert(by.number);
    }

    pub(super) fn codes_left(&self) -> usize {
        self.ownership.codes.len()
    }

    /// A report was written down: what it is about is undone.
    pub(super) fn reported(&mut self, by: Acting) {
        let Some(report) = self.reports.get(&by.number).cloned() else { return };
        let Some(since) = self.ownership.password_since else { return };
        let marked = self.ownership.compromised.is_some();
        self.rule(marked || report.at < since, || "a known password was not marked".to_owned());
        let trusted = report.device.is_some_and(|it| self.devices().contains(&it));
        self.rule(!trusted, || format!("{:?} is trusted after a report", report.device));
        let off = report.turned_off && self.ownership.off.0;
        self.rule(!off, || "two-step verification is off after a report".to_owned());
    }

    /// The account is what its events say, as somebody else has understood them.
    pub(super) fn compare_account(&mut self, store: &Store, by: Acting) {
        let state = store.account_state();
        let gone = *state == Account::Erased;
        let erased = self.ownership.erased;
        self.rule(gone == erased, || format!("the account is erased: {gone}, not {erased}"));
        let Some(open) = state.open() else { return };
        let theirs: BTreeSet<DeviceId> = open.devices.iter().map(|it| it.id).collect();
        let ours: BTreeSet<DeviceId> = self.devices().into_iter().collect();
        self.rule(theirs == ours, || format!("{theirs:?} are trusted, not {ours:?}"));
        let theirs = (open.attempt_generation, open.trust_generation);
        let ours = (self.trust.generation, self.trust.sessions);
        self.rule(theirs == ours, || format!("the generations are {theirs:?}, not {ours:?}"));
        let theirs = (open.two_step, open.password_compromised);
        let ours = (!self.ownership.off.0, self.ownership.compromised.is_some());
        self.rule(theirs == ours, || format!("two-step, compromised: {theirs:?}, not {ours:?}"));
        for key in (1..=cast::LAST).map(cast::key) {
            let (theirs, ours) = (open.held_until(key, by.now), self.held_until(key, by.now));
            self.rule(theirs == ours, || format!("{key:?} is held {theirs:?}, not {ours:?}"));
        }
    }
}

/// What takes a step-up, whoever does it; a report undoes without one.
fn is_sensitive(event: &AccountEvent) -> bool {
    match event {
        AccountEvent::TwoStepEnabled(it) => it.by.is_some(),
        AccountEvent::TwoStepDisabled(_)
        | AccountEvent::MethodChosen(_)
        | AccountEvent::RecoveryCodesCreated(_)
        | AccountEvent::Erased(_) => true,
        AccountEvent::Registered(_)
        | AccountEvent::EmailVerified(_)
        | AccountEvent::DeviceTrusted(_)
        | AccountEvent::DeviceSeen(_)
        | AccountEvent::DeviceRevoked(_)
        | AccountEvent::SignedOutEverywhere(_)
        | AccountEvent::PushEndpointRegistered(_)
        | AccountEvent::PushEndpointRemoved(_)
        | AccountEvent::PushEndpointDisabled(_)
        | AccountEvent::CodeEntryPaused(_)
        | AccountEvent::LocaleChosen(_)
        | AccountEvent::PasswordChanged(_)
        | AccountEvent::PasswordReset(_)
        | AccountEvent::PasswordCompromised(_)
        | AccountEvent::EmailChanged(_)
        | AccountEvent::EmailUndeliverable(_)
        | AccountEvent::DeviceRenamed(_)
        | AccountEvent::Disclosed(_)
        | AccountEvent::CodeEntryResumed(_)
        | AccountEvent::SignedOutByOperator(_) => false,
    }
}
