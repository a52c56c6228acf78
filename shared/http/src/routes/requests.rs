//! Sign-in requests and step-ups, as a trusted phone shows them.
//!
//! They come from the account's guard and the attempts' own streams, never from a view: a request
//! is there at once, and also when every push is lost.

use std::fmt;
use std::str::FromStr;

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use postern_domain::challenge::Challenge;
use postern_domain::guard::AccountGuard;
use postern_domain::ports::draw;
use postern_domain::sign_in::{Ending, SignIn, SignInCommand};
use postern_domain::verification::{Ending as StepUpEnding, Verification, VerificationCommand};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, NotAnId, SignInId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::{Opened, VerificationEvent};
use postern_events::vocabulary::{DeviceDescription, DeviceKey, Method, Origin, Platform, Purpose};
use postern_store::guards::Guarded;
use postern_store::seal::DataKey;
use postern_store::streams::{DECISIONS, Staged, StreamContext, wait};
use serde::Serialize;
use utoipa::ToSchema;

use super::Named;
use super::activity::Location;
use super::attempts::opening;
use super::tokens::scribe;
use crate::Api;
use crate::body::Nothing;
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem, whole_seconds};
use crate::refusal::{
    contended, of_execute, of_sign_in, of_store, of_together, of_verification, unavailable,
};
use crate::sessions::SignedIn;

/// A new device, or a sensitive call, that asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignInRequest)]
pub(super) struct RequestView {
    /// The attempt's or step-up's name.
    #[schema(pattern = "^(sin|ver)_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
    /// `sign_in` or `step_up`.
    kind: &'static str,
    /// How its code travels, `app` or `email`: only that of `app` is shown.
    #[schema(value_type = String)]
    method: Method,
    /// Who asks.
    device: AskingDevice,
    /// Where that is.
    location: Location,
    /// When it was asked.
    #[schema(format = DateTime)]
    requested_at: String,
    /// Seconds until its code expires.
    expires_in: i64,
}

/// The device that asks, as its app describes it.
#[derive(Debug, Serialize, ToSchema)]
struct AskingDevice {
    /// What its owner calls it.
    name: Option<String>,
    /// The maker's model name.
    model: Option<String>,
    /// The kind of its system: `ios`, `android`, `web` or `other`.
    #[schema(value_type = String)]
    platform: Platform,
    /// The version of its system.
    os_version: Option<String>,
}

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

/// What a request is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestName {
    SignIn(SignInId),
    StepUp(VerificationId),
}

impl FromStr for RequestName {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        text.parse().map(Self::SignIn).or_else(|_| text.parse().map(Self::StepUp))
    }
}

impl fmt::Display for RequestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn(id) => id.fmt(f),
            Self::StepUp(id) => id.fmt(f),
        }
    }
}

/// An attempt, or a step-up, as it lies in its stream.
enum Request {
    SignIn(SignInId, Box<StreamContext<SignIn>>),
    StepUp(VerificationId, Box<StreamContext<Verification>>),
}

/// A request that is open.
struct OpenRequest<'a> {
    key: DeviceKey,
    challenge: &'a Challenge,
}

/// Who asks, as the first event of a request tells it.
struct Told {
    platform: Platform,
    description: Personal<DeviceDescription>,
    origin: Personal<Origin>,
    country: Option<String>,
}

impl Request {
    /// Loads a request on the caller's account. Another account's is as unknown as none, and so is a
    /// step-up to the device that asks for it: its code is for the others.
    async fn load(call: &Call<SignedIn, Nothing>, name: RequestName) -> Result<Self, Problem> {
        let streams = call.api.parts().store.streams();
        let own = call.caller.account.id;
        let unknown = || Problem::new(Code::NotFound);
        match name {
            RequestName::SignIn(id) => {
                let sign_in = streams.load::<SignIn>(id).await.map_err(|error| of_store(&error))?;
                let whose = sign_in.state().whose().filter(|(account, _)| *account == own);
                whose.map(|_| Self::SignIn(id, Box::new(sign_in))).ok_or_else(unknown)
            }
            RequestName::StepUp(id) => {
                let step_up = streams.load::<Verification>(id).await;
                let step_up = step_up.map_err(|error| of_store(&error))?;
                let mine = call.caller.session.key;
                let of_others = |(account, key)| account == own && key != mine;
                let for_it = match step_up.state() {
                    Verification::CodeRequired(it, _) | Verification::Opened(it) => {
                        it.purpose == Purpose::StepUp
                    }
                    Verification::New | Verification::Closed { .. } => true,
                };
                // A young device may be a second one of whoever asks.
                let elder = call.caller.is_settled(call.now);
                let shown = elder && for_it && step_up.state().whose().is_some_and(of_others);
                shown.then(|| Self::StepUp(id, Box::new(step_up))).ok_or_else(unknown)
            }
        }
    }

