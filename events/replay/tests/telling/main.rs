//! Stories and explanations, as people read them, of what deciders really decide.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod ada;
mod every_event;
mod explanations;
mod log;
mod schemas;
mod stories;
mod versions;
