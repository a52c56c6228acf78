//! What is only shown. No decision ever reads from here.

mod activity;
mod devices;
mod kept;
mod live;

pub use activity::{Activity, ActivityPage, AttemptReplay, Outcome, SHOWN_FOR};
pub use devices::{DeviceFact, DeviceProfile, DeviceReplay, REVOKED_KNOWN_FOR, device_facts};
pub use kept::{Attribute, Place, ViewItem, ViewPage};

use crate::tables::Tables;

/// The table of views; cheap to clone.
#[derive(Debug, Clone)]
pub struct Views {
    tables: Tables,
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
        Self { tables }
    }
}
