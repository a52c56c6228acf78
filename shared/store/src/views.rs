//! What is only shown. No decision ever reads from here.

mod activity;

pub use activity::{Activity, ActivityPage, Outcome, Projected, SHOWN_FOR};

use crate::tables::Tables;

/// The table of views; cheap to clone.
#[derive(Debug, Clone)]
pub struct Views {
    tables: Tables,
}

impl Views {
    pub(crate) fn new(tables: Tables) -> Self {
        Self { tables }
    }
}
