//! A password reset begins. Whether the address has an account shows nowhere in the answer: the same
//! reads, the same writes; only a mail goes out or doesn't.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, nobody};
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::tries::AddressTries;
use postern_domain::verification::{Verification, VerificationCommand, Way};
use postern_events::ids::{DeviceId, VerificationId};
use postern_events::personal::Personal;
use postern_events::verification::Opened;
use postern_events::vocabulary::{DeviceDescription, Method, Platform, Purpose};
use postern_store::model::Scribe;
use postern_store::seal::DataKey;
use postern_store::streams::{DECISIONS, StreamContext, wait};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Named;
use super::given::{email, origin};
use super::open_mails;
use super::processes::{
    Own, SENT_AGAIN, allow_recovery, awaited, begun, new_id, opened_before, send_again,
};
use super::sign_ins::material;
use super::tokens::scribe;
use crate::body::{Members, Nothing};
use crate::call::{Call, Proven};
use crate::openapi::{Described, Tag};
use crate::problem::Problem;
use crate::refusal::{contended, of_execute, of_store, of_verification, unavailable};
use crate::view::Progress;

/// Whoever asks again has not said the address again, and a hint would tell whether it can be known.
const UNTOLD: &str = "•••@•••";
/// The language of whoever's is not known.
const DEFAULT_LOCALE: &str = "en";

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordReset)]
pub(super) struct Forgotten {
    /// The account's address.
    #[schema(format = Email, max_length = 254)]
    email: String,
}
impl Members for Forgotten {
    const REPEATABLE: bool = true;
}

pub(super) const CREATE: Described =
    Described::new(Tag::Security, "beginPasswordReset", "Begin to reset a forgotten password")
        .more("Whether the address has an account shows nowhere in the answer.")
        .answers::<Progress>(
            StatusCode::ACCEPTED,
            "If there is such an account, a code is on its way.",
        );

pub(super) async fn create(
    call: Call<Proven, Forgotten>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let email = email(&call.body.email)?;
    let id = new_id(&call);
    if let Some(view) = opened_before(id, Purpose::PasswordReset, &email.hint(), &call).await? {
        return Ok((StatusCode::ACCEPTED, Json(view)));
    }
    let (api, now, parts) = (&call.api, call.now, call.api.parts());
    let address_key = parts.lookup.address(&email.normalised());
    let mails_left = open_mails::claim(&call, address_key).await?;
    let record = parts.store.guards().address::<AddressTries>(address_key, now).await;
    let owner = record.map_err(|error| of_store(&error))?.account;
    let account = owner.unwrap_or_else(|| nobody(address_key));
    let (vault, streams) = (parts.store.vault(), parts.store.streams());
    let (person, context) =
        tokio::try_join!(vault.load(account, now), streams.load::<Account>(account))
            .map_err(|error| of_store(&error))?;
    // Of somebody who has no account, what is sealed can never be opened.
    let data_key = match &person {
        Some(person) => person.data_key.clone(),
        None => DataKey::throw_away(account, api.chance()).map_err(|error| unavailable(&error))?,
    };
    let open = context.state().open();
    let key = parts.lookup.device(account, &call.caller.thumbprint);
    let known = open.and_then(|it| it.trusted(key, now)).map(|it| it.id);
    let opened = Box::new(Opened {
        verification: id,
        purpose: Purpose::PasswordReset,
        account,
        taken_by: None,
        key,
        device: known.unwrap_or_else(|| DeviceId::new(now, draw(api.chance()))),
        platform: Platform::Other,
        description: Personal::Clear(undescribed()),
        origin: Personal::Clear(origin(call.source, &call.place)),
        country: call.place.country.clone(),
        located_by: call.place.located_by.clone(),
        email: open.map_or_else(|| Personal::Clear(email.to_text()), |it| it.email.clone()),
        address_key,
        locale: open.map_or_else(|| DEFAULT_LOCALE.to_owned(), |it| it.locale.clone()),
        attempt_generation: open.map(|it| it.attempt_generation),
        session: None,
        inputs: None,
        policy: policy::VERSION,
    });
    let way = Way::Code(Method::Email);
    let command = VerificationCommand::Open { opened, way, material: material(api), now };
    let writer = Scribe { data_key: Some(data_key), ..scribe(api, now) };
    let decided = streams.decide(StreamContext::<Verification>::new(id), command, &writer).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_verification(it, now)))?;
    allow_recovery(&call, account, id, key).await?;
    let committed = streams.commit_one(decided, &call.meta("anonymous")).await;
    let verification = committed.map_err(|error| of_store(&error))?;
    let challenge = begun(verification.state())?;
    let view = awaited(id, challenge, mails_left, &email.hint(), now);
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// The call says nothing about the device.
fn undescribed() -> DeviceDescription {
    DeviceDescription { name: String::new(), model: String::new(), os_version: String::new() }
}

pub(super) const RESEND: Described =
    Described::new(Tag::Security, "resendPasswordResetCode", "Send the code of a reset again")
        .answers::<Progress>(
            StatusCode::ACCEPTED,
            "If there is such an account, another code is on its way.",
        )
        .refuses(SENT_AGAIN);

pub(super) async fn resend(
    id: Named<VerificationId>,
    call: Call<Proven, Nothing>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let id = id.known()?;
    for lost in 0..DECISIONS {
        let own = Own::load(id, Purpose::PasswordReset, &call).await?;
        if let Some(view) = send_again(&own, &call, UNTOLD).await? {
            return Ok((StatusCode::ACCEPTED, Json(view)));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}
