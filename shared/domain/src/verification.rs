//! One process that proves control of a channel, by the same code rules as a sign-in.

use jiff::Timestamp;
use postern_events::account::TrustedBy;
use postern_events::ids::{AccountId, DeviceId, SessionId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::{
    Completed, Denied, Fulfilled, Opened, Reported, VerificationEvent,
};
use postern_events::vocabulary::{
    AddressKey, DeviceDescription, DeviceKey, Method, Origin, Platform, Purpose,
};
use serde::{Deserialize, Serialize};

use crate::account::{NewDevice, Registration};
use crate::challenge::{Challenge, CodeFact, CodeRefusal, Guess, Material, first_issue};
use crate::channels::{Channels, Unavailable};
use crate::decider::{Decider, Stamp};
use crate::policy;

mod command;
pub use command::{Going, Outcome, VerificationCommand, VerificationRefusal, Way};

/// What a process is about, while its code is awaited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The process's name.
    pub id: VerificationId,
    /// What it is for.
    pub purpose: Purpose,
    /// The account that it is about, or would open.
    pub account: AccountId,
    /// The account that has the address already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<AccountId>,
    /// The key that asked.
    pub key: DeviceKey,
    /// The session that asked, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The account's attempt generation when it was opened, where there was an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    /// The device that asked, or would be.
    pub device: DeviceId,
    /// Its platform.
    pub platform: Platform,
    /// Its description, sealed.
    pub description: Personal<DeviceDescription>,
    /// Where it asked from, sealed.
    pub origin: Personal<Origin>,
    /// The address to prove, sealed; that of a step-up is the account's.
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
        /// The session that it led to, or that was stepped up.
        session: SessionId,
    },
    /// What was asked for has been done, and no session came of it.
    Fulfilled,
    /// The owner said that it was not them.
    Denied,
    /// Somebody who was mailed about it said that it was not them.
    Reported,
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
    /// It was asked for; no code exists, as no channel reaches the owner.
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
    /// When there is none, it is another key's or session's, or it is over.
    pub fn may_go_on(&self, going: &Going) -> Result<(&Pending, &Challenge), VerificationRefusal> {
        if self.whose().is_none_or(|(_, key)| key != going.key) {
            return Err(VerificationRefusal::NotFound);
        }
        match self {
            Self::CodeRequired(pending, _) | Self::Opened(pending)
                if pending.session.is_some() && pending.session != going.session =>
            {
                Err(VerificationRefusal::NotFound)
            }
            Self::New | Self::Opened(_) | Self::CodeRequired(..) | Self::Closed { .. } => {
                self.is_open(going.generation, going.now)
            }
        }
    }

    /// The same; to whom it belongs is not asked. A process about an account dies when the account's
    /// attempt generation rises.
    ///
    /// # Errors
    /// When it is over, or has never awaited a code.
    pub fn is_open(
        &self,
        generation: Option<u32>,
        now: Timestamp,
    ) -> Result<(&Pending, &Challenge), VerificationRefusal> {
        match self {
            Self::CodeRequired(pending, challenge)
                if !challenge.is_over(now)
                    && pending.generation.is_none_or(|it| generation == Some(it)) =>
            {
                Ok((pending, challenge))
            }
            Self::New | Self::Opened(_) | Self::CodeRequired(..) | Self::Closed { .. } => {
                Err(CodeRefusal::Closed.into())
            }
        }
    }
}

impl Decider for Verification {
    const STATE_SCHEMA: u32 = 3;

    type Id = VerificationId;
    type Command = VerificationCommand;
    type Event = VerificationEvent;
    type Refusal = VerificationRefusal;

    fn decide(
        &self,
        command: VerificationCommand,
    ) -> Result<Vec<VerificationEvent>, VerificationRefusal> {
        match command {
            VerificationCommand::Open { opened, way, material, now } => {
                if !matches!(self, Self::New) {
                    return Err(VerificationRefusal::Exists);
                }
                let opened = Opened { policy: policy::VERSION, ..*opened };
                let next = match way {
                    Way::Code(method) => {
                        let issued = first_issue(opened.purpose, method, material, now);
                        Some(VerificationEvent::CodeIssued(issued))
                    }
                    Way::AtOnce(session) => {
                        Some(VerificationEvent::Completed(Completed { session }))
                    }
                    Way::Nowhere => None,
                };
                Ok(std::iter::once(VerificationEvent::Opened(opened)).chain(next).collect())
            }
            VerificationCommand::Resend { going, method, channels, material } => {
                self.resend(&going, method, channels, material)
            }
            VerificationCommand::Verify { going, guess, never, outcome } => {
                self.verify(&going, &guess, never, outcome)
            }
            VerificationCommand::Deny { by, generation, now } => {
                self.is_open(Some(generation), now)?;
                Ok(vec![VerificationEvent::Denied(Denied { by })])
            }
            VerificationCommand::Report { asked_by } => Ok(match self {
                Self::Opened(_) | Self::CodeRequired(..) => {
                    vec![VerificationEvent::Reported(Reported { asked_by })]
                }
                // What it led to is undone on the account.
                Self::New | Self::Closed { .. } => Vec::new(),
            }),
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
            (before, VerificationEvent::Fulfilled(_)) => before.closed(Ending::Fulfilled),
            (before, VerificationEvent::Denied(_)) => before.closed(Ending::Denied),
            (before, VerificationEvent::Reported(_)) => before.closed(Ending::Reported),
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
    fn resend(
        &self,
        going: &Going,
        method: Option<Method>,
        channels: Option<Channels>,
        material: Material,
    ) -> Result<Vec<VerificationEvent>, VerificationRefusal> {
        let (_, challenge) = self.may_go_on(going)?;
        let method = method.unwrap_or(challenge.newest().method);
        match channels {
            Some(channels) => {
                if let Some(why) = channels.without(method) {
                    return Err(why.into());
                }
                if method == Method::Email && channels.mails_left == 0 {
                    let again_at = channels.mails_again_at;
                    return Err(CodeRefusal::TooManySends { again_at }.into());
                }
            }
            // What proves an address travels to it.
            None if method == Method::App => return Err(Unavailable::NoDevice.into()),
            None => {}
        }
        Ok(vec![of_code(challenge.resend(method, material, going.now)?)])
    }

    /// A code that can't be right leads to the same answer as a wrong one: one address, one account,
    /// and the answer must not tell that it is taken, or that an account is there at all.
    fn verify(
        &self,
        going: &Going,
        guess: &Guess,
        never: bool,
        outcome: Outcome,
    ) -> Result<Vec<VerificationEvent>, VerificationRefusal> {
        let (pending, challenge) = self.may_go_on(going)?;
        let id = pending.id.to_string();
        let mut facts = challenge.judge(pending.account, &id, guess, going.now)?;
        let right = matches!(facts.first(), Some(CodeFact::Verified(_)));
        let never = never || pending.taken_by.is_some();
        if right && never {
            facts = challenge.wrong_guess();
        }
        let mut events: Vec<_> = facts.into_iter().map(of_code).collect();
        if right && !never {
            events.extend(match outcome {
                Outcome::Session(session) => {
                    Some(VerificationEvent::Completed(Completed { session }))
                }
                Outcome::Fulfilled => Some(VerificationEvent::Fulfilled(Fulfilled {})),
                Outcome::Nothing => None,
            });
        }
        Ok(events)
    }

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
        purpose: it.purpose,
        account: it.account,
        taken_by: it.taken_by,
        key: it.key,
        session: it.session,
        generation: it.attempt_generation,
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
