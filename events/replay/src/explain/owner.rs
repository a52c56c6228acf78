//! An attempt's account as it was then, and what had made it so.

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount, TrustedDevice};
use postern_domain::decider::Decider as _;
use postern_events::account::{AccountEvent, RevokedBecause};
use postern_events::ids::DeviceId;
use postern_events::vocabulary::DeviceKey;
use postern_store::streams::Commit;

use super::attempt::Attempt;
use super::{Evidence, Sentence};
use crate::reading::{Placed, UnreadableEvent, fold, read};

/// An account's stream.
#[derive(Debug)]
pub(super) struct Owner {
    stream: String,
    events: Vec<Placed<AccountEvent>>,
}

/// Something that is so, and where the log says so.
pub(super) type Because = (String, Option<Evidence>);

impl Owner {
    pub(super) fn read(stream: String, commits: &[Commit]) -> Result<Self, UnreadableEvent> {
        Ok(Self { stream, events: read(commits)? })
    }

    /// Whether nothing of it is here.
    pub(super) fn is_missing(&self) -> bool {
        self.events.is_empty()
    }

    /// What is missing, as part of a sentence.
    pub(super) fn missing(&self) -> String {
        format!("{} is missing here", self.stream)
    }

    pub(super) fn evidence(&self, placed: &Placed<AccountEvent>) -> Evidence {
        Evidence { stream: self.stream.clone(), version: placed.version }
    }

    /// Its events until then.
    fn until(&self, then: Timestamp) -> impl Iterator<Item = &Placed<AccountEvent>> {
        self.events.iter().filter(move |it| it.at() <= then)
    }

    /// The account as it was then, if it was open.
    pub(super) fn then(&self, then: Timestamp) -> Option<OpenAccount> {
        fold::<Account>(self.until(then)).open().cloned()
    }

    /// The last event until then that is meant.
    pub(super) fn last(
        &self,
        then: Timestamp,
        is_meant: impl Fn(&AccountEvent) -> bool,
    ) -> Option<&Placed<AccountEvent>> {
        self.until(then).filter(|it| is_meant(&it.event)).last()
    }

    /// Devices other than this key's that were trusted then; of a step-up, those that show its code.
    pub(super) fn others(
        &self,
        key: DeviceKey,
        then: Timestamp,
        is_step_up: bool,
    ) -> Vec<TrustedDevice> {
        let devices = self.then(then).map(|it| it.devices).unwrap_or_default();
        let shows = |it: &TrustedDevice| !is_step_up || !it.is_young(then);
        let other = |it: &TrustedDevice| it.key != key && it.holds(then) && shows(it);
        devices.into_iter().filter(other).collect()
    }

    /// Since when this device was trusted then.
    pub(super) fn trusted_since(&self, device: DeviceId, then: Timestamp) -> Because {
        let trusted = |it: &AccountEvent| matches!(it, AccountEvent::DeviceTrusted(it) if it.device == device);
        match self.last(then, trusted) {
            Some(since) => (format!("trusted since {}", since.at()), Some(self.evidence(since))),
            None => ("trusted".to_owned(), None),
        }
    }

    /// Why a key was not trusted then.
    pub(super) fn why_untrusted(&self, key: DeviceKey, then: Timestamp) -> Because {
        let trusted =
            |it: &AccountEvent| matches!(it, AccountEvent::DeviceTrusted(it) if it.key == key);
        let Some(since) = self.last(then, trusted) else {
            return ("that key had never been trusted on the account".to_owned(), None);
        };
        let AccountEvent::DeviceTrusted(device) = &since.event else {
            return ("that key was not trusted".to_owned(), None);
        };
        let device = device.device;
        let later = self.until(then).filter(|it| it.version > since.version);
        let ended = later.filter_map(|it| Some((end_of_trust(&it.event, device)?, it))).last();
        if let Some((how, at)) = ended {
            let text = format!("{device} had been trusted with that key, and {how} at {}", at.at());
            return (text, Some(self.evidence(at)));
        }
        let open = self.then(then);
        let unused = open.as_ref().and_then(|it| it.devices.iter().find(|it| it.id == device));
        let seen =
            |it: &AccountEvent| matches!(it, AccountEvent::DeviceSeen(it) if it.device == device);
        let last_use = self.last(then, seen).unwrap_or(since);
        match unused {
            Some(it) if !it.holds(then) => {
                let text = format!(
                    "{device} had been trusted with that key, and trust ends 90 days after the last use, which was at {}",
                    it.seen
                );
                (text, Some(self.evidence(last_use)))
            }
            Some(_) | None => ("that key was not trusted".to_owned(), Some(self.evidence(since))),
        }
    }

