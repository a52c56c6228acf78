//! The stream feed: batches of new commits, handed to a reaction one by one.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::FutureExt as _;
use postern_store::keys;
use postern_store::reaction::{Failure, Reaction};
use postern_store::streams::{Commit, CommitParts};
use postern_store::tally::note;
use serde_dynamo::AttributeValue;

use crate::deadline::{Deadline, TooLate};

/// Counted where somebody changed the log.
const LOG_CHANGED: &str = "log_changed";

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Hands each commit of the batch to the reaction, in order, up to the first failure; the answer
/// names that record, so that the mapping repeats from there and nothing is skipped. What the deadline
/// leaves no time for has failed too, and is brought again.
pub async fn handle(
    reaction: &impl Reaction,
    event: Event,
    deadline: Deadline,
) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    for record in event.records {
        let sequence = record.change.sequence_number.clone();
        let outcome = match commit(record) {
            Ok(Some(commit)) => {
                let late = |late: TooLate| Err(Failure::Retry(late.into()));
                deadline.within(Box::pin(react(reaction, &commit))).await.unwrap_or_else(late)
            }
            Ok(None) => Ok(()),
            Err(error) => Err(Failure::GiveUp(error)),
        };
        if let Err(failure) = outcome {
            tracing::error!(sequence, error = chain_of(&failure), "a record could not be handled");
            let mut failed = DynamoDbBatchItemFailure::default();
            failed.item_identifier = sequence;
            response.batch_item_failures.push(failed);
            break;
        }
    }
    response
}

/// Reacts to one commit. Where that panics, the one record has failed, and no other.
async fn react(reaction: &impl Reaction, commit: &Commit) -> Result<(), Failure> {
    let reacted = AssertUnwindSafe(reaction.react(commit)).catch_unwind().await;
    reacted.unwrap_or_else(|_| Err(Failure::GiveUp(Panicked.into())))
}

/// A reaction panicked; what it said is in the log already.
#[derive(Debug, thiserror::Error)]
#[error("the reaction panicked")]
struct Panicked;

/// The commit in a record; none where the record is not a commit's arrival.
fn commit(record: EventRecord) -> Result<Option<Commit>, Source> {
    if record.event_name != "INSERT" {
        // Nothing ever changes or deletes a commit: whoever did this has rights nobody should have.
        tracing::error!(event = record.event_name, "the log was changed");
        note(LOG_CHANGED);
        return Ok(None);
    }
    let mut image: HashMap<String, AttributeValue> = record.change.new_image.into_inner();
    let mut take = |name: &'static str| image.remove(name).ok_or(Misshapen { name });
    let text = |name: &'static str, value: AttributeValue| {
        if let AttributeValue::S(text) = value { Ok(text) } else { Err(Misshapen { name }) }
    };
    let number = |name: &'static str, value: AttributeValue| {
        if let AttributeValue::N(digits) = value { Ok(digits) } else { Err(Misshapen { name }) }
    };
    let (AttributeValue::Ss(types), AttributeValue::B(chain)) =
        (take(keys::TYPES)?, take(keys::CHAIN)?)
    else {
        return Err(Misshapen { name: keys::CHAIN }.into());
    };
    let parts = CommitParts {
        stream: text(keys::STREAM, take(keys::STREAM)?)?,
        version: number(keys::VERSION, take(keys::VERSION)?)?.parse()?,
        events: text(keys::EVENTS_JSON, take(keys::EVENTS_JSON)?)?,
        meta: text(keys::META, take(keys::META)?)?,
        types,
        state: text(keys::STATE, take(keys::STATE)?)?,
        state_schema: number(keys::STATE_SCHEMA, take(keys::STATE_SCHEMA)?)?.parse()?,
        chain,
    };
    Ok(Some(Commit::from_parts(parts)?))
}

/// An attribute of a record is missing or of another type.
#[derive(Debug, thiserror::Error)]
#[error("attribute {name} of a record is not as a commit has it")]
struct Misshapen {
    name: &'static str,
}

/// An error and all its sources, in one line.
#[must_use]
pub fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Panics;

    impl Reaction for Panics {
        async fn react(&self, _: &Commit) -> Result<(), Failure> {
            panic!("a reaction that no test expects to end well")
        }
    }

    #[tokio::test]
    async fn a_reaction_that_panics_fails_its_record_and_no_process() {
        let recorded = include_str!("../../../events/invocations/stream.refused-passwords.json");
        let batch: Event = serde_json::from_str(recorded).expect("a batch");
        let answer = handle(&Panics, batch, Deadline::NONE).await;
        let answer = serde_json::to_value(answer).expect("JSON");
        let first = json!([{ "itemIdentifier": "111100000000000000011" }]);
        assert_eq!(answer, json!({ "batchItemFailures": first }));
    }
}
