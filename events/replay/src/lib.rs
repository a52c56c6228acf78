//! The log read again: exported, verified, projected, told; and what operators do with it. No mail and no
//! push is sent from here; what an event asks for is sent by `notify`.
//!
//! Everything here reads rows of the log, see [`row`], from wherever they lie, see [`source`]. What is
//! not in order is sorted first, see [`gather`]; so nothing has to fit into memory.

mod phrases;
mod reading;

pub mod acts;
pub mod at_once;
pub mod columns;
pub mod explain;
pub mod export;
pub mod finding;
pub mod folding;
pub mod gather;
pub mod generate;
pub mod guards;
pub mod line;
pub mod log;
pub mod merge;
pub mod pace;
pub mod parquet;
pub mod person;
pub mod printed;
pub mod progress;
pub mod projection;
pub mod row;
pub mod schema;
pub mod sort;
pub mod source;
pub mod stats;
pub mod story;
pub mod tail;
pub mod verify;
pub mod views;
pub mod work;

pub use reading::UnreadableEvent;
