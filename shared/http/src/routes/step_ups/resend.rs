//! The code again, or by the other channel.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::budget::Exhausted;
use postern_domain::challenge::CodeRefusal;
use postern_domain::ports::draw;
use postern_domain::verification::VerificationCommand;
use postern_events::ids::VerificationId;
use postern_events::vocabulary::Purpose;
use postern_store::streams::{DECISIONS, wait};

use super::super::Named;
use super::super::attempts::ResendBody;
use super::super::processes::Own;
use super::super::sign_ins::material;
use super::{awaited, channels, email_hint, guard};
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_code, of_pause, of_store, of_together, of_verification};
use crate::sessions::SignedIn;
use crate::view::{Progress, just_asked};

pub(in crate::routes) const RESEND: Described =
    Described::new(Tag::Security, "resendStepUpCode", "Send the code again, or the other way")
        .answers::<Progress>(StatusCode::ACCEPTED, "Another code is on its way; only it counts.")
        .refuses(&[
            Code::AttemptClosed,
            Code::ResendTooSoon,
            Code::TooManySends,
            Code::TooManyAttempts,
            Code::ChannelUnavailable,
        ]);

pub(in crate::routes) async fn resend(
    id: Named<VerificationId>,
    call: Call<SignedIn, ResendBody>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let id = id.known()?;
    for lost in 0..DECISIONS {
        let own = Own::load(id, Purpose::StepUp, &call).await?;
        if let Some(view) = send(&own, &call).await? {
            return Ok((StatusCode::ACCEPTED, Json(view)));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

/// The send and what it takes from the account's budget are one transaction. `None`: somebody else
/// was faster, decide again.
async fn send(own: &Own, call: &Call<SignedIn, ResendBody>) -> Result<Option<Progress>, Problem> {
    let (api, now, going) = (&call.api, call.now, own.going);
    own.going_on()?;
    let mut guard = guard(call).await?;
    if let Some(paused) = guard.value.paused(now).filter(|_| !call.caller.session.trusted) {
        return Err(of_pause(paused, now));
    }
    if guard.value.guesses_left(&own.id.to_string(), now) == 0 {
        return Err(of_code(CodeRefusal::Closed, now));
    }
    let channels = channels(own, &guard.value)?;
    let command = VerificationCommand::Resend {
        going,
        method: call.body.method,
        channels: Some(channels),
        material: material(api),
    };
    let decided = own.decide(api, command).await?;
    let going_on = decided.state().may_go_on(&going);
    let challenge = going_on.map_err(|it| of_verification(it, now))?.1.clone();
    let method = challenge.newest().method;
    if channels.costs(method) {
        let spent = |it: Exhausted| of_code(CodeRefusal::TooManySends { again_at: it.until }, now);
        guard.value.claim_send(method, now).map_err(spent)?;
    }
    let delivery = just_asked(method, &channels);
    let left = super::channels(own, &guard.value)?;
    let hint = email_hint(own, call).await?;
    let view = awaited(own, &challenge, &left, &guard.value, hint, delivery);
    let store = &api.parts().store;
    let meta = call.meta(&call.caller.actor());
    let staged = [decided.stage(&meta).map_err(|error| of_store(&error))?];
    let counted = store.guards().guard_put(call.caller.account.id, &guard);
    let extras = vec![counted.map_err(|error| of_store(&error))?];
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(Some(view)),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}
