//! What is true about two-step verification.
//!
//! Deciders turn commands into events and events into state; guards count over attempts; codes
//! are derived. Nothing here knows a clock, a random source, a table or a protocol.

pub mod account;
pub mod budget;
pub mod challenge;
pub mod channels;
pub mod codes;
pub mod decider;
pub mod email;
pub mod guard;
pub mod message;
pub mod millis;
pub mod password;
pub mod policy;
pub mod ports;
pub mod recovery_code;
pub mod report;
pub mod sign_in;
pub mod support;
pub mod text;
pub mod tries;
pub mod verification;
