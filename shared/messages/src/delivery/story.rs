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
use postern_events::vocabulary::{Method, Purpose};
use postern_store::error::StoreError;
use postern_store::keys;
use postern_store::streams::Commit;

use super::asked::{Asked, Cause, Wanted, What};
use super::requests::{FanOut, Request};
use super::topic::Topic;
use crate::letters::LetIn;

/// How an attempt began.
#[derive(Debug, Clone)]
enum Opening {
    /// With a right password.
    SignIn(Arc<Attempted>),
    /// With something to prove.
    Verification(Arc<Opened>),
}

/// What an event means for messages.
enum Fact {
    Opened(Opening),
    Issued(CodeIssued),
    Resent(CodeResent),
    Proven(LetIn),
    Completed,
    Failed,
    Silent,
}

impl Fact {
    /// How a code travelled, if one was sent.
    fn method(&self) -> Option<Method> {
        match self {
            Self::Issued(it) => Some(it.method),
            Self::Resent(it) => Some(it.method),
            Self::Opened(_) | Self::Proven(_) | Self::Completed | Self::Failed | Self::Silent => {
                None
            }
        }
    }
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
        let proven = here().find_map(|it| match it.fact {
            Fact::Proven(by) => Some(by),
            Fact::Opened(_)
            | Fact::Issued(_)
            | Fact::Resent(_)
            | Fact::Completed
            | Fact::Failed
            | Fact::Silent => None,
        });
        for noted in here() {
            match &noted.fact {
                Fact::Issued(it) => self.code(opening, noted, it, &mut wanted),
                Fact::Resent(it) => {
                    if let Some(issued) = self.issue(it.issue) {
                        self.code(opening, noted, issued, &mut wanted);
                    }
                }
                Fact::Completed => {
                    if let (Opening::SignIn(it), Some(by)) = (opening, proven) {
                        let topic = Topic::NewDevice(Arc::clone(it), by);
                        let deadline = self.cause(noted).notice_deadline();
                        wanted.messages.push(self.mail(noted, it.account, topic, deadline));
                    }
                    wanted.fan_outs.extend(self.closed(noted));
                }
                Fact::Failed => wanted.fan_outs.extend(self.closed(noted)),
                Fact::Opened(_) | Fact::Proven(_) | Fact::Silent => {}
            }
        }
        wanted
    }

    /// The versions of its commits that may ask for something, oldest first.
    pub(super) fn versions(&self) -> Vec<u64> {
        let mut versions: Vec<_> = self.facts.iter().map(|it| it.version).collect();
        versions.dedup();
        versions
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
        let (cause, deadline) = (self.cause(noted), issued.expires_at);
        let asks = |request| FanOut { cause: cause.clone(), request, closed: false, deadline };
        match (opening, issued.method) {
            (Opening::SignIn(it), Method::App) => {
                wanted.fan_outs.push(asks(Request::SignIn(Arc::clone(it))));
            }
            (Opening::SignIn(it), Method::Email) => {
                let topic = Topic::SignInCode(Arc::clone(it));
                wanted.messages.push(self.mail(noted, it.account, topic, deadline));
                if self.is_first_code(noted) && tells_phones(it) {
                    wanted.fan_outs.push(asks(Request::MailedSignIn(Arc::clone(it))));
                }
            }
            (Opening::Verification(it), Method::App) => {
                // Of the others, some have no account yet, and some are to prove the mailbox.
                if it.purpose == Purpose::StepUp {
                    wanted.fan_outs.push(asks(Request::StepUp(Arc::clone(it))));
                }
            }
            (Opening::Verification(it), Method::Email) => match it.taken_by {
                None => {
                    let mail = |topic| self.mail(noted, it.account, topic, deadline);
                    wanted.messages.extend(code_of(it).map(mail));
                }
                Some(owner) if self.is_first_code(noted) => {
                    let deadline = cause.notice_deadline();
                    let mail = |topic| self.mail(noted, owner, topic, deadline);
                    wanted.messages.extend(taken(it).map(mail));
                }
                Some(_) => {}
            },
        }
    }

    /// The end of a request, for the devices that were asked about it. After the time that it had
    /// anyway, they don't ask any more by themselves.
    fn closed(&self, noted: &Noted) -> Option<FanOut> {
        let (opening, opened_at) = self.opening.as_ref()?;
        let mut sent = self.facts.iter().filter_map(|it| it.fact.method());
        let by_app = sent.clone().any(|it| it == Method::App);
        let request = match opening {
            Opening::SignIn(it) => {
                let told = tells_phones(it) && sent.next().is_some();
                (by_app || told).then(|| Request::SignIn(Arc::clone(it)))
            }
            Opening::Verification(it) => by_app.then(|| Request::StepUp(Arc::clone(it))),
        };
        request.map(|request| FanOut {
            cause: self.cause(noted),
            request,
            closed: true,
            deadline: *opened_at + policy::ATTEMPT_LIFE,
        })
    }

    fn is_first_code(&self, noted: &Noted) -> bool {
        let first = self.facts.iter().find(|it| it.fact.method().is_some());
        first.is_some_and(|it| it.id == noted.id)
    }

    fn issue(&self, number: u8) -> Option<&CodeIssued> {
        self.facts.iter().find_map(|it| match &it.fact {
            Fact::Issued(issued) if issued.issue == number => Some(issued),
            Fact::Opened(_)
            | Fact::Issued(_)
            | Fact::Resent(_)
            | Fact::Proven(_)
            | Fact::Completed
            | Fact::Failed
            | Fact::Silent => None,
        })
    }
}

