//! What is true of an attempt: which code is right, how long, how often, and how it ends.

use std::collections::BTreeSet;

use jiff::Timestamp;
use postern_domain::codes::CodeSource;
use postern_domain::sign_in::SignIn;
use postern_events::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified};
use postern_events::ids::SignInId;
use postern_events::sign_in::{
    Attempted, Cancelled, CancelledBecause, Completed, RecoveryCodeUsed, SignInEvent,
};
use postern_events::vocabulary::{DeviceKey, Method, Purpose};

use super::{Acting, MINUTE, SECOND, Watch, place};
use crate::cast;
use crate::store::{Noted, Store};

/// A code that was made.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) method: Method,
    pub(crate) code: String,
    pub(crate) expires_at: Timestamp,
}

/// An attempt as its events tell it.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    pub(crate) key: Option<DeviceKey>,
    pub(crate) generation: u32,
    pub(crate) trust_generation: u32,
    pub(crate) opened_at: Option<Timestamp>,
    pub(crate) issues: Vec<Issued>,
    pub(crate) ended: bool,
    pub(crate) denied: bool,
    pub(crate) claims: BTreeSet<u64>,
    pub(crate) compared: BTreeSet<u64>,
    pub(crate) sends_claimed: [usize; 2],
    /// Sends that took nothing from a budget, for they were pushed to nobody.
    sends_free: usize,
    sends: [Vec<Timestamp>; 2],
    rejected: u8,
    pub(super) completed: u8,
    pub(super) sessions: u8,
    /// Whether the right code was given, or a recovery code in its place.
    right: bool,
}

impl Attempt {
    pub(super) fn instants(&self) -> Vec<Timestamp> {
        if self.ended {
            return Vec::new();
        }
        let ends = self.opened_at.map(|it| it + MINUTE * 10);
        let cooled = |it: &Vec<Timestamp>| {
            it.last().map(|at| *at + SECOND * if it.len() == 1 { 30 } else { 60 })
        };
        let next = self.sends.iter().filter_map(cooled);
        let expiry = self.issues.last().map(|it| it.expires_at);
        ends.into_iter().chain(expiry).chain(next).collect()
    }
}

impl Watch {
    pub(super) fn sign_in_event(&mut self, id: SignInId, noted: &Noted<SignInEvent>, by: Acting) {
        let at = noted.stamp.time;
        let ended = self.attempts.get(&id).is_some_and(|it| it.ended);
        let with_verified =
            matches!(noted.event, SignInEvent::Completed(_) | SignInEvent::Locked(_));
        self.rule(!ended || with_verified, || format!("{id} went on after its end: {noted:?}"));
        match &noted.event {
            SignInEvent::Attempted(it) => self.attempted(id, it, at, by),
            SignInEvent::RecoveryCodeUsed(it) => self.used_code(id, it, by),
            SignInEvent::CodeIssued(it) => self.issued(id, it, at, by),
            SignInEvent::CodeResent(it) => self.resent(id, it, at, by),
            SignInEvent::CodeRejected(it) => self.rejected(id, it, at, by),
            SignInEvent::CodeVerified(it) => self.right_code(id, it, at, by),
            SignInEvent::Completed(it) => self.completed(id, it, by),
            SignInEvent::Locked(_) => {
                let attempt = self.attempts.entry(id).or_default();
                let rejected = attempt.rejected;
                let unreached = attempt.issues.is_empty() && attempt.claims.len() >= 5;
                self.rule(rejected == 5 || unreached, || format!("{id} locked after {rejected}"));
            }
            SignInEvent::Cancelled(it) => self.cancelled(id, it),
            SignInEvent::Refused(_) | SignInEvent::Denied(_) | SignInEvent::Reported(_) => {
                self.attempts.entry(id).or_default().ended = true;
            }
        }
    }

    /// A password that somebody else knows lets nobody in on a key that isn't trusted.
    fn attempted(&mut self, id: SignInId, it: &Attempted, at: Timestamp, by: Acting) {
        let known = self.is_compromised(by) && !self.was_trusted(it.key, it.device, by);
        self.rule(!known, || format!("{id}: a compromised password was right"));
        let right = self.knows_password(by);
        self.rule(right, || format!("{id}: a former password was right"));
        let attempt = self.attempts.entry(id).or_default();
        attempt.trust_generation = it.inputs.trust_generation;
        attempt.key = Some(it.key);
        attempt.generation = it.inputs.attempt_generation;
        attempt.opened_at = Some(at);
    }

