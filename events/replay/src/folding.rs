//! Folding a stream whose kind is only known from its name.

use postern_domain::account::Account;
use postern_domain::decider::{Decider, Stamp};
use postern_domain::message::Message;
use postern_domain::sign_in::SignIn;
use postern_domain::support::Support;
use postern_domain::verification::Verification;
use postern_events::catalogue::EventSet as _;
use postern_events::stored::{StoredEvent, Unreadable};

/// A stream's state so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Fold {
    /// An account's.
    Account(Account),
    /// An attempt's to sign in.
    SignIn(SignIn),
    /// A process's.
    Verification(Verification),
    /// A message's.
    Message(Message),
    /// A request's for help.
    Support(Support),
    /// No stream has such a name.
    #[default]
    Unknown,
}

/// Why an event was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFolded {
    /// This program doesn't know it.
    #[error("{0}")]
    Unknown(String),
    /// Its data are not those of such an event.
    #[error("{0}")]
    Schema(String),
}

impl Fold {
    /// The state of a stream without events.
    #[must_use]
    pub fn of(stream: &str) -> Self {
        match stream.split_once('/').map(|(aggregate, _)| aggregate) {
            Some("account") => Self::Account(Account::default()),
            Some("sign_in") => Self::SignIn(SignIn::default()),
            Some("verification") => Self::Verification(Verification::default()),
            Some("message") => Self::Message(Message::default()),
            Some("support") => Self::Support(Support::default()),
            Some(_) | None => Self::Unknown,
        }
    }

    /// Adds an event.
    ///
    /// # Errors
    /// When it is none of such a stream.
    pub fn add(&mut self, stored: &StoredEvent) -> Result<(), NotFolded> {
        match self {
            Self::Account(it) => apply(it, stored),
            Self::SignIn(it) => apply(it, stored),
            Self::Verification(it) => apply(it, stored),
            Self::Message(it) => apply(it, stored),
            Self::Support(it) => apply(it, stored),
            Self::Unknown => Err(NotFolded::Unknown("no stream has such a name".to_owned())),
        }
    }

    /// Whether a stored state is this one; nothing where it has an earlier shape.
    #[must_use]
    pub fn is(&self, state: &str, schema: Option<u32>) -> Option<bool> {
        match self {
            Self::Account(it) => same(it, state, schema),
            Self::SignIn(it) => same(it, state, schema),
            Self::Verification(it) => same(it, state, schema),
            Self::Message(it) => same(it, state, schema),
            Self::Support(it) => same(it, state, schema),
            Self::Unknown => None,
        }
    }

    /// The state as JSON.
    ///
    /// # Errors
    /// When it can't be written: never, as states hold only what is sealed.
    pub fn json(&self) -> serde_json::Result<String> {
        match self {
            Self::Account(it) => serde_json::to_string(it),
            Self::SignIn(it) => serde_json::to_string(it),
            Self::Verification(it) => serde_json::to_string(it),
            Self::Message(it) => serde_json::to_string(it),
            Self::Support(it) => serde_json::to_string(it),
            Self::Unknown => Ok("null".to_owned()),
        }
    }
}

fn apply<D: Decider>(state: &mut D, stored: &StoredEvent) -> Result<(), NotFolded> {
    let event = D::Event::read(stored).map_err(|why| match why {
        Unreadable::UnknownName => {
            NotFolded::Unknown(format!("no stream of its kind has events called {}", stored.name))
        }
        Unreadable::UnknownVersion { .. } => NotFolded::Unknown(format!("{}: {why}", stored.name)),
        Unreadable::Data(source) => NotFolded::Schema(format!("{}: {source}", stored.name)),
    })?;
    state.apply(&event, Stamp { id: stored.id, time: stored.time });
    Ok(())
}

fn same<D: Decider>(state: &D, stored: &str, schema: Option<u32>) -> Option<bool> {
    match schema {
        Some(schema) if schema < D::STATE_SCHEMA => None,
        Some(schema) if schema == D::STATE_SCHEMA => {
            Some(serde_json::to_string(state).is_ok_and(|it| it == stored))
        }
        // No release has written such a one.
        Some(_) | None => Some(false),
    }
}
