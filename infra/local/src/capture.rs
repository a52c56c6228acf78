//! Endpoints that take what would leave for people's phones and inboxes, and keep it.

mod mailbox;
pub mod ses;

pub use self::mailbox::{Mail, Mailbox, NewMail};
