//! The log as a contract: every event's type, wire name, version and schema.
//!
//! A stored event version is for ever: it has a golden file in `golden/`, a JSON Schema in
//! `schemas/` and a line in `CATALOGUE.md`, and tests keep the three complete and unchanged.

pub mod account;
pub mod catalogue;
pub mod code;
pub mod ids;
pub mod message;
pub mod personal;
pub mod schema;
pub mod sign_in;
pub mod stored;
pub mod support;
pub mod upcast;
pub mod verification;
pub mod vocabulary;
