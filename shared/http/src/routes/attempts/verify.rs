//! Claim, compare, append: a guess, and the one atomic step that a right one leads to.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{AccountCommand, AccountRefusal};
use postern_domain::guard::{AccountGuard, Claim, Paused};
use postern_domain::ports::draw;
use postern_domain::sign_in::SignIn;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::SignInId;
use postern_events::sign_in::{Completed, SignInEvent};
use postern_store::guards::{Guarded, UpdateError};
use postern_store::streams::{DECISIONS, Decided, ExecuteError, wait};
use postern_store::{Extra, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Named;
use super::super::tokens::scribe;
use super::typed::Typed;
use super::{Own, opening, own};
use crate::body::Members;
use crate::call::{Call, Proven};
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::rate::Counted;
use crate::refusal::{
    contended, of_account, of_claim, of_execute, of_sign_in, of_store, of_together,
};
use crate::sessions::{Beginning, answer, begin, minted_anew};
use crate::view::{Progress, complete};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignInGuess)]
pub(in crate::routes) struct Guessed {
    /// The six digits of the newest code, or a recovery code.
    #[schema(pattern = "^([0-9]{6}|[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4})$")]
    pub(super) code: String,
    /// Whether the device needs no code from now on.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub(super) trust_device: bool,
}
impl Members for Guessed {
    const COUNTED: Counted = Counted::Unproven;
    const REPEATABLE: bool = true;
}

fn yes() -> bool {
    true
}

pub(in crate::routes) const VERIFY: Described =
    Described::new(Tag::SignIn, "completeSignIn", "Give the code, and be signed in")
        .more("The fifth wrong code closes the attempt.")
        .answers::<Progress>(StatusCode::OK, "Signed in; `session` says how.")
        .refuses(&[
            Code::CodeIncorrect,
            Code::CodeExpired,
            Code::AttemptClosed,
            Code::TooManyAttempts,
        ]);

/// A right code proves whose the call is; any other call is counted like those of strangers.
pub(in crate::routes) async fn verify(
    id: Named<SignInId>,
    call: Call<Proven, Guessed>,
) -> Result<Json<Progress>, Problem> {
    match Box::pin(judge(id, &call)).await {
        Ok(view) => Ok(Json(view)),
        Err(problem) => Err(call.unproven(problem).await),
    }
}

/// Checks that something would be compared, claims the guess, compares, and answers only after
/// what was decided is durable. The claim is made once, however often the decision is repeated.
async fn judge(id: Named<SignInId>, call: &Call<Proven, Guessed>) -> Result<Progress, Problem> {
    let guess = Typed::read(call)?;
    let id = id.known()?;
    let mut current = own(id, call).await?;
    if let Some(answer) = Box::pin(answered_before(&current, call)).await? {
        return Ok(answer);
    }
    guess.may(&current, call)?;
    let (claim, mut guard) = claim(&current, call).await?;
    for lost in 0..DECISIONS {
        let (decided, also) = guess.decide(&current, call, claim.left).await?;
        let done = match completed(&decided) {
            Some(completed) => {
                Box::pin(admit(&current, call, decided, &completed, guard, also)).await?
            }
            None => reject(&current, call, decided, claim).await?,
        };
        if let Some(view) = done {
            return Ok(view);
        }
        wait(call.api.chance(), lost).await;
        current = own(id, call).await?;
        if let Some(answer) = Box::pin(answered_before(&current, call)).await? {
            return Ok(answer);
        }
        guess.may(&current, call)?;
        guard = current.guard(call).await?;
        if !guard.value.is_open(&id.to_string(), call.now) {
            // Denied, or entered elsewhere, in this very moment.
            return Err(Problem::new(Code::AttemptClosed));
        }
    }
    Err(contended())
}

/// What the same call has led to before, if to anything; its session gets new tokens.
async fn answered_before(
    own: &Own,
    call: &Call<Proven, Guessed>,
) -> Result<Option<Progress>, Problem> {
    let Some(repeat) = call.repeat.as_ref().filter(|it| it.is_repeat) else { return Ok(None) };
    let streams = call.api.parts().store.streams();
    let mut found = None;
    for looked in 0.. {
        let commit = streams.commit_of_call::<SignIn>(own.id, repeat.name()).await;
        found = commit.map_err(|error| of_store(&error))?;
        if found.is_some() || !repeat.waits(call.now, looked).await {
            break;
        }
    }
    let Some(commit) = found else { return Ok(None) };
    for event in commit.events.iter().filter_map(|it| SignInEvent::read(it).ok()) {
        if let SignInEvent::CodeRejected(it) = &event {
            let left = it.attempts_left;
            return Err(Problem::new(Code::CodeIncorrect).with("attempts_left", left));
        }
        if let SignInEvent::Completed(it) = &event {
            let session = minted_anew(call, own.open.id, it.session).await?;
            return Ok(Some(complete(&own.id.to_string(), session)));
        }
    }
    Ok(None)
}

