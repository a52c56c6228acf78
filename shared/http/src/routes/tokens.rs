//! Access tokens anew, and the end of sessions.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, AccountCommand, AccountRefusal};
use postern_domain::policy;
use postern_domain::ports::draw;
use postern_events::account::PushRemovedBecause;
use postern_store::model::Scribe;
use postern_store::streams::{DECISIONS, ExecuteError, Meta, wait};
use serde::Deserialize;
use utoipa::ToSchema;

use super::still_in::{session_lives, still_in, still_there};
use super::superseding::tell_attempts;
use crate::Api;
use crate::body::Members;
use crate::call::{Call, Proven};
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::rate::Counted;
use crate::refusal::{contended, of_account, of_execute, of_store, of_together};
use crate::sessions::{SessionView, SignedIn, answer, redeem};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    /// The `refresh_token` of a session of the same device.
    #[schema(max_length = 256)]
    refresh_token: String,
}
impl Members for Refresh {
    const COUNTED: Counted = Counted::Unproven;
}

pub(super) const REFRESH: Described =
    Described::new(Tag::Sessions, "refreshSession", "Get another access token")
        .answers::<SessionView>(StatusCode::OK, "The session, with a new access token.")
        .refuses(&[Code::InvalidToken]);

/// A living refresh token proves whose the call is; any other call is counted like those of
/// strangers.
pub(super) async fn refresh(call: Call<Proven, Refresh>) -> Result<Json<SessionView>, Problem> {
    match renew(&call).await {
        Ok(view) => Ok(Json(view)),
        Err(problem) => Err(call.unproven(problem).await),
    }
}

async fn renew(call: &Call<Proven, Refresh>) -> Result<SessionView, Problem> {
    let (api, now) = (&call.api, call.now);
    let thumbprint = &call.caller.thumbprint;
    let (mut caller, secret) = redeem(api, &call.body.refresh_token, thumbprint, now).await?;
    let expires_at = now + policy::SESSION_LIFE;
    let (account, session) = (caller.account.id, caller.session.id);
    let extended = api.parts().store.sessions().extend(account, session, expires_at).await;
    if !extended.map_err(|error| of_store(&error))? {
        return Err(Problem::new(Code::InvalidToken));
    }
    if caller.session.trusted {
        note_use(call, &caller).await?;
    }
    caller.session.expires_at = expires_at;
    answer(api, &caller.session, &secret, thumbprint, now)
}

/// Records that a trusted device is in use, at most once a day.
async fn note_use(call: &Call<Proven, Refresh>, caller: &SignedIn) -> Result<(), Problem> {
    let (now, device) = (call.now, caller.session.device);
    if caller.account.device(device, now).is_none_or(|it| now < it.seen + policy::SEEN_EVERY) {
        return Ok(());
    }
    let meta = call.api.meta(&call.request, &caller.actor());
    let streams = call.api.parts().store.streams();
    let seen = streams
        .execute::<Account>(
            caller.account.id,
            || AccountCommand::SeeDevice { device, now },
            || scribe(&call.api, now),
            &meta,
        )
        .await;
    match seen {
        Ok(_) => Ok(()),
        // Removed in this very moment: its session ends with it.
        Err(ExecuteError::Refused(AccountRefusal::NoDevice)) => {
            Err(Problem::new(Code::InvalidToken))
        }
        Err(error) => Err(of_execute(error, |it| of_account(it, now))),
    }
}

/// Writes down decisions that hold nothing personal.
pub(super) fn scribe(api: &Api, now: jiff::Timestamp) -> Scribe {
    Scribe { now, chance: api.parts().chance.clone(), data_key: None }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignOut {
    /// Whether all other sessions and all trust end too.
    #[serde(default)]
    #[schema(default = false)]
    everywhere: bool,
}
impl Members for SignOut {
    const OPTIONAL: bool = true;
}

/// A phone that nobody is signed in on shows no code, so it is not pushed to: its app registers again
/// with the next sign-in.
async fn stop_pushing(call: &Call<SignedIn, SignOut>) -> Result<(), Problem> {
    let (api, caller, now) = (&call.api, &call.caller, call.now);
    let (account, device) = (caller.account.id, caller.session.device);
    if caller.account.device(device, now).is_none_or(|it| it.push.is_none()) {
        return Ok(());
    }
    let command = || AccountCommand::RemovePush { device, because: PushRemovedBecause::Asked };
    let meta = api.meta(&call.request, &caller.actor());
    let streams = api.parts().store.streams();
    let stopped = streams.execute::<Account>(account, command, || scribe(api, now), &meta).await;
    stopped.map(drop).map_err(|error| of_execute(error, |it| of_account(it, now)))
}

pub(super) const SIGN_OUT: Described = Described::new(Tag::Sessions, "signOut", "End this session")
    .more("The device stays trusted, unless `everywhere` is asked for.")
    .refuses(&[Code::DeviceTooNew]);

/// Ends all sessions and all other trust, for a session that is still there.
async fn end_all(
    call: &Call<SignedIn, SignOut>,
    command: impl Fn() -> AccountCommand,
    meta: &Meta,
) -> Result<(), Problem> {
    let (api, now) = (&call.api, call.now);
    let streams = api.parts().store.streams();
    for lost in 0..DECISIONS {
        let context = streams.load::<Account>(call.caller.account.id).await;
        let context = context.map_err(|error| of_store(&error))?;
        still_in(&call.caller, context.state(), now)?;
        let decided = streams.decide(context, command(), &scribe(api, now)).await;
        let decided = decided.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
        let staged = [decided.stage(meta).map_err(|error| of_store(&error))?];
        let extras = vec![session_lives(call)?];
        match streams.commit_together(&staged, extras, draw(api.chance())).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_race() => {
                still_there(call).await?;
                wait(api.chance(), lost).await;
            }
            Err(error) => return Err(of_together(&error)),
        }
    }
    Err(contended())
}

pub(super) async fn sign_out(call: Call<SignedIn, SignOut>) -> Result<StatusCode, Problem> {
    let (api, caller) = (&call.api, &call.caller);
    let sessions = api.parts().store.sessions();
    let account = caller.account.id;
    if !call.body.everywhere {
        // First, so that a call that has to be repeated still has its session.
        stop_pushing(&call).await?;
        let ended = sessions.delete(account, caller.session.id).await;
        ended.map_err(|error| of_store(&error))?;
        return Ok(StatusCode::NO_CONTENT);
    }
    let (by, session, now) = (caller.session.device, caller.session.id, call.now);
    let stepped_up = caller.is_stepped_up(now);
    let meta = api.meta(&call.request, &caller.actor());
    let command = || AccountCommand::SignOutEverywhere { by, session, stepped_up, now };
    end_all(&call, command, &meta).await?;
    tell_attempts(api, account, &meta, now).await;
    // The raised generation has ended them all; this only tidies up.
    for ended in sessions.of_account(account, call.now).await.map_err(|error| of_store(&error))? {
        sessions.delete(account, ended.id).await.map_err(|error| of_store(&error))?;
    }
    Ok(StatusCode::NO_CONTENT)
}
