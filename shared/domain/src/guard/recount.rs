//! A guard counted anew from the log, for when its table is lost or doubted.
//!
//! The log tells of every guess that was compared and of every code that was sent. It doesn't tell of a
//! guess that was claimed by somebody who died before it was compared, so what is counted anew may be
//! less than what was there: [`AccountGuard::at_least`] never goes below that.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use postern_events::account::AccountEvent;
use postern_events::ids::{DeviceId, SignInId, VerificationId};
use postern_events::sign_in::SignInEvent;
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::{DeviceKey, Method, Purpose};
use serde::{Deserialize, Serialize};

use super::{AccountGuard, Entry, OpenAttempt};
use crate::budget::PUSHES;
use crate::policy;

/// Something that an account's guard counts, of all that its log tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// An attempt to sign in that needs a code.
    Attempt {
        /// Its name.
        id: SignInId,
        /// The key that attempts.
        key: DeviceKey,
        /// Devices that a push reaches.
        pushable: u8,
    },
    /// A step-up that needs a code.
    StepUp {
        /// Its name.
        id: VerificationId,
        /// The key that asks.
        key: DeviceKey,
        /// Devices that a push reaches.
        pushable: u8,
    },
    /// A code was sent, for whatever was asked.
    Sent(Method),
    /// A guess was wrong.
    Wrong,
    /// A guess was right.
    Right,
    /// The owner said that it was not them.
    Denied,
    /// Devices are trusted from now on.
    Trusted(DeviceId),
    /// They are trusted no longer.
    Revoked(Vec<DeviceId>),
    /// An operator lifted a pause.
    Resumed,
    /// There is a new password, set on this device; by a proven mailbox where there is none.
    NewPassword(Option<DeviceId>),
}

/// Wire names of events that count for nothing, whatever they say.
const NEVER: [&str; 24] = [
    "account.email_verified",
    "account.device_seen",
    "account.push_endpoint_registered",
    "account.push_endpoint_removed",
    "account.push_endpoint_disabled",
    "account.code_entry_paused",
    "account.two_step_enabled",
    "account.method_chosen",
    "account.locale_chosen",
    "account.password_compromised",
    "account.email_changed",
    "account.email_undeliverable",
    "account.recovery_codes_created",
    "account.device_renamed",
    "account.disclosed",
    "sign_in.refused",
    "sign_in.completed",
    "sign_in.reported",
    "sign_in.cancelled",
    "sign_in.locked",
    "verification.completed",
    "verification.fulfilled",
    "verification.locked",
    "verification.reported",
];

impl Counted {
    /// Whether no event of this wire name ever counts, so that none has to be read. Of a name that
    /// nobody knows it can't be told.
    #[must_use]
    pub fn never(name: &str) -> bool {
        NEVER.contains(&name)
    }

    /// What an attempt's event counts for.
    #[must_use]
    pub fn of_sign_in(event: &SignInEvent) -> Option<Self> {
        match event {
            SignInEvent::Attempted(it) if it.inputs.two_step && !it.inputs.trusted => {
                let pushable = it.inputs.pushable.unwrap_or(0);
                Some(Self::Attempt { id: it.attempt, key: it.key, pushable })
            }
            SignInEvent::CodeIssued(it) => Some(Self::Sent(it.method)),
            SignInEvent::CodeResent(it) => Some(Self::Sent(it.method)),
            SignInEvent::CodeRejected(_) => Some(Self::Wrong),
            SignInEvent::CodeVerified(_) | SignInEvent::RecoveryCodeUsed(_) => Some(Self::Right),
            SignInEvent::Denied(_) => Some(Self::Denied),
            SignInEvent::Attempted(_)
            | SignInEvent::Refused(_)
            | SignInEvent::Completed(_)
            | SignInEvent::Reported(_)
            | SignInEvent::Cancelled(_)
            | SignInEvent::Locked(_) => None,
        }
    }

