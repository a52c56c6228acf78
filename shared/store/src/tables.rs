//! The tables of one deployment, and the calls that several of them share.

mod conditional;
mod extras;
mod scan;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};

use crate::error::StoreError;
use crate::items::{Item, text};
use crate::keys::Table;

pub(crate) use conditional::{Condition, Written};
pub use scan::{Part, PartAsked};

/// Every call tells what it cost, so that a meter can add it up.
pub(crate) const METERED: ReturnConsumedCapacity = ReturnConsumedCapacity::Total;

/// A client and the prefix of the tables it works on; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    pub(crate) client: Client,
    prefix: Arc<str>,
}

impl Tables {
    pub(crate) fn new(client: Client, prefix: &str) -> Self {
        Self { client, prefix: prefix.into() }
    }

    pub(crate) fn name(&self, table: Table) -> String {
        format!("{}{}", self.prefix, table.name)
    }

    /// The key of one item in a table whose range key is text.
    pub(crate) fn key(table: Table, hash: &str, range: &str) -> Item {
        let mut key = Item::from([(table.hash.to_owned(), text(hash))]);
        if let Some((name, _)) = table.range {
            key.insert(name.to_owned(), text(range));
        }
        key
    }

    /// One item, strongly consistent.
    pub(crate) async fn get(
        &self,
        table: Table,
        hash: &str,
        range: &str,
    ) -> Result<Option<Item>, StoreError> {
        let call = self.client.get_item().table_name(self.name(table));
        let call = call.set_key(Some(Self::key(table, hash, range)));
        let answer = call.consistent_read(true).return_consumed_capacity(METERED).send().await?;
        Ok(answer.item)
    }

    /// A put without a condition.
    pub(crate) fn put(&self, table: Table, item: Item) -> PutItemFluentBuilder {
        let call = self.client.put_item().table_name(self.name(table));
        call.set_item(Some(item)).return_consumed_capacity(METERED)
    }

    /// An update without a condition.
    pub(crate) fn update(&self, table: Table, key: Item) -> UpdateItemFluentBuilder {
        let call = self.client.update_item().table_name(self.name(table));
        call.set_key(Some(key)).return_consumed_capacity(METERED)
    }

    /// Removes one item; nothing there is fine.
    pub(crate) async fn delete(
        &self,
        table: Table,
        hash: &str,
        range: &str,
    ) -> Result<(), StoreError> {
        let call = self.client.delete_item().table_name(self.name(table));
        let call = call.set_key(Some(Self::key(table, hash, range)));
        call.return_consumed_capacity(METERED).send().await?;
        Ok(())
    }

    /// All items under one hash key, strongly consistent, in the order of their range keys.
    pub(crate) fn query(&self, table: Table, hash: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(self.name(table))
            .consistent_read(true)
            .return_consumed_capacity(METERED)
            .key_condition_expression("#hash = :hash")
            .expression_attribute_names("#hash", table.hash)
            .expression_attribute_values(":hash", text(hash))
    }

    /// Those of them whose range key begins so.
    pub(crate) fn query_prefix(
        &self,
        table: Table,
        hash: &str,
        prefix: &str,
    ) -> QueryFluentBuilder {
        let range = table.range.map_or(table.hash, |(name, _)| name);
        self.query(table, hash)
            .key_condition_expression("#hash = :hash AND begins_with(#range, :prefix)")
            .expression_attribute_names("#range", range)
            .expression_attribute_values(":prefix", text(prefix))
    }

    /// Every page of a query.
    pub(crate) async fn pages(call: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        // On the heap, or every future that reads a stream is as large.
        Box::pin(Self::pages_metered(call, |_| {})).await
    }

    /// Every page of a query; of each it is told what it cost, in units of reading.
    pub(crate) async fn pages_metered(
        call: QueryFluentBuilder,
        mut cost: impl FnMut(f64),
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from: Option<Item> = None;
        loop {
            let answer = call.clone().set_exclusive_start_key(from).send().await?;
            let units = answer.consumed_capacity().and_then(ConsumedCapacity::capacity_units);
            cost(units.unwrap_or_default());
            items.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}
