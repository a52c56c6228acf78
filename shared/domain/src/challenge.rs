//! The one code engine: what sign-ins and verifications have in common.

use std::sync::Arc;

use jiff::Timestamp;
use postern_events::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified, Locked};
use postern_events::ids::{AccountId, EventId};
use postern_events::vocabulary::{Method, Nonce, Purpose};
use serde::{Deserialize, Serialize};

use crate::codes::{Code, CodeKeys, CodeSource, KeyMissing};
use crate::decider::Stamp;
use crate::{millis, policy};

/// What a new code is made from.
#[derive(Debug, Clone)]
pub struct Material {
    /// The code key to derive it with.
    pub kid: String,
    /// Its own chance.
    pub nonce: Nonce,
}

/// A fact about a code, before an aggregate makes it one of its own events.
#[derive(Debug, Clone, PartialEq)]
pub enum CodeFact {
    /// A new code.
    Issued(CodeIssued),
    /// The living code once more.
    Resent(CodeResent),
    /// A wrong guess.
    Rejected(CodeRejected),
    /// The right guess.
    Verified(CodeVerified),
    /// One wrong guess too many.
    Locked(Locked),
}

/// Why nothing happened to a code.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CodeRefusal {
    /// The attempt is over, in whatever way.
    #[error("the attempt is closed")]
    Closed,
    /// The code is too old, the attempt isn't.
    #[error("the code has expired")]
    Expired,
    /// The method is still cooling down.
    #[error("the code was sent a moment ago")]
    TooSoon {
        /// When it can be sent again by this method.
        available_at: Timestamp,
    },
    /// The attempt has no sends left.
    #[error("the code was sent as often as it may be")]
    TooManySends {
        /// When it can be sent again, by another attempt if need be.
        again_at: Timestamp,
    },
    /// The key of the living code is not at hand.
    #[error(transparent)]
    Key(#[from] KeyMissing),
}

/// The sends of one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Sends {
    #[serde(rename = "m")]
    method: Method,
    #[serde(rename = "n")]
    count: u8,
    #[serde(rename = "t", with = "millis")]
    last: Timestamp,
}

/// The newest code: the only one that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// How it travels.
    pub method: Method,
    /// Its number within the attempt.
    pub issue: u8,
    /// The key it is derived with.
    pub kid: String,
    /// Its own chance.
    pub nonce: Nonce,
    /// When it stops being accepted.
    #[serde(with = "millis")]
    pub expires_at: Timestamp,
}

/// An attempt's codes, guesses and sends so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    purpose: Purpose,
    #[serde(with = "millis")]
    opened_at: Timestamp,
    wrong: u8,
    sends: Vec<Sends>,
    newest: Issue,
    asked_by: EventId,
}

/// A guess, and the keys to compare it with.
#[derive(Debug, Clone)]
pub struct Guess {
    /// What was typed.
    pub code: Code,
    /// The keys of living codes.
    pub keys: Arc<CodeKeys>,
}

/// The first code of an attempt that opens now.
#[must_use]
pub fn first_issue(
    purpose: Purpose,
    method: Method,
    material: Material,
    now: Timestamp,
) -> CodeIssued {
    issue(purpose, method, 1, material, now, now)
}

fn issue(
    purpose: Purpose,
    method: Method,
    number: u8,
    material: Material,
    opened_at: Timestamp,
    now: Timestamp,
) -> CodeIssued {
    CodeIssued {
        purpose,
        method,
        issue: number,
        kid: material.kid,
        nonce: material.nonce,
        expires_at: (now + policy::CODE_LIFE).min(opened_at + policy::ATTEMPT_LIFE),
    }
}

impl Challenge {
    /// Remembers the first code.
    #[must_use]
    pub fn begun(event: &CodeIssued, stamp: Stamp) -> Self {
        Self {
            purpose: event.purpose,
            opened_at: stamp.time,
            wrong: 0,
            sends: vec![Sends { method: event.method, count: 1, last: stamp.time }],
            newest: Issue::of(event),
            asked_by: stamp.id,
        }
    }

    /// Remembers a further code.
    pub fn issued(&mut self, event: &CodeIssued, stamp: Stamp) {
        self.newest = Issue::of(event);
        self.sent(event.method, stamp);
    }

    /// Remembers a further send of the living code.
    pub fn resent(&mut self, event: &CodeResent, stamp: Stamp) {
        self.sent(event.method, stamp);
    }

    /// Remembers a wrong guess.
    pub fn rejected(&mut self) {
        self.wrong = self.wrong.saturating_add(1);
    }

    fn sent(&mut self, method: Method, stamp: Stamp) {
        self.asked_by = stamp.id;
        if let Some(sends) = self.sends.iter_mut().find(|it| it.method == method) {
            sends.count = sends.count.saturating_add(1);
            sends.last = stamp.time;
        } else {
            self.sends.push(Sends { method, count: 1, last: stamp.time });
        }
    }

