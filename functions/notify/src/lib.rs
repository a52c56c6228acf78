//! The function `notify`: the log's stream and a schedule of one minute in, mails and pushes out.
//!
//! What is due to whom is decided in `postern_messages::delivery`; here is only how Lambda asks.

use std::fmt;

use lambda_runtime::LambdaEvent;
use postern_messages::delivery::{Delivery, Swept};
use postern_messages::mailer::SendMail;
use postern_messages::push::SendPush;
use postern_runtime::deadline::{Deadline, TooLate};
use postern_runtime::feed::{self, chain_of};
use postern_runtime::metrics::{FAILED, Outcome, RETRIED, Work};
use postern_store::reaction::{Failure, Reaction};
use postern_store::streams::Commit;
use serde_json::Value;

/// How a schedule's event calls itself.
const SCHEDULED: &str = "Scheduled Event";

/// The function, with all that it needs.
pub struct Notify<M, P> {
    delivery: Delivery<M, P>,
}

/// Why an invocation as a whole failed; Lambda repeats it.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It is neither a batch of the stream nor the schedule.
    #[error("the event is neither a batch of the stream nor the schedule")]
    Unknown,
    /// It is a batch that can't be read.
    #[error("the batch can't be read")]
    Unreadable(#[from] serde_json::Error),
    /// The sweep did not come to an end.
    #[error("the sweep failed")]
    Sweep(#[source] Failure),
    /// The sweep took too long; the next one goes on.
    #[error("the sweep did not end")]
    Late(#[source] TooLate),
}

impl<M: SendMail, P: SendPush> Notify<M, P> {
    /// Takes the delivery that does the work.
    pub fn new(delivery: Delivery<M, P>) -> Self {
        Self { delivery }
    }

    /// One invocation, measured.
    ///
    /// # Errors
    /// As [`Self::handle`].
    pub async fn invoke(&self, event: LambdaEvent<Value>) -> Result<Value, Failed> {
        let LambdaEvent { payload, context } = event;
        let call = if payload.get("Records").is_some() { "stream" } else { "schedule" };
        let work = Work::woken("notify", call, &context);
        let outcome = |done: &Result<Value, Failed>| match done {
            Ok(answer) if is_partial(answer) => Outcome(RETRIED.into()),
            Ok(_) => Outcome::ok(),
            Err(_) => Outcome(FAILED.into()),
        };
        // On the heap: the SDK's futures nest deeper than the compiler follows by itself.
        work.measure(Box::pin(self.handle(payload, Deadline::of(&context))), outcome).await
    }

    /// One invocation: a batch of the stream, answered with the records that failed, or the
    /// schedule, answered with nothing.
    ///
    /// # Errors
    /// When the event is neither, or the sweep failed.
    pub async fn handle(&self, event: Value, deadline: Deadline) -> Result<Value, Failed> {
        if event.get("Records").is_some() {
            let answer = feed::handle(self, serde_json::from_value(event)?, deadline).await;
            return Ok(serde_json::to_value(answer)?);
        }
        if event.get("detail-type").and_then(Value::as_str) != Some(SCHEDULED) {
            return Err(Failed::Unknown);
        }
        let failed = match deadline.within(Box::pin(self.sweep())).await {
            Ok(Ok(_)) => return Ok(Value::Null),
            Ok(Err(failure)) => Failed::Sweep(failure),
            Err(late) => Failed::Late(late),
        };
        tracing::error!(error = chain_of(&failed), "the sweep failed");
        Err(failed)
    }

    /// What is due in the outbox.
    ///
    /// # Errors
    /// As [`Delivery::sweep`].
    pub async fn sweep(&self) -> Result<Swept, Failure> {
        let swept = self.delivery.sweep().await?;
        if swept.due > 0 {
            let Swept { due, sent, over, pending } = swept;
            tracing::info!(due, sent, over, pending, "unsent messages were swept");
        }
        Ok(swept)
    }
}

/// Whether the answer names records that are to be brought again.
fn is_partial(answer: &Value) -> bool {
    answer["batchItemFailures"].as_array().is_some_and(|it| !it.is_empty())
}

impl<M: SendMail, P: SendPush> Reaction for Notify<M, P> {
    async fn react(&self, commit: &Commit) -> Result<(), Failure> {
        self.delivery.react(commit).await
    }
}

impl<M, P> fmt::Debug for Notify<M, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notify(..)")
    }
}

#[cfg(test)]
mod tests;
