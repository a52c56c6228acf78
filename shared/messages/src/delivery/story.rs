//! An attempt's stream, read for what its messages need and no state keeps: who opened it from
//! where, and which event asked for which send.

use std::sync::Arc;

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

use super::asked::{Asked, Cause, FanOut, Topic, Wanted, What};

/// How an attempt began.
#[derive(Debug, Clone)]
enum Opening {
    /// With a right password.
    SignIn(Arc<Attempted>),
    /// With an address to register.
    Registration(Arc<Opened>),
}

/// What an event means for messages.
enum Fact {
    Opened(Opening),
    Issued(CodeIssued),
    Resent(CodeResent),
    Verified,
    Completed,
    Failed,
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
    opening: Option<(Opening, Timestamp)>,
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
                    story.opening = Some((opening, stored.time));
                } else {
                    let (id, at, version) = (stored.id, stored.time, commit.version);
                    story.facts.push(Noted { id, at, version, fact });
                }
            }
        }
        Ok(story)
    }

    /// What the commit of this version asks for.
    pub(super) fn wanted(&self, version: u64) -> Wanted {
        let mut wanted = Wanted::default();
        let Some((opening, _)) = &self.opening else { return wanted };
        let here = || self.facts.iter().filter(|it| it.version == version);
        let by_code = here().any(|it| matches!(it.fact, Fact::Verified));
        for noted in here() {
            match (&noted.fact, opening) {
                (Fact::Issued(it), _) => self.code(opening, noted, it, &mut wanted),
                (Fact::Resent(it), _) => {
                    if let Some(issued) = self.issue(it.issue) {
                        self.code(opening, noted, issued, &mut wanted);
                    }
                }
                (Fact::Completed, Opening::SignIn(it)) if by_code => {
                    let topic = Topic::NewDevice(Arc::clone(it));
                    let deadline = self.cause(noted).notice_deadline();
                    wanted.messages.push(self.mail(noted, it.account, topic, deadline));
                    wanted.fan_outs.extend(self.closed(noted, it));
                }
                (Fact::Failed, Opening::SignIn(it)) => {
                    wanted.fan_outs.extend(self.closed(noted, it));
                }
                (
                    Fact::Opened(_)
                    | Fact::Verified
                    | Fact::Completed
                    | Fact::Failed
                    | Fact::Silent,
                    _,
                ) => {}
            }
        }
        wanted
    }

    fn cause(&self, noted: &Noted) -> Cause {
        let Noted { id: by, at, version, .. } = *noted;
        Cause { by, at, stream: self.stream.clone(), version }
    }

    fn mail(&self, noted: &Noted, account: AccountId, topic: Topic, deadline: Timestamp) -> Asked {
        Asked { cause: self.cause(noted), account, what: What::Mail(topic), deadline }
    }

    /// A code goes to whoever attempts, or is shown by their devices; to an address that is taken
    /// goes no code, but its owner is told once, however often the other side asks again.
    fn code(&self, opening: &Opening, noted: &Noted, issued: &CodeIssued, wanted: &mut Wanted) {
        let deadline = issued.expires_at;
        let mail = match (opening, issued.method) {
            (Opening::SignIn(it), Method::App) => {
                let (cause, attempted) = (self.cause(noted), Arc::clone(it));
                wanted.fan_outs.push(FanOut { cause, attempted, closed: false, deadline });
                return;
            }
            (Opening::SignIn(it), Method::Email) => {
                self.mail(noted, it.account, Topic::SignInCode(Arc::clone(it)), deadline)
            }
            (Opening::Registration(it), Method::Email) => match it.taken_by {
                None => {
                    let topic = Topic::RegistrationCode(Arc::clone(it));
                    self.mail(noted, it.account, topic, deadline)
                }
                Some(owner) if self.is_first_code(noted) => {
                    let topic = Topic::RegistrationAttempt(Arc::clone(it));
                    let deadline = self.cause(noted).notice_deadline();
                    self.mail(noted, owner, topic, deadline)
                }
                Some(_) => return,
            },
            // An account that doesn't exist yet has no device to show anything on.
            (Opening::Registration(_), Method::App) => return,
        };
        wanted.messages.push(mail);
    }

    /// The end of an attempt, for the devices that were asked about it. After the time that the
    /// attempt had anyway, they don't ask any more by themselves.
    fn closed(&self, noted: &Noted, attempted: &Arc<Attempted>) -> Option<FanOut> {
        let (_, opened_at) = self.opening.as_ref()?;
        let by_app = self.facts.iter().any(|it| match &it.fact {
            Fact::Issued(it) => it.method == Method::App,
            Fact::Resent(it) => it.method == Method::App,
            Fact::Opened(_) | Fact::Verified | Fact::Completed | Fact::Failed | Fact::Silent => {
                false
            }
        });
        by_app.then(|| FanOut {
            cause: self.cause(noted),
            attempted: Arc::clone(attempted),
            closed: true,
            deadline: *opened_at + policy::ATTEMPT_LIFE,
        })
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
            | Fact::Failed
            | Fact::Silent => None,
        })
    }
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
        SignInEvent::Attempted(it) => Fact::Opened(Opening::SignIn(Arc::new(it))),
        SignInEvent::CodeIssued(it) => Fact::Issued(it),
        SignInEvent::CodeResent(it) => Fact::Resent(it),
        SignInEvent::CodeVerified(_) => Fact::Verified,
        SignInEvent::Completed(_) => Fact::Completed,
        SignInEvent::Cancelled(_) | SignInEvent::Denied(_) | SignInEvent::Locked(_) => Fact::Failed,
        SignInEvent::Refused(_) | SignInEvent::CodeRejected(_) => Fact::Silent,
    }
}

fn of_verification(event: VerificationEvent) -> Fact {
    match event {
        VerificationEvent::Opened(it) => Fact::Opened(Opening::Registration(Arc::new(it))),
        VerificationEvent::CodeIssued(it) => Fact::Issued(it),
        VerificationEvent::CodeResent(it) => Fact::Resent(it),
        VerificationEvent::CodeVerified(_) => Fact::Verified,
        VerificationEvent::Completed(_) => Fact::Completed,
        VerificationEvent::Locked(_) => Fact::Failed,
        VerificationEvent::CodeRejected(_) => Fact::Silent,
    }
}
