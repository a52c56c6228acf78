//! What is true of a process: which code is right, how often it is guessed at, what it leads to.

use std::collections::BTreeSet;

use jiff::Timestamp;
use postern_domain::codes::CodeSource;
use postern_events::code::CodeIssued;
use postern_events::ids::{SessionId, VerificationId};
use postern_events::verification::{Opened, VerificationEvent};
use postern_events::vocabulary::{DeviceKey, Method, Purpose};

use super::{Acting, DAY, SLACK, Watch};
use crate::cast;
use crate::store::{Noted, Store};

/// A process as its events tell it.
#[derive(Debug, Default)]
pub(crate) struct Process {
    purpose: Option<Purpose>,
    key: Option<DeviceKey>,
    session: Option<SessionId>,
    generation: Option<u32>,
    /// The newest code, and when it expires.
    newest: Option<(String, Timestamp)>,
    pub(super) claims: BTreeSet<u64>,
    rejected: u8,
    right: bool,
    ended: bool,
}

impl Watch {
    /// The newest code of a process, as its owner reads it.
    pub(crate) fn newest_of(&self, id: VerificationId) -> Option<String> {
        self.processes.get(&id)?.newest.as_ref().map(|it| it.0.clone())
    }

    pub(super) fn process_event(
        &mut self,
        id: VerificationId,
        noted: &Noted<VerificationEvent>,
        by: Acting,
    ) {
        let ended = self.processes.get(&id).is_some_and(|it| it.ended);
        let last = matches!(
            noted.event,
            VerificationEvent::Completed(_)
                | VerificationEvent::Fulfilled(_)
                | VerificationEvent::Locked(_)
        );
        self.rule(!ended || last, || format!("{id} went on after its end: {noted:?}"));
        match &noted.event {
            VerificationEvent::Opened(it) => self.process_opened(id, it),
            VerificationEvent::CodeIssued(it) => self.process_issued(id, it),
            VerificationEvent::CodeRejected(it) => {
                let right = self.proved(id, by);
                let process = self.processes.entry(id).or_default();
                process.rejected += 1;
                process.ended = process.rejected >= 5;
                let (rejected, left) = (process.rejected, it.attempts_left);
                self.rule(!right, || format!("{id}: the right code was rejected"));
                self.rule(rejected + left == 5, || format!("{id}: {left} left after {rejected}"));
            }
            VerificationEvent::CodeVerified(_) => self.process_verified(id, noted.stamp.time, by),
            VerificationEvent::Completed(it) => self.process_completed(id, it.session, by),
            VerificationEvent::Fulfilled(_) => {
                let process = self.processes.entry(id).or_default();
                process.ended = true;
                let (right, purpose) = (process.right, process.purpose);
                self.rule(right, || format!("{id} was fulfilled without a code"));
                if let Some(purpose) = purpose {
                    self.fulfilled.insert(by.number, purpose);
                }
            }
            VerificationEvent::CodeResent(_) => {}
            VerificationEvent::Denied(_)
            | VerificationEvent::Reported(_)
            | VerificationEvent::Locked(_) => self.processes.entry(id).or_default().ended = true,
        }
    }

    fn process_opened(&mut self, id: VerificationId, it: &Opened) {
        let process = self.processes.entry(id).or_default();
        process.purpose = Some(it.purpose);
        process.key = Some(it.key);
        process.session = it.session;
        process.generation = it.attempt_generation;
    }

    /// Where somebody had only the mailbox, no step-up is mailed to them either.
    fn process_issued(&mut self, id: VerificationId, it: &CodeIssued) {
        let name = id.to_string();
        let source = CodeSource {
            purpose: it.purpose,
            account: cast::account(),
            attempt: &name,
            issue: it.issue,
            method: it.method,
            kid: &it.kid,
            nonce: it.nonce,
        };
        let code = cast::keys().derive(&source).expect("the key").reveal().to_owned();
        let alone = matches!(it.purpose, Purpose::PasswordReset | Purpose::EmailChange);
        let (digits, length) = (code.len(), if alone { 8 } else { 6 });
        let process = self.processes.entry(id).or_default();
        process.newest = Some((code, it.expires_at));
        let purpose = process.purpose;
        self.rule(purpose == Some(it.purpose), || format!("{id}: a code for {:?}", it.purpose));
        self.rule(digits == length, || format!("{id}: a code of {digits} digits"));
        self.rule(!alone || it.method == Method::Email, || format!("{id}: shown in the app"));
    }

    /// Whether the request behind this event typed the newest code.
    fn proved(&self, id: VerificationId, by: Acting) -> bool {
        let newest = self.newest_of(id);
        newest.is_some() && self.typed.get(&by.number) == newest.as_ref()
    }

    fn process_verified(&mut self, id: VerificationId, at: Timestamp, by: Acting) {
        let (right, generation) = (self.proved(id, by), self.trust.generation);
        let came_with = self.came_with.get(&by.number).copied();
        let process = self.processes.entry(id).or_default();
        process.right = true;
        process.ended = true;
        let claimed = process.claims.contains(&by.number);
        let lives = process.newest.as_ref().is_some_and(|it| at < it.1);
        let (born, session) = (process.generation, process.session);
        self.rule(right, || format!("{id}: a code that is not the newest was accepted"));
        self.rule(claimed, || format!("{id}: judged without a claim"));
        self.rule(lives, || format!("{id}: an expired code was judged at {at}"));
        self.rule(born == Some(generation), || {
            format!("{id} of generation {born:?} went on in generation {generation}")
        });
        self.rule(session.is_none() || session == came_with, || {
            format!("{id} of {session:?} was gone on with by {came_with:?}")
        });
    }

    /// A session is stepped up by a right code, or on a device that was trusted a day ago.
    fn process_completed(&mut self, id: VerificationId, session: SessionId, by: Acting) {
        let process = self.processes.entry(id).or_default();
        process.ended = true;
        let (right, mine) = (process.right, process.session == Some(session));
        let old = process.key.is_some_and(|key| self.is_old(key, by.now));
        self.rule(mine, || format!("{id} steps {session} up, which is another one"));
        self.rule(right || old, || format!("{id}: stepped up with no code on a young device"));
        self.stepping.insert(by.number, session);
    }

    /// Five claims a process; ten a day for those that stand alone. A step-up's count with those
    /// at sign-ins, and only keys that aren't trusted are paused.
    pub(super) fn claimed_at(&mut self, id: VerificationId, trusted: bool, by: Acting) {
        let process = self.processes.entry(id).or_default();
        process.claims.insert(by.number);
        let (claims, purpose) = (process.claims.len(), process.purpose);
        self.rule(claims <= 5, || format!("{id}: guess number {claims} was claimed"));
        if purpose == Some(Purpose::StepUp) {
            let paused = self.count_wrong(by);
            self.rule(trusted || !paused, || format!("{id}: claimed while code entry is paused"));
            return;
        }
        self.recovery_guesses.push(by.now);
        let of_the_day = self.recovery_guesses.iter().filter(|at| **at > by.now - DAY + SLACK);
        let count = of_the_day.count();
        self.rule(count <= 10, || format!("{id}: guess {count} of the day that stands alone"));
    }

    /// What is stored is over when the events say so.
    pub(super) fn compare_process(&mut self, store: &Store, id: VerificationId, by: Acting) {
        let ended = self.processes.get(&id).is_some_and(|it| it.ended);
        let generation = self.processes.get(&id).and_then(|it| it.generation);
        let open = store.process(id).state.is_open(generation, by.now).is_ok();
        self.rule(!(ended && open), || format!("{id} has ended and is still open"));
    }
}
