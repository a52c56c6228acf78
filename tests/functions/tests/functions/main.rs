//! Each Lambda function as the process that is deployed, from its environment to its answers.
//!
//! What the routers and reactions do is tested where they live, and what users can do in the
//! journeys. Only here does a function's own `main` run: it reads its environment, fetches its
//! secrets, asks the Runtime API for work and survives what goes wrong with it.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod account;
mod environment;
mod feedback;
mod function;
mod gateway;
mod lambda;
mod notify;
mod program;
mod recorded;
mod services;
mod sign_in;
mod streams;
mod telemetry;
