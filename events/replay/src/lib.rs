//! What is made anew from the log: read it all, count it all, compare, and write what is missing.

pub mod guards;
