//! Endpoints that take what would leave for people's phones and inboxes, and keep it.

mod endpoints;
mod mailbox;
mod platform;
mod pushes;
pub mod ses;
pub mod sns;

pub use self::endpoints::{Application, Changes, Endpoint, EndpointError, Endpoints};
pub use self::mailbox::{Mail, Mailbox, NewMail};
pub use self::platform::Platform;
pub use self::pushes::{NewPush, Push, Pushes};
