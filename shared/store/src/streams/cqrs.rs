//! The event store as cqrs-es knows it.

use std::collections::HashMap;

use cqrs_es::{AggregateError, EventEnvelope};
use postern_domain::decider::Decider;

use super::EventStore;
use super::commit::{Commit, Meta};
use super::context::StreamContext;
use super::stage::stage;
use crate::error::StoreError;
use crate::keys;
use crate::model::{Model, ModelError, Recorded};

/// An identifier that no stream of the aggregate has.
#[derive(Debug, thiserror::Error)]
#[error("not an identifier of a stream")]
struct NotAStream;

type Failure<D> = AggregateError<ModelError<<D as Decider>::Refusal>>;

fn failed<D: Decider>(error: StoreError) -> Failure<D> {
    match error {
        StoreError::Conflict => AggregateError::AggregateConflict,
        broken @ StoreError::Broken { .. } => AggregateError::DeserializationError(broken.into()),
        other @ (StoreError::Busy { .. } | StoreError::Unavailable(_)) => {
            AggregateError::DatabaseConnectionError(other.into())
        }
    }
}

fn stream<D: Decider>(aggregate_id: &str) -> Result<String, Failure<D>> {
    let id: Result<D::Id, _> = aggregate_id.parse();
    let id = id.map_err(|_| AggregateError::UnexpectedError(NotAStream.into()))?;
    Ok(keys::stream::<D>(id))
}

/// The metadata under the names of [`Meta`]'s members; what is missing stays empty.
fn meta_from(mut given: HashMap<String, String>) -> Meta {
    let mut take = |name: &str| given.remove(name);
    Meta {
        request: take("request").unwrap_or_default(),
        actor: take("actor").unwrap_or_default(),
        function: take("function").unwrap_or_default(),
        policy: take("policy").and_then(|it| it.parse().ok()).unwrap_or_default(),
        idempotency: take("idempotency"),
    }
}

fn meta_into(meta: &Meta) -> HashMap<String, String> {
    let named = [
        ("request", Some(meta.request.clone())),
        ("actor", Some(meta.actor.clone())),
        ("function", Some(meta.function.clone())),
        ("policy", Some(meta.policy.to_string())),
        ("idempotency", meta.idempotency.clone()),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn envelopes<D: Decider>(
    aggregate_id: &str,
    first: u64,
    events: Vec<Recorded<D::Event>>,
    meta: &Meta,
) -> Vec<EventEnvelope<Model<D>>> {
    let first = usize::try_from(first).unwrap_or(usize::MAX);
    events
        .into_iter()
        .enumerate()
        .map(|(place, payload)| EventEnvelope {
            aggregate_id: aggregate_id.to_owned(),
            sequence: first.saturating_add(place),
            payload,
            metadata: meta_into(meta),
        })
        .collect()
}

fn envelopes_of<D: Decider>(
    aggregate_id: &str,
    commit: &Commit,
) -> Result<Vec<EventEnvelope<Model<D>>>, Failure<D>> {
    let events = commit.events.iter().map(Recorded::read).collect::<Result<Vec<_>, _>>();
    let events = events.map_err(|why| AggregateError::DeserializationError(why.into()))?;
    Ok(envelopes::<D>(aggregate_id, commit.version, events, &commit.meta))
}

impl<D: Decider> cqrs_es::EventStore<Model<D>> for EventStore {
    type AC = StreamContext<D>;

    async fn load_events(
        &self,
        aggregate_id: &str,
    ) -> Result<Vec<EventEnvelope<Model<D>>>, Failure<D>> {
        let commits = self.load_commits(&stream::<D>(aggregate_id)?).await.map_err(failed::<D>)?;
        let mut events = Vec::new();
        for commit in &commits {
            events.extend(envelopes_of::<D>(aggregate_id, commit)?);
        }
        Ok(events)
    }

    async fn load_aggregate(&self, aggregate_id: &str) -> Result<StreamContext<D>, Failure<D>> {
        self.load_stream(stream::<D>(aggregate_id)?).await.map_err(failed::<D>)
    }

    async fn commit(
        &self,
        events: Vec<Recorded<D::Event>>,
        context: StreamContext<D>,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<Model<D>>>, Failure<D>> {
        let meta = meta_from(metadata);
        let staged = stage(&events, &context, &meta).map_err(failed::<D>)?;
        self.append(&staged).await.map_err(failed::<D>)?;
        let id = keys::stream_parts(&context.stream).map_or("", |(_, id)| id);
        Ok(envelopes::<D>(id, context.sequence.saturating_add(1), events, &meta))
    }
}
