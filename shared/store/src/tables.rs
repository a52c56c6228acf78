//! The tables of one deployment, and the calls that several of them share.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};

use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, text};
use crate::keys::Table;

/// Every call tells what it cost, so that a meter can add it up.
pub(crate) const METERED: ReturnConsumedCapacity = ReturnConsumedCapacity::Total;

/// A client and the prefix of the tables it works on; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    pub(crate) client: Client,
    prefix: Arc<str>,
}

/// What became of a conditional put.
pub(crate) enum Written {
    /// It was written.
    Done,
    /// The condition failed; this is what is there, if anything is.
    Refused(Option<Item>),
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

    /// Sends a conditional put; what is there instead comes back with the refusal.
    pub(crate) async fn put_if(call: PutItemFluentBuilder) -> Result<Written, StoreError> {
        let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
        let sent = call.return_values_on_condition_check_failure(all_old).send().await;
        let Err(error) = sent else { return Ok(Written::Done) };
        if let Some(PutItemError::ConditionalCheckFailedException(refused)) =
            error.as_service_error()
        {
            return Ok(Written::Refused(refused.item.clone()));
        }
        Err(error.into())
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

    /// Every page of a query.
    pub(crate) async fn pages(call: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from: Option<Item> = None;
        loop {
            let answer = call.clone().set_exclusive_start_key(from).send().await?;
            items.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// A put as part of a transaction; without `condition` it always succeeds.
    pub(crate) fn extra_put(
        &self,
        table: Table,
        item: Item,
        condition: Option<Condition>,
    ) -> Result<Extra, StoreError> {
        let mut put = Put::builder().table_name(self.name(table)).set_item(Some(item));
        if let Some(condition) = condition {
            put = put
                .condition_expression(condition.expression)
                .set_expression_attribute_names(Some(condition.names))
                .set_expression_attribute_values(condition.values)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                );
        }
        let put = put.build().map_err(|why| StoreError::broken("a put", why))?;
        Ok(Extra(TransactWriteItem::builder().put(put).build()))
    }

    /// An update of something that exists, as part of a transaction.
    pub(crate) fn extra_update(
        &self,
        table: Table,
        key: Item,
        expression: &str,
        condition: Condition,
    ) -> Result<Extra, StoreError> {
        let update = Update::builder()
            .table_name(self.name(table))
            .set_key(Some(key))
            .update_expression(expression)
            .condition_expression(condition.expression)
            .set_expression_attribute_names(Some(condition.names))
            .set_expression_attribute_values(condition.values)
            .build()
            .map_err(|why| StoreError::broken("an update", why))?;
        Ok(Extra(TransactWriteItem::builder().update(update).build()))
    }

    /// A removal as part of a transaction.
    pub(crate) fn extra_delete(&self, table: Table, key: Item) -> Result<Extra, StoreError> {
        let delete = Delete::builder()
            .table_name(self.name(table))
            .set_key(Some(key))
            .build()
            .map_err(|why| StoreError::broken("a removal", why))?;
        Ok(Extra(TransactWriteItem::builder().delete(delete).build()))
    }
}

/// A condition with its names and values.
pub(crate) struct Condition {
    pub(crate) expression: &'static str,
    pub(crate) names: std::collections::HashMap<String, String>,
    pub(crate) values: Option<Item>,
}

impl Condition {
    pub(crate) fn new(
        expression: &'static str,
        names: &[(&str, &str)],
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Self {
        let names = names.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let values: Item = values.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        Self { expression, names, values: (!values.is_empty()).then_some(values) }
    }

    /// The item must not be there.
    pub(crate) fn absent(table: Table) -> Self {
        Self::new("attribute_not_exists(#hash)", &[("#hash", table.hash)], [])
    }

    /// The item must be there.
    pub(crate) fn present(table: Table) -> Self {
        Self::new("attribute_exists(#hash)", &[("#hash", table.hash)], [])
    }

    pub(crate) fn on(self, call: PutItemFluentBuilder) -> PutItemFluentBuilder {
        call.condition_expression(self.expression)
            .set_expression_attribute_names(Some(self.names))
            .set_expression_attribute_values(self.values)
    }
}