    /// What a process's event counts for. Only step-ups are counted here; what it is about is told by
    /// its first event.
    #[must_use]
    pub fn of_verification(event: &VerificationEvent) -> Option<Self> {
        match event {
            VerificationEvent::Opened(it) => {
                let asks = it.inputs.as_ref().filter(|inputs| !inputs.settled)?;
                let step_up = it.purpose == Purpose::StepUp;
                let pushable = asks.pushable;
                step_up.then_some(Self::StepUp { id: it.verification, key: it.key, pushable })
            }
            VerificationEvent::CodeIssued(it) => Some(Self::Sent(it.method)),
            VerificationEvent::CodeResent(it) => Some(Self::Sent(it.method)),
            VerificationEvent::CodeRejected(_) => Some(Self::Wrong),
            VerificationEvent::CodeVerified(_) => Some(Self::Right),
            VerificationEvent::Denied(_) => Some(Self::Denied),
            VerificationEvent::Completed(_)
            | VerificationEvent::Fulfilled(_)
            | VerificationEvent::Reported(_)
            | VerificationEvent::Locked(_) => None,
        }
    }

    /// What an account's event counts for.
    #[must_use]
    pub fn of_account(event: &AccountEvent) -> Option<Self> {
        match event {
            AccountEvent::DeviceTrusted(it) => Some(Self::Trusted(it.device)),
            AccountEvent::DeviceRevoked(it) => Some(Self::Revoked(vec![it.device])),
            AccountEvent::SignedOutEverywhere(it) => Some(Self::Revoked(it.revoked.clone())),
            AccountEvent::SignedOutByOperator(it) => Some(Self::Revoked(it.revoked.clone())),
            AccountEvent::CodeEntryResumed(_) => Some(Self::Resumed),
            AccountEvent::TwoStepDisabled(it) => Some(Self::Revoked(it.revoked.clone())),
            AccountEvent::PasswordChanged(it) => Some(Self::NewPassword(Some(it.by))),
            AccountEvent::PasswordReset(_) => Some(Self::NewPassword(None)),
            AccountEvent::Registered(_)
            | AccountEvent::EmailVerified(_)
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
            | AccountEvent::Disclosed(_)
            | AccountEvent::Erased(_) => None,
        }
    }
}

/// How an attempt or a step-up stands while it is counted.
#[derive(Debug, Clone, Copy)]
struct Asked {
    key: DeviceKey,
    /// Whether its devices are told of a code that is mailed first.
    tells: bool,
    /// Whether a push costs something.
    reaches: bool,
    sends: u8,
}

/// Counts an account's facts, which it is given in the order of their times.
#[derive(Debug, Clone, Default)]
pub struct Recount {
    guard: AccountGuard,
    asked: BTreeMap<String, Asked>,
    trusted: BTreeSet<DeviceId>,
}

impl Recount {
    /// Counts a fact that happened at `at` in the stream of `asked`, an attempt's or a step-up's
    /// name; the account's own where it is another stream's.
    pub fn count(&mut self, asked: &str, fact: &Counted, at: Timestamp) {
        match fact {
            Counted::Attempt { key, pushable, .. } => {
                self.guard.forget(at);
                self.guard.opened.push(at);
                self.guard.open_verification(asked, *key, at, at + policy::ATTEMPT_LIFE);
                let reaches = *pushable > 0;
                self.begin(asked, Asked { key: *key, tells: reaches, reaches, sends: 0 });
            }
            Counted::StepUp { id, key, pushable } => {
                self.guard.forget(at);
                self.guard.step_ups.push(at);
                let ends_at = id.time() + policy::ATTEMPT_LIFE;
                self.guard.open_verification(asked, *key, at, ends_at);
                let reaches = *pushable > 0;
                self.begin(asked, Asked { key: *key, tells: false, reaches, sends: 0 });
            }
            Counted::Sent(method) => self.sent(asked, *method, at),
            Counted::Wrong => self.claimed(asked, at),
            Counted::Right => {
                self.claimed(asked, at);
                if self.asked.contains_key(asked) {
                    self.guard.verified(asked);
                }
            }
            Counted::Denied => {
                if let Some(it) = self.asked.get(asked) {
                    self.guard.deny(it.key, at);
                }
            }
            Counted::Trusted(device) => {
                self.trusted.insert(*device);
            }
            Counted::Revoked(devices) => self.trusted.retain(|it| !devices.contains(it)),
            Counted::Resumed => {
                // A pause that has ended by this time needs no lifting.
                let _ = self.guard.resume(at);
            }
            Counted::NewPassword(by) => {
                if by.is_none_or(|by| self.trusted.contains(&by)) {
                    self.guard.forgive(true);
                }
            }
        }
    }

