//! The log read from wherever it lies: verified, replayed, exported, counted.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod breaks;
mod columns;
mod desk;
mod dynamodb;
mod equal;
mod export;
mod figures;
mod folders;
mod forks;
mod heads;
mod history;
mod holes;
mod noting;
mod places;
mod resuming;
mod rows;
mod terminals;
mod whole;
