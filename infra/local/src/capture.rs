//! Endpoints that take what would leave for people's phones and inboxes, or come from them, and
//! keep it.

mod endpoints;
mod files;
mod mailbox;
mod platform;
mod pushes;
pub mod s3;
pub mod ses;
pub mod sns;
mod xml;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

pub use self::endpoints::{Application, Changes, Endpoint, EndpointError, Endpoints};
pub use self::files::{File, Files, Name};
pub use self::mailbox::{Mail, Mailbox, NewMail};
pub use self::platform::Platform;
pub use self::pushes::{NewPush, Push, Pushes};

/// How every signature of the SDK begins.
const SIGNED: &str = "AWS4-HMAC-SHA256 ";

/// Whether a request carries the SDK's signature. Nobody checks it; but it is a header that a web
/// page may not send to another origin unasked.
fn is_signed(headers: &HeaderMap) -> bool {
    let signed = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    signed.is_some_and(|signed| signed.starts_with(SIGNED))
}
