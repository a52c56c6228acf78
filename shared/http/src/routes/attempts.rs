//! An attempt to sign in, after the password.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::challenge::Challenge;
use postern_domain::channels::Channels;
use postern_domain::email::EmailAddress;
use postern_domain::guard::AccountGuard;
use postern_domain::sign_in::{Asking, Attempt, Ending, SignIn, SignInCommand, SignInRefusal};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::SignInId;
use postern_events::sign_in::{Attempted, SignInEvent};
use postern_store::guards::Guarded;
use postern_store::streams::{ExecuteError, StreamContext};

use super::Named;
use super::tokens::scribe;
use crate::Api;
use crate::body::Nothing;
use crate::call::{Call, Proven};
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{of_execute, of_sign_in, of_store, unavailable};
use crate::view::{Awaited, Progress, Ways, delivery, ended, locked, unreachable_owner};

mod resend;
mod typed;
mod verify;
pub(super) use resend::{RESEND, ResendBody, resend};
pub(super) use verify::{VERIFY, verify};

/// An attempt of the key that asks, and the account it is on.
pub(super) struct Own {
    pub(super) id: SignInId,
    pub(super) sign_in: StreamContext<SignIn>,
    pub(super) account: StreamContext<Account>,
    pub(super) open: OpenAccount,
    pub(super) asking: Asking,
}

/// Loads an attempt. Another key's is as unknown as none.
pub(super) async fn own<B>(id: SignInId, call: &Call<Proven, B>) -> Result<Own, Problem> {
    let (parts, now) = (call.api.parts(), call.now);
    let streams = parts.store.streams();
    let sign_in = streams.load::<SignIn>(id).await.map_err(|error| of_store(&error))?;
    let unknown = || Problem::new(Code::NotFound);
    let (account, key) = sign_in.state().whose().ok_or_else(unknown)?;
    if key != parts.lookup.device(account, &call.caller.thumbprint) {
        return Err(unknown());
    }
    let account = streams.load::<Account>(account).await.map_err(|error| of_store(&error))?;
    let open = account.state().open().ok_or_else(unknown)?.clone();
    let asking = Asking { key, generation: open.attempt_generation, now };
    Ok(Own { id, sign_in, account, open, asking })
}

pub(super) const SHOW: Described =
    Described::new(Tag::SignIn, "getSignIn", "Look at an attempt to sign in")
        .answers::<Progress>(StatusCode::OK, "The attempt as it stands.");

pub(super) async fn show(
    id: Named<SignInId>,
    call: Call<Proven, Nothing>,
) -> Result<Json<Progress>, Problem> {
    let own = own(id.known()?, &call).await?;
    Ok(Json(own.view(&call).await?))
}

/// Who attempted, as the attempt's first event tells it.
pub(super) async fn opening(api: &Api, id: SignInId) -> Result<Attempted, Problem> {
    let first = api.parts().store.streams().first_commit::<SignIn>(id).await;
    let first = first.map_err(|error| of_store(&error))?;
    let told = first.iter().flat_map(|it| &it.events).find_map(|it| match SignInEvent::read(it) {
        Ok(SignInEvent::Attempted(attempted)) => Some(attempted),
        Ok(_) | Err(_) => None,
    });
    told.ok_or_else(|| {
        tracing::error!(attempt = %id, "an attempt doesn't begin with its opening");
        Problem::new(Code::Crashed)
    })
}

impl Own {
    /// What the account's guard has counted.
    async fn guard<B>(&self, call: &Call<Proven, B>) -> Result<Guarded<AccountGuard>, Problem> {
        let guards = call.api.parts().store.guards();
        guards.load_guard(self.open.id).await.map_err(|error| of_store(&error))
    }

    fn channels(&self, guard: &AccountGuard) -> Channels {
        Channels::of(&self.open, self.asking.key, guard, self.asking.now)
    }

    /// The attempt as it stands.
    pub(super) async fn view<B: Sync>(&self, call: &Call<Proven, B>) -> Result<Progress, Problem> {
        let (id, now) = (self.id.to_string(), call.now);
        let (attempt, challenge) = match self.sign_in.state() {
            SignIn::CodeRequired(attempt, challenge) => (attempt, challenge),
            SignIn::Unreachable(_) => {
                let guard = self.guard(call).await?;
                return Ok(unreachable_owner(&id, &self.channels(&guard.value), now));
            }
            SignIn::Closed { how, .. } => {
                return Ok(ended(
                    &id,
                    match how {
                        Ending::Complete(_) => "complete",
                        Ending::Locked => "locked",
                        Ending::Cancelled => "cancelled",
                        Ending::Denied | Ending::Reported => "denied",
                    },
                ));
            }
            SignIn::New | SignIn::Refused => return Err(Problem::new(Code::NotFound)),
        };
        if let Some(over) = self.is_over(attempt, challenge, now) {
            return Ok(ended(&id, over));
        }
        let guard = self.guard(call).await?;
        if let Some(paused) = guard.value.paused(now) {
            return Ok(locked(&id, paused, now));
        }
        if guard.value.guesses_left(&id, now) == 0 {
            // Every guess is claimed, though not every one was recorded.
            return Ok(ended(&id, "locked"));
        }
        let delivery = delivery(&call.api, challenge, &self.open, now).await?;
        self.awaited(call, challenge, &guard.value, delivery).await
    }

    /// How the attempt ended, where no event of its own says so.
    fn is_over(
        &self,
        attempt: &Attempt,
        challenge: &Challenge,
        now: jiff::Timestamp,
    ) -> Option<&'static str> {
        if attempt.generation != self.open.attempt_generation {
            Some("cancelled")
        } else if challenge.is_over(now) {
            Some("expired")
        } else {
            None
        }
    }

    async fn awaited<B: Sync>(
        &self,
        call: &Call<Proven, B>,
        challenge: &Challenge,
        guard: &AccountGuard,
        delivery: &'static str,
    ) -> Result<Progress, Problem> {
        let person = call.api.parts().store.vault().load(self.open.id, call.now).await;
        let person = person.map_err(|error| of_store(&error))?;
        let person = person.ok_or_else(|| Problem::new(Code::NotFound))?;
        let email = person.data_key.open(&self.open.email).map_err(|error| unavailable(&error))?;
        let email_hint = EmailAddress::parse(&email).map(|it| it.hint()).unwrap_or_default();
        let (id, now, ways) = (self.id.to_string(), call.now, Ways::of(&self.channels(guard)));
        let claimable = guard.guesses_left(&id, now);
        Ok(Awaited { id, challenge, ways, claimable, email_hint, delivery, now }.view())
    }
}

pub(super) const CANCEL: Described =
    Described::new(Tag::SignIn, "cancelSignIn", "Give an attempt up");

pub(super) async fn cancel(
    id: Named<SignInId>,
    call: Call<Proven, Nothing>,
) -> Result<StatusCode, Problem> {
    let own = own(id.known()?, &call).await?;
    let cancelled = call
        .api
        .parts()
        .store
        .streams()
        .execute::<SignIn>(
            own.id,
            || SignInCommand::Cancel { asking: own.asking.clone() },
            || scribe(&call.api, call.now),
            &call.api.meta(&call.request, "anonymous"),
        )
        .await;
    match cancelled {
        // What is over already needs no end: the wish is fulfilled.
        Ok(_) | Err(ExecuteError::Refused(SignInRefusal::Code(_))) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(of_execute(error, |it| of_sign_in(it, call.now))),
    }
}
