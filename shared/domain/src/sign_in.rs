//! One attempt to sign in, from the right password to a session or an end without one.

use jiff::Timestamp;
use postern_events::account::TrustedBy;
use postern_events::code::{CodeRejected, Locked};
use postern_events::ids::{AccountId, DeviceId, SignInId};
use postern_events::personal::Personal;
use postern_events::sign_in::{
    Cancelled, CancelledBecause, Completed, Denied, RecoveryCodeUsed, Refused, Reported,
    SignInEvent,
};
use postern_events::vocabulary::{DeviceDescription, DeviceKey, Method, Origin, Platform};
use serde::{Deserialize, Serialize};

use crate::account::NewDevice;
use crate::challenge::{Challenge, CodeFact, CodeRefusal};
use crate::decider::{Decider, Stamp};
use crate::policy;

mod admission;
mod command;
use admission::{admit, open};
pub use command::{Asking, RightPassword, SignInCommand, SignInRefusal};

/// Who attempts, and what was true when they did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The attempt's name.
    pub id: SignInId,
    /// The account.
    pub account: AccountId,
    /// The key that attempts.
    pub key: DeviceKey,
    /// The device that it is, or will be when it is let in.
    pub device: DeviceId,
    /// Its platform.
    pub platform: Platform,
    /// The account's attempt generation when it was opened.
    pub generation: u32,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With a session.
    Complete(Completed),
    /// With too many wrong codes.
    Locked,
    /// Given up by whoever attempted.
    Cancelled,
    /// The owner said that it was not them.
    Denied,
    /// Somebody who was mailed about it said that it was not them.
    Reported,
}

/// An attempt to sign in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// There is none.
    #[default]
    New,
    /// The password was wrong, or the address has no account.
    Refused,
    /// The password was right and no channel reaches the owner.
    Unreachable(Box<Attempt>),
    /// A code is awaited.
    CodeRequired(Box<Attempt>, Challenge),
    /// It is over.
    Closed {
        /// The account.
        account: AccountId,
        /// The key that attempted.
        key: DeviceKey,
        /// How it ended.
        how: Ending,
    },
}

impl SignIn {
    /// The account and the key, once somebody gave the right password.
    #[must_use]
    pub fn whose(&self) -> Option<(AccountId, DeviceKey)> {
        match self {
            Self::New | Self::Refused => None,
            Self::Unreachable(attempt) | Self::CodeRequired(attempt, _) => {
                Some((attempt.account, attempt.key))
            }
            Self::Closed { account, key, .. } => Some((*account, *key)),
        }
    }

    /// The attempt and its codes, while one is awaited.
    #[must_use]
    pub fn pending(&self) -> Option<(&Attempt, &Challenge)> {
        match self {
            Self::CodeRequired(attempt, challenge) => Some((attempt, challenge)),
            Self::New | Self::Refused | Self::Unreachable(_) | Self::Closed { .. } => None,
        }
    }

    /// The attempt and its codes, if the one who asks may go on with them.
    ///
    /// # Errors
    /// When there is none, it is another key's, or it is over.
    pub fn may_go_on(&self, asking: &Asking) -> Result<(&Attempt, &Challenge), SignInRefusal> {
        match self.whose() {
            Some((_, key)) if key == asking.key => {}
            Some(_) | None => return Err(SignInRefusal::NotFound),
        }
        self.is_open(asking.generation, asking.now)
    }

    /// The attempt, and its codes where one reached the owner, if a recovery code may be given for it:
    /// also where nothing reaches the owner, for that is what it is for.
    ///
    /// # Errors
    /// When there is none, it is another key's, or it is over.
    pub fn may_recover(
        &self,
        asking: &Asking,
    ) -> Result<(&Attempt, Option<&Challenge>), SignInRefusal> {
        let Self::Unreachable(attempt) = self else {
            return self.may_go_on(asking).map(|(attempt, challenge)| (attempt, Some(challenge)));
        };
        if attempt.key != asking.key {
            return Err(SignInRefusal::NotFound);
        }
        let lives = attempt.generation == asking.generation
            && asking.now < attempt.id.time() + policy::ATTEMPT_LIFE;
        if lives { Ok((attempt, None)) } else { Err(CodeRefusal::Closed.into()) }
    }

