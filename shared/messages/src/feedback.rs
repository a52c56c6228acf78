//! What the carrier of mails says about them afterwards, and what follows from it.
//!
//! SES reports on a mail seconds or days after it was sent, in any order and at least once. What it
//! says is noted on the message's own stream; where it means that no mail arrives at an account's
//! address, the account is told first, so that a report which was interrupted does both when it
//! comes again.

mod report;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use postern_domain::account::{Account, AccountCommand, AccountRefusal};
use postern_domain::message::{Feedback, Message, MessageCommand};
use postern_domain::policy;
use postern_domain::ports::{Chance, Clock};
use postern_events::account::UndeliverableBecause;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::MessageId;
use postern_events::message::{Claimed, MessageEvent};
use postern_events::stored::StoredEvent;
use postern_store::model::Scribe;
use postern_store::reaction::Failure;
use postern_store::streams::{ExecuteError, Meta};
use postern_store::{Store, StoreError, keys};

pub use report::{Report, Unreadable};

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is noted, now or before.
    Noted,
    /// It is about no message of this deployment.
    NotOurs,
}

/// Notes what the carrier says.
#[derive(Clone)]
pub struct Listener {
    /// The tables. It opens nothing personal, so they need no keys.
    pub store: Store,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Where identifiers of events come from.
    pub chance: Arc<dyn Chance>,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener(..)")
    }
}

impl Listener {
    /// Notes a report. Safe to repeat, and to come before the sender has recorded that the mail
    /// was sent.
    ///
    /// # Errors
    /// When the tables fail; whether repeating helps, the failure says.
    pub async fn hear(&self, report: Report) -> Result<Heard, Failure> {
        let Report { message, said } = report;
        let history = self.history(message).await?;
        let Some(claimed) = history.iter().find_map(claim) else {
            tracing::warn!(id = %message, ?said, "a report is about a message that nobody has sent");
            return Ok(Heard::NotOurs);
        };
        if history.iter().any(|event| says(event, said)) {
            // Its owner may have proven the address since then.
            return Ok(Heard::Noted);
        }
        if let Some(because) = said.means_undeliverable(claimed.kind) {
            self.mark(message, claimed, because).await?;
        }
        let (note, scribe) = (|| MessageCommand::Note(said), || self.scribe());
        let streams = self.store.streams();
        match streams.execute::<Message>(message, note, scribe, &meta(message)).await {
            Ok(_) => Ok(Heard::Noted),
            Err(error) => Err(failed(error)),
        }
    }

    /// What has happened to a message; nothing where it is unknown.
    async fn history(&self, message: MessageId) -> Result<Vec<MessageEvent>, Failure> {
        let stream = keys::stream::<Message>(message);
        let commits = self.store.streams().load_commits(&stream).await?;
        let read = |stored: &StoredEvent| {
            MessageEvent::read(stored).map_err(|why| StoreError::Broken {
                what: format!("event {} of stream {stream}", stored.id),
                source: why.into(),
            })
        };
        Ok(commits.iter().flat_map(|it| &it.events).map(read).collect::<Result<_, _>>()?)
    }

    /// Tells the account that its address takes no mail, unless it has another one by now.
    async fn mark(
        &self,
        message: MessageId,
        claimed: &Claimed,
        because: UndeliverableBecause,
    ) -> Result<(), Failure> {
        let asked_at = claimed.asked_by.time();
        let mark = || AccountCommand::MarkUndeliverable { message, asked_at, because };
        let id = claimed.recipient;
        let streams = self.store.streams();
        match streams.execute::<Account>(id, mark, || self.scribe(), &meta(message)).await {
            Ok(_) | Err(ExecuteError::Refused(AccountRefusal::NoAccount)) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    fn scribe(&self) -> Scribe {
        Scribe { now: self.clock.now(), chance: Arc::clone(&self.chance), data_key: None }
    }
}

fn claim(event: &MessageEvent) -> Option<&Claimed> {
    if let MessageEvent::Claimed(claimed) = event { Some(claimed) } else { None }
}

/// Whether this is what was noted when the same was said before.
fn says(event: &MessageEvent, said: Feedback) -> bool {
    match event {
        MessageEvent::Delivered(_) => said == Feedback::Delivered,
        MessageEvent::Delayed(_) => said == Feedback::Delayed,
        MessageEvent::Bounced(it) => said == Feedback::Bounced(it.bounce),
        MessageEvent::Complained(_) => said == Feedback::Complained,
        MessageEvent::Rejected(_) => said == Feedback::Rejected,
        MessageEvent::Claimed(_)
        | MessageEvent::Sent(_)
        | MessageEvent::Deferred(_)
        | MessageEvent::Failed(_) => false,
    }
}

/// A decider that refuses what it never refuses would do so again.
fn failed<R: std::error::Error + Send + Sync + 'static>(error: ExecuteError<R>) -> Failure {
    match error {
        ExecuteError::Refused(why) => Failure::GiveUp(why.into()),
        ExecuteError::Sealing(why) => Failure::GiveUp(why.into()),
        ExecuteError::Store(error) => error.into(),
    }
}

/// Who commits because of a report.
fn meta(message: MessageId) -> Meta {
    Meta {
        request: message.to_string(),
        actor: "system".to_owned(),
        function: "feedback".to_owned(),
        policy: policy::VERSION,
        idempotency: None,
    }
}
