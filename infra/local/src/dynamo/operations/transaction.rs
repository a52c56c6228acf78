//! Writes of several items at once, which cost double, also when they are cancelled.

use dynoxide::actions::transact_write_items::{TransactWriteItem, TransactWriteItemsRequest};
use dynoxide::errors::CancellationReason;
use dynoxide::types::{TRANSACTIONAL_CAPACITY_FACTOR, capacity_wanted, item_size};
use dynoxide::{Database, DynoxideError};

use super::conditional::{ALL_OLD, failed_units, wants_item};
use super::{Answered, Cost, Failed, Kind, TOTAL, charged, read, written};

/// One item of a transaction, as far as its price and its failure need it.
struct Attempt {
    table: String,
    size: usize,
    wants_item: bool,
}

pub(super) fn write(engine: &Database, body: &str) -> Answered {
    let mut request: TransactWriteItemsRequest = read(body)?;
    let asked = request.return_consumed_capacity.replace(TOTAL.to_owned());
    let attempts: Vec<Attempt> = request.transact_items.iter_mut().filter_map(attempt).collect();
    let mut response =
        engine.transact_write_items(request).map_err(|error| cancelled(error, &attempts))?;
    let cost = charged(response.consumed_capacity.iter().flatten(), Kind::Write);
    if !capacity_wanted(asked.as_deref()) {
        response.consumed_capacity = None;
    }
    Ok((written(&response)?, cost))
}

/// Notes one item, and asks for what is there should its condition fail.
fn attempt(item: &mut TransactWriteItem) -> Option<Attempt> {
    let (table, size, mode) = if let Some(put) = &mut item.put {
        let size = item_size(&put.item);
        (&put.table_name, size, &mut put.return_values_on_condition_check_failure)
    } else if let Some(update) = &mut item.update {
        let size = item_size(&update.key);
        (&update.table_name, size, &mut update.return_values_on_condition_check_failure)
    } else if let Some(delete) = &mut item.delete {
        let size = item_size(&delete.key);
        (&delete.table_name, size, &mut delete.return_values_on_condition_check_failure)
    } else if let Some(check) = &mut item.condition_check {
        let size = item_size(&check.key);
        (&check.table_name, size, &mut check.return_values_on_condition_check_failure)
    } else {
        return None;
    };
    let asked = mode.replace(ALL_OLD.to_owned());
    Some(Attempt { table: table.clone(), size, wants_item: wants_item(asked.as_deref()) })
}

/// The table that an item of a transaction is in.
pub(in crate::dynamo) fn table_of(item: &TransactWriteItem) -> Option<&str> {
    let TransactWriteItem { put, update, delete, condition_check } = item;
    let put = put.as_ref().map(|put| &put.table_name);
    let update = update.as_ref().map(|update| &update.table_name);
    let delete = delete.as_ref().map(|delete| &delete.table_name);
    let check = condition_check.as_ref().map(|check| &check.table_name);
    put.or(update).or(delete).or(check).map(String::as_str)
}

fn cancelled(error: DynoxideError, attempts: &[Attempt]) -> Failed {
    let DynoxideError::TransactionCanceledException(message, mut reasons) = error else {
        return error.into();
    };
    let billed = reasons.iter().any(|reason| reason.code == "ConditionalCheckFailed");
    let mut cost = Vec::new();
    for (attempt, reason) in attempts.iter().zip(&mut reasons) {
        if billed {
            cost.push(price(attempt, reason));
        }
        if !attempt.wants_item {
            reason.item = None;
        }
    }
    Failed { error: DynoxideError::TransactionCanceledException(message, reasons), cost }
}

fn price(attempt: &Attempt, reason: &CancellationReason) -> Cost {
    let units = failed_units(attempt.size, reason.item.as_ref());
    Cost { table: attempt.table.clone(), read: 0.0, write: units * TRANSACTIONAL_CAPACITY_FACTOR }
}
