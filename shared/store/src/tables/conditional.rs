//! Writes that happen only if something is true of what is there.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::{METERED, Tables};
use crate::error::StoreError;
use crate::items::Item;
use crate::keys::Table;

/// What is there comes back with a refusal, so that nobody has to read it.
pub(super) const ALL_OLD: ReturnValuesOnConditionCheckFailure =
    ReturnValuesOnConditionCheckFailure::AllOld;

/// What became of a conditional write.
pub(crate) enum Written {
    /// It was written.
    Done,
    /// The condition failed; this is what is there, if anything is.
    Refused(Option<Item>),
}

/// A condition with its names and values.
pub(crate) struct Condition {
    pub(crate) expression: &'static str,
    pub(crate) names: HashMap<String, String>,
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

    /// The same on an update, whose own names and values come after it.
    pub(crate) fn on_update(self, call: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        call.condition_expression(self.expression)
            .set_expression_attribute_names(Some(self.names))
            .set_expression_attribute_values(self.values)
    }
}

impl Tables {
    /// Sends a conditional put; what is there instead comes back with the refusal.
    pub(crate) async fn put_if(call: PutItemFluentBuilder) -> Result<Written, StoreError> {
        let sent = call.return_values_on_condition_check_failure(ALL_OLD).send().await;
        let Err(error) = sent else { return Ok(Written::Done) };
        if let Some(PutItemError::ConditionalCheckFailedException(refused)) =
            error.as_service_error()
        {
            return Ok(Written::Refused(refused.item.clone()));
        }
        Err(error.into())
    }

    /// Sends a conditional update; what is there instead comes back with the refusal.
    pub(crate) async fn update_if(call: UpdateItemFluentBuilder) -> Result<Written, StoreError> {
        let sent = call.return_values_on_condition_check_failure(ALL_OLD).send().await;
        let Err(error) = sent else { return Ok(Written::Done) };
        if let Some(UpdateItemError::ConditionalCheckFailedException(refused)) =
            error.as_service_error()
        {
            return Ok(Written::Refused(refused.item.clone()));
        }
        Err(error.into())
    }

    /// Removes one item if the condition holds of it; whether it did. Nothing there is nothing
    /// to remove.
    pub(crate) async fn delete_if(
        &self,
        table: Table,
        key: Item,
        condition: Condition,
    ) -> Result<bool, StoreError> {
        let call = self.client.delete_item().table_name(self.name(table)).set_key(Some(key));
        let sent = call
            .condition_expression(condition.expression)
            .set_expression_attribute_names(Some(condition.names))
            .set_expression_attribute_values(condition.values)
            .return_consumed_capacity(METERED)
            .send()
            .await;
        let Err(error) = sent else { return Ok(true) };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(error.into()),
        }
    }
}
