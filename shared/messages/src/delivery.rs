//! Delivery: which messages the log asks for, and what becomes of each.
//!
//! A message is first noted in the outbox, then claimed on its own stream, then sent, then
//! recorded as sent and taken off the outbox. Whoever dies in between leaves a lease that runs out
//! and a note that the next sweep finds; the mail that it sends is the same to the letter, because
//! everything in it follows from the log. Sent twice is possible, another code never.
//!
//! A push goes the same way, as one message to each device; to whom is decided when it goes, so
//! that a device which was removed a moment ago is told nothing. What else is to be done, such as
//! to erase a person, is noted in the same way until it is done.

mod accounts;
mod acts;
mod asked;
mod chores;
mod codes;
mod endpoints;
mod erasure;
mod history;
mod look;
mod mails;
mod pushes;
mod repeats;
mod requests;
mod send;
mod story;
mod support;
mod sweep;
mod topic;
mod withheld;

use std::fmt;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use postern_domain::account::Account;
use postern_domain::codes::CodeKeys;
use postern_domain::policy;
use postern_domain::ports::{Chance, Clock};
use postern_events::ids::EventId;
use postern_store::Store;
use postern_store::model::Scribe;
use postern_store::reaction::{Failure, Reaction};
use postern_store::streams::{Commit, Meta};
use postern_store::uploads::Uploads;

use self::asked::{Asked, Wanted};
use self::requests::FanOut;
use self::story::Story;
use crate::letters::Letters;
use crate::mailer::SendMail;
use crate::push::SendPush;

pub use asked::ASKING;
pub use sweep::Swept;

/// Messages on their way at a time, so that one that waits for its carrier doesn't hold up the
/// others: SES takes 14 a second from an ordinary sender.
const AT_ONCE: usize = 8;

/// Sends what the log asks for.
pub struct Delivery<M, P> {
    /// The tables, with the keys that open the vault.
    pub store: Store,
    /// The carrier of mails.
    pub mailer: M,
    /// The carrier of pushes.
    pub pusher: P,
    /// What people attach to their requests for help.
    pub uploads: Uploads,
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
    /// The address at which support reads what people ask.
    pub support: String,
    /// The API as clients reach it, without a slash at the end: where the links in mails lead.
    pub public_url: String,
}

impl<M, P> fmt::Debug for Delivery<M, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delivery(..)")
    }
}

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// What a commit asks for. An attempt's commit needs its stream's story to be understood; the
    /// first one is all of it.
    async fn wanted(&self, commit: &Commit) -> Result<Wanted, Failure> {
        if let Some(account) = accounts::account_of(&commit.stream) {
            return Ok(accounts::wanted(account, commit)?);
        }
        if support::is_request(&commit.stream) {
            return Ok(support::wanted(commit)?);
        }
        if commit.version == 1 {
            return Ok(Story::read(std::slice::from_ref(commit))?.wanted(commit.version));
        }
        let commits = self.store.streams().load_commits(&commit.stream).await?;
        Ok(Story::read(&commits)?.wanted(commit.version))
    }

    /// One message to each trusted device that a push reaches now, but for the key that asks.
    async fn fan_out(&self, fan_out: &FanOut) -> Result<Vec<Asked>, Failure> {
        let FanOut { request, .. } = fan_out;
        let account = self.store.streams().load::<Account>(request.account()).await?;
        let Some(open) = account.state().open() else { return Ok(Vec::new()) };
        let now = self.clock.now();
        let told = open.pushable(now).filter(|it| it.key != request.key());
        // A young device shows no code for a step-up.
        let told = told.filter(|it| !request.is_step_up() || !it.is_young(now));
        Ok(told.map(|it| fan_out.to(it.id)).collect())
    }

    /// A device that was never pushed to has nobody to say goodbye to.
    async fn is_heard(&self, asked: &Asked) -> Result<bool, Failure> {
        let Some(device) = asked.signs_out() else { return Ok(true) };
        Ok(self.store.vault().push_endpoint(asked.account, device).await?.is_some())
    }

    fn scribe(&self, now: Timestamp) -> Scribe {
        Scribe { now, chance: Arc::clone(&self.chance), data_key: None }
    }
}

impl<M: SendMail, P: SendPush> Reaction for Delivery<M, P> {
    /// Does what a commit asks for: its messages are sent unless they are sent already, held by
    /// another sender or pointless by now. A commit delivered twice is silent the second time.
    /// Only what concerns the tables fails; whatever is wrong with one message becomes an event of
    /// that message.
    async fn react(&self, commit: &Commit) -> Result<(), Failure> {
        if !asked::asks(commit) {
            return Ok(());
        }
        let Wanted { messages, fan_outs, chores } = self.wanted(commit).await?;
        let mut failed = None;
        for chore in &chores {
            failed = failed.or(self.run(chore).await.err());
        }
        let mut all = Vec::new();
        for asked in messages {
            if self.is_heard(&asked).await? {
                all.push(asked);
            }
        }
        for each in &fan_outs {
            all.extend(self.fan_out(each).await?);
        }
        let mut ends = stream::iter(all)
            .map(|asked| async move { self.deliver(&asked).await })
            .buffer_unordered(AT_ONCE);
        while let Some(end) = ends.next().await {
            failed = failed.or(end.err());
        }
        failed.map_or(Ok(()), Err)
    }
}

/// Who commits because of an event.
fn meta(asked_by: EventId) -> Meta {
    Meta {
        request: asked_by.to_string(),
        actor: "system".to_owned(),
        function: "notify".to_owned(),
        policy: policy::VERSION,
        idempotency: None,
    }
}
