//! From the log's stream to what is only shown: login activity, and what devices are.

use postern_store::Store;
use postern_store::reaction::{Failure, Reaction};
use postern_store::streams::Commit;
use postern_store::views::Views;

/// Keeps the views up to date. It holds no key, so it sees no personal value in clear.
#[derive(Debug, Clone)]
pub struct Project {
    views: Views,
}

impl Project {
    /// Projects into the views of this deployment.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { views: store.views() }
    }
}

impl Reaction for Project {
    async fn react(&self, commit: &Commit) -> Result<(), Failure> {
        self.views.project_activity(commit).await?;
        self.views.project_devices(commit).await?;
        Ok(())
    }
}
