//! What the log asks for and who gets it, tried on real tables through the ordinary SDK.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod codes;
mod crashes;
mod goodbyes;
mod notices;
mod outages;
mod people;
mod phones;
mod recorder;
mod registrations;
mod requests;
mod tokens;
mod troubles;
mod world;
