//! The sweep: what was asked for and not sent is taken up again.

use futures_util::{StreamExt as _, stream};
use postern_domain::account::Account;
use postern_domain::message::Message;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::DeviceId;
use postern_events::message::MessageEvent;
use postern_store::StoreError;
use postern_store::outbox::Unsent;
use postern_store::reaction::Failure;

use super::asked::{Asked, Wanted};
use super::chores::{Chore, Errand};
use super::requests::FanOut;
use super::send::Became;
use super::story::Story;
use super::{AT_ONCE, Delivery, accounts, support};
use crate::mailer::SendMail;
use crate::push::SendPush;

/// Messages taken up in one sweep at most; the next one comes within the minute.
const AT_MOST: usize = 500;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Messages, and things to do, whose time had come.
    pub due: usize,
    /// Those that are sent now.
    pub sent: usize,
    /// Those that are over without it: given up, or sent before.
    pub over: usize,
    /// Those that wait for another sweep.
    pub pending: usize,
}

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// Takes up the unsent messages whose lease or wait is over. Safe to repeat, and beside
    /// another sweep.
    ///
    /// # Errors
    /// The first failure of the tables, after all other messages have had their turn.
    pub async fn sweep(&self) -> Result<Swept, Failure> {
        let due = self.store.outbox().due(self.clock.now(), AT_MOST).await?;
        let mut swept = Swept { due: due.len(), ..Swept::default() };
        let mut failed = None;
        let mut ends =
            stream::iter(due).map(|unsent| self.resume(unsent)).buffer_unordered(AT_ONCE);
        while let Some(end) = ends.next().await {
            match end {
                Ok(Became::Sent) => swept.sent += 1,
                Ok(Became::Over) => swept.over += 1,
                Ok(Became::Pending) => swept.pending += 1,
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(swept), Err)
    }

    /// The same way as from the stream, for one event of one commit.
    async fn resume(&self, unsent: Unsent) -> Result<Became, Failure> {
        let found = match self.find(&unsent).await.map_err(Failure::from) {
            Ok(found) => found,
            Err(failure @ Failure::Retry(_)) => return Err(failure),
            Err(Failure::GiveUp(error)) => {
                tracing::error!(id = %unsent.message, %error, "an unsent message can't be read");
                None
            }
        };
        match found {
            Some(Found::Message(asked)) => self.deliver(&asked).await,
            Some(Found::Chore(chore)) => self.run(&chore).await,
            None => {
                tracing::error!(id = %unsent.message, stream = unsent.stream, "nothing asks for an unsent message");
                self.store.outbox().remove(unsent.message).await?;
                Ok(Became::Over)
            }
        }
    }

    /// What a note stands for: the stream that it names says so again.
    async fn find(&self, unsent: &Unsent) -> Result<Option<Found>, StoreError> {
        let commits = self.store.streams().load_commits(&unsent.stream).await?;
        let commit = || commits.iter().find(|it| it.version == unsent.version);
        let account = accounts::account_of(&unsent.stream);
        let Wanted { messages, fan_outs, chores } = match (account, commit()) {
            (_, None) => return Ok(None),
            (Some(account), Some(commit)) => accounts::wanted(account, commit)?,
            (None, Some(commit)) if support::is_request(&unsent.stream) => support::wanted(commit)?,
            (None, Some(_)) => Story::read(&commits)?.wanted(unsent.version),
        };
        if let Some(chore) = chores.iter().find(|it| it.name() == unsent.message) {
            return Ok(Some(Found::Chore(chore.clone())));
        }
        let mut possible = messages;
        for fan_out in fan_outs.iter().filter(|it| it.cause.by == unsent.event) {
            let devices = self.told(unsent, fan_out).await?;
            possible.extend(devices.into_iter().map(|it| fan_out.to(it)));
        }
        for chore in &chores {
            if let Errand::Erase(erased) = &chore.errand {
                let device = self.claimed_for(unsent).await?;
                possible.extend(self.last_words(chore, erased, device).await?);
            }
        }
        let meant = possible.into_iter().find(|it| it.message() == unsent.message);
        Ok(meant.map(Found::Message))
    }

    /// The devices that an unsent message may be for. Its own stream knows, once it was claimed;
    /// before, only a device of the account can have been meant.
    async fn told(&self, unsent: &Unsent, fan_out: &FanOut) -> Result<Vec<DeviceId>, StoreError> {
        if let Some(device) = self.claimed_for(unsent).await? {
            return Ok(vec![device]);
        }
        let account = self.store.streams().load::<Account>(fan_out.request.account()).await?;
        let devices = account.state().open().map(|it| it.devices.as_slice()).unwrap_or_default();
        Ok(devices.iter().map(|it| it.id).collect())
    }

    /// The device that an unsent message was claimed for, if it was.
    async fn claimed_for(&self, unsent: &Unsent) -> Result<Option<DeviceId>, StoreError> {
        let first = self.store.streams().first_commit::<Message>(unsent.message).await?;
        let claimed =
            first.iter().flat_map(|it| &it.events).find_map(|it| match MessageEvent::read(it) {
                Ok(MessageEvent::Claimed(it)) => it.device,
                Ok(_) | Err(_) => None,
            });
        Ok(claimed)
    }
}

/// What a note of the outbox stands for.
enum Found {
    Message(Asked),
    Chore(Chore),
}
