//! What the log asks for and who gets it, tried on real tables through the ordinary SDK.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod bucket;
mod codes;
mod crashes;
mod deeds;
mod erasure;
mod goodbyes;
mod help;
mod mailed;
mod notices;
mod outages;
mod people;
mod phones;
mod processes;
mod proofs;
mod recorder;
mod requests;
mod tokens;
mod told;
mod troubles;
mod world;