    fn issued(&mut self, id: SignInId, it: &CodeIssued, at: Timestamp, by: Acting) {
        let name = id.to_string();
        let source = CodeSource {
            purpose: Purpose::SignIn,
            account: cast::account(),
            attempt: &name,
            issue: it.issue,
            method: it.method,
            kid: &it.kid,
            nonce: it.nonce,
        };
        let code = cast::keys().derive(&source).expect("the key").reveal().to_owned();
        let attempt = self.attempts.entry(id).or_default();
        let opened_at = attempt.opened_at.unwrap_or(at);
        let expires_at = (at + MINUTE * 5).min(opened_at + MINUTE * 10);
        let next = attempt.issues.len() + 1;
        let repeats = attempt
            .issues
            .last()
            .is_some_and(|newest| newest.method == it.method && at < newest.expires_at);
        attempt.issues.push(Issued { method: it.method, code, expires_at });
        self.rule(it.expires_at == expires_at, || format!("{id}: wrong expiry of {it:?}"));
        self.rule(usize::from(it.issue) == next, || {
            format!("{id}: issue {} is not {next}", it.issue)
        });
        self.rule(!repeats, || format!("{id}: a new code by a method whose code lives"));
        self.sent(id, it.method, at, by);
    }

    fn resent(&mut self, id: SignInId, it: &CodeResent, at: Timestamp, by: Acting) {
        let attempt = self.attempts.entry(id).or_default();
        let issue = attempt.issues.len();
        let lives = attempt
            .issues
            .last()
            .is_some_and(|newest| newest.method == it.method && at < newest.expires_at);
        let newest = lives && usize::from(it.issue) == issue;
        self.rule(newest, || format!("{id}: a code repeated that does not live: {it:?} at {at}"));
        self.sent(id, it.method, at, by);
    }

    /// Five sends, cooled down by method, each of them claimed from the account's budget unless it
    /// is shown without a push; none where every guess is spent.
    fn sent(&mut self, id: SignInId, method: Method, at: Timestamp, by: Acting) {
        let key = self.attempts.get(&id).and_then(|it| it.key);
        let silent = method == Method::App && key.is_some_and(|key| self.may_be_silent(key, by));
        let attempt = self.attempts.entry(id).or_default();
        let sends = &mut attempt.sends[place(method)];
        let cooled = match sends.as_slice() {
            [] => true,
            [first] => at >= *first + SECOND * 30,
            [.., last] => at >= *last + SECOND * 60,
        };
        sends.push(at);
        let (mut count, claimed) = (sends.len(), attempt.sends_claimed[place(method)]);
        if method == Method::App {
            attempt.sends_free += usize::from(count - attempt.sends_free > claimed && silent);
            count -= attempt.sends_free;
        }
        let spent = attempt.claims.len() >= 5;
        let born = attempt.generation;
        let all = attempt.sends.iter().map(Vec::len).sum::<usize>();
        let late = attempt.opened_at.is_some_and(|it| at >= it + MINUTE * 10);
        let held = key.is_some_and(|key| self.held_until(key, at).is_some());
        let dead = born != self.trust.generation;
        self.rule(method == Method::App || !held || dead, || {
            format!("{id}: a code was mailed at {at} to one who has only the mailbox")
        });
        self.rule(cooled, || format!("{id}: sent by {method:?} before it cooled down"));
        self.rule(all <= 5, || format!("{id}: send number {all}"));
        self.rule(count <= claimed, || {
            format!("{id}: {count} sends by {method:?}, {claimed} claimed")
        });
        self.rule(!late, || format!("{id}: sent after its end"));
        self.rule(!spent, || format!("{id}: sent a code that nobody can guess any more"));
    }

    /// The request behind this event typed this, and whether that is the living code.
    fn typed_right(&self, id: SignInId, by: Acting) -> Option<bool> {
        let newest = self.attempts.get(&id)?.issues.last()?;
        self.typed.get(&by.number).map(|typed| *typed == newest.code)
    }

    fn judged_in_time(&mut self, id: SignInId, at: Timestamp, by: Acting) {
        let Some(attempt) = self.attempts.get(&id) else { return };
        let recovers = self.recovers.contains_key(&by.number);
        let lives = recovers || attempt.issues.last().is_some_and(|it| at < it.expires_at);
        let claimed = attempt.claims.contains(&by.number);
        self.rule(lives, || format!("{id}: an expired code was judged at {at}"));
        self.rule(claimed, || format!("{id}: judged without a claim"));
    }

