//! The code again, or by the other channel.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::budget::Exhausted;
use postern_domain::challenge::CodeRefusal;
use postern_domain::channels::Channels;
use postern_domain::guard::AccountGuard;
use postern_domain::ports::draw;
use postern_domain::sign_in::{SignIn, SignInCommand};
use postern_events::ids::SignInId;
use postern_events::vocabulary::Method;
use postern_store::guards::Guarded;
use postern_store::streams::{DECISIONS, Decided, wait};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::Named;
use super::super::sign_ins::material;
use super::super::tokens::scribe;
use super::{Own, own};
use crate::body::{Members, word_if_given};
use crate::call::{Call, Proven};
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{
    contended, of_channel, of_code, of_execute, of_pause, of_sign_in, of_store, of_together,
};
use crate::view::{Progress, just_asked};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Resend)]
pub(in crate::routes) struct ResendBody {
    /// How it is to travel: `app` or `email`; the same way as before where it isn't given.
    #[serde(default, deserialize_with = "word_if_given")]
    #[schema(value_type = Option<String>, pattern = "^(app|email)$")]
    pub(in crate::routes) method: Option<Method>,
}
impl Members for ResendBody {
    const OPTIONAL: bool = true;
}

pub(in crate::routes) const RESEND: Described =
    Described::new(Tag::SignIn, "resendSignInCode", "Send the code again, or the other way")
        .answers::<Progress>(StatusCode::ACCEPTED, "Another code is on its way; only it counts.")
        .refuses(&[
            Code::AttemptClosed,
            Code::ResendTooSoon,
            Code::TooManySends,
            Code::TooManyAttempts,
            Code::ChannelUnavailable,
        ]);

/// The send and what it takes from the account's budget are one transaction: five taps in a second
/// are one send, and cost one.
pub(in crate::routes) async fn resend(
    id: Named<SignInId>,
    call: Call<Proven, ResendBody>,
) -> Result<(StatusCode, Json<Progress>), Problem> {
    let id = id.known()?;
    for lost in 0..DECISIONS {
        let own = own(id, &call).await?;
        let guard = own.guard(&call).await?;
        if let Some(view) = send(own, &call, guard).await? {
            return Ok((StatusCode::ACCEPTED, Json(view)));
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

/// `None`: somebody else was faster, decide again.
async fn send(
    own: Own,
    call: &Call<Proven, ResendBody>,
    mut guard: Guarded<AccountGuard>,
) -> Result<Option<Progress>, Problem> {
    let (api, now) = (&call.api, call.now);
    if let (SignIn::Unreachable(_), Ok(_)) =
        (own.sign_in.state(), own.sign_in.state().may_recover(&own.asking))
    {
        // It lives, for a recovery code; no channel reaches the owner.
        return Err(unreached(own.channels(&guard.value), call));
    }
    own.sign_in.state().may_go_on(&own.asking).map_err(|it| of_sign_in(it, now))?;
    if let Some(paused) = guard.value.paused(now) {
        return Err(of_pause(paused, now));
    }
    if guard.value.guesses_left(&own.id.to_string(), now) == 0 {
        // Every guess is claimed, though not every one was recorded: no code is ever right.
        return Err(of_code(CodeRefusal::Closed, now));
    }
    let channels = own.channels(&guard.value);
    let decided = decide(&own, call, channels).await?;
    let Some((_, challenge)) = decided.state().pending() else {
        return Err(of_code(CodeRefusal::Closed, now));
    };
    let (challenge, method) = (challenge.clone(), challenge.newest().method);
    let spent = |it: Exhausted| of_code(CodeRefusal::TooManySends { again_at: it.until }, now);
    if channels.costs(method) {
        guard.value.claim_send(method, now).map_err(spent)?;
    }
    // Read before anything is sent, so that nothing fails afterwards.
    let delivery = just_asked(method, &channels);
    let view = own.awaited(call, &challenge, &guard.value, delivery).await?;
    let store = &api.parts().store;
    let meta = api.meta(&call.request, "anonymous");
    let staged = [decided.stage(&meta).map_err(|error| of_store(&error))?];
    let counted = store.guards().guard_put(own.open.id, &guard);
    let extras = vec![counted.map_err(|error| of_store(&error))?];
    match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(Some(view)),
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(of_together(&error)),
    }
}

/// Why nothing is sent for an attempt that never had a code.
fn unreached(channels: Channels, call: &Call<Proven, ResendBody>) -> Problem {
    let asked = call.body.method.unwrap_or(Method::Email);
    if let Some(why) = channels.without(asked) {
        return of_channel(why, call.now);
    }
    let again_at = channels.reachable_at().unwrap_or(call.now);
    of_code(CodeRefusal::TooManySends { again_at }, call.now)
}

async fn decide(
    own: &Own,
    call: &Call<Proven, ResendBody>,
    channels: Channels,
) -> Result<Decided<SignIn>, Problem> {
    let (api, now) = (&call.api, call.now);
    let command = SignInCommand::Resend {
        asking: own.asking.clone(),
        method: call.body.method,
        channels,
        material: material(api),
    };
    let streams = api.parts().store.streams();
    let decided = streams.decide(own.sign_in.clone(), command, &scribe(api, now)).await;
    decided.map_err(|error| of_execute(error, |it| of_sign_in(it, now)))
}