    /// What is counted now.
    #[must_use]
    pub fn guard(mut self, now: Timestamp) -> AccountGuard {
        self.guard.forget(now);
        self.guard
    }

    fn begin(&mut self, asked: &str, it: Asked) {
        self.asked.insert(asked.to_owned(), it);
    }

    fn sent(&mut self, asked: &str, method: Method, at: Timestamp) {
        // Other processes send too; they are counted for the address.
        let Some(it) = self.asked.get_mut(asked) else { return };
        it.sends = it.sends.saturating_add(1);
        let (first, it) = (it.sends == 1, *it);
        if method == Method::Email || it.reaches {
            // What was sent was allowed.
            let _ = self.guard.claim_send(method, at);
        }
        if first && method == Method::Email && it.tells && PUSHES.left(self.guard.pushes(), at) > 0
        {
            let _ = self.guard.claim_send(Method::App, at);
        }
    }

    fn claimed(&mut self, asked: &str, at: Timestamp) {
        if self.asked.contains_key(asked) {
            // A guess that was compared had been claimed.
            let _ = self.guard.claim_counted(asked, None, at);
        }
    }
}

impl AccountGuard {
    /// The stricter of both in everything: a rebuild never lowers a count.
    #[must_use]
    pub fn at_least(mut self, other: Self) -> Self {
        self.wrong = self.wrong.max(other.wrong);
        self.entry = stricter(self.entry, other.entry);
        for it in other.open {
            match self.open.iter_mut().find(|mine| mine.id == it.id) {
                Some(mine) => *mine = more_claimed(mine.clone(), it),
                None => self.open.push(it),
            }
        }
        self.open.sort_by_key(|it| it.ends_at);
        self.opened = longer(self.opened, other.opened);
        self.step_ups = longer(self.step_ups, other.step_ups);
        self.recovery = self.recovery.or(other.recovery);
        self.mails = self.mails.or(other.mails);
        self.pushes = self.pushes.or(other.pushes);
        self
    }

    /// What of it still matters at a time.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp) -> Self {
        self.forget(now);
        self
    }

    /// Whether an attempt on an untrusted key or a step-up was opened after a time that the other doesn't
    /// know of.
    #[must_use]
    pub fn opened_unknown_to(&self, other: &Self, after: Timestamp) -> bool {
        let times = |list: &[Timestamp], at| list.iter().filter(|it| **it == at).count();
        let unknown = |mine: &[Timestamp], theirs: &[Timestamp]| {
            mine.iter().any(|it| *it > after && times(mine, *it) > times(theirs, *it))
        };
        unknown(&self.opened, &other.opened) || unknown(&self.step_ups, &other.step_ups)
    }

    /// Whether both hold up the same, whatever either remembers of calls that may be repeated.
    #[must_use]
    pub fn counts_as(&self, other: &Self, now: Timestamp) -> bool {
        let bare = |it: &Self| {
            let mut it = it.clone();
            it.forget(now);
            it.open.iter_mut().for_each(|it| it.marks.clear());
            // What is over is open again.
            if it.paused(now).is_none() {
                it.entry = Entry::Open;
            }
            it
        };
        bare(self) == bare(other)
    }
}

fn more_claimed(one: OpenAttempt, other: OpenAttempt) -> OpenAttempt {
    if other.claimed > one.claimed { other } else { one }
}

fn stricter(one: Entry, other: Entry) -> Entry {
    match (one, other) {
        (Entry::Off, _) | (_, Entry::Off) => Entry::Off,
        (Entry::PausedUntil(a), Entry::PausedUntil(b)) => Entry::PausedUntil(a.max(b)),
        (Entry::PausedUntil(until), Entry::Open) | (Entry::Open, Entry::PausedUntil(until)) => {
            Entry::PausedUntil(until)
        }
        (Entry::Open, Entry::Open) => Entry::Open,
    }
}

/// The one that remembers more.
fn longer(one: Vec<Timestamp>, other: Vec<Timestamp>) -> Vec<Timestamp> {
    if other.len() > one.len() { other } else { one }
}
