//! Appending one commit to one stream.

use postern_domain::decider::Decider;

use super::commit::{Commit, Meta};
use super::context::StreamContext;
use super::execute::{DECISIONS, pause};
use super::stage::Staged;
use super::{Decided, EventStore};
use crate::error::{Busyness, StoreError};
use crate::items::Item;
use crate::keys;
use crate::model::Recorded;
use crate::tables::{Condition, Tables, Written};
use crate::tally;

/// What was committed, and where the stream stands after it.
#[derive(Debug, Clone)]
pub struct Committed<D: Decider> {
    /// The new events; none where nothing happened.
    pub events: Vec<Recorded<D::Event>>,
    /// Where the stream stands now; the next decision can start from here without a read.
    pub context: StreamContext<D>,
}

impl<D: Decider> Committed<D> {
    /// The state now.
    #[must_use]
    pub fn state(&self) -> &D {
        self.context.state()
    }
}

/// Whether `item`, found where `commit` was to go, is that very commit: the answer to an earlier
/// try was lost, and the try had succeeded.
pub(super) fn is_ours(item: &Item, commit: &Commit) -> bool {
    Commit::from_item(item).is_ok_and(|found| {
        found.first_event().is_some() && found.first_event() == commit.first_event()
    })
}

impl EventStore {
    /// Commits one decision to its stream with one conditional write; writes nothing where
    /// nothing happened.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another commit took the place.
    pub async fn commit_one<D: Decider>(
        &self,
        decided: Decided<D>,
        meta: &Meta,
    ) -> Result<Committed<D>, StoreError> {
        let staged = decided.stage(meta)?;
        self.append(&staged).await?;
        Ok(decided.committed(&staged))
    }

    /// Writes a staged commit. Writing the same one twice is one success.
    ///
    /// # Errors
    /// As [`Self::commit_one`].
    pub async fn append(&self, staged: &Staged) -> Result<(), StoreError> {
        let Some(commit) = staged.commit() else { return Ok(()) };
        let mut lost = 0;
        loop {
            match self.put(commit).await {
                // A transaction holds the place. Whether it takes it shows when it is over.
                Err(StoreError::Busy { because: Busyness::Contended, .. })
                    if lost + 1 < DECISIONS =>
                {
                    pause(lost, f64::from(commit.chain[0]) / f64::from(u8::MAX)).await;
                    lost += 1;
                }
                written => return written,
            }
        }
    }

    async fn put(&self, commit: &Commit) -> Result<(), StoreError> {
        let put = self.tables.put(keys::EVENTS, commit.to_item());
        match Tables::put_if(Condition::absent(keys::EVENTS).on(put)).await? {
            Written::Done => {}
            Written::Refused(Some(item)) if is_ours(&item, commit) => {}
            Written::Refused(_) => return Err(StoreError::Conflict),
        }
        tally::appended(commit);
        Ok(())
    }
}
