//! What a commit says about an attempt to sign in.

use jiff::Timestamp;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, SignInId};
use postern_events::sign_in::SignInEvent;
use postern_events::vocabulary::Method;

use super::{Opening, Outcome};
use crate::error::StoreError;
use crate::keys;
use crate::streams::Commit;

/// The attempt that a commit is about, if it is about one.
pub(super) fn attempt(commit: &Commit) -> Option<SignInId> {
    let (aggregate, id) = keys::stream_parts(&commit.stream)?;
    (aggregate == SignInEvent::AGGREGATE).then(|| id.parse().ok()).flatten()
}

/// The news of one commit, or of several that follow one another.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) account: Option<AccountId>,
    pub(super) opening: Option<Opening>,
    pub(super) method: Option<Method>,
    pub(super) outcome: Outcome,
    pub(super) changed: Timestamp,
}

impl Facts {
    /// Nothing was said yet.
    pub(super) fn none() -> Self {
        Self {
            account: None,
            opening: None,
            method: None,
            outcome: Outcome::CodeRequired,
            changed: Timestamp::UNIX_EPOCH,
        }
    }

    pub(super) fn of(commit: &Commit) -> Result<Self, StoreError> {
        let mut facts = Self::none();
        for stored in &commit.events {
            let event = SignInEvent::read(stored).map_err(|why| {
                let what = format!("commit {} of stream {}", commit.version, commit.stream);
                StoreError::broken(what, why)
            })?;
            facts.add(stored.time, event);
        }
        Ok(facts)
    }

    pub(super) fn add(&mut self, time: Timestamp, event: SignInEvent) {
        self.changed = time;
        self.outcome = match event {
            SignInEvent::Attempted(attempted) => {
                self.account = Some(attempted.account);
                self.opening = Some(Opening {
                    at: time,
                    platform: attempted.platform,
                    device: Some(attempted.device),
                    description: Some(attempted.description),
                    origin: Some(attempted.origin),
                    country: attempted.country,
                });
                Outcome::CodeRequired
            }
            SignInEvent::Refused(refused) => {
                self.account = refused.account;
                self.opening = Some(Opening {
                    at: time,
                    platform: refused.platform,
                    device: None,
                    description: None,
                    origin: None,
                    country: refused.country,
                });
                Outcome::Refused
            }
            SignInEvent::CodeIssued(code) => {
                self.method = Some(code.method);
                Outcome::CodeRequired
            }
            SignInEvent::CodeResent(code) => {
                self.method = Some(code.method);
                Outcome::CodeRequired
            }
            SignInEvent::CodeRejected(_) => Outcome::CodeFailed,
            SignInEvent::CodeVerified(code) => {
                self.method = Some(code.method);
                Outcome::CodeRequired
            }
            SignInEvent::RecoveryCodeUsed(_) => Outcome::CodeRequired,
            SignInEvent::Completed(_) => Outcome::SignedIn,
            SignInEvent::Denied(_) | SignInEvent::Reported(_) => Outcome::Denied,
            SignInEvent::Cancelled(_) => Outcome::Cancelled,
            SignInEvent::Locked(_) => Outcome::Locked,
        };
    }
}

/// An outcome as it is stored.
pub(super) fn name_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::SignedIn => "signed_in",
        Outcome::CodeRequired => "code_required",
        Outcome::CodeFailed => "code_failed",
        Outcome::Refused => "refused",
        Outcome::Denied => "denied",
        Outcome::Expired => "expired",
        Outcome::Cancelled => "cancelled",
        Outcome::Locked => "locked",
    }
}

/// A method as it is stored.
pub(super) fn method_of(method: Method) -> &'static str {
    match method {
        Method::App => "app",
        Method::Email => "email",
    }
}
