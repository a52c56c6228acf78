//! An attempt's stream, read for what has to be explained: how it began, its sends, how it ended.

use jiff::Timestamp;
use postern_domain::account::nobody;
use postern_domain::policy;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, EventId};
use postern_events::sign_in::{Attempted, CancelledBecause, Refused, SignInEvent};
use postern_events::verification::{Opened, VerificationEvent};
use postern_events::vocabulary::{DeviceKey, Method, Purpose};
use postern_store::keys::stream_parts;
use postern_store::streams::Commit;

use super::Evidence;
use crate::reading::{Placed, UnreadableEvent, read};

/// How it began.
#[derive(Debug)]
pub(super) enum Opening {
    /// With a right password.
    SignIn(Attempted),
    /// With a wrong one, or an unknown address.
    Refused(Refused),
    /// With something to prove.
    Verification(Opened),
}

/// How it ended, as somebody recorded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// What was asked for was done.
    Complete,
    /// The owner said that it was not them.
    Denied,
    /// Somebody who was mailed about it did.
    Reported,
    /// Whoever attempted gave up.
    GivenUp,
    /// The account had changed.
    AccountChanged,
    /// Too many wrong codes.
    Locked,
}

/// One send of a code.
#[derive(Debug)]
pub(super) struct Send {
    /// The event that asked for it.
    pub(super) id: EventId,
    /// Its sequence.
    pub(super) version: u64,
    /// When.
    pub(super) at: Timestamp,
    /// Which code.
    pub(super) issue: u8,
    /// How it travels.
    pub(super) method: Method,
    /// When the code stops being accepted.
    pub(super) expires_at: Timestamp,
}

/// An attempt, as its stream tells it.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) stream: String,
    pub(super) opening: Opening,
    pub(super) at: Timestamp,
    pub(super) sends: Vec<Send>,
    /// Wrong codes, with the sequence of the last one.
    pub(super) wrong: Option<(u16, u64)>,
    pub(super) end: Option<(End, Timestamp, u64)>,
}

/// What an event means for all this.
enum Fact {
    Opened(Box<Opening>),
    Issued(u8, Method, Timestamp),
    Resent(u8, Method),
    Wrong,
    Ended(End),
    Silent,
}

impl Attempt {
    /// Reads commits of one stream; nothing where they tell of no beginning.
    pub(super) fn read(stream: &str, commits: &[Commit]) -> Result<Option<Self>, UnreadableEvent> {
        let facts = match stream_parts(stream).map(|(aggregate, _)| aggregate) {
            Some(VerificationEvent::AGGREGATE) => placed(read(commits)?, of_verification),
            Some(_) | None => placed(read(commits)?, of_sign_in),
        };
        let mut attempt: Option<Self> = None;
        for fact in facts {
            match (&mut attempt, fact) {
                (_, Placed { stamp, event: Fact::Opened(opening), .. }) => {
                    let (stream, opening, at) = (stream.to_owned(), *opening, stamp.time);
                    let sends = Vec::new();
                    attempt = Some(Self { stream, opening, at, sends, wrong: None, end: None });
                }
                (Some(attempt), fact) => attempt.note(&fact),
                (None, _) => {}
            }
        }
        Ok(attempt)
    }

    fn note(&mut self, fact: &Placed<Fact>) {
        let (id, version, at) = (fact.id(), fact.version, fact.at());
        match fact.event {
            Fact::Issued(issue, method, expires_at) => {
                self.sends.push(Send { id, version, at, issue, method, expires_at });
            }
            Fact::Resent(issue, method) => {
                let issued = self.sends.iter().find(|it| it.issue == issue);
                let expires_at = issued.map_or(at, |it| it.expires_at);
                self.sends.push(Send { id, version, at, issue, method, expires_at });
            }
            Fact::Wrong => {
                let before = self.wrong.map_or(0, |(count, _)| count);
                self.wrong = Some((before.saturating_add(1), version));
            }
            Fact::Ended(end) => self.end = Some((end, at, version)),
            Fact::Opened(_) | Fact::Silent => {}
        }
    }

    /// Where it says so.
    pub(super) fn evidence(&self, version: u64) -> Evidence {
        Evidence { stream: self.stream.clone(), version }
    }

    /// Where it says how it began.
    pub(super) fn beginning(&self) -> Evidence {
        self.evidence(1)
    }

