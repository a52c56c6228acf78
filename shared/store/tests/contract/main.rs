//! What the store promises, tried on an embedded `DynamoDB` through the ordinary SDK.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod activity;
mod addresses;
mod chains;
mod costs;
mod devices;
mod erasure;
mod guards;
mod measured;
mod ownership;
mod push;
mod races;
mod sessions;
mod single_use;
mod slots;
mod streams;
mod tally;
mod together;
mod tries;
mod vault;
mod world;
