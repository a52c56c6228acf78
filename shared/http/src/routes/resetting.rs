//! A password reset ends: a code from the mailbox, and a new password.

use axum::http::StatusCode;
use postern_domain::account::{AccountCommand, OpenAccount};
use postern_domain::challenge::Guess;
use postern_domain::codes::{Code as ResetCode, digits_for};
use postern_domain::guard::AccountGuard;
use postern_domain::password::{Password, Weak};
use postern_domain::ports::draw;
use postern_domain::verification::{Outcome, Verification, VerificationCommand};
use postern_events::ids::VerificationId;
use postern_events::vocabulary::Purpose;
use postern_store::password::PasswordRecord;
use postern_store::streams::{DECISIONS, Decided, wait};
use postern_store::vault::Person;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Named;
use super::given::new_password;
use super::passwords::{is_another, strong_enough_alone};
use super::processes::{
    Own, Recorded, claim_recovery, forgive_recovery, incorrect, judged, recorded_before, reject,
};
use super::superseding::tell_attempts;
use super::tokens::scribe;
use crate::body::Members;
use crate::call::{Call, Proven};
use crate::hashing;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{
    contended, of_account, of_execute, of_store, of_together, of_weak, unavailable,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordRenewal)]
pub(super) struct Renewed {
    /// The eight digits of the newest code.
    #[schema(pattern = "^[0-9]{8}$")]
    code: String,
    /// 8 to 256 characters that are not easily guessed.
    #[schema(format = Password, min_length = 8, max_length = 256)]
    new_password: String,
}
impl Members for Renewed {
    const REPEATABLE: bool = true;
}

pub(super) const VERIFY: Described = Described::new(
    Tag::Security,
    "completePasswordReset",
    "Give the code, and set a new password",
)
.more(
    "All sessions end and no device is trusted any more. Where one was, a mailed code lets no \
             other device in for 24 hours.",
)
.refuses(&[
    Code::CodeIncorrect,
    Code::CodeExpired,
    Code::AttemptClosed,
    Code::TooManyAttempts,
    Code::WeakPassword,
]);

/// The new password is judged before a guess is claimed: a weak one costs none. Only what it has in
/// common with the account's own address can't be judged before the code has proven the mailbox:
/// whether there is an account must not show.
pub(super) async fn verify(
    id: Named<VerificationId>,
    call: Call<Proven, Renewed>,
) -> Result<StatusCode, Problem> {
    let digits = digits_for(Purpose::PasswordReset);
    let code = ResetCode::parse(&call.body.code, digits)
        .ok_or_else(|| Problem::invalid("/code", format!("must be {digits} digits from 0 to 9")))?;
    let password = new_password(&call.body.new_password)?;
    let guess = Guess { code, keys: call.api.parts().code_keys.clone() };
    let id = id.known()?;
    let mut own = Own::load(id, Purpose::PasswordReset, &call).await?;
    match recorded_before(&own, &call).await? {
        Some(Recorded::Right) => return Ok(StatusCode::NO_CONTENT),
        Some(Recorded::Wrong { attempts_left }) => return Err(incorrect(attempts_left)),
        None => {}
    }
    let account = own.may_guess()?.account;
    hashing::judge(&call.api, password.clone(), String::new()).await?;
    claim_recovery(&call, account, id).await?;
    for lost in 0..DECISIONS {
        let command = VerificationCommand::Verify {
            going: own.going,
            guess: guess.clone(),
            never: own.open().is_none(),
            outcome: Outcome::Fulfilled,
        };
        let decided = own.decide(&call.api, command).await?;
        match judged(&decided) {
            Some(Recorded::Wrong { attempts_left }) => {
                reject(&call, decided, attempts_left).await?;
            }
            Some(Recorded::Right) => {
                if Box::pin(set(&own, &call, decided, password.clone(), &guess)).await? {
                    return Ok(StatusCode::NO_CONTENT);
                }
            }
            None => return Err(Problem::new(Code::AttemptClosed)),
        }
        wait(call.api.chance(), lost).await;
        own = Own::load(id, Purpose::PasswordReset, &call).await?;
        own.may_guess()?;
    }
    Err(contended())
}

/// A record of a password that suits the account.
async fn suited(
    call: &Call<Proven, Renewed>,
    open: &OpenAccount,
    person: &Person,
    password: Password,
    email: String,
) -> Result<PasswordRecord, Problem> {
    if !open.two_step && !strong_enough_alone(&password) {
        return Err(of_weak(Weak::TooShortAlone));
    }
    is_another(&call.api, person, &password).await?;
    hashing::record(&call.api, password, email).await
}

/// Whoever learns that the password doesn't suit learns that the code was right: that is recorded
/// before it is answered. The process goes on.
async fn note_right_code(
    own: &Own,
    call: &Call<Proven, Renewed>,
    guess: &Guess,
    weak: Problem,
) -> Result<bool, Problem> {
    let (going, guess) = (own.going, guess.clone());
    let outcome = Outcome::Nothing;
    let command = VerificationCommand::Verify { going, guess, never: false, outcome };
    let decided = own.decide(&call.api, command).await?;
    let streams = call.api.parts().store.streams();
    match streams.commit_one(decided, &call.meta("anonymous")).await {
        Ok(_) => Err(weak),
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(of_store(&error)),
    }
}

/// Mailbox proven, password set, all sessions and trust ended, counts cleared: all or nothing.
/// `false`: somebody else was faster, decide again.
async fn set(
    own: &Own,
    call: &Call<Proven, Renewed>,
    decided: Decided<Verification>,
    password: Password,
    guess: &Guess,
) -> Result<bool, Problem> {
    let (api, now) = (&call.api, call.now);
    let store = &api.parts().store;
    let of_store = |error| of_store(&error);
    let open = own.open().ok_or_else(|| Problem::new(Code::AttemptClosed))?;
    let person = store.vault().load(open.id, now).await.map_err(of_store)?;
    let person: Person = person.ok_or_else(|| Problem::new(Code::AttemptClosed))?;
    let email: String = person.data_key.open(&open.email).map_err(|error| unavailable(&error))?;
    let record = match suited(call, open, &person, password, email).await {
        Ok(record) => record,
        Err(problem) if problem.code() == Code::WeakPassword => {
            return note_right_code(own, call, guess, problem).await;
        }
        Err(problem) => return Err(problem),
    };
    let meta = call.meta("anonymous");
    let command = AccountCommand::ResetPassword { verification: own.id, now };
    let reset = store.streams().decide(own.account.clone(), command, &scribe(api, now)).await;
    let reset = reset.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
    let staged = [decided.stage(&meta).map_err(of_store)?, reset.stage(&meta).map_err(of_store)?];
    let mut guard = store.guards().load_guard::<AccountGuard>(open.id).await.map_err(of_store)?;
    guard.value.forgive(true);
    let extras = vec![
        store.vault().password_put(open.id, &person.password, &record).map_err(of_store)?,
        store.guards().guard_put(open.id, &guard).map_err(of_store)?,
        forgive_recovery(call, open.id, own.id).await?,
    ];
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => {
            tell_attempts(api, open.id, &meta, now).await;
            // The raised generation has ended them all; this only tidies up.
            if let Err(error) = store.sessions().forget(open.id).await {
                tracing::warn!(account = %open.id, %error, "ended sessions were not deleted");
            }
            Ok(true)
        }
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(of_together(&error)),
    }
}
