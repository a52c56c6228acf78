//! A session shows once more that its owner is there, before something sensitive.
//!
//! The password is asked for again. A device that has been trusted for a day needs nothing more; any
//! other needs a code by a channel that it isn't itself.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::challenge::Challenge;
use postern_domain::channels::Channels;
use postern_domain::email::EmailAddress;
use postern_domain::guard::AccountGuard;
use postern_domain::policy;
use postern_domain::verification::{Ending, Verification};
use postern_events::ids::VerificationId;
use postern_events::vocabulary::Purpose;
use postern_store::guards::Guarded;
use postern_store::sessions::Session;
use serde::Deserialize;
use utoipa::ToSchema;

use super::given::password;
use super::passwords::present;
use super::processes::{Own, new_id};
use super::still_in::still_in;
use crate::body::Members;
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{of_store, unavailable};
use crate::sessions::SignedIn;
use crate::view::{Awaited, Progress, Ways, complete, ended, just_asked};

mod opening;
mod resend;
mod verify;
use opening::Opening;
pub(super) use resend::{RESEND, resend};
pub(super) use verify::{VERIFY, verify};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepUp {
    /// The account's password.
    #[schema(format = Password, min_length = 1, max_length = 256)]
    password: String,
}
impl Members for StepUp {
    const REPEATABLE: bool = true;
}

pub(super) const CREATE: Described = Described::new(
    Tag::Security,
    "stepUp",
    "Show that the owner is there, before something sensitive",
)
.more(
    "On a device that has been trusted for 24 hours the password is enough. Any other needs a \
             code by a way that it isn't itself. Sensitive calls then pass for 5 minutes.",
)
.answers::<Progress>(StatusCode::CREATED, "The password was right; `status` says what follows.")
.refuses(&[Code::InvalidCredentials, Code::RateLimited, Code::TooManyAttempts]);

pub(super) async fn create(
    call: Call<SignedIn, StepUp>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let password = password(&call.body.password)?;
    let id = new_id(&call);
    if let Some(view) = before(id, &call).await? {
        return Ok((StatusCode::CREATED, Json(view)));
    }
    let presented = present(&call, password).await?;
    let open = still_in(&call.caller, presented.account.state(), call.now)?;
    let person = presented.person.as_ref().ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let opening = Opening { call: &call, id, open, data_key: &person.data_key };
    let view = if call.caller.is_settled(call.now) {
        opening.at_once(&presented.account).await?
    } else {
        opening.ask().await?
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// What the same call has led to before, if to anything.
async fn before(
    id: VerificationId,
    call: &Call<SignedIn, StepUp>,
) -> Result<Option<Progress>, Problem> {
    let Some(repeat) = call.repeat.as_ref().filter(|it| it.is_repeat) else { return Ok(None) };
    for looked in 0.. {
        let found = look_for(id, call).await?;
        if found.is_some() || !repeat.waits(call.now, looked).await {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn look_for(
    id: VerificationId,
    call: &Call<SignedIn, StepUp>,
) -> Result<Option<Progress>, Problem> {
    let own = match Own::load(id, Purpose::StepUp, call).await {
        Ok(own) => own,
        Err(problem) if problem.code() == Code::NotFound => return Ok(None),
        Err(problem) => return Err(problem),
    };
    let id = id.to_string();
    Ok(Some(match own.going_on() {
        Ok((_, challenge)) => {
            let guard = guard(call).await?;
            let channels = channels(&own, &guard.value)?;
            let delivery = just_asked(challenge.newest().method, &channels);
            let hint = email_hint(&own, call).await?;
            awaited(&own, challenge, &channels, &guard.value, hint, delivery)
        }
        Err(_) => match own.verification.state() {
            Verification::Closed { how: Ending::Complete { .. }, .. } => complete(&id, None),
            Verification::Closed { how: Ending::Locked, .. } => ended(&id, "locked"),
            Verification::Closed { .. } => ended(&id, "denied"),
            Verification::New | Verification::Opened(_) | Verification::CodeRequired(..) => {
                ended(&id, "expired")
            }
        },
    }))
}

/// The session, with which sensitive calls pass for a while.
fn stepped_up(session: &Session, now: jiff::Timestamp) -> Session {
    Session { step_up_until: Some(now + policy::STEP_UP_LIFE), ..session.clone() }
}

fn hint(email: &str) -> String {
    EmailAddress::parse(email).map(|it| it.hint()).unwrap_or_default()
}

async fn email_hint<B>(own: &Own, call: &Call<SignedIn, B>) -> Result<String, Problem> {
    let open = own.open().ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let person = call.api.parts().store.vault().load(open.id, call.now).await;
    let person = person.map_err(|error| of_store(&error))?;
    let person = person.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let email: String = person.data_key.open(&open.email).map_err(|error| unavailable(&error))?;
    Ok(hint(&email))
}

async fn guard<B>(call: &Call<SignedIn, B>) -> Result<Guarded<AccountGuard>, Problem> {
    let guards = call.api.parts().store.guards();
    guards.load_guard(call.caller.account.id).await.map_err(|error| of_store(&error))
}

fn channels(own: &Own, guard: &AccountGuard) -> Result<Channels, Problem> {
    let open = own.open().ok_or_else(|| Problem::new(Code::InvalidToken))?;
    Ok(Channels::of_step_up(open, own.going.key, guard, own.going.now))
}

fn awaited(
    own: &Own,
    challenge: &Challenge,
    channels: &Channels,
    guard: &AccountGuard,
    email_hint: String,
    delivery: &'static str,
) -> Progress {
    let (id, now) = (own.id.to_string(), own.going.now);
    let claimable = guard.guesses_left(&id, now);
    let ways = Ways::of_step_up(channels);
    Awaited { id, challenge, ways, claimable, email_hint, delivery, now }.view()
}
