//! The code that a step-up waits for.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::AccountCommand;
use postern_domain::challenge::Guess;
use postern_domain::codes::{Code as StepUpCode, digits_for};
use postern_domain::guard::{AccountGuard, Claim, Paused};
use postern_domain::ports::draw;
use postern_domain::verification::{Outcome, Verification, VerificationCommand};
use postern_events::ids::VerificationId;
use postern_events::vocabulary::Purpose;
use postern_store::guards::UpdateError;
use postern_store::streams::{DECISIONS, Decided, wait};

use super::super::Named;
use super::super::processes::{
    GUESSED, Guessed, Own, Recorded, incorrect, judged, recorded_before,
};
use super::super::still_in::still_in;
use super::super::tokens::scribe;
use super::{guard, stepped_up};
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_account, of_claim, of_execute, of_store, of_together};
use crate::sessions::SignedIn;
use crate::view::{Progress, complete};

pub(in crate::routes) const VERIFY: Described =
    Described::new(Tag::Security, "completeStepUp", "Give the code, and let sensitive calls pass")
        .answers::<Progress>(StatusCode::OK, "Sensitive calls pass for 5 minutes.")
        .refuses(GUESSED);

/// Claim, compare, append, as for a sign-in.
pub(in crate::routes) async fn verify(
    id: Named<VerificationId>,
    call: Call<SignedIn, Guessed>,
) -> Result<Json<Progress>, Problem> {
    let digits = digits_for(Purpose::StepUp);
    let code = StepUpCode::parse(&call.body.code, digits)
        .ok_or_else(|| Problem::invalid("/code", format!("must be {digits} digits from 0 to 9")))?;
    let guess = Guess { code, keys: call.api.parts().code_keys.clone() };
    let id = id.known()?;
    let mut own = Own::load(id, Purpose::StepUp, &call).await?;
    match recorded_before(&own, &call).await? {
        Some(Recorded::Right) => return Ok(Json(complete(&id.to_string(), None))),
        Some(Recorded::Wrong { attempts_left }) => return Err(incorrect(attempts_left)),
        None => {}
    }
    own.may_guess()?;
    let claim = claim(&own, &call).await?;
    for lost in 0..DECISIONS {
        still_in(&call.caller, own.account.state(), call.now)?;
        let outcome = Outcome::Session(call.caller.session.id);
        let (going, guess) = (own.going, guess.clone());
        let command = VerificationCommand::Verify { going, guess, never: false, outcome };
        let decided = own.decide(&call.api, command).await?;
        let done = match judged(&decided) {
            Some(Recorded::Wrong { attempts_left }) => {
                let left = attempts_left.min(claim.left);
                reject(&own, &call, decided, claim, left).await?;
                false
            }
            Some(Recorded::Right) => step_up(&own, &call, decided).await?,
            None => return Err(Problem::new(Code::AttemptClosed)),
        };
        if done {
            return Ok(Json(complete(&id.to_string(), None)));
        }
        wait(call.api.chance(), lost).await;
        own = Own::load(id, Purpose::StepUp, &call).await?;
        own.may_guess()?;
        if !guard(&call).await?.value.is_open(&id.to_string(), call.now) {
            // Denied, or entered elsewhere, in this very moment.
            return Err(Problem::new(Code::AttemptClosed));
        }
    }
    Err(contended())
}

async fn claim(own: &Own, call: &Call<SignedIn, Guessed>) -> Result<Claim, Problem> {
    let (guards, id) = (call.api.parts().store.guards(), own.id.to_string());
    let (trusted, mark) = (call.caller.session.trusted, call.claim_mark());
    let claimed = guards
        .update_guard(call.caller.account.id, call.api.chance(), |guard: &mut AccountGuard| {
            guard.claim_step_up_guess(&id, trusted, mark, call.now)
        })
        .await;
    match claimed {
        Ok(updated) => Ok(updated.outcome),
        Err(UpdateError::Refused(refusal)) => Err(of_claim(refusal, call.now)),
        Err(UpdateError::Store(error)) => Err(of_store(&error)),
    }
}

/// Records a wrong guess, and the pause that it brings about, and says so; returns where somebody
/// else was faster.
async fn reject(
    own: &Own,
    call: &Call<SignedIn, Guessed>,
    decided: Decided<Verification>,
    claim: Claim,
    attempts_left: u8,
) -> Result<(), Problem> {
    let (api, now) = (&call.api, call.now);
    let streams = api.parts().store.streams();
    let meta = call.meta(&call.caller.actor());
    let of_store = |error| of_store(&error);
    let mut staged = vec![decided.stage(&meta).map_err(of_store)?];
    if let Some(Paused { until }) = claim.pause {
        let wrong_in_a_row = claim.wrong_in_a_row;
        let command = AccountCommand::PauseCodeEntry { wrong_in_a_row, until };
        let paused = streams.decide(own.account.clone(), command, &scribe(api, now)).await;
        let paused = paused.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
        staged.push(paused.stage(&meta).map_err(of_store)?);
    }
    match streams.commit_together(&staged, Vec::new(), draw(api.chance())).await {
        Ok(()) => Err(incorrect(attempts_left)),
        Err(error) if error.is_race() => Ok(()),
        Err(error) => Err(of_together(&error)),
    }
}

/// Code verified, count cleared, session stepped up: all or nothing. `false`: somebody else was
/// faster, decide again.
async fn step_up(
    own: &Own,
    call: &Call<SignedIn, Guessed>,
    decided: Decided<Verification>,
) -> Result<bool, Problem> {
    let (api, session) = (&call.api, &call.caller.session);
    let store = &api.parts().store;
    let of_store = |error| of_store(&error);
    let mut guard = guard(call).await?;
    guard.value.verified(&own.id.to_string());
    let staged = [decided.stage(&call.meta(&call.caller.actor())).map_err(of_store)?];
    let extras = vec![
        store.guards().guard_put(call.caller.account.id, &guard).map_err(of_store)?,
        store.sessions().replace_extra(&stepped_up(session, call.now)).map_err(of_store)?,
        store.streams().unchanged(&own.account).map_err(of_store)?,
    ];
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(of_together(&error)),
    }
}
