//! Sign-in requests, as a trusted phone shows them.
//!
//! They come from the account's guard and the attempts' own streams, never from a view: a request
//! is there at once, and also when every push is lost.

use axum::Json;
use jiff::Timestamp;
use postern_domain::challenge::Challenge;
use postern_domain::guard::AccountGuard;
use postern_domain::ports::draw;
use postern_domain::sign_in::{Attempt, Ending, SignIn, SignInCommand};
use postern_events::ids::{AccountId, SignInId};
use postern_events::vocabulary::Method;
use postern_store::guards::Guarded;
use postern_store::seal::DataKey;
use postern_store::streams::{DECISIONS, StreamContext, wait};
use serde_json::{Value, json};

use super::Named;
use super::attempts::opening;
use super::tokens::scribe;
use crate::Api;
use crate::body::Nothing;
use crate::call::Call;
use crate::problem::{Code, Problem, whole_seconds};
use crate::refusal::{contended, of_execute, of_sign_in, of_store, of_together, unavailable};
use crate::sessions::SignedIn;

/// An attempt as it lies in its stream.
struct Request {
    id: SignInId,
    sign_in: StreamContext<SignIn>,
}

impl Request {
    /// Loads an attempt on the caller's account. Another account's is as unknown as none.
    async fn load(call: &Call<SignedIn, Nothing>, id: SignInId) -> Result<Self, Problem> {
        let streams = call.api.parts().store.streams();
        let sign_in = streams.load::<SignIn>(id).await.map_err(|error| of_store(&error))?;
        match sign_in.state().whose() {
            Some((account, _)) if account == call.caller.account.id => Ok(Self { id, sign_in }),
            Some(_) | None => Err(Problem::new(Code::NotFound)),
        }
    }

    fn is_open(&self, call: &Call<SignedIn, Nothing>) -> Result<(&Attempt, &Challenge), Problem> {
        let (generation, now) = (call.caller.account.attempt_generation, call.now);
        self.sign_in.state().is_open(generation, now).map_err(|it| of_sign_in(it, now))
    }

    /// What is shown of it, its code apart.
    async fn view(
        &self,
        call: &Call<SignedIn, Nothing>,
        data_key: &DataKey,
    ) -> Result<Value, Problem> {
        let (_, challenge) = self.is_open(call)?;
        let attempted = opening(&call.api, self.id).await?;
        let description = data_key.open(&attempted.description).ok();
        let origin = data_key.open(&attempted.origin).ok();
        let newest = challenge.newest();
        Ok(json!({
            "id": self.id,
            "kind": "sign_in",
            "method": newest.method,
            "device": {
                "name": description.as_ref().map(|it| &it.name),
                "model": description.as_ref().map(|it| &it.model),
                "platform": attempted.platform,
                "os_version": description.as_ref().map(|it| &it.os_version),
            },
            "location": {
                "country": attempted.country,
                "city": origin.and_then(|it| it.city),
                "approximate": true,
            },
            "requested_at": self.id.time().to_string(),
            "expires_in": left(newest.expires_at, call.now),
        }))
    }
}

fn left(until: Timestamp, now: Timestamp) -> i64 {
    whole_seconds(until.duration_since(now))
}

/// A session on a device that isn't trusted sees and denies nothing.
fn only_trusted(caller: &SignedIn) -> Result<(), Problem> {
    if caller.session.trusted { Ok(()) } else { Err(Problem::new(Code::DeviceTooNew)) }
}

async fn load_guard(api: &Api, account: AccountId) -> Result<Guarded<AccountGuard>, Problem> {
    let guards = api.parts().store.guards();
    guards.load_guard(account).await.map_err(|error| of_store(&error))
}

async fn data_key(call: &Call<SignedIn, Nothing>) -> Result<DataKey, Problem> {
    let vault = call.api.parts().store.vault();
    let person = vault.load(call.caller.account.id, call.now).await;
    let person = person.map_err(|error| of_store(&error))?;
    Ok(person.ok_or_else(|| Problem::new(Code::InvalidToken))?.data_key)
}

