//! What is only shown. No decision ever reads from here.

mod activity;
mod devices;
mod kept;
mod live;

pub use activity::{Activity, ActivityPage, AttemptReplay, Outcome, SHOWN_FOR};
pub use devices::{DeviceFact, DeviceProfile, DeviceReplay, REVOKED_KNOWN_FOR, device_facts};
pub use kept::{Attribute, Place, ViewItem, ViewPage};

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

use crate::error::StoreError;
use crate::items::Item;
use crate::tables::Tables;

/// The table of views; cheap to clone.
#[derive(Debug, Clone)]
pub struct Views {
    tables: Tables,
    /// What looking at items and at what the log tells of them has cost, in units of reading.
    spent: Arc<Mutex<f64>>,
}

/// What projecting a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projected {
    /// The view shows it now.
    Shown,
    /// The view had shown it, or something newer, before.
    Known,
    /// It is nothing that the view shows.
    Nothing,
}

impl Views {
    pub(crate) fn new(tables: Tables) -> Self {
        Self { tables, spent: Arc::default() }
    }

    /// What looking at single items and at what the log tells of them has cost since this was asked last, in
    /// units of reading. Clones share it.
    #[must_use]
    pub fn spent(&self) -> f64 {
        std::mem::take(&mut *self.spent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn pages(&self, call: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        let spend = |units| {
            *self.spent.lock().unwrap_or_else(PoisonError::into_inner) += units;
        };
        Tables::pages_metered(call, spend).await
    }
}
