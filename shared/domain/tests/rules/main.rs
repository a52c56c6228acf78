//! The rules of two-step verification, each as a test: what had happened, what is asked, what
//! follows. Properties say what never follows, whatever happens.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod budget;
mod channels;
mod codes;
mod counted;
mod devices;
mod email_change;
mod erasure;
mod feedback;
mod fixtures;
mod generations;
mod guard;
mod guesses;
mod keys;
mod messages;
mod not_me;
mod operators;
mod passwords_and_resets;
mod properties;
mod push;
mod recovery_codes;
mod registration;
mod reports;
mod sending;
mod settings;
mod sign_in;
mod step_ups;
mod stream;
mod superseding;
mod tries;
mod trust;
mod verifications;
