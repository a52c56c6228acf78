//! What the log tells: read it all, count it all, compare, and write what is missing; tell one
//! stream's story, and explain one attempt.

mod phrases;
mod reading;

pub mod explain;
pub mod guards;
pub mod schema;
pub mod story;

pub use reading::UnreadableEvent;
