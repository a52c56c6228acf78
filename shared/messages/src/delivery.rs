//! Delivery: which messages the log asks for, and what becomes of each.
//!
//! A message is first noted in the outbox, then claimed on its own stream, then sent, then
//! recorded as sent and taken off the outbox. Whoever dies in between leaves a lease that runs out
//! and a note that the next sweep finds; the mail that it sends is the same to the letter, because
//! everything in it follows from the log. Sent twice is possible, another code never.

mod asked;
mod prepare;
mod send;
mod story;
mod sweep;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::codes::CodeKeys;
use postern_domain::policy;
use postern_domain::ports::{Chance, Clock};
use postern_events::ids::EventId;
use postern_store::Store;
use postern_store::model::Scribe;
use postern_store::reaction::{Failure, Reaction};
use postern_store::streams::{Commit, Meta};

use self::story::Story;
use crate::letters::Letters;
use crate::mailer::SendMail;

pub use asked::ASKING;
pub use sweep::Swept;

/// Sends what the log asks for.
pub struct Delivery<M> {
    /// The tables, with the keys that open the vault.
    pub store: Store,
    /// The carrier.
    pub mailer: M,
    /// What people read.
    pub letters: Letters,
    /// The keys that living codes were derived with.
    pub code_keys: Arc<CodeKeys>,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Where identifiers of events come from.
    pub chance: Arc<dyn Chance>,
    /// The address that mails come from.
    pub sender: String,
}

impl<M> fmt::Debug for Delivery<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delivery(..)")
    }
}

impl<M: SendMail> Delivery<M> {
    /// The stream's story as far as a commit of it has to know it; the first commit knows all.
    async fn story_until(&self, commit: &Commit) -> Result<Story, Failure> {
        if commit.version == 1 {
            return Ok(Story::read(std::slice::from_ref(commit))?);
        }
        let commits = self.store.streams().load_commits(&commit.stream).await?;
        Ok(Story::read(&commits)?)
    }

    fn scribe(&self, now: Timestamp) -> Scribe {
        Scribe { now, chance: Arc::clone(&self.chance), data_key: None }
    }
}

impl<M: SendMail> Reaction for Delivery<M> {
    /// Sends the messages that a commit asks for, unless they are sent, held by another sender or
    /// pointless by now. A commit delivered twice is silent the second time. Only what concerns
    /// the tables fails; whatever is wrong with one message becomes an event of that message.
    async fn react(&self, commit: &Commit) -> Result<(), Failure> {
        if !asked::asks(commit) {
            return Ok(());
        }
        for asked in self.story_until(commit).await?.asks(commit.version) {
            self.deliver(&asked).await?;
        }
        Ok(())
    }
}

/// Who commits to a message's stream, and because of what.
fn meta(asked_by: EventId) -> Meta {
    Meta {
        request: asked_by.to_string(),
        actor: "system".to_owned(),
        function: "notify".to_owned(),
        policy: policy::VERSION,
        idempotency: None,
    }
}
