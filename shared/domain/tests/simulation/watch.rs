//! The invariants: somebody who watches every write and every sending, counts for themselves, and
//! believes no decider. Figures are written out here, so that a changed policy is noticed too.

mod attempts;
mod guesses;
mod letters;
mod passwords;
mod trust;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use postern_events::ids::{MessageId, SignInId};
use postern_events::vocabulary::Method;

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
                    append.events.iter().for_each(|it| self.account_event(it, by));
                }
                Write::SignIn(id, append) => {
                    append.events.iter().for_each(|it| self.sign_in_event(*id, it, by));
                    self.compare_attempt(store, *id);
                }
                Write::Message(id, append) => {
                    append.events.iter().for_each(|it| self.message_event(*id, it, by));
                }
                Write::Begin(session) => self.session_began(store, session),
                Write::Address { by: who, right, .. } | Write::Keys { by: who, right, .. } => {
                    self.settled(*who, *right, by.now);
                }
                Write::Guard { .. } | Write::AccountUnchanged { .. } | Write::End(_) => {}
            }
        }
    }

    fn acted(&mut self, act: &Act, value: &postern_domain::guard::AccountGuard, by: Acting) {
        match act {
            Act::Opened { attempt, key } => self.opened(*attempt, *key, by),
            Act::Claimed { attempt } => self.claimed(*attempt, by),
            Act::Sent { attempt, method } => self.claimed_send(*attempt, *method, by),
            Act::Denied { key, attempts } => self.denied(*key, attempts, value, by),
            Act::Verified { attempt } => self.verified(*attempt),
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