/// Claims a guess on the account's guard: without a claim nothing is compared, and a claim is
/// never given back, so a crash from here on has spent a guess.
async fn claim(
    own: &Own,
    call: &Call<Proven, Guessed>,
) -> Result<(Claim, Guarded<AccountGuard>), Problem> {
    let (guards, id) = (call.api.parts().store.guards(), own.id.to_string());
    let claimed = guards
        .update_guard(own.open.id, call.api.chance(), |guard: &mut AccountGuard| {
            guard.claim_guess_once(&id, call.claim_mark(), call.now)
        })
        .await;
    match claimed {
        Ok(updated) => Ok((updated.outcome, updated.guarded)),
        Err(UpdateError::Refused(refusal)) => Err(of_claim(refusal, call.now)),
        Err(UpdateError::Store(error)) => Err(of_store(&error)),
    }
}

fn completed(decided: &Decided<SignIn>) -> Option<Completed> {
    decided.events().iter().find_map(|recorded| {
        if let SignInEvent::Completed(it) = &recorded.event { Some(it.clone()) } else { None }
    })
}

/// Records a wrong guess, and the pause that it brings about, and says so. `None`: somebody else
/// was faster, decide again.
async fn reject(
    own: &Own,
    call: &Call<Proven, Guessed>,
    decided: Decided<SignIn>,
    claim: Claim,
) -> Result<Option<Progress>, Problem> {
    let left = decided.events().iter().find_map(|recorded| {
        if let SignInEvent::CodeRejected(it) = &recorded.event {
            Some(it.attempts_left)
        } else {
            None
        }
    });
    let meta = call.meta("anonymous");
    let streams = call.api.parts().store.streams();
    let recorded = match claim.pause {
        None => streams.commit_one(decided, &meta).await.map(|_| ()),
        Some(Paused { until }) => {
            let wrong_in_a_row = claim.wrong_in_a_row;
            let command = AccountCommand::PauseCodeEntry { wrong_in_a_row, until };
            let now = call.now;
            let scribe = scribe(&call.api, now);
            let paused = streams.decide(own.account.clone(), command, &scribe).await;
            let paused = paused.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
            let stage = |error| of_store(&error);
            let staged =
                [decided.stage(&meta).map_err(stage)?, paused.stage(&meta).map_err(stage)?];
            let together = streams.commit_together(&staged, Vec::new(), draw(call.api.chance()));
            together.await.map_err(StoreError::from)
        }
    };
    match recorded {
        Ok(()) => {
            let left = left.unwrap_or(0).min(claim.left);
            Err(Problem::new(Code::CodeIncorrect).with("attempts_left", left))
        }
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_store(&error)),
    }
}

/// Code verified, device trusted, count cleared, session begun: all of it or nothing. `None`:
/// something changed meanwhile, decide again.
async fn admit(
    own: &Own,
    call: &Call<Proven, Guessed>,
    decided: Decided<SignIn>,
    completed: &Completed,
    mut guard: Guarded<AccountGuard>,
    also: Vec<Extra>,
) -> Result<Option<Progress>, Problem> {
    let (api, now) = (&call.api, call.now);
    let store = &api.parts().store;
    let attempt = own.sign_in.state().may_recover(&own.asking);
    let attempt = attempt.map_err(|it| of_sign_in(it, now))?.0;
    let attempted = opening(api, own.id).await?;
    let meta = call.meta(&completed.device.to_string());
    let of_store = |error| of_store(&error);
    let mut staged = vec![decided.stage(&meta).map_err(of_store)?];
    guard.value.verified(&own.id.to_string());
    let (session, secret) = begin(
        api,
        &Beginning {
            account: attempt.account,
            key: attempt.key,
            trust_generation: own.open.trust_generation,
            completed,
            platform: attempt.platform,
            description: &attempted.description,
            origin: &attempted.origin,
            now,
        },
    );
    let mut extras = also;
    extras.extend([
        store.guards().guard_put(attempt.account, &guard).map_err(of_store)?,
        store.sessions().put_extra(&session).map_err(of_store)?,
    ]);
    if completed.trusted && own.open.trusted(attempt.key, now).is_none() {
        let (description, origin) = (attempted.description.clone(), attempted.origin.clone());
        let device = Box::new(attempt.new_device(description, origin));
        let command = AccountCommand::TrustDevice { device, now };
        let trusted = store.streams().decide(own.account.clone(), command, &scribe(api, now)).await;
        match trusted {
            Ok(trusted) => staged.push(trusted.stage(&meta).map_err(of_store)?),
            Err(ExecuteError::Refused(AccountRefusal::AlreadyTrusted | AccountRefusal::NoRoom)) => {
                return Ok(None);
            }
            Err(error) => return Err(of_execute(error, |it| of_account(it, now))),
        }
    } else {
        extras.push(store.streams().unchanged(&own.account).map_err(of_store)?);
    }
    let answer = answer(api, &session, &secret, &call.caller.thumbprint, now)?;
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(Some(complete(&own.id.to_string(), Some(answer)))),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}
