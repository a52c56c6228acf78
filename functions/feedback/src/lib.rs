//! The function `feedback`: what SES publishes about mails in, events of messages and accounts out.
//!
//! What a report means is decided in `postern_messages::feedback`; here is only how SNS brings it.

use aws_lambda_events::event::sns::SnsRecord;
use lambda_runtime::LambdaEvent;
use postern_messages::feedback::{Heard, Listener, Report};
use postern_runtime::deadline::{Deadline, TooLate};
use postern_runtime::feed::chain_of;
use postern_runtime::metrics::{FAILED, Outcome, Work};
use postern_store::reaction::Failure;
use serde_json::Value;

/// The function, with all that it needs.
#[derive(Debug)]
pub struct FeedbackFunction {
    listener: Listener,
    topic: Option<String>,
}

/// Why an invocation as a whole failed. Lambda repeats it, and keeps what fails for good for its
/// operators.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It is nothing that SNS brings.
    #[error("the event is not one of SNS")]
    Unknown,
    /// A report could not be noted.
    #[error("a report could not be noted")]
    Report(#[source] Failure),
    /// It took too long.
    #[error("the reports could not be noted in time")]
    Late(#[from] TooLate),
}

impl FeedbackFunction {
    /// Takes whoever notes the reports and, where only one topic may bring them, that topic's ARN.
    #[must_use]
    pub fn new(listener: Listener, topic: Option<String>) -> Self {
        Self { listener, topic }
    }

    /// One invocation, measured.
    ///
    /// # Errors
    /// As [`Self::handle`].
    pub async fn invoke(&self, event: LambdaEvent<Value>) -> Result<(), Failed> {
        let LambdaEvent { payload, context } = event;
        let work = Work::woken("feedback", "topic", &context);
        let outcome = |done: &Result<(), Failed>| match done {
            Ok(()) => Outcome::ok(),
            Err(_) => Outcome(FAILED.into()),
        };
        // On the heap: the SDK's futures nest deeper than the compiler follows by itself.
        let handled = Deadline::of(&context).within(Box::pin(self.handle(payload)));
        work.measure(async { handled.await? }, outcome).await
    }

    /// One invocation. All records are tried before the first failure is told; those that were
    /// noted are silent when SNS brings them again. A record that can't be read is logged without
    /// what it holds, and dropped: it would be no better the next time.
    ///
    /// # Errors
    /// When the event is not one of SNS, or the tables did not take a report.
    pub async fn handle(&self, mut event: Value) -> Result<(), Failed> {
        let records = event.get_mut("Records").and_then(Value::as_array_mut).map(std::mem::take);
        let mut failed = None;
        for record in records.ok_or(Failed::Unknown)? {
            let Some(report) = self.report(record) else { continue };
            match self.listener.hear(report).await {
                Ok(Heard::Noted | Heard::NotOurs) => {}
                Err(failure) => {
                    let (message, error) = (report.message, chain_of(&failure));
                    tracing::error!(id = %message, error, "a report could not be noted");
                    failed = failed.or(Some(failure));
                }
            }
        }
        failed.map_or(Ok(()), |failure| Err(Failed::Report(failure)))
    }

    /// What a record says, if it is for us and can be read.
    fn report(&self, record: Value) -> Option<Report> {
        let Ok(SnsRecord { sns, .. }) = serde_json::from_value(record) else {
            tracing::error!("a record is not as SNS brings it");
            return None;
        };
        if self.topic.as_ref().is_some_and(|only| *only != sns.topic_arn) {
            tracing::error!(id = sns.message_id, "a record comes from a topic that isn't ours");
            return None;
        }
        match Report::read(&sns.message) {
            Ok(report) => report,
            Err(error) => {
                tracing::error!(id = sns.message_id, %error, "a record can't be read");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
