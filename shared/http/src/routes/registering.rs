//! A registration goes on: the code again, or the right one.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::challenge::Guess;
use postern_domain::codes::{Code as RegistrationCode, digits_for};
use postern_domain::email::EmailAddress;
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::verification::{Pending, Verification, VerificationCommand};
use postern_events::ids::{SessionId, VerificationId};
use postern_events::sign_in::{AuthenticationMethod, Completed};
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::{DeviceKey, Purpose};
use postern_store::guards::UpdateError;
use postern_store::streams::{DECISIONS, Decided, StreamContext, wait};
use serde::Deserialize;
use serde_json::Value;

use super::Named;
use super::open_mails;
use super::registrations::count_guesses;
use super::sign_ins::material;
use super::tokens::scribe;
use crate::body::{Members, Nothing};
use crate::call::{Call, Proven};
use crate::problem::{Code, Problem};
use crate::refusal::{
    contended, of_account, of_claim, of_execute, of_store, of_together, of_verification,
    unavailable,
};
use crate::sessions::{Beginning, answer, begin};
use crate::view::{Awaited, QUEUED, Ways, complete};

/// A registration of the key that asks.
struct Own {
    id: VerificationId,
    verification: StreamContext<Verification>,
    key: DeviceKey,
}

/// Loads a registration. Another key's is as unknown as none.
async fn own<B>(id: VerificationId, call: &Call<Proven, B>) -> Result<Own, Problem> {
    let parts = call.api.parts();
    let verification = parts.store.streams().load::<Verification>(id).await;
    let verification = verification.map_err(|error| of_store(&error))?;
    let unknown = || Problem::new(Code::NotFound);
    let (account, owner) = verification.state().whose().ok_or_else(unknown)?;
    let key = parts.lookup.device(account, &call.caller.thumbprint);
    if key == owner { Ok(Own { id, verification, key }) } else { Err(unknown()) }
}

