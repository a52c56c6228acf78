//! The rules of two-step verification, each as a test: what had happened, what is asked, what
//! follows. Properties say what never follows, whatever happens.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod budget;
mod channels;
mod codes;
mod devices;
mod fixtures;
mod guard;
mod keys;
mod messages;
mod not_me;
mod properties;
mod push;
mod registration;
mod sending;
mod sign_in;
mod stream;
mod superseding;
mod tries;
mod trust;
