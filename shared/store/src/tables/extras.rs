//! Writes of other tables, prepared as parts of a transaction.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};

use super::Tables;
use super::conditional::{ALL_OLD, Condition};
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::Item;
use crate::keys::Table;

impl Tables {
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
                .return_values_on_condition_check_failure(ALL_OLD);
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

    /// A removal as part of a transaction; without `condition` it always succeeds.
    pub(crate) fn extra_delete(
        &self,
        table: Table,
        key: Item,
        condition: Option<Condition>,
    ) -> Result<Extra, StoreError> {
        let mut delete = Delete::builder().table_name(self.name(table)).set_key(Some(key));
        if let Some(condition) = condition {
            delete = delete
                .condition_expression(condition.expression)
                .set_expression_attribute_names(Some(condition.names))
                .set_expression_attribute_values(condition.values);
        }
        let delete = delete.build().map_err(|why| StoreError::broken("a removal", why))?;
        Ok(Extra(TransactWriteItem::builder().delete(delete).build()))
    }
}
