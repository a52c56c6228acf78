//! What people read, in their language, and how it reaches them.
//!
//! [`letters`] turns what has happened into a subject, a text and an HTML page; [`mailer`] is the
//! wish to send them and [`ses`] the carrier that grants it, [`push`] and [`sns`] the same for what
//! a phone is told; [`delivery`] is the reaction to the log that says which message is due, to whom,
//! and whether it still makes sense; [`feedback`] notes what the carrier says afterwards.

pub mod delivery;
pub mod feedback;
pub mod letters;
pub mod mailer;
pub mod push;
pub mod ses;
pub mod sns;

/// The languages that messages are written in.
pub use postern_words::language;
