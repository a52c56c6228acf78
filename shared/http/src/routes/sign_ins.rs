//! A password, and whether it is right.

mod opening;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use postern_domain::challenge::Material;
use postern_domain::email::EmailAddress;
use postern_domain::password::Password;
use postern_domain::ports::draw;
use postern_domain::sign_in::{SignIn, SignInCommand};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, SignInId};
use postern_events::sign_in::SignInEvent;
use postern_events::vocabulary::{DeviceDescription, Nonce};
use postern_runtime::places::Place;
use postern_store::streams::StreamContext;
use serde::Deserialize;
use utoipa::ToSchema;

use self::opening::RightOne;
use super::attempts;
use super::given::{GivenDevice, email, password};
use super::presented::Presented;
use super::tokens::scribe;
use crate::Api;
use crate::body::{Members, object};
use crate::call::{Call, Proven};
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::rate::{self, Counted};
use crate::refusal::{of_execute, of_sign_in, of_store};
use crate::sessions::minted_anew;
use crate::view::{Progress, complete};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    /// The account's address.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// The account's password.
    #[schema(format = Password, min_length = 1, max_length = 256)]
    password: String,
    /// The device that asks.
    #[serde(deserialize_with = "object")]
    device: GivenDevice,
}
impl Members for Credentials {
    const COUNTED: Counted = Counted::Unproven;
    const REPEATABLE: bool = true;
}

pub(super) const CREATE: Described = Described::new(
    Tag::SignIn,
    "signIn",
    "Sign in with the password",
)
.more(
    "A device that is trusted, or an account without two-step verification, gets a session at \
         once. Any other device needs a code, which is on its way when this answers.",
)
.answers::<Progress>(StatusCode::CREATED, "The password was right; `status` says what follows.")
.refuses(&[Code::InvalidCredentials]);

/// Known and unknown addresses take the same path up to the last comparison: the same reads, the
/// same hashing, the same writes, the same answer.
pub(super) async fn create(call: Call<Proven, Credentials>) -> Result<Response, Problem> {
    let (api, now) = (&call.api, call.now);
    let asked = match Asked::of(&call.body) {
        Ok(asked) => asked,
        Err(bad) => return Err(call.unproven(bad).await),
    };
    let id = match &call.repeat {
        Some(repeat) => SignInId::derived(repeat.at, &repeat.seed()),
        None => SignInId::new(now, draw(api.chance())),
    };
    if let Some(repeat) = call.repeat.as_ref().filter(|it| it.is_repeat) {
        for looked in 0.. {
            if let Some(answer) = Box::pin(again(id, &call)).await? {
                return Ok(answer);
            }
            if !repeat.waits(now, looked).await {
                break;
            }
        }
    }
    let address = api.parts().lookup.address(&asked.email.normalised());
    let presented =
        Presented::look_up(api, address, &call.caller.thumbprint, call.source, now).await?;
    if !presented.is_trusted() {
        rate::count(api, call.source, now).await?;
    }
    presented.may_try()?;
    let right = presented.is_right(api, asked.password).await?;
    let Presented { account, person, .. } = presented;
    let answered = match (right, person) {
        (true, Some(person)) => {
            let right = RightOne { call: &call, description: asked.description, person, id };
            Box::pin(right.answer(account)).await
        }
        (_, person) => {
            let known = person.and(account.state().open()).map(|it| it.id);
            refuse(&call, id, known).await?;
            Err(Problem::new(Code::InvalidCredentials))
        }
    };
    match answered {
        // Perhaps the same call, which came twice at once, was faster.
        Err(problem) if call.repeat.is_some() && problem.code() == Code::Unavailable => {
            Box::pin(again(id, &call)).await?.ok_or(problem)
        }
        answered => answered,
    }
}

/// What the same call has led to before, if to anything.
async fn again(
    id: SignInId,
    call: &Call<Proven, Credentials>,
) -> Result<Option<Response>, Problem> {
    let streams = call.api.parts().store.streams();
    let first = streams.first_commit::<SignIn>(id).await.map_err(|error| of_store(&error))?;
    let Some(first) = first else { return Ok(None) };
    let sign_in = streams.load::<SignIn>(id).await.map_err(|error| of_store(&error))?;
    if matches!(sign_in.state(), SignIn::Refused) {
        return Err(Problem::new(Code::InvalidCredentials));
    }
    let completed = first.events.iter().find_map(|it| match SignInEvent::read(it) {
        Ok(SignInEvent::Completed(completed)) => Some(completed),
        Ok(_) | Err(_) => None,
    });
    let view = match (completed, sign_in.state().whose()) {
        (Some(completed), Some((account, _))) => {
            let session = minted_anew(call, account, completed.session).await?;
            complete(&id.to_string(), session)
        }
        (Some(_) | None, _) => attempts::own(id, call).await?.view(call).await?,
    };
    Ok(Some((StatusCode::CREATED, Json(view)).into_response()))
}

/// What is asked for, parsed.
struct Asked {
    email: EmailAddress,
    password: Password,
    description: DeviceDescription,
}

impl Asked {
    fn of(body: &Credentials) -> Result<Self, Problem> {
        Ok(Self {
            email: email(&body.email)?,
            password: password(&body.password)?,
            description: body.device.description()?,
        })
    }
}

/// Records a refused password: one commit, with nothing personal in it.
async fn refuse(
    call: &Call<Proven, Credentials>,
    id: SignInId,
    account: Option<AccountId>,
) -> Result<(), Problem> {
    let (api, now) = (&call.api, call.now);
    let platform = call.body.device.platform();
    let Place { country, located_by, .. } = call.place.clone();
    let command = SignInCommand::Refuse { account, platform, country, located_by };
    let streams = api.parts().store.streams();
    let decided =
        streams.decide(StreamContext::<SignIn>::new(id), command, &scribe(api, now)).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))?;
    let meta = call.meta("anonymous");
    streams.commit_one(decided, &meta).await.map_err(|error| of_store(&error))?;
    Ok(())
}

/// What a new code is made from.
pub(super) fn material(api: &Api) -> Material {
    let kid = api.parts().code_keys.current().to_owned();
    Material { kid, nonce: Nonce::from_bytes(draw(api.chance())) }
}
