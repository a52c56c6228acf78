//! Processes that a mail proves: registrations, resets, changes of address. And what all processes
//! have in common, step-ups too.

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::challenge::Challenge;
use postern_domain::ports::draw;
use postern_domain::verification::{Going, Pending, Verification, VerificationCommand};
use postern_events::ids::{AccountId, SessionId, VerificationId};
use postern_events::vocabulary::{DeviceKey, Purpose};
use postern_store::streams::{Decided, StreamContext};
use serde::Deserialize;
use utoipa::ToSchema;

use super::open_mails;
use super::sign_ins::material;
use super::tokens::scribe;
use crate::Api;
use crate::body::Members;
use crate::call::{Call, Proven};
use crate::problem::{Code, Problem};
use crate::refusal::{of_execute, of_store, of_together, of_verification};
use crate::sessions::SignedIn;
use crate::view::{Awaited, Progress, QUEUED, Ways, ended};

mod recorded;
mod recovery;
pub(super) use recorded::{Recorded, incorrect, judged, recorded_before, reject};
pub(super) use recovery::{allow_recovery, claim_recovery, forgive_recovery};

/// What the code of a process can be refused to be sent again for, besides an outage.
pub(super) const SENT_AGAIN: &[Code] =
    &[Code::AttemptClosed, Code::ResendTooSoon, Code::TooManySends];
/// What a guess at a process can be refused for.
pub(super) const GUESSED: &[Code] =
    &[Code::CodeIncorrect, Code::CodeExpired, Code::AttemptClosed, Code::TooManyAttempts];

/// A code for a process.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CodeGuess)]
pub(super) struct Guessed {
    /// The digits of the newest code: 6, or 8 for a change of address.
    #[schema(pattern = "^([0-9]{6}|[0-9]{8})$")]
    pub(super) code: String,
}
impl Members for Guessed {
    const REPEATABLE: bool = true;
}

/// Who goes on with a process, and with which key.
pub(super) trait Goes {
    /// Their key on this account.
    fn key_on(&self, api: &Api, account: AccountId) -> Option<DeviceKey>;
    /// Their session, if they are signed in.
    fn session(&self) -> Option<SessionId>;
}

impl Goes for Proven {
    fn key_on(&self, api: &Api, account: AccountId) -> Option<DeviceKey> {
        Some(api.parts().lookup.device(account, &self.thumbprint))
    }

    fn session(&self) -> Option<SessionId> {
        None
    }
}

impl Goes for SignedIn {
    fn key_on(&self, _: &Api, account: AccountId) -> Option<DeviceKey> {
        (account == self.account.id).then_some(self.session.key)
    }

    fn session(&self) -> Option<SessionId> {
        Some(self.session.id)
    }
}

/// A process of the key that asks.
pub(super) struct Own {
    pub(super) id: VerificationId,
    pub(super) verification: StreamContext<Verification>,
    /// The account that it is about; a registration's is not open yet, and nobody's never.
    pub(super) account: StreamContext<Account>,
    pub(super) going: Going,
}

impl Own {
    /// Loads a process. Another key's, another session's or one for another purpose is as unknown as
    /// none.
    pub(super) async fn load<C: Goes, B>(
        id: VerificationId,
        purpose: Purpose,
        call: &Call<C, B>,
    ) -> Result<Self, Problem> {
        let streams = call.api.parts().store.streams();
        let verification = streams.load::<Verification>(id).await;
        let verification = verification.map_err(|error| of_store(&error))?;
        let unknown = || Problem::new(Code::NotFound);
        let (account, owner) = verification.state().whose().ok_or_else(unknown)?;
        let key = call.caller.key_on(&call.api, account).ok_or_else(unknown)?;
        let other = match verification.state() {
            Verification::Opened(it) | Verification::CodeRequired(it, _) => {
                it.purpose != purpose
                    || (it.session.is_some() && it.session != call.caller.session())
            }
            Verification::New | Verification::Closed { .. } => false,
        };
        if key != owner || other {
            return Err(unknown());
        }
        let account = if purpose == Purpose::Registration {
            StreamContext::new(account)
        } else {
            streams.load::<Account>(account).await.map_err(|error| of_store(&error))?
        };
        let generation = account.state().open().map(|it| it.attempt_generation);
        let going = Going { key, session: call.caller.session(), generation, now: call.now };
        Ok(Self { id, verification, account, going })
    }

    pub(super) fn open(&self) -> Option<&OpenAccount> {
        self.account.state().open()
    }

    /// What is asked for and its codes, if they can be gone on with.
    pub(super) fn going_on(&self) -> Result<(&Pending, &Challenge), Problem> {
        let going_on = self.verification.state().may_go_on(&self.going);
        going_on.map_err(|it| of_verification(it, self.going.now))
    }

