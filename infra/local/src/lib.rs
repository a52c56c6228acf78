//! The local stack: every part of Postern in one process, on an embedded `DynamoDB`.
//!
//! The HTTP routers and the stream functions are the very ones that run in the Lambdas, and they
//! talk through the ordinary AWS SDK to endpoints that speak the real protocols. What AWS does
//! around them is played here: `DynamoDB` ([`dynamo`]), the event source mappings ([`poller`]), the
//! schedule ([`timer`]), SES, SNS and S3 ([`capture`]), the topic by which SES reports on mails
//! ([`topic`]), and what goes wrong there ([`faults`]). What only a test or a curious person wants
//! (mails, pushes, the log, a movable clock) is under `/_local` ([`local_api`]).

pub mod capture;
pub mod clients;
pub mod clock;
pub mod compose;
pub mod database;
pub mod dynamo;
pub mod faults;
#[cfg(test)]
mod fixtures;
pub mod folder;
pub mod local_api;
pub mod loopback;
pub mod poller;
pub mod settings;
pub mod stack;
pub mod state;
pub mod timer;
pub mod topic;
pub mod world;
