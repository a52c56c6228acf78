//! A registration goes on: the code again, or the right one.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::challenge::Guess;
use postern_domain::codes::{Code as RegistrationCode, digits_for};
use postern_domain::email::EmailAddress;
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_domain::verification::{Ending, Outcome, Pending, Verification, VerificationCommand};
use postern_events::ids::{SessionId, VerificationId};
use postern_events::sign_in::{AuthenticationMethod, Completed};
use postern_events::vocabulary::Purpose;
use postern_store::guards::UpdateError;
use postern_store::streams::{DECISIONS, Decided, StreamContext, wait};

use super::Named;
use super::processes::{
    GUESSED, Guessed, Own, Recorded, SENT_AGAIN, incorrect, judged, recorded_before, reject,
    send_again,
};
use super::registrations::count_guesses;
use super::tokens::scribe;
use crate::body::Nothing;
use crate::call::{Call, Proven};
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{
    contended, of_account, of_claim, of_execute, of_store, of_together, unavailable,
};
use crate::sessions::{Beginning, answer, begin, minted_anew};
use crate::view::{Progress, complete};

pub(super) const RESEND: Described = Described::new(
    Tag::Registration,
    "resendRegistrationCode",
    "Send the code of a registration again",
)
.answers::<Progress>(StatusCode::ACCEPTED, "Another code is on its way; only it counts.")
.refuses(SENT_AGAIN);

pub(super) async fn resend(
    id: Named<VerificationId>,
    call: Call<Proven, Nothing>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let id = id.known()?;
    for lost in 0..DECISIONS {
        let own = Own::load(id, Purpose::Registration, &call).await?;
        let hint = email_hint(&call, own.going_on()?.0).await?;
        if let Some(view) = send_again(&own, &call, &hint).await? {
            return Ok((StatusCode::ACCEPTED, Json(view)));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

async fn email_hint<B>(call: &Call<Proven, B>, pending: &Pending) -> Result<String, Problem> {
    let person = call.api.parts().store.vault().load(pending.account, call.now).await;
    let person = person.map_err(|error| of_store(&error))?;
    let person = person.ok_or_else(|| Problem::new(Code::AttemptClosed))?;
    let email = person.data_key.open(&pending.email).map_err(|error| unavailable(&error))?;
    Ok(EmailAddress::parse(&email).map(|it| it.hint()).unwrap_or_default())
}

pub(super) const VERIFY: Described = Described::new(
    Tag::Registration,
    "completeRegistration",
    "Give the code, and open the account",
)
.answers::<Progress>(StatusCode::OK, "The account is open, the device trusted and signed in.")
.refuses(GUESSED);

pub(super) async fn verify(
    id: Named<VerificationId>,
    call: Call<Proven, Guessed>,
) -> Result<Json<Progress>, Problem> {
    let digits = digits_for(Purpose::Registration);
    let code = RegistrationCode::parse(&call.body.code, digits)
        .ok_or_else(|| Problem::invalid("/code", format!("must be {digits} digits from 0 to 9")))?;
    let guess = Guess { code, keys: call.api.parts().code_keys.clone() };
    let id = id.known()?;
    let mut own = Own::load(id, Purpose::Registration, &call).await?;
    if let Some(answer) = answered_before(&own, &call).await? {
        return Ok(Json(answer));
    }
    own.may_guess()?;
    claim(&own, &call).await?;
    for lost in 0..DECISIONS {
        let taken = is_taken(&own, &call).await?;
        let session = SessionId::new(call.now, draw(call.api.chance()));
        let command = VerificationCommand::Verify {
            going: own.going,
            guess: guess.clone(),
            never: taken,
            outcome: Outcome::Session(session),
        };
        let decided = own.decide(&call.api, command).await?;
        match judged(&decided) {
            Some(Recorded::Wrong { attempts_left }) => {
                reject(&call, decided, attempts_left).await?;
            }
            Some(Recorded::Right) => {
                let opened = Box::pin(open_account(&own, &call, decided, session)).await?;
                if let Some(view) = opened {
                    return Ok(Json(view));
                }
            }
            None => return Err(Problem::new(Code::AttemptClosed)),
        }
        wait(call.api.chance(), lost).await;
        own = Own::load(id, Purpose::Registration, &call).await?;
        if let Some(answer) = answered_before(&own, &call).await? {
            return Ok(Json(answer));
        }
        own.may_guess()?;
    }
    Err(contended())
}

/// What the same call has led to before, if to anything; its session gets new tokens.
async fn answered_before(
    own: &Own,
    call: &Call<Proven, Guessed>,
) -> Result<Option<Progress>, Problem> {
    match recorded_before(own, call).await? {
        None => Ok(None),
        Some(Recorded::Wrong { attempts_left }) => Err(incorrect(attempts_left)),
        Some(Recorded::Right) => {
            let Verification::Closed { account, how: Ending::Complete { session }, .. } =
                own.verification.state()
            else {
                return Ok(None);
            };
            let session = minted_anew(call, *account, *session).await?;
            Ok(Some(complete(&own.id.to_string(), session)))
        }
    }
}

/// Claims a guess, as for a sign-in: without a claim nothing is compared.
async fn claim(own: &Own, call: &Call<Proven, Guessed>) -> Result<(), Problem> {
    let (now, ends_at) = (call.now, own.id.time() + policy::ATTEMPT_LIFE);
    let claimed = count_guesses(&call.api, own.id, now, ends_at, |guard| {
        guard.claim_verification_guess(&own.id.to_string(), call.claim_mark(), now)
    });
    match claimed.await {
        Ok(()) => Ok(()),
        Err(UpdateError::Refused(refusal)) => Err(of_claim(refusal, now)),
        Err(UpdateError::Store(error)) => Err(of_store(&error)),
    }
}

/// Whether somebody has the address by now.
async fn is_taken(own: &Own, call: &Call<Proven, Guessed>) -> Result<bool, Problem> {
    let address = own.may_guess()?.address_key;
    let claim = call.api.parts().store.guards().claim(address).await;
    Ok(claim.map_err(|error| of_store(&error))?.is_some())
}

/// Address proven and claimed, account opened, device trusted, session begun: all or nothing.
/// `None`: somebody else was faster, perhaps with the same address; decide again.
async fn open_account(
    own: &Own,
    call: &Call<Proven, Guessed>,
    decided: Decided<Verification>,
    session: SessionId,
) -> Result<Option<Progress>, Problem> {
    let (api, now) = (&call.api, call.now);
    let store = &api.parts().store;
    let pending = own.may_guess()?;
    let command = AccountCommand::Register(Box::new(pending.registration()));
    let account = StreamContext::<Account>::new(pending.account);
    let registered = store.streams().decide(account, command, &scribe(api, now)).await;
    let registered = registered.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
    let completed = Completed {
        device: pending.device,
        trusted: true,
        session,
        amr: vec![AuthenticationMethod::Pwd, AuthenticationMethod::Pop, AuthenticationMethod::Otp],
    };
    let beginning = Beginning {
        account: pending.account,
        key: own.going.key,
        trust_generation: 0,
        completed: &completed,
        platform: pending.platform,
        description: &pending.description,
        origin: &pending.origin,
        now,
    };
    let (session, secret) = begin(api, &beginning);
    let meta = call.meta(&pending.device.to_string());
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
        Ok(()) => Ok(Some(complete(&own.id.to_string(), Some(answer)))),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}
