//! One batch: called, halved when it fails as a whole, and relieved of what can't be handled.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use dynoxide::AttributeValue;
use dynoxide::actions::get_records::Record;
use futures_util::FutureExt as _;
use postern_domain::ports::Clock as _;
use postern_store::keys;
use tokio::sync::RwLockReadGuard;

use super::{DeadLetter, Poller};
use crate::database::Streamed;

/// How often a record is tried again before it becomes a dead letter.
pub(super) const RETRIES: u32 = 3;

/// The wait before the first repeat; each further one is twice as long.
const FIRST_DELAY: Duration = Duration::from_millis(50);

/// A record that the function wants.
struct Wanted {
    position: i64,
    record: Record,
}

/// What came of one call.
enum Called {
    /// Every record was handled.
    Done,
    /// So many were handled, and the one after them was reported as failed.
    FailedAt(usize),
    /// Nobody can say which of them failed, only why.
    Failed(String),
}

impl Poller {
    /// Gives the records to the function until each was handled or given up, in order.
    ///
    /// The work waits while the function is paused, and ends unfinished when the world it was
    /// begun for is over. A failure of the whole
    /// call is tried again with the first half, down to one record. A partial failure is tried
    /// again from the first record that failed, as Lambda does it; those behind it may be seen
    /// twice.
    pub(super) async fn deliver(
        &self,
        generation: u64,
        records: Vec<Streamed>,
    ) -> rusqlite::Result<()> {
        let Some(end) = records.last().map(|record| record.position) else { return Ok(()) };
        let mut pending = self.wanted(records);
        let mut window = pending.len();
        let mut repeats = 0;
        while !pending.is_empty() {
            window = window.clamp(1, pending.len());
            let Some(inside) = self.enter(generation).await else { return Ok(()) };
            let reason = match self.call(&pending, window).await {
                Called::Done => {
                    self.pass(&mut pending, window)?;
                    (window, repeats) = (pending.len(), 0);
                    continue;
                }
                Called::FailedAt(count) => {
                    if count > 0 {
                        self.pass(&mut pending, count)?;
                        repeats = 0;
                    }
                    "the function reported the record as failed".to_owned()
                }
                Called::Failed(_) if window > 1 => {
                    window /= 2;
                    continue;
                }
                Called::Failed(reason) => reason,
            };
            if repeats < RETRIES {
                drop(inside);
                tokio::time::sleep(FIRST_DELAY * 2_u32.pow(repeats)).await;
                repeats += 1;
            } else {
                self.bury(&mut pending, reason)?;
                (window, repeats) = (pending.len(), 0);
            }
        }
        let Some(_inside) = self.enter(generation).await else { return Ok(()) };
        self.progress.advance(&self.subscription.name, end)
    }

    /// Enters the world for one step, as soon as the function is not paused.
    async fn enter(&self, generation: u64) -> Option<RwLockReadGuard<'_, ()>> {
        tokio::select! {
            () = self.faults.resumed(&self.subscription.name) => {}
            () = self.world.stopped() => return None,
        }
        self.world.enter(generation).await
    }

    /// Notes that the first `count` records were handled.
    fn pass(&self, pending: &mut VecDeque<Wanted>, count: usize) -> rusqlite::Result<()> {
        if let Some(last) = pending.drain(..count).next_back() {
            self.progress.advance(&self.subscription.name, last.position)?;
        }
        Ok(())
    }

    fn wanted(&self, records: Vec<Streamed>) -> VecDeque<Wanted> {
        records
            .into_iter()
            .filter(|streamed| {
                self.subscription.filter.is_none_or(|filter| filter(&types(&streamed.record)))
            })
            .map(|Streamed { position, record }| Wanted { position, record })
            .collect()
    }

    /// Calls the function with the first `window` records; where a fault says so, once more with
    /// what it has just handled, as Lambda may.
    async fn call(&self, pending: &VecDeque<Wanted>, window: usize) -> Called {
        let called = self.call_once(pending, window).await;
        if matches!(called, Called::Done) && self.faults.repeats(&self.subscription.name) {
            return self.call_once(pending, window).await;
        }
        called
    }

    async fn call_once(&self, pending: &VecDeque<Wanted>, window: usize) -> Called {
        let arn = self.database.stream_arn();
        let mut event = Event::default();
        for wanted in pending.iter().take(window) {
            match lambda_record(&wanted.record, &arn) {
                Ok(record) => event.records.push(record),
                Err(error) => return Called::Failed(error.to_string()),
            }
        }
        let answer = AssertUnwindSafe(async { (self.subscription.function)(event).await });
        match answer.catch_unwind().await {
            Ok(Ok(response)) => {
                let failed: Vec<_> = response
                    .batch_item_failures
                    .iter()
                    .map(|failure| failure.item_identifier.as_deref().unwrap_or_default())
                    .collect();
                first_failure(pending, window, &failed)
            }
            Ok(Err(error)) => Called::Failed(told(error.as_ref())),
            Err(_) => Called::Failed("the function panicked".to_owned()),
        }
    }

    /// Gives up the first record, so that the others can go on.
    fn bury(&self, pending: &mut VecDeque<Wanted>, reason: String) -> rusqlite::Result<()> {
        let Some(Wanted { position, record }) = pending.pop_front() else { return Ok(()) };
        let key = |name| record.dynamodb.keys.get(name).map(text);
        let letter = DeadLetter {
            function: self.subscription.name.clone(),
            sequence_number: record.dynamodb.sequence_number.clone(),
            stream: key(keys::STREAM),
            version: key(keys::VERSION),
            reason,
            at: self.clock.now(),
        };
        tracing::error!(
            function = letter.function,
            sequence_number = letter.sequence_number,
            reason = letter.reason,
            "record given up"
        );
        self.progress.bury(&letter, position)
    }
}

/// What was handled when the records named in `failed` were not.
///
/// An empty or unknown name means that the whole window failed; that is how Lambda reads it.
fn first_failure(pending: &VecDeque<Wanted>, window: usize, failed: &[&str]) -> Called {
    let place = |name: &&str| {
        let known = |wanted: &Wanted| wanted.record.dynamodb.sequence_number == *name;
        pending.iter().take(window).position(known)
    };
    let places: Option<Vec<usize>> = failed.iter().map(place).collect();
    match places.map(|places| places.into_iter().min()) {
        Some(None) => Called::Done,
        Some(Some(first)) => Called::FailedAt(first),
        None => Called::Failed("the function reported a record it was not given".to_owned()),
    }
}

fn types(record: &Record) -> Vec<&str> {
    let image = record.dynamodb.new_image.as_ref();
    let Some(AttributeValue::SS(types)) = image.and_then(|image| image.get(keys::TYPES)) else {
        return Vec::new();
    };
    types.iter().map(String::as_str).collect()
}

fn text(value: &AttributeValue) -> String {
    if let AttributeValue::S(text) | AttributeValue::N(text) = value {
        text.clone()
    } else {
        value.to_string()
    }
}

/// The record as Lambda hands it over.
fn lambda_record(record: &Record, arn: &str) -> serde_json::Result<EventRecord> {
    let mut json = serde_json::to_value(record)?;
    if let Some(members) = json.as_object_mut() {
        members.insert("eventSourceARN".to_owned(), arn.into());
    }
    serde_json::from_value(json)
}

/// An error with its causes, for the dead letter.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
