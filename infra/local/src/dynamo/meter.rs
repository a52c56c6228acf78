//! Request units by function, table and operation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use postern_store::keys;
use serde::Serialize;

/// What one call cost on one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// The table as the database names it.
    pub table: String,
    /// Read request units.
    pub read: f64,
    /// Write request units.
    pub write: f64,
}

/// What one function's calls of one operation cost on one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Sum {
    /// How many calls there were.
    pub requests: u64,
    /// Their read request units.
    pub read_units: f64,
    /// Their write request units.
    pub write_units: f64,
}

/// Sums by function, table (without the deployment's prefix) and operation.
pub type Reading = BTreeMap<String, BTreeMap<String, BTreeMap<String, Sum>>>;

/// Counts since it was last cleared. Clones are the same meter.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    sums: Arc<Mutex<Reading>>,
}

impl Meter {
    /// Adds one call. A call that touches several tables counts once at each.
    pub fn book(&self, function: &str, operation: &str, costs: &[Cost]) {
        if costs.is_empty() {
            return;
        }
        let mut by_table: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for cost in costs {
            let table = cost.table.strip_prefix(keys::DEFAULT_PREFIX).unwrap_or(&cost.table);
            let (read, write) = by_table.entry(table).or_default();
            *read += cost.read;
            *write += cost.write;
        }
        let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        let tables = sums.entry(function.to_owned()).or_default();
        for (table, (read, write)) in by_table {
            let operations = tables.entry(table.to_owned()).or_default();
            let sum = operations.entry(operation.to_owned()).or_default();
            sum.requests += 1;
            sum.read_units += read;
            sum.write_units += write;
        }
    }

    /// What was counted.
    #[must_use]
    pub fn read(&self) -> Reading {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Starts again from nothing.
    pub fn clear(&self) {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
