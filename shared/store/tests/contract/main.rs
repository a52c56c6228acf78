//! What the store promises, tried on an embedded `DynamoDB` through the ordinary SDK.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod activity;
mod chains;
mod guards;
mod races;
mod sessions;
mod streams;
mod tally;
mod together;
mod vault;
mod world;