    fn rejected(&mut self, id: SignInId, it: &CodeRejected, at: Timestamp, by: Acting) {
        self.judged_in_time(id, at, by);
        let right = self.typed_right(id, by);
        let recovers = self.recovers.contains_key(&by.number);
        let attempt = self.attempts.entry(id).or_default();
        attempt.rejected += 1;
        let (rejected, left) = (attempt.rejected, it.attempts_left);
        // Where no code was sent, claims that were never recorded count as well.
        let unreached = attempt.issues.is_empty() && rejected + left <= 5;
        attempt.ended = left == 0;
        self.rule(recovers || right == Some(false), || {
            format!("{id}: the right code was rejected")
        });
        self.rule(unreached || rejected + left == 5, || {
            format!("{id}: {left} guesses left after {rejected}")
        });
    }

    fn right_code(&mut self, id: SignInId, it: &CodeVerified, at: Timestamp, by: Acting) {
        self.judged_in_time(id, at, by);
        let right = self.typed_right(id, by);
        let generation = self.trust.generation;
        let attempt = self.attempts.entry(id).or_default();
        let (born, denied, key) = (attempt.generation, attempt.denied, attempt.key);
        let newest = attempt.issues.len();
        attempt.right = true;
        attempt.ended = true;
        let held = it.method == Method::Email && self.is_held(key, at);
        self.rule(!held, || format!("{id}: the mailbox alone let a key in at {at}"));
        self.rule(right == Some(true), || {
            format!("{id}: a code that is not the newest was accepted")
        });
        self.rule(usize::from(it.issue) == newest, || format!("{id}: issue {} accepted", it.issue));
        self.rule(born == generation, || {
            format!("{id} of generation {born} completed in generation {generation}")
        });
        self.rule(!denied, || format!("{id} completed after it was denied"));
    }

    /// A recovery code in the code's place: used up with it, in the attempt's own generation.
    fn used_code(&mut self, id: SignInId, it: &RecoveryCodeUsed, by: Acting) {
        let (used, generation) = (self.recovered.contains(&by.number), self.trust.generation);
        let left = self.codes_left();
        let attempt = self.attempts.entry(id).or_default();
        attempt.right = true;
        attempt.ended = true;
        let (born, denied) = (attempt.generation, attempt.denied);
        let claimed = attempt.claims.contains(&by.number);
        self.rule(used, || format!("{id}: a recovery code that is not used up"));
        self.rule(claimed, || format!("{id}: a recovery code that nobody had claimed"));
        self.rule(usize::from(it.codes_left) == left, || format!("{id}: {left} codes are left"));
        self.rule(born == generation && !denied, || {
            format!("{id} of generation {born} recovered in generation {generation}")
        });
    }

    /// Whoever attempts may give up; but an attempt that lives is not called off.
    fn cancelled(&mut self, id: SignInId, it: &Cancelled) {
        let generation = self.trust.generation;
        let attempt = self.attempts.entry(id).or_default();
        attempt.ended = true;
        let born = attempt.generation;
        let called_off = it.because == Some(CancelledBecause::AccountChanged);
        self.rule(!called_off || born < generation, || {
            format!("{id} of generation {born} was called off in generation {generation}")
        });
    }

    fn completed(&mut self, id: SignInId, it: &Completed, by: Acting) {
        let attempt = self.attempts.entry(id).or_default();
        attempt.completed += 1;
        attempt.ended = true;
        let (right, completed, key) = (attempt.right, attempt.completed, attempt.key);
        let trusted = key.is_some_and(|key| self.was_trusted(key, it.device, by));
        let skips = trusted || self.may_be_off(by);
        self.rule(right || skips, || format!("{id}: let in with no code and no trusted key"));
        self.rule(completed == 1, || format!("{id}: completed {completed} times"));
    }

    /// What is stored is over when the events say so, and open when they don't.
    pub(super) fn compare_attempt(&mut self, store: &Store, id: SignInId) {
        let Some(attempt) = self.attempts.get(&id) else { return };
        let (ended, asked) = (attempt.ended, !attempt.issues.is_empty());
        let state = store.sign_in(id).state;
        let pending = state.pending().is_some();
        let lives = pending || matches!(state, SignIn::Unreachable(_));
        self.rule(!(ended && lives), || format!("{id} has ended and is still open"));
        self.rule(ended || pending == asked, || {
            format!("{id} awaits a code: {pending}, not {asked}")
        });
    }
}
