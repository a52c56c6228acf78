//! From a decision to the item that will hold it: nothing but computing.

use postern_domain::decider::Decider;

use super::chain::chain;
use super::commit::{Commit, Meta};
use super::context::StreamContext;
use crate::error::StoreError;
use crate::items::json;
use crate::model::Recorded;

/// A commit that is ready to be written, or nothing where nothing happened.
#[derive(Debug, Clone)]
pub struct Staged(Option<Commit>);

impl Staged {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What will be written.
    #[must_use]
    pub fn commit(&self) -> Option<&Commit> {
        self.0.as_ref()
    }

    /// The same, for whoever writes it elsewhere than to the table.
    #[must_use]
    pub fn into_commit(self) -> Option<Commit> {
        self.0
    }
}

/// Prepares the commit of `events`, whose effect is already in the context's state.
///
/// # Errors
/// [`StoreError::Broken`] when a personal value was not sealed.
pub fn stage<D: Decider>(
    events: &[Recorded<D::Event>],
    context: &StreamContext<D>,
    meta: &Meta,
) -> Result<Staged, StoreError> {
    if events.is_empty() {
        return Ok(Staged(None));
    }
    let what = format!("the next commit of stream {}", context.stream);
    let stored = events
        .iter()
        .map(Recorded::stored)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|why| StoreError::broken(&*what, why))?;
    let (events_json, meta_json) = (json(&what, &stored)?, json(&what, meta)?);
    let version = context.sequence.saturating_add(1);
    Ok(Staged(Some(Commit {
        chain: chain(&context.chain, &context.stream, version, &meta_json, &events_json),
        stream: context.stream.clone(),
        version,
        types: stored.iter().map(|it| it.name.clone()).collect(),
        events: stored,
        events_json,
        meta: meta.clone(),
        meta_json,
        state: json(&what, &context.model)?,
        state_schema: D::STATE_SCHEMA,
    })))
}
