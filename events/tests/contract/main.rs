//! The log as a contract: what was ever stored reads for ever, and nothing changes unnoticed.
//!
//! `POSTERN_BLESS=1` writes schemas that changed and golden files that are missing. A golden file
//! that exists is never written again: it stands for data that lie in the log already.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod files;
mod goldens;
mod page;
mod reading;
mod samples;
mod schemas;
