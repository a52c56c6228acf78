//! The log: streams of commits, each of which carries the state that it led to.

mod append;
mod chain;
mod commit;
mod context;
mod cqrs;
mod execute;
mod offline;
mod read;
mod scan;
mod stage;
mod together;
mod unchanged;

pub use append::Committed;
pub use chain::{Break, BreakKind, ORIGIN, chain, verify_chain};
pub use commit::{Commit, CommitParts, Meta};
pub use context::StreamContext;
pub use execute::{DECISIONS, Decided, ExecuteError, wait};
pub use offline::Offline;
pub use scan::{Asked, Found, Page, Position};
pub use stage::{Staged, stage};
pub use together::{Loser, TogetherError};

use crate::tables::Tables;

/// The table of commits; cheap to clone.
#[derive(Debug, Clone)]
pub struct EventStore {
    tables: Tables,
}

impl EventStore {
    pub(crate) fn new(tables: Tables) -> Self {
        Self { tables }
    }
}
