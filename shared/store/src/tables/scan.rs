//! A whole table, read part by part, in several segments where there is much of it.

use aws_sdk_dynamodb::types::ConsumedCapacity;

use super::{METERED, Tables};
use crate::error::StoreError;
use crate::items::Item;
use crate::keys::Table;

/// What a part of a table is asked for.
#[derive(Debug, Clone)]
pub struct PartAsked<P> {
    /// Which segment, from 0.
    pub segment: u16,
    /// Of how many; none is one.
    pub segments: u16,
    /// After which place it goes on.
    pub after: Option<P>,
    /// Items at most; as many as fit where there is none: then a unit of reading buys the most.
    pub limit: Option<u16>,
    /// Whether what was just written has to be there: at double the price.
    pub consistent: bool,
}

impl<P> Default for PartAsked<P> {
    fn default() -> Self {
        Self { segment: 0, segments: 0, after: None, limit: None, consistent: false }
    }
}

/// A part of a table.
#[derive(Debug, Clone)]
pub struct Part<T, P> {
    /// What is there, under one hash key in the order of range keys.
    pub found: Vec<T>,
    /// Where the segment goes on; nowhere if it is done.
    pub next: Option<P>,
    /// What it cost, in units of reading.
    pub read_units: f64,
}

impl Tables {
    /// Reads a part of a table: one request.
    pub(crate) async fn scan<T, P>(
        &self,
        table: Table,
        asked: &PartAsked<P>,
        key: impl Fn(&P) -> Item,
        item: impl Fn(&Item) -> Result<T, StoreError>,
        place: impl Fn(&Item) -> Result<P, StoreError>,
    ) -> Result<Part<T, P>, StoreError> {
        let several = (asked.segments > 1).then_some(());
        let scan = self.client.scan().table_name(self.name(table));
        let scan = scan.consistent_read(asked.consistent).return_consumed_capacity(METERED);
        let scan = scan
            .set_segment(several.map(|()| i32::from(asked.segment)))
            .set_total_segments(several.map(|()| i32::from(asked.segments)))
            .set_limit(asked.limit.map(i32::from))
            .set_exclusive_start_key(asked.after.as_ref().map(key));
        let page = scan.send().await?;
        let read_units = page.consumed_capacity().and_then(ConsumedCapacity::capacity_units);
        Ok(Part {
            next: page.last_evaluated_key().map(place).transpose()?,
            read_units: read_units.unwrap_or_default(),
            found: page.items().iter().map(item).collect::<Result<_, _>>()?,
        })
    }
}
