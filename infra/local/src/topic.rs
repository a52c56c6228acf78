//! The SNS topic that SES publishes to, and its one subscriber: the function `feedback`.
//!
//! What is published waits in memory for the moment that a mail takes to arrive, so that its sender
//! has recorded the sending by then; a drain doesn't wait for that. Reports that a killed process
//! had not brought are lost.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use postern_domain::ports::Clock as _;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::clock::LocalClock;
use crate::poller::{BoxError, DeadLetter, Progress};
use crate::world::World;

/// The topic's name.
pub const ARN: &str = "arn:aws:sns:local:000000000000:postern-feedback";

/// The name under which the subscriber's dead letters are kept.
const FUNCTION: &str = "feedback";
/// How long a mail is under way: longer than its sender takes to record that it was sent.
const TRANSIT: Duration = Duration::from_millis(100);
/// How often Lambda repeats an invocation of this kind before it gives up.
const RETRIES: u32 = 2;
/// The wait before the first repeat; each further one is twice as long.
const FIRST_DELAY: Duration = Duration::from_millis(50);

/// The subscriber, with the very signature it has in Lambda.
pub type TopicFunction =
    Arc<dyn Fn(Value) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync>;

/// The topic. Clones are the same.
#[derive(Debug, Clone)]
pub struct Topic {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    clock: LocalClock,
    world: World,
    waiting: Mutex<VecDeque<Published>>,
    published: AtomicU64,
    arrived: Notify,
}

/// A message that was not brought yet, and the world that it belongs to.
#[derive(Debug, Clone)]
struct Published {
    generation: u64,
    id: String,
    event: Value,
}

impl Topic {
    /// An empty topic.
    #[must_use]
    pub fn new(clock: LocalClock, world: World) -> Self {
        let inner = Inner {
            clock,
            world,
            waiting: Mutex::default(),
            published: AtomicU64::new(0),
            arrived: Notify::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Takes a message in.
    pub fn publish(&self, message: &Value) {
        let Inner { clock, world, published, arrived, .. } = &*self.inner;
        let number = published.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("00000000-0000-4000-9000-{number:012x}");
        let event = json!({
            "Records": [{
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": format!("{ARN}:00000000-0000-4000-8000-000000000000"),
                "Sns": {
                    "Type": "Notification",
                    "MessageId": id,
                    "TopicArn": ARN,
                    "Subject": "Amazon SES Email Event Notification",
                    "Message": message.to_string(),
                    "Timestamp": clock.now(),
                    "SignatureVersion": "1",
                    "Signature": "AA==",
                    "SigningCertUrl": "https://sns.local.amazonaws.com/local.pem",
                    "UnsubscribeUrl": "https://sns.local.amazonaws.com/?Action=Unsubscribe",
                    "MessageAttributes": {},
                },
            }],
        });
        let generation = world.generation();
        self.waiting().push_back(Published { generation, id, event });
        arrived.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Published>> {
        self.inner.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever brings the topic's messages to the function, one at a time. Clones are the same.
#[derive(Clone)]
pub struct Subscriber {
    topic: Topic,
    function: Option<TopicFunction>,
    progress: Progress,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Subscriber {
    /// Brings messages of `topic` to the function, if there is one, and keeps what it can't handle
    /// among the dead letters of `progress`.
    #[must_use]
    pub fn new(topic: Topic, function: Option<TopicFunction>, progress: Progress) -> Self {
        Self { topic, function, progress, turn: Arc::default() }
    }

    /// Brings what is published until the process is about to end.
    pub async fn run(self) {
        let Inner { world, arrived, .. } = &*self.topic.inner;
        while !world.is_stopping() {
            tokio::select! {
                () = arrived.notified() => {}
                () = world.stopped() => return,
            }
            tokio::time::sleep(TRANSIT).await;
            self.settle().await;
        }
    }

    /// Returns when everything that was published so far is handled or given up.
    pub async fn settle(&self) {
        let _turn = self.turn.lock().await;
        loop {
            let next = self.topic.waiting().front().cloned();
            let Some(next) = next else { return };
            self.bring(&next).await;
            // Only now: a caller that goes away meanwhile leaves the message to the next one.
            self.topic.waiting().pop_front();
        }
    }

    async fn bring(&self, published: &Published) {
        let Some(function) = &self.function else { return };
        for repeats in 0.. {
            let world = &self.topic.inner.world;
            let Some(inside) = world.enter(published.generation).await else { return };
            let call = AssertUnwindSafe(async { function(published.event.clone()).await });
            let reason = match call.catch_unwind().await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the function panicked".to_owned(),
            };
            if repeats == RETRIES {
                return self.bury(published, reason);
            }
            drop(inside);
            tokio::time::sleep(FIRST_DELAY * 2_u32.pow(repeats)).await;
        }
    }

    fn bury(&self, published: &Published, reason: String) {
        tracing::error!(function = FUNCTION, id = published.id, reason, "message given up");
        let letter = DeadLetter {
            function: FUNCTION.to_owned(),
            sequence_number: published.id.clone(),
            stream: None,
            version: None,
            reason,
            at: self.topic.inner.clock.now(),
        };
        if let Err(error) = self.progress.keep(&letter) {
            tracing::error!(%error, "a dead letter could not be kept");
        }
    }
}

#[cfg(test)]
mod tests;
