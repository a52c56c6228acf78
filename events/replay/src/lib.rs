//! What the log tells: read it all, count it all, compare, and write what is missing; tell one
//! stream's story, and explain one attempt.

pub mod guards;
pub mod schema;