    /// The account that it is about, if there is one to look at.
    pub(super) fn account(&self) -> Option<AccountId> {
        match &self.opening {
            Opening::SignIn(it) => Some(it.account),
            Opening::Refused(it) => it.account,
            Opening::Verification(it) => {
                let opens = it.purpose == Purpose::Registration;
                (!opens && !is_nobodys(it)).then_some(it.account)
            }
        }
    }

    /// The key that asks.
    pub(super) fn key(&self) -> Option<DeviceKey> {
        match &self.opening {
            Opening::SignIn(it) => Some(it.key),
            Opening::Refused(_) => None,
            Opening::Verification(it) => Some(it.key),
        }
    }

    /// The account's attempt generation when it was opened, if it dies with that.
    pub(super) fn generation(&self) -> Option<u32> {
        match &self.opening {
            Opening::SignIn(it) => Some(it.inputs.attempt_generation),
            Opening::Refused(_) => None,
            Opening::Verification(it) => it.attempt_generation,
        }
    }

    /// Whether it is a step-up, whose code young devices don't show.
    pub(super) fn is_step_up(&self) -> bool {
        matches!(&self.opening, Opening::Verification(it) if it.purpose == Purpose::StepUp)
    }

    /// Whether a code was needed.
    pub(super) fn needed_code(&self) -> bool {
        match &self.opening {
            Opening::SignIn(it) => it.inputs.two_step && !it.inputs.trusted,
            Opening::Refused(_) => false,
            Opening::Verification(it) => it.inputs.as_ref().is_none_or(|it| !it.settled),
        }
    }

    /// When it ends if nothing else ends it.
    pub(super) fn ends_at(&self) -> Timestamp {
        self.at + policy::ATTEMPT_LIFE
    }
}

/// Whether it is about an address that has no account.
pub(super) fn is_nobodys(opened: &Opened) -> bool {
    opened.account == nobody(opened.address_key)
}

fn placed<E>(events: Vec<Placed<E>>, of: impl Fn(E) -> Fact) -> Vec<Placed<Fact>> {
    let placed = |Placed { version, stamp, event }| Placed { version, stamp, event: of(event) };
    events.into_iter().map(placed).collect()
}

fn of_sign_in(event: SignInEvent) -> Fact {
    match event {
        SignInEvent::Attempted(it) => Fact::Opened(Box::new(Opening::SignIn(it))),
        SignInEvent::Refused(it) => Fact::Opened(Box::new(Opening::Refused(it))),
        SignInEvent::CodeIssued(it) => Fact::Issued(it.issue, it.method, it.expires_at),
        SignInEvent::CodeResent(it) => Fact::Resent(it.issue, it.method),
        SignInEvent::CodeRejected(_) => Fact::Wrong,
        SignInEvent::CodeVerified(_) | SignInEvent::RecoveryCodeUsed(_) => Fact::Silent,
        SignInEvent::Completed(_) => Fact::Ended(End::Complete),
        SignInEvent::Denied(_) => Fact::Ended(End::Denied),
        SignInEvent::Reported(_) => Fact::Ended(End::Reported),
        SignInEvent::Cancelled(it) => Fact::Ended(match it.because {
            None => End::GivenUp,
            Some(CancelledBecause::AccountChanged) => End::AccountChanged,
        }),
        SignInEvent::Locked(_) => Fact::Ended(End::Locked),
    }
}

fn of_verification(event: VerificationEvent) -> Fact {
    match event {
        VerificationEvent::Opened(it) => Fact::Opened(Box::new(Opening::Verification(it))),
        VerificationEvent::CodeIssued(it) => Fact::Issued(it.issue, it.method, it.expires_at),
        VerificationEvent::CodeResent(it) => Fact::Resent(it.issue, it.method),
        VerificationEvent::CodeRejected(_) => Fact::Wrong,
        VerificationEvent::CodeVerified(_) => Fact::Silent,
        VerificationEvent::Completed(_) | VerificationEvent::Fulfilled(_) => {
            Fact::Ended(End::Complete)
        }
        VerificationEvent::Denied(_) => Fact::Ended(End::Denied),
        VerificationEvent::Reported(_) => Fact::Ended(End::Reported),
        VerificationEvent::Locked(_) => Fact::Ended(End::Locked),
    }
}