    /// The attempt and its codes, if it is not over; to whom it belongs is not asked.
    ///
    /// # Errors
    /// When it is over, or has never awaited a code.
    pub fn is_open(
        &self,
        generation: u32,
        now: Timestamp,
    ) -> Result<(&Attempt, &Challenge), SignInRefusal> {
        let closed = SignInRefusal::Code(CodeRefusal::Closed);
        match self.pending() {
            Some((attempt, challenge))
                if attempt.generation == generation && !challenge.is_over(now) =>
            {
                Ok((attempt, challenge))
            }
            Some(_) | None => Err(closed),
        }
    }
}

impl Attempt {
    /// The device of this attempt as the account would trust it.
    #[must_use]
    pub fn new_device(
        &self,
        description: Personal<DeviceDescription>,
        origin: Personal<Origin>,
    ) -> NewDevice {
        NewDevice {
            id: self.device,
            key: self.key,
            platform: self.platform,
            description,
            origin,
            by: TrustedBy::SignIn(self.id),
        }
    }
}

impl Decider for SignIn {
    const STATE_SCHEMA: u32 = 3;

    type Id = SignInId;
    type Command = SignInCommand;
    type Event = SignInEvent;
    type Refusal = SignInRefusal;

    fn decide(&self, command: SignInCommand) -> Result<Vec<SignInEvent>, SignInRefusal> {
        match command {
            SignInCommand::Refuse { account, platform, country, located_by } => {
                self.must_be_new()?;
                let policy = policy::VERSION;
                let refused = Refused { account, platform, country, located_by, policy };
                Ok(vec![SignInEvent::Refused(refused)])
            }
            SignInCommand::Open { password, now } => {
                self.must_be_new()?;
                Ok(open(*password, now))
            }
            SignInCommand::Resend { asking, method, channels, material } => {
                let (_, challenge) = self.may_go_on(&asking)?;
                let method = method.unwrap_or(challenge.newest().method);
                if let Some(why) = channels.without(method) {
                    return Err(why.into());
                }
                let fact = challenge.resend(method, material, asking.now)?;
                if method == Method::Email && channels.mails_left == 0 {
                    let again_at = channels.mails_again_at;
                    return Err(CodeRefusal::TooManySends { again_at }.into());
                }
                Ok(vec![of_code(fact)])
            }
            SignInCommand::Verify { asking, account, guess, trust, session } => {
                let (attempt, challenge) = self.may_go_on(&asking)?;
                let id = attempt.id.to_string();
                let facts = challenge.judge(attempt.account, &id, &guess, asking.now)?;
                let right = matches!(facts.first(), Some(CodeFact::Verified(_)));
                let mut events: Vec<_> = facts.into_iter().map(of_code).collect();
                if right {
                    let admitted = admit(attempt, &account, trust, session, asking.now);
                    events.push(SignInEvent::Completed(admitted));
                }
                Ok(events)
            }
            SignInCommand::Recover {
                asking,
                account,
                codes_left,
                guesses_left,
                trust,
                session,
            } => {
                let (attempt, challenge) = self.may_recover(&asking)?;
                Ok(match codes_left {
                    Some(codes_left) => vec![
                        SignInEvent::RecoveryCodeUsed(RecoveryCodeUsed { codes_left }),
                        SignInEvent::Completed(admit(
                            attempt, &account, trust, session, asking.now,
                        )),
                    ],
                    None => wrong_recovery_code(challenge, guesses_left),
                })
            }
            SignInCommand::Cancel { asking } => {
                self.may_go_on(&asking)?;
                Ok(vec![SignInEvent::Cancelled(Cancelled { because: None })])
            }
            SignInCommand::Supersede { generation, now } => Ok(self.supersede(generation, now)),
            SignInCommand::Deny { by, generation, now } => {
                self.is_open(generation, now)?;
                Ok(vec![SignInEvent::Denied(Denied { by })])
            }
            SignInCommand::Report { asked_by } => Ok(match self {
                Self::Unreachable(_) | Self::CodeRequired(..) => {
                    vec![SignInEvent::Reported(Reported { asked_by })]
                }
                // What it led to is undone on the account.
                Self::New | Self::Refused | Self::Closed { .. } => Vec::new(),
            }),
        }
    }

