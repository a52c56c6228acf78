//! An attempt to sign in, after the password.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::email::EmailAddress;
use postern_domain::guard::{AccountGuard, Paused};
use postern_domain::sign_in::{Asking, Ending, SignIn, SignInCommand, SignInRefusal};
use postern_events::ids::SignInId;
use postern_events::vocabulary::Method;
use postern_store::streams::{ExecuteError, StreamContext};
use serde::Deserialize;
use serde_json::Value;

use super::Named;
use super::sign_ins::material;
use super::tokens::scribe;
use crate::body::{Members, Nothing, word_if_given};
use crate::call::{Call, Proven};
use crate::problem::{Code, Problem};
use crate::refusal::{of_execute, of_sign_in, of_store, unavailable};
use crate::view::{Awaited, JUST_ASKED, delivery, ended, locked, unreachable_owner};

mod verify;
pub(super) use verify::verify;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResendBody {
    #[serde(default, deserialize_with = "word_if_given")]
    method: Option<Method>,
}
impl Members for ResendBody {
    const OPTIONAL: bool = true;
}

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

pub(super) async fn show(
    id: Named<SignInId>,
    call: Call<Proven, Nothing>,
) -> Result<Json<Value>, Problem> {
    let own = own(id.known()?, &call).await?;
    Ok(Json(own.view(&call, None).await?))
}

impl Own {
    /// The attempt as it stands. `just_asked` is what is known of a send without looking.
    async fn view<B: Sync>(
        &self,
        call: &Call<Proven, B>,
        just_asked: Option<&'static str>,
    ) -> Result<Value, Problem> {
        let (id, now) = (self.id.to_string(), call.now);
        let (attempt, challenge) = match self.sign_in.state() {
            SignIn::CodeRequired(attempt, challenge) => (attempt, challenge),
            SignIn::Unreachable(_) => return Ok(unreachable_owner(&id)),
            SignIn::Closed { how, .. } => {
                return Ok(ended(
                    &id,
                    match how {
                        Ending::Complete(_) => "complete",
                        Ending::Locked => "locked",
                        Ending::Cancelled => "cancelled",
                    },
                ));
            }
            SignIn::New | SignIn::Refused => return Err(Problem::new(Code::NotFound)),
        };
        if attempt.generation != self.open.attempt_generation {
            return Ok(ended(&id, "cancelled"));
        }
        if challenge.is_over(now) {
            return Ok(ended(&id, "expired"));
        }
        let store = &call.api.parts().store;
        let (guards, vault) = (store.guards(), store.vault());
        let (guard, person) = tokio::try_join!(
            guards.load_guard::<AccountGuard>(attempt.account),
            vault.load(attempt.account, now),
        )
        .map_err(|error| of_store(&error))?;
        if let Some(paused) = guard.value.paused(now) {
            return Ok(locked(&id, paused, now));
        }
        let person = person.ok_or_else(|| Problem::new(Code::NotFound))?;
        let email = person.data_key.open(&self.open.email).map_err(|error| unavailable(&error))?;
        let delivery = match just_asked {
            Some(known) => known,
            None => delivery(&call.api, challenge, attempt.account).await?,
        };
        Ok(Awaited {
            id,
            challenge,
            available: &attempt.available,
            email_hint: EmailAddress::parse(&email).map(|it| it.hint()).unwrap_or_default(),
            delivery,
            devices: Some(0),
            now,
        }
        .view())
    }
}

pub(super) async fn resend(
    id: Named<SignInId>,
    call: Call<Proven, ResendBody>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let mut own = own(id.known()?, &call).await?;
    let asking = || own.asking.clone();
    let method = call.body.method;
    let paused = paused(&call, &own.open).await?;
    if let Some(paused) = paused {
        own.sign_in.state().may_go_on(&own.asking).map_err(|it| of_sign_in(it, call.now))?;
        return Err(crate::refusal::of_pause(paused, call.now));
    }
    let committed = call
        .api
        .parts()
        .store
        .streams()
        .execute::<SignIn>(
            own.id,
            || SignInCommand::Resend { asking: asking(), method, material: material(&call.api) },
            || scribe(&call.api, call.now),
            &call.api.meta(&call.request, "anonymous"),
        )
        .await
        .map_err(|error: ExecuteError<SignInRefusal>| {
            of_execute(error, |it| of_sign_in(it, call.now))
        })?;
    own.sign_in = committed.context;
    Ok((StatusCode::ACCEPTED, Json(own.view(&call, Some(JUST_ASKED)).await?)))
}

/// Whether code entry is paused on the account.
async fn paused<B>(call: &Call<Proven, B>, open: &OpenAccount) -> Result<Option<Paused>, Problem> {
    let guards = call.api.parts().store.guards();
    let guard = guards.load_guard::<AccountGuard>(open.id).await;
    Ok(guard.map_err(|error| of_store(&error))?.value.paused(call.now))
}

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
