//! What people can do, and what nobody can, told from outside and over HTTP.
//!
//! Every journey starts a local stack of its own, so that each may move the clock and count
//! the log without disturbing another. Identifiers such as S3 or C4 in a journey's comment are
//! those of the behaviours that the product's own words promise.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod activity;
mod app_verification;
mod attempts;
mod borrowed_phones;
mod budgets;
mod channels;
mod codes;
mod conflicts;
mod costs;
mod costs_of_changes;
mod denials;
mod device_names;
mod devices;
mod disclosures;
mod email_changes;
mod erasure;
mod erasure_in_trouble;
mod faults;
mod features;
mod feedback;
mod guesses;
mod household;
mod identity;
mod integrity;
mod intruders;
mod keys;
mod killed;
mod letters;
mod local_stack;
mod locales;
mod mails;
mod main_job;
mod messages;
mod methods;
mod operators;
mod outages;
mod owners;
mod password_changes;
mod passwords;
mod pause;
mod phones;
mod places;
mod proofs;
mod push_budgets;
mod push_endpoints;
mod push_tokens;
mod race;
mod recounts;
mod recovery_codes;
mod reference;
mod registration;
mod repeats;
mod repeats_at_once;
mod repeats_in_trouble;
mod repeats_of_changes;
mod report_kinds;
mod report_tokens;
mod reports;
mod reset_guesses;
mod reset_hold;
mod resets;
mod restart;
mod secrecy;
mod settings;
mod signed_out_phones;
mod standstill;
mod step_ups;
mod superseded;
mod support;
mod tables;
mod taken_addresses;
mod throttles;
mod tour;
mod unrecorded;
mod uploads;
mod versions;
mod world;
mod wrong_input;
