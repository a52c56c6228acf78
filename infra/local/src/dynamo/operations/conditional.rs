//! Writes of one item, which may fail on a condition and cost all the same.
//!
//! The price of a failed condition is that of writing the larger of the item that was there and
//! the item that was attempted, at least one unit (`DynamoDB` developer guide, page "Read and
//! write operations"). The engine reports none, so it is computed here.

use dynoxide::actions::delete_item::DeleteItemRequest;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::update_item::UpdateItemRequest;
use dynoxide::types::{capacity_wanted, item_size, write_capacity_units};
use dynoxide::{Database, DynoxideError, Item};

use super::{Answered, Cost, Failed, Kind, TOTAL, charged, read, written};

/// The mode in which a failed condition returns the item that was there.
pub(super) const ALL_OLD: &str = "ALL_OLD";

macro_rules! conditional {
    ($engine:ident . $method:ident, $request:ty, $body:ident, $attempted:ident) => {{
        let mut request: $request = read($body)?;
        let asked = request.return_consumed_capacity.replace(TOTAL.to_owned());
        let old = request.return_values_on_condition_check_failure.replace(ALL_OLD.to_owned());
        let (table, size) = (request.table_name.clone(), item_size(&request.$attempted));
        let mut response = $engine
            .$method(request)
            .map_err(|error| failed(error, table, size, wants_item(old.as_deref())))?;
        let cost = charged(response.consumed_capacity.iter(), Kind::Write);
        if !capacity_wanted(asked.as_deref()) {
            response.consumed_capacity = None;
        }
        Ok((written(&response)?, cost))
    }};
}

pub(super) fn put(engine: &Database, body: &str) -> Answered {
    conditional!(engine.put_item, PutItemRequest, body, item)
}

/// An update's attempted size is unknown where nothing was there; then its key's stands for it.
pub(super) fn update(engine: &Database, body: &str) -> Answered {
    conditional!(engine.update_item, UpdateItemRequest, body, key)
}

pub(super) fn delete(engine: &Database, body: &str) -> Answered {
    conditional!(engine.delete_item, DeleteItemRequest, body, key)
}

pub(super) fn wants_item(mode: Option<&str>) -> bool {
    mode == Some(ALL_OLD)
}

/// The write units of a condition that failed on `there` with `attempted` bytes in hand.
pub(super) fn failed_units(attempted: usize, there: Option<&Item>) -> f64 {
    write_capacity_units(attempted.max(there.map_or(0, item_size)))
}

fn failed(error: DynoxideError, table: String, size: usize, wanted: bool) -> Failed {
    let DynoxideError::ConditionalCheckFailedException(message, there) = error else {
        return error.into();
    };
    let write = failed_units(size, there.as_ref());
    let there = there.filter(|_| wanted);
    Failed {
        error: DynoxideError::ConditionalCheckFailedException(message, there),
        cost: vec![Cost { table, read: 0.0, write }],
    }
}
