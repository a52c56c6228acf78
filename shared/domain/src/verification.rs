//! One process that proves control of a channel, by the same code rules as a sign-in.

use jiff::Timestamp;
use postern_events::account::TrustedBy;
use postern_events::ids::{AccountId, DeviceId, SessionId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::{Completed, Opened, VerificationEvent};
use postern_events::vocabulary::{
    AddressKey, DeviceDescription, DeviceKey, Method, Origin, Platform,
};
use serde::{Deserialize, Serialize};

use crate::account::{NewDevice, Registration};
use crate::challenge::{Challenge, CodeFact, CodeRefusal, Guess, Material, first_issue};
use crate::decider::{Decider, Stamp};
use crate::policy;

/// A registration that waits for its code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The process's name.
    pub id: VerificationId,
    /// The account that it would open.
    pub account: AccountId,
    /// The account that has the address already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<AccountId>,
    /// The key that asked.
    pub key: DeviceKey,
    /// The device that it would be.
    pub device: DeviceId,
    /// Its platform.
    pub platform: Platform,
    /// Its description, sealed.
    pub description: Personal<DeviceDescription>,
    /// Where it asked from, sealed.
    pub origin: Personal<Origin>,
    /// The address to prove, sealed.
    pub email: Personal<String>,
    /// The normalised address under the lookup key.
    pub address_key: AddressKey,
    /// Language tag.
    pub locale: String,
}

impl Pending {
    /// The account that it opens once the address is proven.
    #[must_use]
    pub fn registration(&self) -> Registration {
        Registration {
            account: self.account,
            email: self.email.clone(),
            address_key: self.address_key,
            locale: self.locale.clone(),
            verification: self.id,
            device: NewDevice {
                id: self.device,
                key: self.key,
                platform: self.platform,
                description: self.description.clone(),
                origin: self.origin.clone(),
                by: TrustedBy::Registration(self.id),
            },
        }
    }
}

/// How a verification ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// What was asked for has been done.
    Complete {
        /// The session that it led to.
        session: SessionId,
    },
    /// Too many wrong codes.
    Locked,
}

/// A verification.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// There is none.
    #[default]
    New,
    /// It was asked for; no code exists yet.
    Opened(Box<Pending>),
    /// A code is awaited.
    CodeRequired(Box<Pending>, Challenge),
    /// It is over.
    Closed {
        /// The account that it was about.
        account: AccountId,
        /// The key that asked.
        key: DeviceKey,
        /// How it ended.
        how: Ending,
    },
}

/// What can be asked of a verification.
#[derive(Debug, Clone)]
pub enum VerificationCommand {
    /// Open it for a registration, by mail.
    Open {
        /// What is asked for; the policy version is filled in.
        opened: Box<Opened>,
        /// What the code is made from.
        material: Material,
        /// The present.
        now: Timestamp,
    },
    /// Send the code again.
    Resend {
        /// The key that asks.
        key: DeviceKey,
        /// What a new code is made from.
        material: Material,
        /// The present.
        now: Timestamp,
    },
    /// Compare a guess.
    Verify {
        /// The key that asks.
        key: DeviceKey,
        /// The guess.
        guess: Guess,
        /// Whether somebody else has the address by now: then no code is right.
        taken: bool,
        /// The name for the session.
        session: SessionId,
        /// The present.
        now: Timestamp,
    },
}

/// Why a verification does nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VerificationRefusal {
    /// There is none, or it is another key's: both look alike.
    #[error("there is no such verification")]
    NotFound,
    /// The name is in use.
    #[error("the verification exists")]
    Exists,
    /// What the code engine says.
    #[error(transparent)]
    Code(#[from] CodeRefusal),
}

impl Verification {
    /// The account and the key, once it is opened.
    #[must_use]
    pub fn whose(&self) -> Option<(AccountId, DeviceKey)> {
        match self {
            Self::New => None,
            Self::Opened(it) | Self::CodeRequired(it, _) => Some((it.account, it.key)),
            Self::Closed { account, key, .. } => Some((*account, *key)),
        }
    }

    /// What is asked for and its codes, if the one who asks may go on with them.
    ///
    /// # Errors
    /// When there is none, it is another key's, or it is over.
    pub fn may_go_on(
        &self,
        by: DeviceKey,
        now: Timestamp,
    ) -> Result<(&Pending, &Challenge), VerificationRefusal> {
        if self.whose().is_none_or(|(_, key)| key != by) {
            return Err(VerificationRefusal::NotFound);
        }
        match self {
            Self::CodeRequired(pending, challenge) if !challenge.is_over(now) => {
                Ok((pending, challenge))
            }
            Self::New | Self::Opened(_) | Self::CodeRequired(..) | Self::Closed { .. } => {
                Err(CodeRefusal::Closed.into())
            }
        }
    }
}

