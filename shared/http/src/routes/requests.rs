//! Sign-in requests and step-ups, as a trusted phone shows them.
//!
//! They come from the account's guard and the attempts' own streams, never from a view: a request
//! is there at once, and also when every push is lost.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::guard::AccountGuard;
use postern_domain::ports::draw;
use postern_events::ids::AccountId;
use postern_events::vocabulary::Method;
use postern_store::guards::Guarded;
use postern_store::seal::DataKey;
use postern_store::streams::{DECISIONS, wait};
use serde::Serialize;
use utoipa::ToSchema;

use super::Named;
use crate::Api;
use crate::body::Nothing;
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_store, of_together, unavailable};
use crate::sessions::SignedIn;

mod request;
pub(crate) use request::RequestName;
use request::{Request, RequestView};

/// A request with its code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShownSignInRequest)]
pub(super) struct ShownRequest {
    #[serde(flatten)]
    request: RequestView,
    /// The code to enter on the device that asks; null where it is mailed, or none is accepted now.
    code: Option<String>,
}

/// The requests that are open, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignInRequests)]
pub(super) struct Requests {
    /// The requests.
    requests: Vec<RequestView>,
}

/// What was said about a request.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Denied {
    /// The request.
    id: String,
    /// `denied`.
    status: &'static str,
    /// `change_password`: whoever asked knows the present one.
    next: &'static str,
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

pub(super) const LIST: Described =
    Described::new(Tag::Requests, "listSignInRequests", "See what asks for a code now")
        .more("On a trusted device only.")
        .answers::<Requests>(StatusCode::OK, "What asks, the newest first.")
        .refuses(&[Code::DeviceTooNew]);

pub(super) async fn list(call: Call<SignedIn, Nothing>) -> Result<Json<Requests>, Problem> {
    only_trusted(&call.caller)?;
    let guard = load_guard(&call.api, call.caller.account.id).await?;
    let data_key = data_key(&call).await?;
    let mut requests = Vec::new();
    let pending = guard.value.pending(call.now).filter_map(|id| id.parse::<RequestName>().ok());
    for name in pending {
        match Request::load(&call, name).await {
            Ok(request) if request.open(&call).is_ok() => {
                requests.push(request.view(&call, &data_key).await?);
            }
            Ok(_) => {}
            // Counted, and not yet or never opened; or its own.
            Err(problem) if problem.code() == Code::NotFound => {}
            Err(problem) => return Err(problem),
        }
    }
    requests.reverse();
    Ok(Json(Requests { requests }))
}

pub(super) const SHOW: Described =
    Described::new(Tag::Requests, "getSignInRequest", "See who asks, and the code")
        .more("On a trusted device only. A code that travels by mail isn't shown.")
        .answers::<ShownRequest>(StatusCode::OK, "Who asks, and the code.")
        .refuses(&[Code::DeviceTooNew, Code::AttemptClosed]);

pub(super) async fn show(
    id: Named<RequestName>,
    call: Call<SignedIn, Nothing>,
) -> Result<Json<ShownRequest>, Problem> {
    only_trusted(&call.caller)?;
    let request = Request::load(&call, id.known()?).await?;
    let challenge = request.open(&call)?.challenge;
    let guard = load_guard(&call.api, call.caller.account.id).await?;
    let id = request.name().to_string();
    if guard.value.guesses_left(&id, call.now) == 0 {
        // Denied in the very moment in which it was opened, or every guess is claimed: no code of
        // it is ever right.
        return Err(Problem::new(Code::AttemptClosed));
    }
    let newest = challenge.newest();
    // A code that travels by mail is for the mailbox alone, a dead one for nobody, and none is
    // accepted while code entry is paused, but for a step-up on a trusted key.
    let shown = newest.method == Method::App
        && call.now < newest.expires_at
        && (guard.value.paused(call.now).is_none() || request.is_of_trusted(&call));
    let source = challenge.source(call.caller.account.id, &id);
    let code = shown.then(|| call.api.parts().code_keys.derive(&source)).transpose();
    let code = code.map_err(|error| unavailable(&error))?;
    let request = request.view(&call, &data_key(&call).await?).await?;
    let code = code.map(|it| it.reveal().to_owned());
    Ok(Json(ShownRequest { request, code }))
}

pub(super) const DENY: Described =
    Described::new(Tag::Requests, "denySignInRequest", "Say that it was not you")
        .more("Every open attempt of the device that asks is over at once. Nothing else changes.")
        .answers::<Denied>(StatusCode::OK, "It is over.")
        .refuses(&[Code::DeviceTooNew, Code::AttemptClosed]);

/// "Not me": every open attempt of that key ends, in one transaction with the guard that lets them
/// be guessed at; nothing else changes.
pub(super) async fn deny(
    id: Named<RequestName>,
    call: Call<SignedIn, Nothing>,
) -> Result<Json<Denied>, Problem> {
    only_trusted(&call.caller)?;
    let id = id.known()?;
    for lost in 0..DECISIONS {
        let request = Request::load(&call, id).await?;
        if request.is_denied() || deny_all_of_its_key(request, &call).await? {
            return Ok(Json(denied(id)));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

fn denied(id: RequestName) -> Denied {
    Denied { id: id.to_string(), status: "denied", next: "change_password" }
}

/// `false`: somebody else was faster, decide again.
async fn deny_all_of_its_key(
    request: Request,
    call: &Call<SignedIn, Nothing>,
) -> Result<bool, Problem> {
    let (api, now, caller) = (&call.api, call.now, &call.caller);
    let key = request.open(call)?.key;
    let mut guard = load_guard(api, caller.account.id).await?;
    let named = guard.value.deny(key, now);
    let others = named.iter().filter_map(|id| id.parse::<RequestName>().ok());
    let mut requests = Vec::new();
    for other in others.filter(|it| *it != request.name()) {
        match Request::load(call, other).await {
            Ok(other) => requests.push(other),
            Err(problem) if problem.code() == Code::NotFound => {}
            Err(problem) => return Err(problem),
        }
    }
    requests.push(request);
    let store = &api.parts().store;
    let mut staged = Vec::new();
    for request in requests.into_iter().filter(|it| it.open(call).is_ok()) {
        staged.push(request.deny(call).await?);
    }
    let closed = store.guards().guard_put(caller.account.id, &guard);
    let extras = vec![closed.map_err(|error| of_store(&error))?];
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(of_together(&error)),
    }
}
