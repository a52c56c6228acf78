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

use super::asked::{Asked, Chore, FanOut, Wanted};
use super::send::Became;
use super::story::Story;
use super::{AT_ONCE, Delivery, devices};
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
                tracing::error!(message = %unsent.message, %error, "an unsent message can't be read");
                None
            }
        };
        match found {
            Some(Found::Message(asked)) => self.deliver(&asked).await,
            Some(Found::Chore(chore)) => self.run(&chore).await,
            None => {
                tracing::error!(message = %unsent.message, stream = unsent.stream, "nothing asks for an unsent message");
                self.store.outbox().remove(unsent.message).await?;
                Ok(Became::Over)
            }
        }
    }

    /// What a note stands for: the stream that it names says so again.
    async fn find(&self, unsent: &Unsent) -> Result<Option<Found>, StoreError> {
        let commits = self.store.streams().load_commits(&unsent.stream).await?;
        let Wanted { messages, fan_outs, chores } = match devices::account_of(&unsent.stream) {
            None => Story::read(&commits)?.wanted(unsent.version),
            Some(account) => match commits.iter().find(|it| it.version == unsent.version) {
                Some(commit) => devices::wanted(account, commit)?,
                None => return Ok(None),
            },
        };
        let message = messages.into_iter().find(|it| it.message() == unsent.message);
        let chore = || chores.into_iter().find(|it| it.name() == unsent.message);
        if let Some(found) = message.map(Found::Message).or_else(|| chore().map(Found::Chore)) {
            return Ok(Some(found));
        }
        for fan_out in fan_outs.iter().filter(|it| it.cause.by == unsent.event) {
            for device in self.told(unsent, fan_out).await? {
                let asked = fan_out.to(device);
                if asked.message() == unsent.message {
                    return Ok(Some(Found::Message(asked)));
                }
            }
        }
        Ok(None)
    }

    /// The devices that an unsent message may be for. Its own stream knows, once it was claimed;
    /// before, only a device of the account can have been meant.
    async fn told(&self, unsent: &Unsent, fan_out: &FanOut) -> Result<Vec<DeviceId>, StoreError> {
        let streams = self.store.streams();
        if let Some(first) = streams.first_commit::<Message>(unsent.message).await? {
            let claimed = first.events.iter().find_map(|it| match MessageEvent::read(it) {
                Ok(MessageEvent::Claimed(it)) => it.device,
                Ok(_) | Err(_) => None,
            });
            return Ok(claimed.into_iter().collect());
        }
        let account = streams.load::<Account>(fan_out.attempted.account).await?;
        let devices = account.state().open().map(|it| it.devices.as_slice()).unwrap_or_default();
        Ok(devices.iter().map(|it| it.id).collect())
    }
}

/// What a note of the outbox stands for.
enum Found {
    Message(Asked),
    Chore(Chore),
}
