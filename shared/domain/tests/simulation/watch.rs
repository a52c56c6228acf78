//! The invariants: somebody who watches every write and every sending, counts for themselves, and
//! believes no decider. Figures are written out here, so that a changed policy is noticed too.

mod attempts;
mod guesses;
mod letters;
mod ownership;
mod passwords;
mod processes;
mod sessions;
mod trust;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use postern_domain::account::Report;
use postern_events::ids::{MessageId, SessionId, SignInId, VerificationId};
use postern_events::vocabulary::{Method, Purpose};

use crate::store::{Act, Store, Transaction, Write};

pub(crate) use self::attempts::Attempt;
pub(crate) use self::letters::Sending;

pub(crate) const SECOND: SignedDuration = SignedDuration::from_secs(1);
pub(crate) const MINUTE: SignedDuration = SignedDuration::from_mins(1);
pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);
pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Requests that run side by side don't agree on the present by more than this.
pub(crate) const SLACK: SignedDuration = SignedDuration::from_secs(60);

/// Who acts: a request or a worker, since which step of the history, and with what present.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Acting {
    pub(crate) number: u64,
    pub(crate) since: u64,
    pub(crate) now: Timestamp,
}

/// What was seen so far, and the first rule that was broken.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) broken: Option<String>,
    pub(crate) step: u64,
    pub(crate) attempts: BTreeMap<SignInId, Attempt>,
    pub(crate) typed: BTreeMap<u64, String>,
    /// The session that each request came with.
    pub(crate) came_with: BTreeMap<u64, SessionId>,
    /// The password that each request presented.
    pub(crate) presented: BTreeMap<u64, u64>,
    /// The recovery code that each request gave.
    pub(crate) recovers: BTreeMap<u64, u64>,
    /// What each request reports.
    pub(crate) reports: BTreeMap<u64, Report>,
    /// Requests whose recovery code was used up.
    recovered: BTreeSet<u64>,
    /// Requests that fulfilled a process, and those that step a session up.
    fulfilled: BTreeMap<u64, Purpose>,
    stepping: BTreeMap<u64, SessionId>,
    processes: BTreeMap<VerificationId, processes::Process>,
    /// Guesses at codes that stand alone.
    recovery_guesses: Vec<Timestamp>,
    ownership: ownership::Ownership,
    sessions: sessions::Sessions,
    letters: BTreeMap<MessageId, letters::Letter>,
    trust: trust::Trust,
    guesses: guesses::Guesses,
    passwords: passwords::Passwords,
}

impl Watch {
    /// Remembers the first rule that doesn't hold.
    pub(crate) fn rule(&mut self, holds: bool, says: impl FnOnce() -> String) {
        if !holds && self.broken.is_none() {
            self.broken = Some(says());
        }
    }

    /// Looks at what was just written.
    pub(crate) fn wrote(&mut self, store: &Store, transaction: &Transaction, by: Acting) {
        // What the guard's write stands for comes first: claims precede what they allow.
        for write in &transaction.writes {
            if let Write::UsedCode { code, .. } = write {
                self.code_used(*code, by);
            }
            // What is opened in the same transaction is known before it is claimed.
            if let Write::Process(id, append) = write {
                append.events.iter().for_each(|it| self.process_event(*id, it, by));
                self.compare_process(store, *id, by);
            }
        }
        for write in &transaction.writes {
            if let Write::Guard { value, acts, .. } = write {
                for act in acts {
                    self.acted(act, value, by);
                }
                self.compare_guard(value, by);
            }
        }
        for write in &transaction.writes {
            match write {
                Write::Account(append) => {
                    for it in &append.events {
                        self.account_event(it, by);
                    }
                    self.compare_account(store, by);
                }
                Write::SignIn(id, append) => {
                    append.events.iter().for_each(|it| self.sign_in_event(*id, it, by));
                    self.compare_attempt(store, *id);
                }
                Write::Message(id, append) => {
                    append.events.iter().for_each(|it| self.message_event(*id, it, by));
                }
                Write::Begin(session) => self.session_began(store, session, by),
                Write::NewCodes(codes) => self.new_codes(codes),
                Write::Password(password) => self.new_secret(*password),
                Write::StepUp(session, until) => self.step_up(*session, *until, by),
                Write::Address { by: who, right, .. } | Write::Keys { by: who, right, .. } => {
                    self.settled(*who, *right, by.now);
                }
                Write::Guard { .. }
                | Write::AccountUnchanged { .. }
                | Write::Process(..)
                | Write::UsedCode { .. }
                | Write::Renew(..)
                | Write::End(_) => {}
            }
        }
        self.compare_sessions(store, by);
        self.reported(by);
    }

    fn acted(&mut self, act: &Act, value: &postern_domain::guard::AccountGuard, by: Acting) {
        match act {
            Act::Opened { attempt, key } => self.opened(*attempt, *key, by),
            Act::Claimed { attempt } => self.claimed(*attempt, by),
            Act::Sent { attempt, method } => self.claimed_send(*attempt, *method, by),
            Act::Denied { key, attempts } => self.denied(*key, attempts, value, by),
            Act::Verified { attempt } => self.verified(*attempt),
            Act::Begun => {}
            Act::ClaimedAt { process, trusted } => self.claimed_at(*process, *trusted, by),
            Act::SentFor { process, method } => self.count_send(&process.to_string(), *method, by),
            Act::SteppedUp => self.forgiven(),
            Act::Forgiven { lift } => self.new_password(*lift),
            Act::Resumed => self.resumed(by),
        }
    }

    /// Times at which something is about to change: the best ones for a clock to jump to.
    pub(crate) fn instants(&self, now: Timestamp) -> Vec<Timestamp> {
        let attempts = self.attempts.values().flat_map(Attempt::instants);
        let letters = self.letters.values().flat_map(letters::Letter::instants);
        let guesses = self.guesses.instants();
        // Clocks go by whole milliseconds.
        let whole = |at: Timestamp| Timestamp::from_millisecond(at.as_millisecond()).unwrap();
        let mut all: Vec<_> =
            attempts.chain(letters).chain(guesses).map(whole).filter(|it| *it > now).collect();
        all.sort_unstable();
        all.truncate(8);
        all
    }
}

fn place(method: Method) -> usize {
    match method {
        Method::App => 0,
        Method::Email => 1,
    }
}
