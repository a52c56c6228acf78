//! A sign-in request or a step-up, as it lies in its stream.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use postern_domain::challenge::Challenge;
use postern_domain::sign_in::{Ending, SignIn, SignInCommand};
use postern_domain::verification::{Ending as StepUpEnding, Verification, VerificationCommand};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{NotAnId, SignInId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::{Opened, VerificationEvent};
use postern_events::vocabulary::{DeviceDescription, DeviceKey, Method, Origin, Platform, Purpose};
use postern_store::seal::DataKey;
use postern_store::streams::{Staged, StreamContext};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::activity::Location;
use super::super::attempts::opening;
use super::super::tokens::scribe;
use crate::Api;
use crate::body::Nothing;
use crate::call::Call;
use crate::problem::{Code, Problem, whole_seconds};
use crate::refusal::{of_execute, of_sign_in, of_store, of_verification};
use crate::sessions::SignedIn;

/// A new device, or a sensitive call, that asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignInRequest)]
pub(in crate::routes) struct RequestView {
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
pub(super) enum Request {
    SignIn(SignInId, Box<StreamContext<SignIn>>),
    StepUp(VerificationId, Box<StreamContext<Verification>>),
}

/// A request that is open.
pub(super) struct OpenRequest<'a> {
    pub(super) key: DeviceKey,
    pub(super) challenge: &'a Challenge,
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
    pub(super) async fn load(
        call: &Call<SignedIn, Nothing>,
        name: RequestName,
    ) -> Result<Self, Problem> {
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

    pub(super) fn name(&self) -> RequestName {
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

    pub(super) fn is_denied(&self) -> bool {
        match self {
            Self::SignIn(_, it) => {
                matches!(it.state(), SignIn::Closed { how: Ending::Denied, .. })
            }
            Self::StepUp(_, it) => {
                matches!(it.state(), Verification::Closed { how: StepUpEnding::Denied, .. })
            }
        }
    }

    pub(super) fn open(&self, call: &Call<SignedIn, Nothing>) -> Result<OpenRequest<'_>, Problem> {
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
    pub(super) fn is_of_trusted(&self, call: &Call<SignedIn, Nothing>) -> bool {
        let key = self.open(call).map(|it| it.key);
        key.is_ok_and(|key| call.caller.account.trusted(key, call.now).is_some())
    }

    /// What is shown of it, its code apart.
    pub(super) async fn view(
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
    pub(super) async fn deny(self, call: &Call<SignedIn, Nothing>) -> Result<Staged, Problem> {
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
