//! What the tables charge, as their own answers tell it.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use serde_json::Value;

/// Request units.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) read: f64,
    pub(crate) write: f64,
}

/// Adds up what every answer says. A failed condition says nothing and costs what the write would
/// have, one unit for items as small as here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Costs(Arc<Mutex<Cost>>);

impl Costs {
    /// What was charged since this was asked the last time.
    pub(crate) fn take(&self) -> Cost {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn units(answer: &Value) -> f64 {
    let of_one = |it: &Value| it["CapacityUnits"].as_f64().unwrap_or_default();
    let consumed = &answer["ConsumedCapacity"];
    consumed.as_array().map_or_else(|| of_one(consumed), |it| it.iter().map(of_one).sum())
}

impl Intercept for Costs {
    fn name(&self) -> &'static str {
        "costs"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let output = context.output_or_error().ok();
        let reads = output.is_some_and(|it| {
            it.downcast_ref::<GetItemOutput>().is_some()
                || it.downcast_ref::<QueryOutput>().is_some()
        });
        let answer = context.response().body().bytes().unwrap_or_default();
        let answer: Value = serde_json::from_slice(answer)?;
        let failed = answer["__type"].as_str().unwrap_or_default();
        let mut sum = self.0.lock().unwrap();
        if failed.ends_with("ConditionalCheckFailedException") {
            sum.write += 1.0;
        } else if reads {
            sum.read += units(&answer);
        } else {
            sum.write += units(&answer);
        }
        Ok(())
    }
}
