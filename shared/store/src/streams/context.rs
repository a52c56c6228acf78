//! Where a stream stands.

use cqrs_es::AggregateContext;
use postern_domain::decider::Decider;
use postern_events::stored::Unreadable;

use super::chain::ORIGIN;
use super::commit::Commit;
use crate::error::StoreError;
use crate::keys;
use crate::model::{Model, Recorded};

/// A stream's state, and the place where the next commit goes.
///
/// After a decision and before its commit, the state is already the one **after** the new events,
/// while sequence and chain are still those **before**: nothing is applied a second time.
#[derive(Debug, Clone)]
pub struct StreamContext<D: Decider> {
    pub(super) stream: String,
    pub(super) model: Model<D>,
    pub(super) sequence: u64,
    pub(super) chain: [u8; 32],
}

impl<D: Decider> StreamContext<D> {
    /// A stream without events, without a look at the table: for a stream whose identifier was
    /// made just now. Should it exist all the same, the commit is refused.
    #[must_use]
    pub fn new(id: D::Id) -> Self {
        Self::empty(keys::stream::<D>(id))
    }

    pub(super) fn empty(stream: String) -> Self {
        Self { stream, model: Model::default(), sequence: 0, chain: ORIGIN }
    }

    /// The stream.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &D {
        &self.model.0
    }

    /// The sequence of the last committed event; 0 before the first.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Whether anything was ever committed to it.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.sequence > 0
    }

    /// Remembers what a commit holds, and takes its place as the end of the stream.
    pub(super) fn fold(&mut self, commit: &Commit) -> Result<(), StoreError> {
        for stored in &commit.events {
            let recorded = Recorded::<D::Event>::read(stored).map_err(|why| broken(commit, why))?;
            self.model.0.apply(&recorded.event, recorded.stamp);
        }
        self.follow(commit);
        Ok(())
    }

    pub(super) fn follow(&mut self, commit: &Commit) {
        self.sequence = commit.last_sequence();
        self.chain = commit.chain;
    }
}

fn broken(commit: &Commit, why: Unreadable) -> StoreError {
    StoreError::broken(format!("commit {} of stream {}", commit.version, commit.stream), why)
}

impl<D: Decider> AggregateContext<Model<D>> for StreamContext<D> {
    fn aggregate(&mut self) -> &mut Model<D> {
        &mut self.model
    }
}
