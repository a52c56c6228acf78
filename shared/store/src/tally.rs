//! What a piece of work cost and what it recorded: request units and facts, added up wherever they
//! arise and read once, by whoever measures.
//!
//! Outside of [`tallied`] nothing is added up, and nothing is different.

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws_sdk_dynamodb::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemOutput;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::put_item::PutItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsOutput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::ConsumedCapacity;

use crate::streams::Commit;

tokio::task_local! {
    static TALLY: RefCell<Tally>;
}

/// What was added up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Read request units, as `DynamoDB` reported them.
    pub read_units: f64,
    /// Write request units, as `DynamoDB` reported them. A write whose condition failed is billed and
    /// reports none.
    pub write_units: f64,
    /// How many of each fact, by its wire name.
    pub facts: BTreeMap<String, u64>,
}

/// Does the work, and says what it cost and recorded. What it spawns is not counted.
pub async fn tallied<T>(work: impl Future<Output = T>) -> (T, Tally) {
    let counted = async {
        let done = work.await;
        (done, TALLY.with(RefCell::take))
    };
    TALLY.scope(RefCell::default(), counted).await
}

/// Counts something that happened and is worth an operator's look; a fact of the log counts itself.
pub fn note(fact: &str) {
    add(|tally| *tally.facts.entry(fact.to_owned()).or_default() += 1);
}

/// Counts the facts of a commit that has been appended.
pub(crate) fn appended(commit: &Commit) {
    for event in &commit.events {
        note(&event.name);
    }
}

fn add(change: impl FnOnce(&mut Tally)) {
    // Nobody measures: fine.
    let _ = TALLY.try_with(|tally| change(&mut tally.borrow_mut()));
}

/// Reads what each answer says it cost.
#[derive(Debug)]
pub(crate) struct Costs;

impl Intercept for Costs {
    fn name(&self) -> &'static str {
        "postern-costs"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        let one = |it: Option<&ConsumedCapacity>| it.and_then(ConsumedCapacity::capacity_units);
        let read = |units: Option<f64>| add(|it| it.read_units += units.unwrap_or_default());
        let written = |units: Option<f64>| add(|it| it.write_units += units.unwrap_or_default());
        if let Some(it) = output.downcast_ref::<GetItemOutput>() {
            read(one(it.consumed_capacity()));
        } else if let Some(it) = output.downcast_ref::<QueryOutput>() {
            read(one(it.consumed_capacity()));
        } else if let Some(it) = output.downcast_ref::<PutItemOutput>() {
            written(one(it.consumed_capacity()));
        } else if let Some(it) = output.downcast_ref::<UpdateItemOutput>() {
            written(one(it.consumed_capacity()));
        } else if let Some(it) = output.downcast_ref::<DeleteItemOutput>() {
            written(one(it.consumed_capacity()));
        } else if let Some(it) = output.downcast_ref::<TransactWriteItemsOutput>() {
            written(Some(it.consumed_capacity().iter().filter_map(|it| one(Some(it))).sum()));
        }
        Ok(())
    }
}
