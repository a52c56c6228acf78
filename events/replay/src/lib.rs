//! What is made from the log, or like it: tables made anew, and histories to try tools on.

pub mod generate;
pub mod guards;
