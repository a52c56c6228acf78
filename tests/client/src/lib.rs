//! A small client of Postern's API, to read before writing one in Kotlin or Swift.
//!
//! An app needs four things: a key pair that never leaves the device ([`key`]), a proof of
//! that key on every call ([`proof`]), the server's time instead of the phone's ([`clock`]),
//! and calls that keep the session they were given ([`client`], [`calls`]). [`local`] reads
//! what only the local stack shows: mails, pushes, the log, the clock. [`tour`] plays a whole story.

pub mod answer;
pub mod calls;
mod chance;
pub mod client;
pub mod clock;
mod help;
pub mod key;
pub mod local;
pub mod log;
pub mod mail;
mod mailbox;
mod once;
mod ownership;
pub mod proof;
pub mod push;
pub mod request;
mod settings;
pub mod tour;
pub mod trouble;
mod trusted;
