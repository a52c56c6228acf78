//! What people do, as stories: each goes on until it is told or a rule refuses its next step.

mod attacks;
mod everyday;
mod mailbox;
mod phones;
