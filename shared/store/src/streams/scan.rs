//! The whole log, for whoever counts, exports or projects anew. No decision rests on it.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::EventStore;
use super::commit::{Commit, CommitParts};
use crate::error::StoreError;
use crate::items::{Item, Reader, number, text};
use crate::keys;
use crate::tables::METERED;

/// Where a reading of the log stands: after this commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The stream.
    pub stream: String,
    /// The commit's version.
    pub version: u64,
}

/// What a part of the log is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Which segment, from 0.
    pub segment: u16,
    /// Of how many; none is one.
    pub segments: u16,
    /// Where to go on.
    pub after: Option<Position>,
    /// Items at most; as many as fit where there is none: then a unit of reading buys the most.
    pub limit: Option<u16>,
    /// Whether what was just committed has to be there: at double the price.
    pub consistent: bool,
}

/// An item of the log, whatever state it is in.
#[derive(Debug, Clone)]
pub enum Found {
    /// It has the attributes of a commit.
    Commit(CommitParts),
    /// It has not.
    Broken {
        /// Its stream.
        stream: String,
        /// Its version.
        version: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// A part of the log.
#[derive(Debug, Clone)]
pub struct Page {
    /// What is there, each stream's in their order.
    pub found: Vec<Found>,
    /// Where the segment goes on; nowhere if it is done.
    pub next: Option<Position>,
    /// What it cost, in units of reading.
    pub read_units: f64,
}

impl EventStore {
    /// Hands over every commit there is: each stream's in their order, streams in none. What is
    /// committed meanwhile may or may not be among them.
    ///
    /// # Errors
    /// When the table can't be read, or a commit is broken; what came before was handed over.
    pub async fn every_commit(&self, mut each: impl FnMut(Commit)) -> Result<(), StoreError> {
        let mut asked = Asked { consistent: true, ..Asked::default() };
        loop {
            let page = self.page(&asked).await?;
            for found in page.found {
                match found {
                    Found::Commit(parts) => each(Commit::from_parts(parts)?),
                    Found::Broken { stream, version, why } => {
                        return Err(StoreError::broken(
                            format!("commit {version} of stream {stream}"),
                            why,
                        ));
                    }
                }
            }
            asked.after = page.next;
            if asked.after.is_none() {
                return Ok(());
            }
        }
    }

    /// How many commits there are, as the table last counted them: a matter of hours.
    ///
    /// # Errors
    /// When the table can't be described.
    pub async fn roughly(&self) -> Result<u64, StoreError> {
        let asked = self.tables.client.describe_table().table_name(self.tables.name(keys::EVENTS));
        let told = asked.send().await?;
        let count = told
            .table()
            .and_then(aws_sdk_dynamodb::types::TableDescription::item_count)
            .unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// What tells the table from every other one, also from one of its name elsewhere or before it.
    ///
    /// # Errors
    /// When the table can't be described.
    pub async fn table_id(&self) -> Result<String, StoreError> {
        let asked = self.tables.client.describe_table().table_name(self.tables.name(keys::EVENTS));
        let told = asked.send().await?;
        let id = told.table().and_then(|it| it.table_id()).map(ToOwned::to_owned);
        Ok(id.unwrap_or_default())
    }

    /// The name of the stream of what is appended, if the table has one.
    ///
    /// # Errors
    /// When the table can't be described.
    pub async fn arn(&self) -> Result<Option<String>, StoreError> {
        let asked = self.tables.client.describe_table().table_name(self.tables.name(keys::EVENTS));
        let told = asked.send().await?;
        Ok(told.table().and_then(|it| it.latest_stream_arn()).map(ToOwned::to_owned))
    }

    /// Reads a part of the log: one request.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn page(&self, asked: &Asked) -> Result<Page, StoreError> {
        let from = asked.after.as_ref().map(|it| {
            Item::from([
                (keys::STREAM.to_owned(), text(&it.stream)),
                (keys::VERSION.to_owned(), number(it.version)),
            ])
        });
        let several = (asked.segments > 1).then_some(());
        let scan = self.tables.client.scan().table_name(self.tables.name(keys::EVENTS));
        let scan = scan.consistent_read(asked.consistent).return_consumed_capacity(METERED);
        let scan = scan
            .set_segment(several.map(|()| i32::from(asked.segment)))
            .set_total_segments(several.map(|()| i32::from(asked.segments)))
            .set_limit(asked.limit.map(i32::from))
            .set_exclusive_start_key(from);
        let page = scan.send().await?;
        let next = page.last_evaluated_key().map(position).transpose()?;
        let read_units = page
            .consumed_capacity()
            .and_then(aws_sdk_dynamodb::types::ConsumedCapacity::capacity_units);
        Ok(Page {
            found: page.items.unwrap_or_default().iter().map(found).collect::<Result<_, _>>()?,
            next,
            read_units: read_units.unwrap_or_default(),
        })
    }
}

fn position(item: &Item) -> Result<Position, StoreError> {
    let read = Reader::new("a place in the log", item);
    Ok(Position {
        stream: read.text(keys::STREAM)?.to_owned(),
        version: read.number(keys::VERSION)?,
    })
}

fn found(item: &std::collections::HashMap<String, AttributeValue>) -> Result<Found, StoreError> {
    let Position { stream, version } = position(item)?;
    Ok(match CommitParts::from_item(item) {
        Ok(parts) => Found::Commit(parts),
        Err(error) => {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            Found::Broken { stream, version, why: why.unwrap_or_else(|| error.to_string()) }
        }
    })
}