    fn name(&self) -> RequestName {
        match self {
            Self::SignIn(id, _) => RequestName::SignIn(*id),
            Self::StepUp(id, _) => RequestName::StepUp(*id),
        }
    }

    fn requested_at(&self) -> Timestamp {
        match self {
            Self::SignIn(id, _) => id.time(),
            Self::StepUp(id, _) => id.time(),
        }
    }

    fn is_denied(&self) -> bool {
        match self {
            Self::SignIn(_, it) => {
                matches!(it.state(), SignIn::Closed { how: Ending::Denied, .. })
            }
            Self::StepUp(_, it) => {
                matches!(it.state(), Verification::Closed { how: StepUpEnding::Denied, .. })
            }
        }
    }

    fn open(&self, call: &Call<SignedIn, Nothing>) -> Result<OpenRequest<'_>, Problem> {
        let (generation, now) = (call.caller.account.attempt_generation, call.now);
        match self {
            Self::SignIn(_, it) => {
                let open = it.state().is_open(generation, now);
                let (attempt, challenge) = open.map_err(|it| of_sign_in(it, now))?;
                Ok(OpenRequest { key: attempt.key, challenge })
            }
            Self::StepUp(_, it) => {
                let open = it.state().is_open(Some(generation), now);
                let (pending, challenge) = open.map_err(|it| of_verification(it, now))?;
                Ok(OpenRequest { key: pending.key, challenge })
            }
        }
    }

    async fn told(&self, api: &Api) -> Result<Told, Problem> {
        match self {
            Self::SignIn(id, _) => {
                let it = opening(api, *id).await?;
                let (platform, country) = (it.platform, it.country);
                Ok(Told { platform, description: it.description, origin: it.origin, country })
            }
            Self::StepUp(id, _) => {
                let it = step_up_opening(api, *id).await?;
                let (platform, country) = (it.platform, it.country);
                Ok(Told { platform, description: it.description, origin: it.origin, country })
            }
        }
    }

    /// Whether the key that asks is trusted, and so never paused.
    fn is_of_trusted(&self, call: &Call<SignedIn, Nothing>) -> bool {
        let key = self.open(call).map(|it| it.key);
        key.is_ok_and(|key| call.caller.account.trusted(key, call.now).is_some())
    }

    /// What is shown of it, its code apart.
    async fn view(
        &self,
        call: &Call<SignedIn, Nothing>,
        data_key: &DataKey,
    ) -> Result<RequestView, Problem> {
        let newest = self.open(call)?.challenge.newest();
        let told = self.told(&call.api).await?;
        let description = data_key.open(&told.description).ok();
        let origin = data_key.open(&told.origin).ok();
        Ok(RequestView {
            id: self.name().to_string(),
            kind: match self {
                Self::SignIn(..) => "sign_in",
                Self::StepUp(..) => "step_up",
            },
            method: newest.method,
            device: AskingDevice {
                name: description.as_ref().map(|it| it.name.clone()),
                model: description.as_ref().map(|it| it.model.clone()),
                platform: told.platform,
                os_version: description.map(|it| it.os_version),
            },
            location: Location::new(told.country, origin.and_then(|it| it.city)),
            requested_at: self.requested_at().to_string(),
            expires_in: left(newest.expires_at, call.now),
        })
    }

    /// Its end, as the owner on this device wants it.
    async fn deny(self, call: &Call<SignedIn, Nothing>) -> Result<Staged, Problem> {
        let (api, now, caller) = (&call.api, call.now, &call.caller);
        let streams = api.parts().store.streams();
        let meta = call.meta(&caller.actor());
        let (by, generation) = (caller.session.device, caller.account.attempt_generation);
        let staged = match self {
            Self::SignIn(_, context) => {
                let command = SignInCommand::Deny { by, generation, now };
                let decided = streams.decide(*context, command, &scribe(api, now)).await;
                let decided =
                    decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))?;
                decided.stage(&meta)
            }
            Self::StepUp(_, context) => {
                let command = VerificationCommand::Deny { by, generation, now };
                let decided = streams.decide(*context, command, &scribe(api, now)).await;
                let decided =
                    decided.map_err(|error| of_execute(error, |it| of_verification(it, now)))?;
                decided.stage(&meta)
            }
        };
        staged.map_err(|error| of_store(&error))
    }
}

/// Who asks for a step-up, as its first event tells it.
async fn step_up_opening(api: &Api, id: VerificationId) -> Result<Opened, Problem> {
    let first = api.parts().store.streams().first_commit::<Verification>(id).await;
    let first = first.map_err(|error| of_store(&error))?;
    let mut events = first.iter().flat_map(|it| &it.events);
    let told = events.find_map(|it| match VerificationEvent::read(it) {
        Ok(VerificationEvent::Opened(opened)) => Some(opened),
        Ok(_) | Err(_) => None,
    });
    told.ok_or_else(|| {
        tracing::error!(step_up = %id, "a step-up doesn't begin with its opening");
        Problem::new(Code::Crashed)
    })
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