    /// The event that raised the attempt generation above this one, which ended every open attempt.
    pub(super) fn outgrown(
        &self,
        generation: u32,
        until: Timestamp,
    ) -> Option<&Placed<AccountEvent>> {
        let rose = |account: &Account| match account {
            Account::Open(open) => open.attempt_generation > generation,
            Account::Erased => true,
            Account::New => false,
        };
        let mut account = Account::default();
        let first = self.events.iter().find(|it| {
            account.apply(&it.event, it.stamp);
            rose(&account)
        });
        first.filter(|it| it.at() <= until)
    }

    /// A pause of code entry that the attempt fell into.
    pub(super) fn pause(&self, attempt: &Attempt, now: Timestamp) -> Option<Sentence> {
        if !attempt.needed_code() || attempt.is_step_up() {
            return None;
        }
        let lived_until = attempt.end.map_or(attempt.ends_at(), |(_, at, _)| at).min(now);
        let paused = |it: &AccountEvent| matches!(it, AccountEvent::CodeEntryPaused(_));
        let last = self.last(lived_until, paused)?;
        let AccountEvent::CodeEntryPaused(pause) = &last.event else { return None };
        let over = |it: &Placed<AccountEvent>| {
            let new_password = matches!(
                it.event,
                AccountEvent::PasswordChanged(_)
                    | AccountEvent::PasswordReset(_)
                    | AccountEvent::CodeEntryResumed(_)
                    | AccountEvent::DeviceTrusted(_)
            );
            it.version > last.version && new_password
        };
        let lifted = self.until(attempt.at).any(over);
        if lifted || pause.until.is_some_and(|it| it <= attempt.at) {
            return None;
        }
        let until = match pause.until {
            Some(until) => format!("until {until}"),
            None => "until the password is changed".to_owned(),
        };
        let text = format!(
            "Code entry on untrusted keys was paused from {} {until}, after {} wrong codes in a row: no code is sent or accepted meanwhile.",
            last.at(),
            pause.wrong_in_a_row
        );
        Some(Sentence::new(text, [self.evidence(last)]))
    }
}

/// How an event ended a device's trust, if it did.
fn end_of_trust(event: &AccountEvent, device: DeviceId) -> Option<String> {
    let has = |revoked: &[DeviceId]| revoked.contains(&device);
    match event {
        AccountEvent::DeviceRevoked(it) if it.device == device => Some(match it.because {
            RevokedBecause::Removed => "its owner removed it".to_owned(),
            RevokedBecause::Unused => "it was found unused for longer than trust lasts".to_owned(),
            RevokedBecause::Reported => "its owner reported it through a mail".to_owned(),
        }),
        AccountEvent::SignedOutEverywhere(it) if has(&it.revoked) => {
            Some(format!("{} signed out everywhere", it.by))
        }
        AccountEvent::TwoStepDisabled(it) if has(&it.revoked) => {
            Some(format!("{} turned two-step verification off", it.by))
        }
        AccountEvent::PasswordChanged(it) if has(&it.revoked) => {
            Some(format!("{} changed the password and signed out the others", it.by))
        }
        AccountEvent::PasswordReset(it) if has(&it.revoked) => {
            Some("the password was reset".to_owned())
        }
        AccountEvent::SignedOutByOperator(it) if has(&it.revoked) => {
            Some("an operator put everybody out".to_owned())
        }
        AccountEvent::DeviceRevoked(_)
        | AccountEvent::SignedOutEverywhere(_)
        | AccountEvent::SignedOutByOperator(_)
        | AccountEvent::CodeEntryResumed(_)
        | AccountEvent::Disclosed(_)
        | AccountEvent::TwoStepDisabled(_)
        | AccountEvent::PasswordChanged(_)
        | AccountEvent::PasswordReset(_)
        | AccountEvent::Registered(_)
        | AccountEvent::EmailVerified(_)
        | AccountEvent::DeviceTrusted(_)
        | AccountEvent::DeviceSeen(_)
        | AccountEvent::PushEndpointRegistered(_)
        | AccountEvent::PushEndpointRemoved(_)
        | AccountEvent::PushEndpointDisabled(_)
        | AccountEvent::CodeEntryPaused(_)
        | AccountEvent::TwoStepEnabled(_)
        | AccountEvent::MethodChosen(_)
        | AccountEvent::LocaleChosen(_)
        | AccountEvent::PasswordCompromised(_)
        | AccountEvent::EmailChanged(_)
        | AccountEvent::EmailUndeliverable(_)
        | AccountEvent::RecoveryCodesCreated(_)
        | AccountEvent::DeviceRenamed(_)
        | AccountEvent::Erased(_) => None,
    }
}
