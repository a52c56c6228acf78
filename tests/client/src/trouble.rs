//! Why a call did not lead where it should.

use std::error::Error;

/// What stopped a call. A refusal by the server is an [`Answer`](crate::answer::Answer), and
/// becomes [`Trouble::Refused`] only where the caller has no use for it.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No answer arrived.
    #[error("the server did not answer")]
    Unanswered(#[from] reqwest::Error),
    /// The base address is none.
    #[error("{0:?} is not an address of a server")]
    Address(String),
    /// An answer arrived that the contract doesn't know.
    #[error("the answer to {call} can't be read: {why}")]
    Unreadable {
        /// Method and path.
        call: String,
        /// What was missing.
        why: String,
    },
    /// The server said something else than the caller counted on.
    #[error("{call} was answered with {status} and {code}")]
    Refused {
        /// Method and path.
        call: String,
        /// The HTTP status.
        status: u16,
        /// The problem's code, or the answer's status.
        code: String,
    },
    /// A call that needs a session was made without one.
    #[error("nobody is signed in on this device")]
    SignedOut,
    /// The device's key could not be made or used.
    #[error("the device's key can't be used")]
    Key,
    /// What should have been told could not be written.
    #[error("the tour can't be written down")]
    Telling(#[from] std::io::Error),
}

impl Trouble {
    /// The trouble and everything behind it, on one line.
    #[must_use]
    pub fn in_full(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }
}
