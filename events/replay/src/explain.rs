//! Why a code was asked for an attempt, and why none came: a few sentences, each with the places in
//! the log that say so.

use std::fmt;
use std::future::Future;
use std::str::FromStr;

use jiff::Timestamp;
use postern_domain::message::Message;
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::ids::{AccountId, MessageId, SignInId, VerificationId};
use postern_store::keys;
use serde::Serialize;

mod arrival;
mod asked;
mod attempt;
mod ending;
mod fate;
mod owner;
mod recipients;
mod unreachable;

use self::attempt::Attempt;
use self::owner::Owner;
use crate::finding::{Found, Missing};
use crate::reading::UnreadableEvent;

/// Where streams are read.
pub trait Streams {
    /// Why they can't be.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Every commit of a stream, oldest first, and what lacks among them; none where there is no such
    /// stream.
    fn commits(&self, stream: &str) -> impl Future<Output = Result<Found, Self::Error>> + Send;
}

/// The name of an attempt to sign in, or of a process that proves control of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptId {
    /// An attempt to sign in.
    SignIn(SignInId),
    /// A process.
    Verification(VerificationId),
}

/// A text that names no attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an attempt, sin_… or ver_…")]
pub struct NotAnAttempt;

impl FromStr for AttemptId {
    type Err = NotAnAttempt;

    fn from_str(text: &str) -> Result<Self, NotAnAttempt> {
        let sign_in = text.parse().map(Self::SignIn);
        let verification = || text.parse().map(Self::Verification);
        sign_in.or_else(|_| verification()).map_err(|_| NotAnAttempt)
    }
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn(id) => id.fmt(f),
            Self::Verification(id) => id.fmt(f),
        }
    }
}

impl AttemptId {
    /// Its stream.
    #[must_use]
    pub fn stream(self) -> String {
        match self {
            Self::SignIn(id) => keys::stream::<SignIn>(id),
            Self::Verification(id) => keys::stream::<Verification>(id),
        }
    }
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum Unexplained<E: std::error::Error + 'static> {
    /// Nothing was recorded under this name. Who is throttled, paused or sends what can't be read
    /// leaves no attempt.
    #[error("there is no attempt {0}")]
    NoAttempt(AttemptId),
    /// How it began is missing in what was read.
    #[error("{0}")]
    Missing(Missing),
    /// An event can't be read.
    #[error(transparent)]
    Event(#[from] UnreadableEvent),
    /// The streams can't be read.
    #[error("the streams can't be read")]
    Streams(#[source] E),
}

/// How an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A code is awaited.
    CodeRequired,
    /// It led to what was asked for.
    Complete,
    /// The owner said that it was not them.
    Denied,
    /// Its time ran out.
    Expired,
    /// It was given up, or the account changed under it.
    Cancelled,
    /// Too many wrong codes ended it.
    Locked,
    /// No channel reached the owner.
    Unreachable,
    /// The password was wrong, or the address has no account.
    Refused,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CodeRequired => "code_required",
            Self::Complete => "complete",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Locked => "locked",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
        })
    }
}

/// A place in the log that says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// The stream.
    pub stream: String,
    /// The sequence in it.
    pub version: u64,
}

/// One sentence of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// What is so.
    pub text: String,
    /// Where the log says so. Empty where the log has nothing to say.
    pub evidence: Vec<Evidence>,
}

/// What was asked, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The attempt.
    pub attempt: String,
    /// How it stood at the time that was asked about.
    pub status_then: Status,
    /// What the streams lack that it was read from. All that is said may be wrong then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// Why a code was asked, what became of each send, and how it ended, in this order.
    pub sentences: Vec<Sentence>,
}

/// Explains an attempt from its own stream, its account's and those of its messages, as things
/// stood at `now`. What is missing, as after a partial export, is told and not guessed.
///
/// # Errors
/// When there is no such attempt, its beginning is missing, an event can't be read, or the streams can't be.
pub async fn explain<S: Streams>(
    streams: &S,
    id: AttemptId,
    now: Timestamp,
) -> Result<Explanation, Unexplained<S::Error>> {
    let stream = id.stream();
    let found = streams.commits(&stream).await.map_err(Unexplained::Streams)?;
    let Some(attempt) = Attempt::read(&stream, &found.commits)? else {
        let missing = found.missing.into_iter().next();
        return Err(missing.map_or(Unexplained::NoAttempt(id), Unexplained::Missing));
    };
    let mut missing = found.missing;
    let owner = match attempt.account() {
        Some(account) => Some(owner(streams, account, &mut missing).await?),
        None => None,
    };
    let owner = owner.as_ref();
    let mut sentences = vec![asked::sentence(&attempt, owner)];
    sentences.extend(unreachable::sentences(&attempt, owner));
    sentences.extend(owner.and_then(|it| it.pause(&attempt, now)));
    for (nth, send) in attempt.sends.iter().enumerate() {
        let mut told = Vec::new();
        for addressee in recipients::of(&attempt, owner, send, nth == 0) {
            let message = message(streams, addressee.message, &mut missing).await?;
            told.push((addressee, message));
        }
        sentences.extend(arrival::sentences(&attempt, owner, send, &told, now));
    }
    let (status_then, end) = ending::of(&attempt, owner, now);
    sentences.extend(end);
    Ok(Explanation { attempt: id.to_string(), status_then, missing, sentences })
}

async fn owner<S: Streams>(
    streams: &S,
    account: AccountId,
    missing: &mut Vec<Missing>,
) -> Result<Owner, Unexplained<S::Error>> {
    let stream = keys::stream::<postern_domain::account::Account>(account);
    let found = streams.commits(&stream).await.map_err(Unexplained::Streams)?;
    missing.extend(found.missing);
    Ok(Owner::read(stream, &found.commits)?)
}

async fn message<S: Streams>(
    streams: &S,
    message: MessageId,
    missing: &mut Vec<Missing>,
) -> Result<fate::Told, Unexplained<S::Error>> {
    let stream = keys::stream::<Message>(message);
    let found = streams.commits(&stream).await.map_err(Unexplained::Streams)?;
    missing.extend(found.missing);
    Ok(fate::Told::read(stream, &found.commits)?)
}

impl Sentence {
    fn new(text: impl Into<String>, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        Self { text: text.into(), evidence: evidence.into_iter().collect() }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.stream, self.version)
    }
}

impl fmt::Display for Explanation {
    /// Text for people; ends with a line's end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.attempt, self.status_then)?;
        if !self.missing.is_empty() {
            writeln!(f, "\nEvents are missing in what was read, so this may be wrong:")?;
        }
        for missing in &self.missing {
            writeln!(f, "    {missing}")?;
        }
        for Sentence { text, evidence } in &self.sentences {
            writeln!(f, "\n{text}")?;
            for place in evidence {
                writeln!(f, "    {place}")?;
            }
        }
        Ok(())
    }
}