    /// What the code is for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The newest code.
    #[must_use]
    pub fn newest(&self) -> &Issue {
        &self.newest
    }

    /// The event that asked for the newest send; its message tells how far that came.
    #[must_use]
    pub fn asked_by(&self) -> EventId {
        self.asked_by
    }

    /// When the attempt ends if nothing else ends it.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.opened_at + policy::ATTEMPT_LIFE
    }

    /// Whether guesses and sends are over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends_at() || self.guesses_left() == 0
    }

    /// Guesses that the attempt still allows.
    #[must_use]
    pub fn guesses_left(&self) -> u8 {
        policy::GUESSES_PER_ATTEMPT.saturating_sub(self.wrong)
    }

    /// Sends that the attempt still allows, over all methods.
    #[must_use]
    pub fn sends_left(&self) -> u8 {
        let spent = self.sends.iter().fold(0_u8, |sum, it| sum.saturating_add(it.count));
        policy::SENDS_PER_ATTEMPT.saturating_sub(spent)
    }

    /// When the code can be sent again by this method.
    #[must_use]
    pub fn resend_at(&self, method: Method) -> Timestamp {
        match self.sends.iter().find(|it| it.method == method) {
            None => self.opened_at,
            Some(sends) if sends.count == 1 => sends.last + policy::FIRST_RESEND_AFTER,
            Some(sends) => sends.last + policy::NEXT_RESEND_AFTER,
        }
    }

    /// Sends the living code again, or a new one where it has expired or the method changes.
    ///
    /// # Errors
    /// When the attempt is over, out of sends, or the method is cooling down.
    pub fn resend(
        &self,
        method: Method,
        material: Material,
        now: Timestamp,
    ) -> Result<CodeFact, CodeRefusal> {
        if self.is_over(now) {
            return Err(CodeRefusal::Closed);
        }
        if self.sends_left() == 0 {
            return Err(CodeRefusal::TooManySends { again_at: self.ends_at() });
        }
        let available_at = self.resend_at(method);
        if now < available_at {
            return Err(CodeRefusal::TooSoon { available_at });
        }
        if method == self.newest.method && now < self.newest.expires_at {
            return Ok(CodeFact::Resent(CodeResent { method, issue: self.newest.issue }));
        }
        let number = self.newest.issue.saturating_add(1);
        let issued = issue(self.purpose, method, number, material, self.opened_at, now);
        Ok(CodeFact::Issued(issued))
    }

    /// Whether a guess would be compared now; asked before a guess is claimed.
    ///
    /// # Errors
    /// When the attempt is over or its code has expired.
    pub fn may_guess(&self, now: Timestamp) -> Result<(), CodeRefusal> {
        if self.is_over(now) {
            Err(CodeRefusal::Closed)
        } else if now >= self.newest.expires_at {
            Err(CodeRefusal::Expired)
        } else {
            Ok(())
        }
    }

    /// Compares a guess with the newest code. A wrong one is a fact like a right one.
    ///
    /// # Errors
    /// When nothing was compared.
    pub fn judge(
        &self,
        account: AccountId,
        attempt: &str,
        guess: &Guess,
        now: Timestamp,
    ) -> Result<Vec<CodeFact>, CodeRefusal> {
        self.may_guess(now)?;
        let code = guess.keys.derive(&self.source(account, attempt))?;
        if code.matches(&guess.code) {
            return Ok(vec![CodeFact::Verified(CodeVerified {
                issue: self.newest.issue,
                method: self.newest.method,
            })]);
        }
        Ok(self.wrong_guess())
    }

    /// What a wrong guess leads to.
    pub(crate) fn wrong_guess(&self) -> Vec<CodeFact> {
        let attempts_left = self.guesses_left().saturating_sub(1);
        let issue = self.newest.issue;
        let mut facts = vec![CodeFact::Rejected(CodeRejected { issue, attempts_left })];
        if attempts_left == 0 {
            facts.push(CodeFact::Locked(Locked { wrong: self.wrong.saturating_add(1) }));
        }
        facts
    }

    /// What the newest code is derived from.
    #[must_use]
    pub fn source<'a>(&'a self, account: AccountId, attempt: &'a str) -> CodeSource<'a> {
        CodeSource {
            purpose: self.purpose,
            account,
            attempt,
            issue: self.newest.issue,
            method: self.newest.method,
            kid: &self.newest.kid,
            nonce: self.newest.nonce,
        }
    }
}

impl Issue {
    fn of(event: &CodeIssued) -> Self {
        Self {
            method: event.method,
            issue: event.issue,
            kid: event.kid.clone(),
            nonce: event.nonce,
            expires_at: event.expires_at,
        }
    }
}