    /// The same, if a guess would be compared now.
    pub(super) fn may_guess(&self) -> Result<&Pending, Problem> {
        let (pending, challenge) = self.going_on()?;
        let now = self.going.now;
        challenge.may_guess(now).map_err(|it| of_verification(it.into(), now))?;
        Ok(pending)
    }

    /// Decides on it.
    pub(super) async fn decide(
        &self,
        api: &Api,
        command: VerificationCommand,
    ) -> Result<Decided<Verification>, Problem> {
        let now = self.going.now;
        let streams = api.parts().store.streams();
        let decided = streams.decide(self.verification.clone(), command, &scribe(api, now)).await;
        decided.map_err(|error| of_execute(error, |it| of_verification(it, now)))
    }
}

/// The name for a new process: a call that is repeated finds the one that it made before.
pub(super) fn new_id<C, B>(call: &Call<C, B>) -> VerificationId {
    match &call.repeat {
        Some(repeat) => VerificationId::derived(repeat.at, &repeat.seed()),
        None => VerificationId::new(call.now, draw(call.api.chance())),
    }
}

/// The process that the same call opened before, if it came so far: as it stands now.
pub(super) async fn opened_before<C: Goes + Sync, B: Sync>(
    id: VerificationId,
    purpose: Purpose,
    email_hint: &str,
    call: &Call<C, B>,
) -> Result<Option<Progress>, Problem> {
    let Some(repeat) = call.repeat.as_ref().filter(|it| it.is_repeat) else { return Ok(None) };
    for looked in 0.. {
        let found = look_for(id, purpose, email_hint, call).await?;
        if found.is_some() || !repeat.waits(call.now, looked).await {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn look_for<C: Goes + Sync, B: Sync>(
    id: VerificationId,
    purpose: Purpose,
    email_hint: &str,
    call: &Call<C, B>,
) -> Result<Option<Progress>, Problem> {
    let own = match Own::load(id, purpose, call).await {
        Ok(own) => own,
        Err(problem) if problem.code() == Code::NotFound => return Ok(None),
        Err(problem) => return Err(problem),
    };
    let Ok((pending, challenge)) = own.going_on() else {
        return Ok(Some(ended(&id.to_string(), over(own.verification.state()))));
    };
    let left = open_mails::left(call, pending.address_key).await?;
    Ok(Some(awaited(id, challenge, left, email_hint, call.now)))
}

/// How a process that can't be gone on with has ended.
fn over(state: &Verification) -> &'static str {
    use postern_domain::verification::Ending;
    match state {
        Verification::Closed { how: Ending::Complete { .. } | Ending::Fulfilled, .. } => "complete",
        Verification::Closed { how: Ending::Denied | Ending::Reported, .. } => "denied",
        Verification::Closed { how: Ending::Locked, .. } => "locked",
        Verification::New | Verification::Opened(_) | Verification::CodeRequired(..) => "expired",
    }
}

/// A process whose code is mailed to the address that it proves.
pub(super) fn awaited(
    id: VerificationId,
    challenge: &Challenge,
    mails_left: u8,
    hint: &str,
    now: Timestamp,
) -> Progress {
    Awaited {
        id: id.to_string(),
        challenge,
        ways: Ways::mail_alone(mails_left),
        claimable: challenge.guesses_left(),
        email_hint: hint.to_owned(),
        delivery: QUEUED,
        now,
    }
    .view()
}

/// The codes of a process that was opened with one.
pub(super) fn begun(state: &Verification) -> Result<&Challenge, Problem> {
    if let Verification::CodeRequired(_, challenge) = state {
        return Ok(challenge);
    }
    tracing::error!("a process was opened without a code");
    Err(Problem::new(Code::Crashed))
}

/// Sends the code of a process again. The send and what it takes from the address's budget are one
/// transaction. `None`: somebody else was faster, decide again.
pub(super) async fn send_again<C, B>(
    own: &Own,
    call: &Call<C, B>,
    hint: &str,
) -> Result<Option<Progress>, Problem> {
    let (api, going) = (&call.api, own.going);
    let command = VerificationCommand::Resend {
        going,
        method: None,
        channels: None,
        material: material(api),
    };
    let decided = own.decide(api, command).await?;
    let going_on = decided.state().may_go_on(&going);
    let (pending, challenge) = going_on.map_err(|it| of_verification(it, going.now))?;
    let (counted, left) = open_mails::claim_with(call, pending.address_key).await?;
    let view = awaited(own.id, challenge, left, hint, going.now);
    let staged = [decided.stage(&call.meta("anonymous")).map_err(|error| of_store(&error))?];
    let streams = api.parts().store.streams();
    match streams.commit_together(&staged, vec![counted], draw(api.chance())).await {
        Ok(()) => Ok(Some(view)),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}
