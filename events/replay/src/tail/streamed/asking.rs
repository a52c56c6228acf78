//! The three calls that a stream is read with. Each is one try; who asks decides when to ask again.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_dynamodbstreams::config::retry::RetryConfig;
use aws_sdk_dynamodbstreams::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodbstreams::error::BoxError;
use aws_sdk_dynamodbstreams::primitives::{DateTime, DateTimeFormat};
use aws_sdk_dynamodbstreams::types::{Shard, ShardIteratorType};
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::record::{Seen, seen};
use super::trouble::Trouble;

/// A stream, and whom to ask about it.
pub(super) struct Asking {
    client: Client,
    arn: String,
}

/// All shards.
pub(super) struct Listing {
    pub(super) shards: Vec<Listed>,
    /// The second in which they began to be listed, by the clock that the records' times are from.
    pub(super) at: Timestamp,
    /// Before that, by this computer's clock.
    pub(super) asked: Instant,
}

/// A shard as it is listed.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) id: String,
    /// The shard whose end it begins at.
    pub(super) parent: Option<String>,
}

/// Where reading a shard begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// With the oldest record there is.
    Oldest,
    /// With the first one that comes.
    Coming,
    /// After the one of this number.
    After(String),
}

/// What comes next in a shard.
pub(super) struct Page {
    pub(super) seen: Vec<Seen>,
    /// The number of its last record.
    pub(super) last: Option<String>,
    /// Where the shard goes on; nowhere if it is closed and this is its end.
    pub(super) next: Option<String>,
}

impl Asking {
    pub(super) fn new(client: &Client, arn: String) -> Self {
        // The client's own repeats would be calls beyond the pace.
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), arn }
    }

    pub(super) async fn shards(&self) -> Result<Listing, Trouble> {
        let (mut shards, mut after, mut began) = (Vec::new(), None, None);
        let asked_at = Instant::now();
        loop {
            let date = Date::default();
            let asked = self.client.describe_stream().stream_arn(&self.arn);
            let asked = asked.set_exclusive_start_shard_id(after);
            let told = asked.customize().interceptor(date.clone()).send().await?;
            began = began.or_else(|| date.read());
            let told = told.stream_description.ok_or_else(|| Trouble::lacks("the stream"))?;
            shards.extend(told.shards().iter().filter_map(listed));
            after = told.last_evaluated_shard_id;
            if after.is_none() {
                let at = began.ok_or_else(|| Trouble::lacks("its date"))?;
                return Ok(Listing { shards, at, asked: asked_at });
            }
        }
    }

    pub(super) async fn iterator(&self, shard: &str, place: &Place) -> Result<String, Trouble> {
        let (kind, number) = match place {
            Place::Oldest => (ShardIteratorType::TrimHorizon, None),
            Place::Coming => (ShardIteratorType::Latest, None),
            Place::After(number) => (ShardIteratorType::AfterSequenceNumber, Some(number.clone())),
        };
        let asked = self.client.get_shard_iterator().stream_arn(&self.arn).shard_id(shard);
        let asked = asked.shard_iterator_type(kind).set_sequence_number(number);
        asked.send().await?.shard_iterator.ok_or_else(|| Trouble::lacks("the iterator"))
    }

    /// Where a shard ends by now; nothing where that comes too late.
    pub(super) async fn end(&self, shard: &str, by: Instant) -> Result<Option<String>, Trouble> {
        match timeout_at(by, self.iterator(shard, &Place::Coming)).await {
            Ok(told) => told.map(|it| (Instant::now() < by).then_some(it)),
            Err(_) => Ok(None),
        }
    }

    pub(super) async fn records(&self, iterator: &str) -> Result<Page, Trouble> {
        let told = self.client.get_records().shard_iterator(iterator).send().await?;
        let last = told.records().last().and_then(|it| it.dynamodb());
        let last = last.and_then(|it| it.sequence_number()).map(ToOwned::to_owned);
        let seen = told.records().iter().flat_map(seen).collect();
        Ok(Page { seen, last, next: told.next_shard_iterator })
    }
}

fn listed(shard: &Shard) -> Option<Listed> {
    let parent = shard.parent_shard_id().map(ToOwned::to_owned);
    Some(Listed { id: shard.shard_id()?.to_owned(), parent })
}

/// The date that an answer bears.
#[derive(Debug, Clone, Default)]
struct Date(Arc<Mutex<Option<Timestamp>>>);

impl Date {
    fn read(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Date {
    fn name(&self) -> &'static str {
        "Date"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|it| DateTime::from_str(it, DateTimeFormat::HttpDate).ok());
        let date = date.and_then(|it| Timestamp::from_second(it.secs()).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}
