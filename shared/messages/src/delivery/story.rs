//! An attempt's stream, read for what its messages need and no state keeps: who opened it from
//! where, and which event asked for which send.

use jiff::Timestamp;
use postern_domain::policy;
use postern_events::catalogue::EventSet;
use postern_events::code::{CodeIssued, CodeResent};
use postern_events::ids::{AccountId, EventId};
use postern_events::sign_in::{Attempted, SignInEvent};
use postern_events::stored::StoredEvent;
use postern_events::verification::{Opened, VerificationEvent};
use postern_events::vocabulary::Method;
use postern_store::error::StoreError;
use postern_store::keys;
use postern_store::streams::Commit;

use super::asked::{Asked, What};

/// How an attempt began.
#[derive(Debug, Clone)]
pub(super) enum Opening {
    /// With a right password.
    SignIn(Box<Attempted>),
    /// With an address to register.
    Registration(Box<Opened>),
}

/// What an event means for messages.
enum Fact {
    Opened(Opening),
    Issued(CodeIssued),
    Resent(CodeResent),
    Verified,
    Completed,
    Silent,
}

/// A fact and its place in the log.
struct Noted {
    id: EventId,
    at: Timestamp,
    version: u64,
    fact: Fact,
}

/// A stream's story; that of a stream which never asks for messages is empty.
pub(super) struct Story {
    stream: String,
    opening: Option<Opening>,
    facts: Vec<Noted>,
}

impl Story {
    /// Reads commits of one stream, oldest first, from its first one on.
    pub(super) fn read(commits: &[Commit]) -> Result<Self, StoreError> {
        let stream = commits.first().map(|it| it.stream.clone()).unwrap_or_default();
        let mut story = Self { stream, opening: None, facts: Vec::new() };
        for commit in commits {
            for stored in &commit.events {
                let fact = fact(&commit.stream, stored)?;
                if let Fact::Opened(opening) = fact {
                    story.opening = Some(opening);
                } else {
                    let (id, at, version) = (stored.id, stored.time, commit.version);
                    story.facts.push(Noted { id, at, version, fact });
                }
            }
        }
        Ok(story)
    }

    /// The messages that the commit of this version asks for.
    pub(super) fn asks(&self, version: u64) -> Vec<Asked> {
        let Some(opening) = &self.opening else { return Vec::new() };
        let here = || self.facts.iter().filter(|it| it.version == version);
        let by_code = here().any(|it| matches!(it.fact, Fact::Verified));
        here().filter_map(|noted| self.asked(opening, noted, by_code)).collect()
    }

    fn asked(&self, opening: &Opening, noted: &Noted, by_code: bool) -> Option<Asked> {
        let (what, recipient, deadline) = match (&noted.fact, opening) {
            (Fact::Issued(it), _) if it.method == Method::Email => self.code(opening, noted, it)?,
            (Fact::Resent(it), _) if it.method == Method::Email => {
                self.code(opening, noted, self.issue(it.issue)?)?
            }
            (Fact::Completed, Opening::SignIn(it)) if by_code => {
                (What::NewDevice, it.account, notice_deadline(noted))
            }
            (
                Fact::Opened(_)
                | Fact::Issued(_)
                | Fact::Resent(_)
                | Fact::Verified
                | Fact::Completed
                | Fact::Silent,
                _,
            ) => return None,
        };
        Some(Asked {
            by: noted.id,
            at: noted.at,
            stream: self.stream.clone(),
            version: noted.version,
            what,
            recipient,
            deadline,
            opening: opening.clone(),
        })
    }

    /// A code goes to whoever attempts; to an address that is taken goes no code, but its owner is
    /// told once, however often the other side asks again.
    fn code(
        &self,
        opening: &Opening,
        noted: &Noted,
        issued: &CodeIssued,
    ) -> Option<(What, AccountId, Timestamp)> {
        let issue = issued.issue;
        let code = |account| Some((What::Code { issue }, account, issued.expires_at));
        match opening {
            Opening::SignIn(it) => code(it.account),
            Opening::Registration(it) => match it.taken_by {
                None => code(it.account),
                Some(owner) if self.is_first_code(noted) => {
                    Some((What::RegistrationAttempt, owner, notice_deadline(noted)))
                }
                Some(_) => None,
            },
        }
    }

    fn is_first_code(&self, noted: &Noted) -> bool {
        let first = self.facts.iter().find(|it| matches!(it.fact, Fact::Issued(_)));
        first.is_some_and(|it| it.id == noted.id)
    }

    fn issue(&self, number: u8) -> Option<&CodeIssued> {
        self.facts.iter().find_map(|it| match &it.fact {
            Fact::Issued(issued) if issued.issue == number => Some(issued),
            Fact::Opened(_)
            | Fact::Issued(_)
            | Fact::Resent(_)
            | Fact::Verified
            | Fact::Completed
            | Fact::Silent => None,
        })
    }
}

fn notice_deadline(noted: &Noted) -> Timestamp {
    noted.at + policy::NOTICE_DEADLINE
}

fn fact(stream: &str, stored: &StoredEvent) -> Result<Fact, StoreError> {
    let read = match keys::stream_parts(stream).map(|(aggregate, _)| aggregate) {
        Some(SignInEvent::AGGREGATE) => SignInEvent::read(stored).map(of_sign_in),
        Some(VerificationEvent::AGGREGATE) => VerificationEvent::read(stored).map(of_verification),
        Some(_) | None => return Ok(Fact::Silent),
    };
    read.map_err(|why| StoreError::Broken {
        what: format!("event {} of stream {stream}", stored.id),
        source: why.into(),
    })
}

fn of_sign_in(event: SignInEvent) -> Fact {
    match event {
        SignInEvent::Attempted(it) => Fact::Opened(Opening::SignIn(Box::new(it))),
        SignInEvent::CodeIssued(it) => Fact::Issued(it),
        SignInEvent::CodeResent(it) => Fact::Resent(it),
        SignInEvent::CodeVerified(_) => Fact::Verified,
        SignInEvent::Completed(_) => Fact::Completed,
        SignInEvent::Refused(_)
        | SignInEvent::CodeRejected(_)
        | SignInEvent::Cancelled(_)
        | SignInEvent::Locked(_) => Fact::Silent,
    }
}

fn of_verification(event: VerificationEvent) -> Fact {
    match event {
        VerificationEvent::Opened(it) => Fact::Opened(Opening::Registration(Box::new(it))),
        VerificationEvent::CodeIssued(it) => Fact::Issued(it),
        VerificationEvent::CodeResent(it) => Fact::Resent(it),
        VerificationEvent::CodeVerified(_) => Fact::Verified,
        VerificationEvent::Completed(_) => Fact::Completed,
        VerificationEvent::CodeRejected(_) | VerificationEvent::Locked(_) => Fact::Silent,
    }
}
