//! The local stack as a process that stories are played against.
//!
//! The stories themselves are in `tests/journeys`: they know the API's contract and the local
//! stack's own calls. What must be true of the log whatever happened is checked with the very code
//! that reads it; nothing else behind the contract is known here.

pub mod program;
pub mod stack;
