//! From the log's stream to what is only shown: login activity, and what devices are.

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use lambda_runtime::LambdaEvent;
use postern_runtime::deadline::Deadline;
use postern_runtime::feed;
use postern_runtime::metrics::{Outcome, RETRIED, Work};
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

    /// One invocation, measured: a batch of the stream, answered with the records that failed.
    pub async fn invoke(&self, event: LambdaEvent<Event>) -> DynamoDbEventResponse {
        let LambdaEvent { payload, context } = event;
        let deadline = Deadline::of(&context);
        let work = Work::woken("project", "stream", &context);
        let outcome = |done: &DynamoDbEventResponse| {
            if done.batch_item_failures.is_empty() {
                Outcome::ok()
            } else {
                Outcome(RETRIED.into())
            }
        };
        // On the heap: the SDK's futures nest deeper than the compiler follows by itself.
        work.measure(Box::pin(feed::handle(self, payload, deadline)), outcome).await
    }
}

impl Reaction for Project {
    async fn react(&self, commit: &Commit) -> Result<(), Failure> {
        self.views.project_activity(commit).await?;
        self.views.project_devices(commit).await?;
        Ok(())
    }
}
