//! What follows from a commit.

use std::future::Future;

use crate::error::{Source, StoreError};
use crate::streams::Commit;

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

/// What follows from a commit. Safe to repeat: a commit comes at least once.
pub trait Reaction: Send + Sync {
    /// Does what follows from this commit, or nothing.
    fn react(&self, commit: &Commit) -> impl Future<Output = Result<(), Failure>> + Send;
}
