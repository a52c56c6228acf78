//! What is configured about the API.

use crate::app_version::AppVersion;

/// What is configured about the API.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The function that serves, as commits name it.
    pub function: &'static str,
    /// The API as clients reach it, without a slash at the end; proofs and tokens name it.
    pub public_url: String,
    /// The oldest app that is served.
    pub minimum_version: AppVersion,
    /// The newest app there is.
    pub latest_version: AppVersion,
    /// The one address that mail comes from.
    pub email_sender: String,
    /// Where people find help.
    pub support_url: String,
}
