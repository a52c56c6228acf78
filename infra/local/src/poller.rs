//! Lambda's event source mapping over the log's stream, one for each function.
//!
//! Every function reads the stream by itself, in order and at least once: its position is stored
//! after each batch, so a killed process goes on where it stood. Nothing is asked for again and
//! again; a reader waits until something was written.

mod batch;
mod progress;

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use futures_util::future::BoxFuture;
use postern_runtime::deadline::Deadline;
use postern_runtime::feed;
use postern_store::reaction::Reaction;

pub use self::progress::{DeadLetter, Progress};
use crate::clock::LocalClock;
use crate::database::{Database, DatabaseError, Streamed};
use crate::faults::Faults;
use crate::world::World;

/// An error of any kind.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A stream function, with the very signature it has in Lambda.
pub type StreamFunction =
    Arc<dyn Fn(Event) -> BoxFuture<'static, Result<DynamoDbEventResponse, BoxError>> + Send + Sync>;

/// Says by a record's event types whether a function wants it, as a filter pattern does.
pub type Filter = fn(&[&str]) -> bool;

/// How many records a function is given at once.
pub const BATCH: usize = 10;

/// How long a reader waits after a fault of the database before it tries again.
const AFTER_FAULT: Duration = Duration::from_secs(1);

/// A function that reads the log's stream.
#[derive(Clone)]
pub struct Subscription {
    /// Its name, under which its position is kept.
    pub name: String,
    /// Which records it wants; all where there is no filter.
    pub filter: Option<Filter>,
    /// The function itself.
    pub function: StreamFunction,
}

impl Subscription {
    /// The subscription of a reaction, handed its commits just as the Lambda hands them.
    pub fn of(name: &str, filter: Option<Filter>, reaction: Arc<impl Reaction + 'static>) -> Self {
        let function: StreamFunction = Arc::new(move |event| {
            let reaction = Arc::clone(&reaction);
            Box::pin(async move { Ok(feed::handle(&*reaction, event, Deadline::NONE).await) })
        });
        Self { name: name.to_owned(), filter, function }
    }
}

/// Reads the stream for one function.
pub struct Poller {
    /// For whom it reads.
    pub subscription: Subscription,
    /// What it reads.
    pub database: Database,
    /// Where it keeps its position.
    pub progress: Progress,
    /// What the dead letters are dated by.
    pub clock: LocalClock,
    /// In which world it reads.
    pub world: World,
    /// What is wrong with the function on purpose.
    pub faults: Faults,
}

impl Poller {
    /// Reads and calls until the process is about to end.
    pub async fn run(self) {
        let mut writes = self.database.writes();
        while !self.world.is_stopping() {
            writes.borrow_and_update();
            let generation = self.world.generation();
            match self.next().await {
                Ok(records) if records.is_empty() => {
                    tokio::select! {
                        _ = writes.changed() => {}
                        () = self.world.stopped() => {}
                    }
                }
                Ok(records) => {
                    if let Err(error) = self.deliver(generation, records).await {
                        tracing::error!(%error, function = self.subscription.name, "position lost");
                        tokio::time::sleep(AFTER_FAULT).await;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, function = self.subscription.name, "stream unreadable");
                    tokio::time::sleep(AFTER_FAULT).await;
                }
            }
        }
    }

    /// The next batch. The engine blocks, and never for long.
    async fn next(&self) -> Result<Vec<Streamed>, DatabaseError> {
        let database = self.database.clone();
        let position = self.progress.position(&self.subscription.name);
        tokio::task::spawn_blocking(move || database.records(position, BATCH))
            .await
            .unwrap_or_else(|_| Ok(Vec::new()))
    }
}

#[cfg(test)]
mod tests;
