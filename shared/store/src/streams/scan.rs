//! The whole log, for whoever counts, exports or projects anew. No decision rests on it.

use serde::{Deserialize, Serialize};

use super::EventStore;
use super::commit::{Commit, CommitParts};
use crate::error::StoreError;
use crate::items::{Item, Reader, number, text};
use crate::keys;
use crate::tables::{Part, PartAsked};

/// Where a reading of the log stands: after this commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The stream.
    pub stream: String,
    /// The commit's version.
    pub version: u64,
}

/// What a part of the log is asked for.
pub type Asked = PartAsked<Position>;

/// A part of the log.
pub type Page = Part<Found, Position>;

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
        let key = |it: &Position| {
            Item::from([
                (keys::STREAM.to_owned(), text(&it.stream)),
                (keys::VERSION.to_owned(), number(it.version)),
            ])
        };
        self.tables.scan(keys::EVENTS, asked, key, found, position).await
    }
}

fn position(item: &Item) -> Result<Position, StoreError> {
    let read = Reader::new("a place in the log", item);
    Ok(Position {
        stream: read.text(keys::STREAM)?.to_owned(),
        version: read.number(keys::VERSION)?,
    })
}

fn found(item: &Item) -> Result<Found, StoreError> {
    let Position { stream, version } = position(item)?;
    Ok(match CommitParts::from_item(item) {
        Ok(parts) => Found::Commit(parts),
        Err(error) => {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            Found::Broken { stream, version, why: why.unwrap_or_else(|| error.to_string()) }
        }
    })
}