impl Decider for Verification {
    const STATE_SCHEMA: u32 = 2;

    type Id = VerificationId;
    type Command = VerificationCommand;
    type Event = VerificationEvent;
    type Refusal = VerificationRefusal;

    fn decide(
        &self,
        command: VerificationCommand,
    ) -> Result<Vec<VerificationEvent>, VerificationRefusal> {
        match command {
            VerificationCommand::Open { opened, material, now } => {
                if !matches!(self, Self::New) {
                    return Err(VerificationRefusal::Exists);
                }
                let issued = first_issue(opened.purpose, Method::Email, material, now);
                let opened = Opened { policy: policy::VERSION, ..*opened };
                Ok(vec![VerificationEvent::Opened(opened), VerificationEvent::CodeIssued(issued)])
            }
            VerificationCommand::Resend { key, material, now } => {
                let (_, challenge) = self.may_go_on(key, now)?;
                Ok(vec![of_code(challenge.resend(Method::Email, material, now)?)])
            }
            VerificationCommand::Verify { key, guess, taken, session, now } => {
                let (pending, challenge) = self.may_go_on(key, now)?;
                let id = pending.id.to_string();
                let mut facts = challenge.judge(pending.account, &id, &guess, now)?;
                let right = matches!(facts.first(), Some(CodeFact::Verified(_)));
                let taken = taken || pending.taken_by.is_some();
                if right && taken {
                    // One address, one account; and the answer must not tell that it is taken.
                    facts = challenge.wrong_guess();
                }
                let opens = right && !taken;
                let mut events: Vec<_> = facts.into_iter().map(of_code).collect();
                if opens {
                    events.push(VerificationEvent::Completed(Completed { session }));
                }
                Ok(events)
            }
        }
    }

    fn apply(&mut self, event: &VerificationEvent, stamp: Stamp) {
        let before = std::mem::take(self);
        *self = match (before, event) {
            (_, VerificationEvent::Opened(it)) => Self::Opened(Box::new(pending(it))),
            (Self::Opened(pending), VerificationEvent::CodeIssued(it)) => {
                Self::CodeRequired(pending, Challenge::begun(it, stamp))
            }
            (Self::CodeRequired(pending, mut challenge), VerificationEvent::CodeIssued(it)) => {
                challenge.issued(it, stamp);
                Self::CodeRequired(pending, challenge)
            }
            (Self::CodeRequired(pending, mut challenge), VerificationEvent::CodeResent(it)) => {
                challenge.resent(it, stamp);
                Self::CodeRequired(pending, challenge)
            }
            (Self::CodeRequired(pending, mut challenge), VerificationEvent::CodeRejected(_)) => {
                challenge.rejected();
                Self::CodeRequired(pending, challenge)
            }
            (before, VerificationEvent::Completed(it)) => {
                before.closed(Ending::Complete { session: it.session })
            }
            (before, VerificationEvent::Locked(_)) => before.closed(Ending::Locked),
            (
                before,
                VerificationEvent::CodeIssued(_)
                | VerificationEvent::CodeResent(_)
                | VerificationEvent::CodeRejected(_)
                | VerificationEvent::CodeVerified(_),
            ) => before,
        };
    }
}

impl Verification {
    fn closed(self, how: Ending) -> Self {
        match self.whose() {
            Some((account, key)) => Self::Closed { account, key, how },
            None => self,
        }
    }
}

fn pending(it: &Opened) -> Pending {
    Pending {
        id: it.verification,
        account: it.account,
        taken_by: it.taken_by,
        key: it.key,
        device: it.device,
        platform: it.platform,
        description: it.description.clone(),
        origin: it.origin.clone(),
        email: it.email.clone(),
        address_key: it.address_key,
        locale: it.locale.clone(),
    }
}

fn of_code(fact: CodeFact) -> VerificationEvent {
    match fact {
        CodeFact::Issued(it) => VerificationEvent::CodeIssued(it),
        CodeFact::Resent(it) => VerificationEvent::CodeResent(it),
        CodeFact::Rejected(it) => VerificationEvent::CodeRejected(it),
        CodeFact::Verified(it) => VerificationEvent::CodeVerified(it),
        CodeFact::Locked(it) => VerificationEvent::Locked(it),
    }
}
