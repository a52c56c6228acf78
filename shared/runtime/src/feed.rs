//! The stream feed: batches of new commits, handed to a reaction one by one.

use std::collections::HashMap;
use std::future::Future;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use postern_store::streams::{Commit, CommitParts};
use postern_store::{StoreError, keys};
use serde_dynamo::AttributeValue;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a reaction did not do its part, and whether repeating helps.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It may work later.
    #[error("the reaction failed and is worth repeating")]
    Retry(#[source] Source),
    /// It never will; the record belongs to the dead letters.
    #[error("the reaction failed for good")]
    GiveUp(#[source] Source),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict | StoreError::Busy { .. } | StoreError::Unavailable(_) => {
                Self::Retry(error.into())
            }
            StoreError::Broken { .. } => Self::GiveUp(error.into()),
        }
    }
}

/// What follows from a commit. Safe to repeat: a batch comes at least once.
pub trait Reaction: Send + Sync {
    /// Does what follows from this commit, or nothing.
    fn react(&self, commit: &Commit) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Hands each commit of the batch to the reaction, in order, up to the first failure; the answer
/// names that record, so that the mapping repeats from there and nothing is skipped.
pub async fn handle(reaction: &impl Reaction, event: Event) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    for record in event.records {
        let sequence = record.change.sequence_number.clone();
        let outcome = match commit(record) {
            Ok(Some(commit)) => reaction.react(&commit).await,
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

/// The commit in a record; none where the record is not a commit's arrival.
fn commit(record: EventRecord) -> Result<Option<Commit>, Source> {
    if record.event_name != "INSERT" {
        // Nothing ever changes or deletes a commit: whoever did this has rights nobody should have.
        tracing::error!(event = record.event_name, "the log was changed");
        return Ok(None);
    }
    let mut image: HashMap<String, AttributeValue> = record.change.new_image.into_inner();
    let mut take = |name: &'static str| image.remove(name).ok_or(Misshapen { name });
    let text = |name: &'static str, value: AttributeValue| match value {
        AttributeValue::S(text) => Ok(text),
        _ => Err(Misshapen { name }),
    };
    let number = |name: &'static str, value: AttributeValue| match value {
        AttributeValue::N(digits) => Ok(digits),
        _ => Err(Misshapen { name }),
    };
    let parts = CommitParts {
        stream: text(keys::STREAM, take(keys::STREAM)?)?,
        version: number(keys::VERSION, take(keys::VERSION)?)?.parse()?,
        events: text(keys::EVENTS_JSON, take(keys::EVENTS_JSON)?)?,
        meta: text(keys::META, take(keys::META)?)?,
        types: match take(keys::TYPES)? {
            AttributeValue::Ss(names) => names,
            _ => return Err(Misshapen { name: keys::TYPES }.into()),
        },
        state: text(keys::STATE, take(keys::STATE)?)?,
        state_schema: number(keys::STATE_SCHEMA, take(keys::STATE_SCHEMA)?)?.parse()?,
        chain: match take(keys::CHAIN)? {
            AttributeValue::B(bytes) => bytes,
            _ => return Err(Misshapen { name: keys::CHAIN }.into()),
        },
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