pub(super) async fn list(call: Call<SignedIn, Nothing>) -> Result<Json<Value>, Problem> {
    only_trusted(&call.caller)?;
    let guard = load_guard(&call.api, call.caller.account.id).await?;
    let data_key = data_key(&call).await?;
    let mut requests = Vec::new();
    let pending = guard.value.pending(call.now).filter_map(|id| id.parse::<SignInId>().ok());
    for id in pending {
        match Request::load(&call, id).await {
            Ok(request) if request.is_open(&call).is_ok() => {
                requests.push(request.view(&call, &data_key).await?);
            }
            Ok(_) => {}
            // Counted, and not yet or never opened.
            Err(problem) if problem.code() == Code::NotFound => {}
            Err(problem) => return Err(problem),
        }
    }
    requests.reverse();
    Ok(Json(json!({ "requests": requests })))
}

pub(super) async fn show(
    id: Named<SignInId>,
    call: Call<SignedIn, Nothing>,
) -> Result<Json<Value>, Problem> {
    only_trusted(&call.caller)?;
    let request = Request::load(&call, id.known()?).await?;
    let (attempt, challenge) = request.is_open(&call)?;
    let guard = load_guard(&call.api, call.caller.account.id).await?;
    if guard.value.guesses_left(&request.id.to_string(), call.now) == 0 {
        // Denied in the very moment in which it was opened, or every guess is claimed: no code of
        // it is ever right.
        return Err(Problem::new(Code::AttemptClosed));
    }
    let newest = challenge.newest();
    // A code that travels by mail is for the mailbox alone, a dead one for nobody, and none is
    // accepted while code entry is paused.
    let shown = newest.method == Method::App
        && call.now < newest.expires_at
        && guard.value.paused(call.now).is_none();
    let id = request.id.to_string();
    let source = challenge.source(attempt.account, &id);
    let code = shown.then(|| call.api.parts().code_keys.derive(&source)).transpose();
    let code = code.map_err(|error| unavailable(&error))?;
    let mut view = request.view(&call, &data_key(&call).await?).await?;
    if let Some(object) = view.as_object_mut() {
        object.insert("code".to_owned(), code.map(|it| it.reveal().to_string()).into());
    }
    Ok(Json(view))
}

/// "Not me": every open attempt of that key ends, in one transaction with the guard that lets them
/// be guessed at; nothing else changes.
pub(super) async fn deny(
    id: Named<SignInId>,
    call: Call<SignedIn, Nothing>,
) -> Result<Json<Value>, Problem> {
    only_trusted(&call.caller)?;
    let id = id.known()?;
    for lost in 0..DECISIONS {
        let request = Request::load(&call, id).await?;
        if let SignIn::Closed { how: Ending::Denied, .. } = request.sign_in.state() {
            return Ok(Json(denied(id)));
        }
        if deny_all_of_its_key(request, &call).await? {
            return Ok(Json(denied(id)));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

fn denied(id: SignInId) -> Value {
    json!({ "id": id, "status": "denied", "next": "change_password" })
}

/// `false`: somebody else was faster, decide again.
async fn deny_all_of_its_key(
    request: Request,
    call: &Call<SignedIn, Nothing>,
) -> Result<bool, Problem> {
    let (api, now, caller) = (&call.api, call.now, &call.caller);
    let key = request.is_open(call)?.0.key;
    let mut guard = load_guard(api, caller.account.id).await?;
    let named = guard.value.deny(key, now);
    let others = named.iter().filter_map(|id| id.parse::<SignInId>().ok());
    let mut requests = Vec::new();
    for other in others.filter(|it| *it != request.id) {
        match Request::load(call, other).await {
            Ok(other) => requests.push(other),
            Err(problem) if problem.code() == Code::NotFound => {}
            Err(problem) => return Err(problem),
        }
    }
    requests.push(request);
    let store = &api.parts().store;
    let meta = api.meta(&call.request, &caller.actor());
    let mut staged = Vec::new();
    for request in requests.into_iter().filter(|it| it.is_open(call).is_ok()) {
        let (by, generation) = (caller.session.device, caller.account.attempt_generation);
        let command = SignInCommand::Deny { by, generation, now };
        let decided = store.streams().decide(request.sign_in, command, &scribe(api, now)).await;
        let decided = decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))?;
        staged.push(decided.stage(&meta).map_err(|error| of_store(&error))?);
    }
    let closed = store.guards().guard_put(caller.account.id, &guard);
    let extras = vec![closed.map_err(|error| of_store(&error))?];
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(of_together(&error)),
    }
}