/// Whether phones could be told of an attempt when it was opened, also where its code is mailed.
fn tells_phones(attempted: &Attempted) -> bool {
    let inputs = &attempted.inputs;
    inputs.reachable.contains(&Method::App) && inputs.pushable.is_none_or(|it| it > 0)
}

/// The mail that carries the code; a sign-in has a stream of another kind.
fn code_of(opened: &Arc<Opened>) -> Option<Topic> {
    let opened = Arc::clone(opened);
    match opened.purpose {
        Purpose::SignIn => None,
        Purpose::Registration => Some(Topic::RegistrationCode(opened)),
        Purpose::PasswordReset => Some(Topic::PasswordResetCode(opened)),
        Purpose::EmailChange => Some(Topic::EmailChangeCode(opened)),
        Purpose::StepUp => Some(Topic::StepUpCode(opened)),
    }
}

/// What the owner of an address hears that somebody else wants; the others want none.
fn taken(opened: &Arc<Opened>) -> Option<Topic> {
    let opened = Arc::clone(opened);
    match opened.purpose {
        Purpose::Registration => Some(Topic::RegistrationAttempt(opened)),
        Purpose::EmailChange => Some(Topic::EmailChangeAttempt(opened)),
        Purpose::SignIn | Purpose::PasswordReset | Purpose::StepUp => None,
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
        SignInEvent::CodeVerified(_) => Fact::Proven(LetIn::Code),
        SignInEvent::RecoveryCodeUsed(_) => Fact::Proven(LetIn::RecoveryCode),
        SignInEvent::Completed(_) => Fact::Completed,
        SignInEvent::Cancelled(_)
        | SignInEvent::Denied(_)
        | SignInEvent::Reported(_)
        | SignInEvent::Locked(_) => Fact::Failed,
        SignInEvent::Refused(_) | SignInEvent::CodeRejected(_) => Fact::Silent,
    }
}

fn of_verification(event: VerificationEvent) -> Fact {
    match event {
        VerificationEvent::Opened(it) => Fact::Opened(Opening::Verification(Arc::new(it))),
        VerificationEvent::CodeIssued(it) => Fact::Issued(it),
        VerificationEvent::CodeResent(it) => Fact::Resent(it),
        VerificationEvent::CodeVerified(_) => Fact::Proven(LetIn::Code),
        VerificationEvent::Completed(_) => Fact::Completed,
        VerificationEvent::Denied(_)
        | VerificationEvent::Reported(_)
        | VerificationEvent::Locked(_) => Fact::Failed,
        VerificationEvent::CodeRejected(_) | VerificationEvent::Fulfilled(_) => Fact::Silent,
    }
}