    fn apply(&mut self, event: &SignInEvent, stamp: Stamp) {
        let before = std::mem::take(self);
        *self = match (before, event) {
            (_, SignInEvent::Attempted(it)) => Self::Unreachable(Box::new(Attempt {
                id: it.attempt,
                account: it.account,
                key: it.key,
                device: it.device,
                platform: it.platform,
                generation: it.inputs.attempt_generation,
            })),
            (_, SignInEvent::Refused(_)) => Self::Refused,
            (Self::Unreachable(attempt), SignInEvent::CodeIssued(it)) => {
                Self::CodeRequired(attempt, Challenge::begun(it, stamp))
            }
            (Self::CodeRequired(attempt, mut challenge), SignInEvent::CodeIssued(it)) => {
                challenge.issued(it, stamp);
                Self::CodeRequired(attempt, challenge)
            }
            (Self::CodeRequired(attempt, mut challenge), SignInEvent::CodeResent(it)) => {
                challenge.resent(it, stamp);
                Self::CodeRequired(attempt, challenge)
            }
            (Self::CodeRequired(attempt, mut challenge), SignInEvent::CodeRejected(_)) => {
                challenge.rejected();
                Self::CodeRequired(attempt, challenge)
            }
            (before, SignInEvent::Completed(it)) => before.closed(Ending::Complete(it.clone())),
            (before, SignInEvent::Cancelled(_)) => before.closed(Ending::Cancelled),
            (before, SignInEvent::Denied(_)) => before.closed(Ending::Denied),
            (before, SignInEvent::Reported(_)) => before.closed(Ending::Reported),
            (before, SignInEvent::Locked(_)) => before.closed(Ending::Locked),
            (
                before,
                SignInEvent::CodeIssued(_)
                | SignInEvent::CodeResent(_)
                | SignInEvent::CodeRejected(_)
                | SignInEvent::CodeVerified(_)
                | SignInEvent::RecoveryCodeUsed(_),
            ) => before,
        };
    }
}

impl SignIn {
    fn must_be_new(&self) -> Result<(), SignInRefusal> {
        if matches!(self, Self::New) { Ok(()) } else { Err(SignInRefusal::Exists) }
    }

    /// Nothing happens to an attempt that lives, or has ended otherwise.
    fn supersede(&self, generation: u32, now: Timestamp) -> Vec<SignInEvent> {
        let died = self.pending().is_some_and(|(attempt, challenge)| {
            attempt.generation != generation && !challenge.is_over(now)
        });
        let because = Some(CancelledBecause::AccountChanged);
        died.then_some(SignInEvent::Cancelled(Cancelled { because })).into_iter().collect()
    }

    fn closed(self, how: Ending) -> Self {
        match self.whose() {
            Some((account, key)) => Self::Closed { account, key, how },
            None => self,
        }
    }
}

/// A wrong recovery code counts like any wrong code. Where there is no code to be wrong, what is left
/// is what the account's guard still lets be claimed.
fn wrong_recovery_code(challenge: Option<&Challenge>, guesses_left: u8) -> Vec<SignInEvent> {
    if let Some(challenge) = challenge {
        return challenge.wrong_guess().into_iter().map(of_code).collect();
    }
    let attempts_left = guesses_left;
    let mut events = vec![SignInEvent::CodeRejected(CodeRejected { issue: 0, attempts_left })];
    if attempts_left == 0 {
        events.push(SignInEvent::Locked(Locked { wrong: policy::GUESSES_PER_ATTEMPT }));
    }
    events
}

fn of_code(fact: CodeFact) -> SignInEvent {
    match fact {
        CodeFact::Issued(it) => SignInEvent::CodeIssued(it),
        CodeFact::Resent(it) => SignInEvent::CodeResent(it),
        CodeFact::Rejected(it) => SignInEvent::CodeRejected(it),
        CodeFact::Verified(it) => SignInEvent::CodeVerified(it),
        CodeFact::Locked(it) => SignInEvent::Locked(it),
    }
}
