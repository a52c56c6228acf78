//! The local stack as a process that stories are played against.
//!
//! The stories themselves are in `tests/journeys`: they know the API's contract and the local
//! stack's own calls, and nothing of what is behind them.

pub mod program;
pub mod stack;