/// The send and what it takes from the address's budget are one transaction: five taps in a second
/// are one send, and cost one.
pub(super) async fn resend(
    id: Named<VerificationId>,
    call: Call<Proven, Nothing>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let id = id.known()?;
    for lost in 0..DECISIONS {
        let own = own(id, &call).await?;
        if let Some(view) = send(&own, &call).await? {
            return Ok((StatusCode::ACCEPTED, Json(view)));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

/// `None`: somebody else was faster, decide again.
async fn send(own: &Own, call: &Call<Proven, Nothing>) -> Result<Option<Value>, Problem> {
    let (api, now) = (&call.api, call.now);
    let streams = api.parts().store.streams();
    let command = VerificationCommand::Resend { key: own.key, material: material(api), now };
    let decided = streams.decide(own.verification.clone(), command, &scribe(api, now)).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_verification(it, now)))?;
    let going_on = decided.state().may_go_on(own.key, now);
    let (pending, challenge) = going_on.map_err(|it| of_verification(it, now))?;
    let (counted, sends_left) = open_mails::claim_with(call, pending.address_key).await?;
    let view = Awaited {
        id: own.id.to_string(),
        challenge,
        ways: Ways::mail_alone(sends_left),
        claimable: challenge.guesses_left(),
        email_hint: email_hint(call, pending).await?,
        delivery: QUEUED,
        now,
    };
    let view = view.view();
    let meta = api.meta(&call.request, "anonymous");
    let staged = [decided.stage(&meta).map_err(|error| of_store(&error))?];
    match streams.commit_together(&staged, vec![counted], draw(api.chance())).await {
        Ok(()) => Ok(Some(view)),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}

async fn email_hint<B>(call: &Call<Proven, B>, pending: &Pending) -> Result<String, Problem> {
    let person = call.api.parts().store.vault().load(pending.account, call.now).await;
    let person = person.map_err(|error| of_store(&error))?;
    let person = person.ok_or_else(|| Problem::new(Code::AttemptClosed))?;
    let email = person.data_key.open(&pending.email).map_err(|error| unavailable(&error))?;
    Ok(EmailAddress::parse(&email).map(|it| it.hint()).unwrap_or_default())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guessed {
    code: String,
}
impl Members for Guessed {}

pub(super) async fn verify(
    id: Named<VerificationId>,
    call: Call<Proven, Guessed>,
) -> Result<Json<Value>, Problem> {
    let digits = digits_for(Purpose::Registration);
    let code = RegistrationCode::parse(&call.body.code, digits)
        .ok_or_else(|| Problem::invalid("/code", format!("must be {digits} digits from 0 to 9")))?;
    let guess = Guess { code, keys: call.api.parts().code_keys.clone() };
    let id = id.known()?;
    let mut current = own(id, &call).await?;
    may_guess(&current, &call)?;
    claim(&current, &call).await?;
    for lost in 0..DECISIONS {
        let taken = is_taken(&current, &call).await?;
        let decided = decide(&current, &call, &guess, taken).await?;
        let done = match session_of(&decided) {
            Some(session) => open_account(&current, &call, decided, session).await?,
            None => reject(&call, decided).await?,
        };
        if let Some(view) = done {
            return Ok(Json(view));
        }
        wait(call.api.chance(), lost).await;
        current = own(id, &call).await?;
        may_guess(&current, &call)?;
    }
    Err(contended())
}

/// What is asked for, if a guess would be compared now.
fn may_guess<'a>(own: &'a Own, call: &Call<Proven, Guessed>) -> Result<&'a Pending, Problem> {
    let of_refusal = |it| of_verification(it, call.now);
    let state = own.verification.state();
    let (pending, challenge) = state.may_go_on(own.key, call.now).map_err(of_refusal)?;
    challenge.may_guess(call.now).map_err(|it| of_refusal(it.into()))?;
    Ok(pending)
}

/// Claims a guess, as for a sign-in: without a claim nothing is compared.
async fn claim(own: &Own, call: &Call<Proven, Guessed>) -> Result<(), Problem> {
    let (now, ends_at) = (call.now, own.id.time() + policy::ATTEMPT_LIFE);
    let claimed = count_guesses(&call.api, own.id, now, ends_at, |guard| {
        guard.claim_verification_guess(&own.id.to_string(), now)
    });
    match claimed.await {
        Ok(()) => Ok(()),
        Err(UpdateError::Refused(refusal)) => Err(of_claim(refusal, now)),
        Err(UpdateError::Store(error)) => Err(of_store(&error)),
    }
}

/// Whether somebody has the address by now.
async fn is_taken(own: &Own, call: &Call<Proven, Guessed>) -> Result<bool, Problem> {
    let address = may_guess(own, call)?.address_key;
    let claim = call.api.parts().store.guards().claim(address).await;
    Ok(claim.map_err(|error| of_store(&error))?.is_some())
}

async fn decide(
    own: &Own,
    call: &Call<Proven, Guessed>,
    guess: &Guess,
    taken: bool,
) -> Result<Decided<Verification>, Problem> {
    let (api, now) = (&call.api, call.now);
    let command = VerificationCommand::Verify {
        key: own.key,
        guess: guess.clone(),
        taken,
        session: SessionId::new(now, draw(api.chance())),
        now,
    };
    let streams = api.parts().store.streams();
    let decided = streams.decide(own.verification.clone(), command, &scribe(api, now)).await;
    decided.map_err(|error| of_execute(error, |it| of_verification(it, now)))
}

fn session_of(decided: &Decided<Verification>) -> Option<SessionId> {
    decided.events().iter().find_map(|recorded| {
        if let VerificationEvent::Completed(it) = &recorded.event { Some(it.session) } else { None }
    })
}

/// Records a wrong guess and says so. `None`: somebody else was faster, decide again.
async fn reject(
    call: &Call<Proven, Guessed>,
    decided: Decided<Verification>,
) -> Result<Option<Value>, Problem> {
    let left = decided.events().iter().find_map(|recorded| {
        if let VerificationEvent::CodeRejected(it) = &recorded.event {
            Some(it.attempts_left)
        } else {
            None
        }
    });
    let meta = call.api.meta(&call.request, "anonymous");
    match call.api.parts().store.streams().commit_one(decided, &meta).await {
        Ok(_) => Err(Problem::new(Code::CodeIncorrect).with("attempts_left", left.unwrap_or(0))),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_store(&error)),
    }
}

/// Address proven and claimed, account opened, device trusted, session begun: all or nothing.
/// `None`: somebody else was faster, perhaps with the same address; decide again.
async fn open_account(
    own: &Own,
    call: &Call<Proven, Guessed>,
    decided: Decided<Verification>,
    session: SessionId,
) -> Result<Option<Value>, Problem> {
    let (api, now) = (&call.api, call.now);
    let store = &api.parts().store;
    let pending = may_guess(own, call)?;
    let command = AccountCommand::Register(Box::new(pending.registration()));
    let account = StreamContext::<Account>::new(pending.account);
    let registered = store.streams().decide(account, command, &scribe(api, now)).await;
    let registered = registered.map_err(|error| of_execute(error, of_account))?;
    let completed = Completed {
        device: pending.device,
        trusted: true,
        session,
        amr: vec![AuthenticationMethod::Pwd, AuthenticationMethod::Pop, AuthenticationMethod::Otp],
    };
    let beginning = Beginning {
        account: pending.account,
        key: own.key,
        trust_generation: 0,
        completed: &completed,
        platform: pending.platform,
        description: &pending.description,
        origin: &pending.origin,
        now,
    };
    let (session, secret) = begin(api, &beginning);
    let meta = api.meta(&call.request, &pending.device.to_string());
    let of_store = |error| of_store(&error);
    let staged =
        [decided.stage(&meta).map_err(of_store)?, registered.stage(&meta).map_err(of_store)?];
    let extras = vec![
        store.guards().claim_put(pending.address_key, pending.account).map_err(of_store)?,
        store.vault().keep(pending.account).map_err(of_store)?,
        store.sessions().put_extra(&session).map_err(of_store)?,
    ];
    let answer = answer(api, &session, &secret, &call.caller.thumbprint, now)?;
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(Some(complete(&own.id.to_string(), &answer))),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}
