//! An account moves to another address, once that is proven.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::AccountCommand;
use postern_domain::challenge::Guess;
use postern_domain::codes::{Code as ChangeCode, digits_for};
use postern_domain::email::EmailAddress;
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::verification::{Outcome, Verification, VerificationCommand, Way};
use postern_events::ids::VerificationId;
use postern_events::personal::Personal;
use postern_events::verification::Opened;
use postern_events::vocabulary::{Method, Purpose};
use postern_store::model::Scribe;
use postern_store::streams::{DECISIONS, Decided, StreamContext, wait};
use postern_store::vault::Person;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Named;
use super::given::{email, origin};
use super::open_mails;
use super::processes::{
    GUESSED, Guessed, Own, Recorded, SENT_AGAIN, allow_recovery, awaited, begun, claim_recovery,
    forgive_recovery, incorrect, judged, new_id, opened_before, recorded_before, reject,
    send_again,
};
use super::sign_ins::material;
use super::still_in::{session_lives, still_in, still_there};
use super::superseding::tell_attempts;
use super::tokens::scribe;
use crate::body::{Members, Nothing};
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{
    contended, of_account, of_execute, of_store, of_together, of_verification, unavailable,
};
use crate::sessions::SignedIn;
use crate::view::Progress;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmailChange)]
pub(super) struct NewAddress {
    /// The address that the account is to have.
    #[schema(format = Email, max_length = 254)]
    email: String,
}
impl Members for NewAddress {
    const REPEATABLE: bool = true;
}

pub(super) const CREATE: Described = Described::new(
    Tag::Account,
    "beginEmailChange",
    "Begin to move the account to another address",
)
.more("Behind a step-up. Whether the address is taken shows nowhere in the answer.")
.answers::<Progress>(StatusCode::ACCEPTED, "A code is on its way to the new address.")
.refuses(&[Code::StepUpRequired, Code::RateLimited]);

/// Whether the address is taken shows nowhere in the answer: a code goes to it that is never right,
/// or rather a word to its owner.
pub(super) async fn create(
    call: Call<SignedIn, NewAddress>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let (api, now, caller, parts) = (&call.api, call.now, &call.caller, call.api.parts());
    let email = email(&call.body.email)?;
    if !caller.is_stepped_up(now) {
        return Err(Problem::new(Code::StepUpRequired));
    }
    let id = new_id(&call);
    if let Some(view) = opened_before(id, Purpose::EmailChange, &email.hint(), &call).await? {
        return Ok((StatusCode::ACCEPTED, Json(view)));
    }
    let address_key = parts.lookup.address(&email.normalised());
    open_mails::claim_of_account(&call).await?;
    let mails_left = open_mails::claim(&call, address_key).await?;
    let owner = parts.store.guards().claim(address_key).await.map_err(|error| of_store(&error))?;
    let account = caller.account.id;
    let opened = Box::new(Opened {
        verification: id,
        purpose: Purpose::EmailChange,
        account,
        taken_by: owner.filter(|it| *it != account),
        key: caller.session.key,
        device: caller.session.device,
        platform: caller.session.platform,
        description: caller.session.description.clone(),
        origin: Personal::Clear(origin(call.source, &call.place)),
        country: call.place.country.clone(),
        located_by: call.place.located_by.clone(),
        email: Personal::Clear(email.to_text()),
        address_key,
        locale: caller.account.locale.clone(),
        attempt_generation: Some(caller.account.attempt_generation),
        session: Some(caller.session.id),
        inputs: None,
        policy: policy::VERSION,
    });
    let way = Way::Code(Method::Email);
    let command = VerificationCommand::Open { opened, way, material: material(api), now };
    let person = person(&call).await?;
    let writer = Scribe { data_key: Some(person.data_key), ..scribe(api, now) };
    let streams = parts.store.streams();
    let decided = streams.decide(StreamContext::<Verification>::new(id), command, &writer).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_verification(it, now)))?;
    allow_recovery(&call, account, id, caller.session.key).await?;
    let committed = streams.commit_one(decided, &call.meta(&caller.actor())).await;
    let verification = committed.map_err(|error| of_store(&error))?;
    let challenge = begun(verification.state())?;
    let view = awaited(id, challenge, mails_left, &email.hint(), now);
    Ok((StatusCode::ACCEPTED, Json(view)))
}

async fn person<B>(call: &Call<SignedIn, B>) -> Result<Person, Problem> {
    let person = call.api.parts().store.vault().load(call.caller.account.id, call.now).await;
    let person = person.map_err(|error| of_store(&error))?;
    person.ok_or_else(|| Problem::new(Code::InvalidToken))
}

