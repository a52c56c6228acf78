//! What Postern keeps in `DynamoDB`: the log, the vault, guards, sessions and views.
//!
//! The only crate that knows a table. Every read is strongly consistent, every write that rests
//! on something read is conditional on it, and a lost answer is told apart from a lost race.

pub mod error;
mod extra;
pub mod guards;
mod items;
pub mod keys;
pub mod lookup;
pub mod model;
pub mod outbox;
pub mod password;
pub mod reaction;
mod ring;
pub mod seal;
pub mod sessions;
mod store;
pub mod streams;
mod tables;
pub mod tally;
pub mod uploads;
pub mod vault;
pub mod views;

pub use error::{Busyness, StoreError};
pub use extra::Extra;
pub use ring::NoSuchKey;
pub use store::Store;
pub use tables::{Part, PartAsked};
