//! "It wasn't me": what the link in a mail carries.
//!
//! The token names the event that the mail was about, and proves that whoever has it got that mail.
//! It is derived when the mail is written and again when it comes back, and stored nowhere.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use postern_events::account::AccountEvent;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, EventId, SignInId, VerificationId};
use postern_events::sign_in::SignInEvent;
use postern_events::verification::VerificationEvent;
use subtle::ConstantTimeEq as _;

use crate::codes::{CodeKeys, KeyMissing};
use crate::policy;

/// The longest token: two identifiers, a key's name, a tag.
const MAX_LENGTH: usize = 256;

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// An attempt to sign in.
    SignIn(SignInId),
    /// A reset, a change of address, a step-up or a registration.
    Verification(VerificationId),
    /// Something that was done to an account.
    Account(AccountId),
}

impl Reported {
    /// The stream that it is.
    #[must_use]
    pub fn stream(self) -> String {
        let aggregate = match self {
            Self::SignIn(_) => SignInEvent::AGGREGATE,
            Self::Verification(_) => VerificationEvent::AGGREGATE,
            Self::Account(_) => AccountEvent::AGGREGATE,
        };
        format!("{aggregate}/{self}")
    }
}

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn(id) => id.fmt(f),
            Self::Verification(id) => id.fmt(f),
            Self::Account(id) => id.fmt(f),
        }
    }
}

impl FromStr for Reported {
    type Err = NotAReport;

    fn from_str(text: &str) -> Result<Self, NotAReport> {
        let sign_in = text.parse().map(Self::SignIn);
        let verification = || text.parse().map(Self::Verification);
        let account = || text.parse().map(Self::Account);
        sign_in.or_else(|_| verification()).or_else(|_| account()).map_err(|_| NotAReport)
    }
}

/// A text that is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a report's token")]
pub struct NotAReport;

/// A token, as a mail carries it. Its `Debug` shows no tag.
#[derive(Clone, PartialEq, Eq)]
pub struct ReportToken {
    /// What it is about.
    pub about: Reported,
    /// The event that asked for the mail.
    pub event: EventId,
    kid: String,
    tag: [u8; 16],
}

impl ReportToken {
    /// The token for a mail that this event asked for.
    ///
    /// # Errors
    /// When the current code key is not at hand.
    pub fn new(
        keys: &CodeKeys,
        account: AccountId,
        about: Reported,
        event: EventId,
    ) -> Result<Self, KeyMissing> {
        let kid = keys.current().to_owned();
        let tag = keys.report_tag(&kid, account, &about.to_string(), event)?;
        Ok(Self { about, event, kid, tag })
    }

    /// Whether the token was made by us, for this account; in constant time.
    ///
    /// # Errors
    /// When the key it names is not at hand: it may be too old, or made up.
    pub fn is_genuine(&self, keys: &CodeKeys, account: AccountId) -> Result<bool, KeyMissing> {
        let tag = keys.report_tag(&self.kid, account, &self.about.to_string(), self.event)?;
        Ok(tag.ct_eq(&self.tag).into())
    }

    /// Whether it works no longer.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at()
    }

    /// When it stops working.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        // Anybody can make up an event at the end of time.
        self.event.time().checked_add(policy::REPORT_LIFE).unwrap_or(Timestamp::MAX)
    }

    /// The text that the mail's link carries.
    #[must_use]
    pub fn reveal(&self) -> String {
        let Self { about, event, kid, tag } = self;
        format!("{about}.{event}.{kid}.{}", URL_SAFE_NO_PAD.encode(tag))
    }
}

impl fmt::Debug for ReportToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReportToken({})", self.about)
    }
}

impl FromStr for ReportToken {
    type Err = NotAReport;

    fn from_str(text: &str) -> Result<Self, NotAReport> {
        if text.len() > MAX_LENGTH {
            return Err(NotAReport);
        }
        let (about, rest) = text.split_once('.').ok_or(NotAReport)?;
        let (event, rest) = rest.split_once('.').ok_or(NotAReport)?;
        let (kid, tag) = rest.rsplit_once('.').ok_or(NotAReport)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| NotAReport)?;
        Ok(Self {
            about: about.parse()?,
            event: event.parse().map_err(|_| NotAReport)?,
            kid: kid.to_owned(),
            tag: tag.try_into().map_err(|_| NotAReport)?,
        })
    }
}