pub(super) const RESEND: Described =
    Described::new(Tag::Account, "resendEmailChangeCode", "Send the code to the new address again")
        .answers::<Progress>(StatusCode::ACCEPTED, "Another code is on its way; only it counts.")
        .refuses(SENT_AGAIN);

pub(super) async fn resend(
    id: Named<VerificationId>,
    call: Call<SignedIn, Nothing>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let id = id.known()?;
    for lost in 0..DECISIONS {
        let own = Own::load(id, Purpose::EmailChange, &call).await?;
        let email: String = {
            let pending = own.going_on()?.0;
            let person = person(&call).await?;
            person.data_key.open(&pending.email).map_err(|error| unavailable(&error))?
        };
        let hint = EmailAddress::parse(&email).map(|it| it.hint()).unwrap_or_default();
        if let Some(view) = send_again(&own, &call, &hint).await? {
            return Ok((StatusCode::ACCEPTED, Json(view)));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

pub(super) const VERIFY: Described =
    Described::new(Tag::Account, "completeEmailChange", "Give the code, and move the account")
        .more("The former address is told.")
        .refuses(GUESSED);

pub(super) async fn verify(
    id: Named<VerificationId>,
    call: Call<SignedIn, Guessed>,
) -> Result<StatusCode, Problem> {
    let digits = digits_for(Purpose::EmailChange);
    let code = ChangeCode::parse(&call.body.code, digits)
        .ok_or_else(|| Problem::invalid("/code", format!("must be {digits} digits from 0 to 9")))?;
    let guess = Guess { code, keys: call.api.parts().code_keys.clone() };
    let id = id.known()?;
    let mut own = Own::load(id, Purpose::EmailChange, &call).await?;
    match recorded_before(&own, &call).await? {
        Some(Recorded::Right) => return Ok(StatusCode::NO_CONTENT),
        Some(Recorded::Wrong { attempts_left }) => return Err(incorrect(attempts_left)),
        None => {}
    }
    own.may_guess()?;
    claim_recovery(&call, call.caller.account.id, id).await?;
    for lost in 0..DECISIONS {
        still_in(&call.caller, own.account.state(), call.now)?;
        let address = own.may_guess()?.address_key;
        let claim = call.api.parts().store.guards().claim(address).await;
        let owner = claim.map_err(|error| of_store(&error))?;
        let command = VerificationCommand::Verify {
            going: own.going,
            guess: guess.clone(),
            never: owner.is_some_and(|it| it != call.caller.account.id),
            outcome: Outcome::Fulfilled,
        };
        let decided = own.decide(&call.api, command).await?;
        match judged(&decided) {
            Some(Recorded::Wrong { attempts_left }) => {
                reject(&call, decided, attempts_left).await?;
            }
            Some(Recorded::Right) => {
                if Box::pin(move_account(&own, &call, decided)).await? {
                    return Ok(StatusCode::NO_CONTENT);
                }
            }
            None => return Err(Problem::new(Code::AttemptClosed)),
        }
        still_there(&call).await?;
        wait(call.api.chance(), lost).await;
        own = Own::load(id, Purpose::EmailChange, &call).await?;
        own.may_guess()?;
    }
    Err(contended())
}

/// Address proven and claimed, the former one free again, the account moved: all or nothing.
/// `false`: somebody else was faster, perhaps with the same address; decide again.
async fn move_account(
    own: &Own,
    call: &Call<SignedIn, Guessed>,
    decided: Decided<Verification>,
) -> Result<bool, Problem> {
    let (api, now) = (&call.api, call.now);
    let store = &api.parts().store;
    let of_store = |error| of_store(&error);
    let pending = own.going_on()?.0;
    let open = own.open().ok_or_else(|| Problem::new(Code::AttemptClosed))?;
    let (id, before, address_key) = (open.id, open.address_key, pending.address_key);
    let command = AccountCommand::ChangeEmail {
        email: pending.email.clone(),
        address_key,
        verification: own.id,
        by: call.caller.session.device,
    };
    let moved = store.streams().decide(own.account.clone(), command, &scribe(api, now)).await;
    let moved = moved.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
    let meta = call.meta(&call.caller.actor());
    let staged = [decided.stage(&meta).map_err(of_store)?, moved.stage(&meta).map_err(of_store)?];
    let mut extras = vec![forgive_recovery(call, id, own.id).await?, session_lives(call)?];
    if before != address_key {
        extras.push(store.guards().claim_put(address_key, id).map_err(of_store)?);
        extras.push(store.guards().address_release(before, id).map_err(of_store)?);
    }
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => {
            tell_attempts(api, id, &meta, now).await;
            Ok(true)
        }
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(of_together(&error)),
    }
}
