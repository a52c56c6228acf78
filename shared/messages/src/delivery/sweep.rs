//! The sweep: what was asked for and not sent is taken up again.

use futures_util::StreamExt as _;
use futures_util::stream;
use postern_store::outbox::Unsent;
use postern_store::reaction::Failure;

use super::Delivery;
use super::send::Became;
use super::story::Story;
use crate::mailer::SendMail;

/// Messages taken up in one sweep at most; the next one comes within the minute.
const AT_MOST: usize = 500;
/// Messages on their way at a time: SES takes 14 a second from an ordinary sender.
const AT_ONCE: usize = 8;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Messages whose time had come.
    pub due: usize,
    /// Those that are sent now.
    pub sent: usize,
    /// Those that are over without it: given up, or sent before.
    pub over: usize,
    /// Those that wait for another sweep.
    pub pending: usize,
}

impl<M: SendMail> Delivery<M> {
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
        let commits = self.store.streams().load_commits(&unsent.stream).await;
        let asks = commits.and_then(|commits| Story::read(&commits));
        let asked = match asks.map(|story| story.asks(unsent.version)).map_err(Failure::from) {
            Ok(asks) => {
                asks.into_iter().find(|it| it.by == unsent.event && it.message() == unsent.message)
            }
            Err(failure @ Failure::Retry(_)) => return Err(failure),
            Err(Failure::GiveUp(error)) => {
                tracing::error!(message = %unsent.message, %error, "an unsent message can't be read");
                None
            }
        };
        let Some(asked) = asked else {
            tracing::error!(message = %unsent.message, stream = unsent.stream, "nothing asks for an unsent message");
            self.store.outbox().remove(unsent.message).await?;
            return Ok(Became::Over);
        };
        self.deliver(&asked).await
    }
}
