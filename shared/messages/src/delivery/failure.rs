//! Why a reaction failed, and whether repeating it helps.

use postern_store::StoreError;

/// A reaction that did not come to an end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The tables were busy or out of reach: the same again may succeed.
    #[error("the tables did not do what was asked")]
    Retry(#[source] StoreError),
    /// What is stored can't be read: the same again fails again.
    #[error("what is stored can't be worked with")]
    GiveUp(#[source] StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Broken { .. } => Self::GiveUp(error),
            StoreError::Conflict | StoreError::Busy { .. } | StoreError::Unavailable(_) => {
                Self::Retry(error)
            }
        }
    }
}
