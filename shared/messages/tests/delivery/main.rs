//! What the log asks for and who gets it, tried on real tables through the ordinary SDK.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod codes;
mod crashes;
mod notices;
mod people;
mod recorder;
mod troubles;
mod world;
