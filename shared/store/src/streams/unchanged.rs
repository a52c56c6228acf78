//! A decision that rests on a stream it doesn't write to.

use aws_sdk_dynamodb::types::{ConditionCheck, TransactWriteItem};
use postern_domain::decider::Decider;

use super::EventStore;
use super::context::StreamContext;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{Item, number, text};
use crate::keys;
use crate::tables::Condition;

impl EventStore {
    /// Holds a transaction to what was read: it is refused if the stream has grown since.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the check can't be built.
    pub fn unchanged<D: Decider>(&self, context: &StreamContext<D>) -> Result<Extra, StoreError> {
        let next = Item::from([
            (keys::STREAM.to_owned(), text(context.stream())),
            (keys::VERSION.to_owned(), number(context.sequence() + 1)),
        ]);
        let absent = Condition::absent(keys::EVENTS);
        let check = ConditionCheck::builder()
            .table_name(self.tables.name(keys::EVENTS))
            .set_key(Some(next))
            .condition_expression(absent.expression)
            .set_expression_attribute_names(Some(absent.names))
            .build()
            .map_err(|why| StoreError::broken("a check of a stream", why))?;
        Ok(Extra(TransactWriteItem::builder().condition_check(check).build()))
    }
}
