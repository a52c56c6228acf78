//! A registration begins. Whether the address is taken shows nowhere in the answer: the same
//! reads, the same hashing, the same writes; only a mail tells its owner.

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use postern_domain::guard::AccountGuard;
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::text;
use postern_domain::verification::{Verification, VerificationCommand, Way};
use postern_events::ids::{AccountId, DeviceId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::Opened;
use postern_events::vocabulary::{DeviceKey, Method, Purpose};
use postern_store::guards::UpdateError;
use postern_store::model::Scribe;
use postern_store::streams::StreamContext;
use serde::Deserialize;
use utoipa::ToSchema;

use super::given::{GivenDevice, email, origin, password};
use super::open_mails;
use super::processes::{new_id, opened_before};
use super::sign_ins::material;
use super::tokens::scribe;
use crate::Api;
use crate::body::{Members, object};
use crate::call::{Call, Proven};
use crate::hashing;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{of_execute, of_store, of_verification};
use crate::view::{Awaited, Progress, QUEUED, Ways};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Registration)]
pub(super) struct Register {
    /// The address that the account is to have.
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// 8 to 256 characters that are not easily guessed.
    #[schema(format = Password, min_length = 8, max_length = 256)]
    password: String,
    /// The language to be spoken, as a tag (BCP 47); English where none is given.
    #[schema(pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length = 35)]
    locale: Option<String>,
    /// The device that registers.
    #[serde(deserialize_with = "object")]
    device: GivenDevice,
}
impl Members for Register {
    const REPEATABLE: bool = true;
}

/// The language of whoever says none.
const DEFAULT_LOCALE: &str = "en";

pub(super) const CREATE: Described = Described::new(
    Tag::Registration,
    "register",
    "Begin a registration",
)
.more(
    "The address gets a code. Whether it is taken shows nowhere in the answer: then its owner gets \
         a mail about it, and no code is ever right.",
)
.answers::<Progress>(StatusCode::ACCEPTED, "A code is on its way.")
.refuses(&[Code::WeakPassword]);

pub(super) async fn create(
    call: Call<Proven, Register>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let (api, now, parts) = (&call.api, call.now, call.api.parts());
    let (email, password) = (email(&call.body.email)?, password(&call.body.password)?);
    let description = call.body.device.description()?;
    let locale = text::locale(call.body.locale.as_deref().unwrap_or(DEFAULT_LOCALE))
        .map_err(|bad| Problem::invalid("/locale", bad.to_string()))?;
    let id = new_id(&call);
    if let Some(view) = opened_before(id, Purpose::Registration, &email.hint(), &call).await? {
        return Ok((StatusCode::ACCEPTED, Json(view)));
    }
    let record = hashing::record(api, password, email.to_text()).await?;
    let address_key = parts.lookup.address(&email.normalised());
    let mails_left = open_mails::claim(&call, address_key).await?;
    let taken_by = parts.store.guards().claim(address_key).await;
    let taken_by = taken_by.map_err(|error| of_store(&error))?;

    let account = AccountId::new(now, draw(api.chance()));
    let ends_at = id.time().max(now) + policy::ATTEMPT_LIFE;
    let key = parts.lookup.device(account, &call.caller.thumbprint);
    let vault = parts.store.vault();
    let data_key = vault.reserve(account, &record, ends_at, api.chance()).await;
    let data_key = data_key.map_err(|error| of_store(&error))?;
    let opened = Box::new(Opened {
        verification: id,
        purpose: Purpose::Registration,
        account,
        taken_by,
        key,
        device: DeviceId::new(now, draw(api.chance())),
        platform: call.body.device.platform(),
        description: Personal::Clear(description),
        origin: Personal::Clear(origin(call.source, &call.place)),
        country: call.place.country.clone(),
        located_by: call.place.located_by.clone(),
        email: Personal::Clear(email.to_text()),
        address_key,
        locale,
        attempt_generation: None,
        session: None,
        inputs: None,
        policy: policy::VERSION,
    });
    let way = Way::Code(Method::Email);
    let command = VerificationCommand::Open { opened, way, material: material(api), now };
    let streams = parts.store.streams();
    let writer = Scribe { data_key: Some(data_key), ..scribe(api, now) };
    let decided = streams.decide(StreamContext::<Verification>::new(id), command, &writer).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_verification(it, now)))?;
    allow_guesses(&call, id, key).await?;
    let meta = call.meta("anonymous");
    let committed = streams.commit_one(decided, &meta).await.map_err(|error| of_store(&error))?;
    let Verification::CodeRequired(_, challenge) = committed.state() else {
        tracing::error!("a registration was opened without a code");
        return Err(Problem::new(Code::Crashed));
    };
    let view = Awaited {
        id: id.to_string(),
        challenge,
        ways: Ways::mail_alone(mails_left),
        claimable: policy::GUESSES_PER_ATTEMPT,
        email_hint: email.hint(),
        delivery: QUEUED,
        now,
    };
    Ok((StatusCode::ACCEPTED, Json(view.view())))
}

/// Lets the registration be guessed at, before its code is sent.
async fn allow_guesses(
    call: &Call<Proven, Register>,
    id: VerificationId,
    key: DeviceKey,
) -> Result<(), Problem> {
    let (now, ends_at) = (call.now, call.now + policy::ATTEMPT_LIFE);
    let allowed = count_guesses(&call.api, id, now, ends_at, |guard| {
        if !guard.is_open(&id.to_string(), now) {
            guard.open_verification(&id.to_string(), key, now, ends_at);
        }
        Ok::<(), std::convert::Infallible>(())
    });
    match allowed.await {
        Ok(()) => Ok(()),
        Err(UpdateError::Refused(never)) => match never {},
        Err(UpdateError::Store(error)) => Err(of_store(&error)),
    }
}

/// Where guesses at a registration are counted.
const GUESSES: &str = "registration";

/// Changes the count of a registration's guesses. There is no account yet that could count them,
/// so they are forgotten with the registration.
pub(super) async fn count_guesses<R, E: std::error::Error + 'static>(
    api: &Api,
    id: VerificationId,
    now: Timestamp,
    ends_at: Timestamp,
    change: impl FnMut(&mut AccountGuard) -> Result<R, E>,
) -> Result<R, UpdateError<E>> {
    let guards = api.parts().store.guards();
    let subject = id.to_string();
    let changed =
        guards.update_window(GUESSES, &subject, now, ends_at, api.chance(), change).await?;
    Ok(changed.outcome)
}
