//! Where the faults of the tables strike.

use dynoxide::DynoxideError;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::errors::CancellationReason;
use postern_store::keys;

use super::operations::{Outcome, read, table_of};
use crate::faults::{Fault, Faults, StoreFault};

/// Whose calls are struck: those that somebody waits for. The functions on the stream are held up
/// by faults of their own, and a test that drains must not fill the dead letters instead.
const STRUCK: [&str; 5] = ["sign-in", "account", "restorer", "operator", "discloser"];

/// What `DynamoDB` says of an item of a transaction that another one holds.
const HELD: &str = "Transaction is ongoing for the item";

/// One call, as far as a fault has to know it.
pub(super) struct Call<'a> {
    pub(super) function: &'a str,
    pub(super) operation: &'a str,
    pub(super) body: &'a str,
    /// Whether the SDK makes this call again, because it had no answer to the first.
    pub(super) repeated: bool,
}

impl Call<'_> {
    /// What is answered instead of doing anything; nothing is charged for that.
    pub(super) fn refused(&self, faults: &Faults) -> Option<Outcome> {
        if !STRUCK.contains(&self.function) {
            return None;
        }
        let strike = |fault| faults.strike(Fault::Store(fault));
        if strike(StoreFault::Down) {
            return Some(Outcome::broken());
        }
        if strike(StoreFault::Throttle) {
            return Some(Outcome::throttled());
        }
        if !faults.has(Fault::Store(StoreFault::Conflict)) {
            return None;
        }
        let contended = self.contended()?;
        strike(StoreFault::Conflict).then_some(contended)
    }

    /// Whether the answer is lost, if what the call asks for is done. The answer to a repeat
    /// arrives: it writes nothing, so nothing about it is worth losing.
    pub(super) fn may_be_lost(&self, faults: &Faults) -> bool {
        STRUCK.contains(&self.function)
            && !self.repeated
            && faults.has(Fault::Store(StoreFault::LostAnswer))
            && self.contended().is_some()
    }

    /// What `DynamoDB` answers when a transaction of somebody else holds what this call writes to
    /// the log, or checks there for a write; nothing where the log is left alone.
    fn contended(&self) -> Option<Outcome> {
        match self.operation {
            "PutItem" => {
                let put: PutItemRequest = read(self.body).ok()?;
                is_log(&put.table_name).then(Outcome::contended)
            }
            "TransactWriteItems" => {
                let request: TransactWriteItemsRequest = read(self.body).ok()?;
                let held =
                    request.transact_items.iter().map(|item| table_of(item).is_some_and(is_log));
                cancelled(&held.collect::<Vec<bool>>())
            }
            _ => None,
        }
    }
}

/// A transaction that was cancelled because some of its items are held.
fn cancelled(held: &[bool]) -> Option<Outcome> {
    if !held.contains(&true) {
        return None;
    }
    let reasons: Vec<CancellationReason> = held
        .iter()
        .map(|held| CancellationReason {
            code: if *held { "TransactionConflict" } else { "None" }.to_owned(),
            message: held.then(|| HELD.to_owned()),
            item: None,
        })
        .collect();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code.as_str()).collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    Some(Outcome::failed(&DynoxideError::TransactionCanceledException(message, reasons)))
}

fn is_log(table: &str) -> bool {
    table.strip_prefix(keys::DEFAULT_PREFIX) == Some(keys::EVENTS.name)
}
