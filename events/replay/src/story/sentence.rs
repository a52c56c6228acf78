//! What one event says, in plain words.

use postern_events::account::AccountEvent;
use postern_events::catalogue::EventSet;
use postern_events::message::MessageEvent;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::{StoredEvent, Unreadable};
use postern_events::support::SupportEvent;
use postern_events::verification::VerificationEvent;
use postern_store::keys::stream_parts;

use super::{account, message, sign_in, support, verification};

/// What was decided, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    /// What was decided.
    pub(super) what: String,
    /// What it was decided from, where the event records that.
    pub(super) from: Vec<String>,
    /// The policy that the event says it was decided under.
    pub(super) policy: Option<u16>,
}

/// A sentence that rests on nothing but itself.
pub(super) fn said(what: impl Into<String>) -> Sentence {
    Sentence { what: what.into(), from: Vec::new(), policy: None }
}

impl Sentence {
    /// Adds an input.
    pub(super) fn given(mut self, input: impl Into<String>) -> Self {
        self.from.push(input.into());
        self
    }

    /// Adds an input, if there is one.
    pub(super) fn given_any(mut self, input: Option<String>) -> Self {
        self.from.extend(input);
        self
    }

    /// Notes the policy.
    pub(super) fn under(self, policy: u16) -> Self {
        Self { policy: Some(policy), ..self }
    }
}

/// What an event of this stream says.
pub(super) fn of(stream: &str, stored: &StoredEvent) -> Result<Sentence, Unreadable> {
    match stream_parts(stream).map(|(aggregate, _)| aggregate) {
        Some(AccountEvent::AGGREGATE) => {
            AccountEvent::read(stored).map(|it| account::sentence(&it))
        }
        Some(SignInEvent::AGGREGATE) => SignInEvent::read(stored).map(|it| sign_in::sentence(&it)),
        Some(VerificationEvent::AGGREGATE) => {
            VerificationEvent::read(stored).map(|it| verification::sentence(&it))
        }
        Some(MessageEvent::AGGREGATE) => {
            MessageEvent::read(stored).map(|it| message::sentence(&it))
        }
        Some(SupportEvent::AGGREGATE) => {
            SupportEvent::read(stored).map(|it| support::sentence(&it))
        }
        Some(_) | None => Err(Unreadable::UnknownName),
    }
}
