//! Messages that are not sent yet, so that a sweep finds what a stream delivered in vain.

use jiff::Timestamp;
use postern_events::ids::{EventId, MessageId};

use crate::error::StoreError;
use crate::items::{Item, Reader, number, seconds, text};
use crate::keys;
use crate::tables::Tables;

/// An unsent message, and where it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// The message.
    pub message: MessageId,
    /// The stream of the asking event.
    pub stream: String,
    /// The version of the asking commit.
    pub version: u64,
    /// The asking event.
    pub event: EventId,
    /// When it is to be tried again: kept in whole seconds, rounded up.
    pub due: Timestamp,
}

/// The unsent messages; cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbox {
    tables: Tables,
}

impl Outbox {
    pub(crate) fn new(tables: Tables) -> Self {
        Self { tables }
    }

    /// Remembers a message as unsent, or moves its time.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn put(&self, unsent: &Unsent) -> Result<(), StoreError> {
        let mut item = Tables::key(keys::GUARDS, keys::OUTBOX, &unsent.message.to_string());
        item.extend(
            [
                (keys::STREAM, text(&unsent.stream)),
                (keys::VERSION, number(unsent.version)),
                (keys::EVENT, text(unsent.event.to_string())),
                (keys::DUE, number(seconds(unsent.due))),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        self.tables.put(keys::GUARDS, item).send().await?;
        Ok(())
    }

    /// Forgets a message; one that is forgotten already is fine.
    ///
    /// # Errors
    /// When the table can't be written.
    pub async fn remove(&self, message: MessageId) -> Result<(), StoreError> {
        self.tables.delete(keys::GUARDS, keys::OUTBOX, &message.to_string()).await
    }

    /// Up to `limit` messages whose time has come, those asked for first first. A note that can't
    /// be read is told to the log and passed over: it must not hold up all others.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Unsent>, StoreError> {
        let call = self
            .tables
            .query(keys::GUARDS, keys::OUTBOX)
            .filter_expression("#due <= :now")
            .expression_attribute_names("#due", keys::DUE)
            .expression_attribute_values(":now", number(now.as_second()));
        let items = Tables::pages(call).await?;
        Ok(items.iter().filter_map(readable).take(limit).collect())
    }
}

fn readable(item: &Item) -> Option<Unsent> {
    read(item)
        .inspect_err(|error| tracing::error!(%error, "a note of the outbox can't be read"))
        .ok()
}

fn read(item: &Item) -> Result<Unsent, StoreError> {
    let read = Reader::new("an unsent message", item);
    Ok(Unsent {
        message: read.parsed(keys::ITEM)?,
        stream: read.text(keys::STREAM)?.to_owned(),
        version: read.number(keys::VERSION)?,
        event: read.parsed(keys::EVENT)?,
        due: read.time(keys::DUE)?.unwrap_or(Timestamp::MIN),
    })
}
