//! Why a message that was taken up did not go.

use postern_events::message::{GivenUp, NotTaken};
use postern_store::StoreError;

use crate::mailer::Undelivered;

/// Why it did not go.
#[derive(Debug)]
pub(super) enum Withheld {
    /// It never will.
    Pointless(GivenUp),
    /// Not now, for a reason that passes by itself.
    NotTaken(NotTaken),
    /// Something that it is made of is missing, and may be mended.
    Unwritable(Box<dyn std::error::Error + Send + Sync>),
    /// The tables did not answer.
    Store(StoreError),
}

/// Something newer, or an end, has made it pointless.
pub(super) const SUPERSEDED: Withheld = Withheld::Pointless(GivenUp::Superseded);
/// There is nobody to tell any more.
pub(super) const ERASED: Withheld = Withheld::Pointless(GivenUp::RecipientErased);
/// No push reaches the device.
pub(super) const UNREACHED: Withheld = Withheld::Pointless(GivenUp::EndpointDisabled);

impl Withheld {
    pub(super) fn unwritable(why: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unwritable(why.into())
    }
}

impl From<StoreError> for Withheld {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Undelivered> for Withheld {
    fn from(why: Undelivered) -> Self {
        match why {
            Undelivered::Rejected => Self::Pointless(GivenUp::Rejected),
            Undelivered::Throttled | Undelivered::Unavailable => Self::NotTaken(why.into()),
        }
    }
}
