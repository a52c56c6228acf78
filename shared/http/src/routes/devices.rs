//! Devices: who is trusted, who is signed in, and how to end it.

mod renaming;
mod shown;

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::ports::draw;
use postern_events::ids::DeviceId;
use postern_store::sessions::Session;
use postern_store::streams::{DECISIONS, wait};
use serde::Serialize;
use utoipa::ToSchema;

use self::shown::{DeviceView, Known, is_alive_untrusted};
use super::Named;
use super::still_in::{session_lives, still_in, still_there};
use super::superseding::tell_attempts;
use super::tokens::scribe;
use crate::body::Nothing;
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_account, of_execute, of_store, of_together};
use crate::sessions::SignedIn;

pub(super) use renaming::{RENAME, rename};

/// An account's devices.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeviceList {
    /// The trusted ones, then those that are signed in without being trusted.
    devices: Vec<DeviceView>,
}

pub(super) const LIST: Described =
    Described::new(Tag::Devices, "listDevices", "See the devices that are trusted or signed in")
        .answers::<DeviceList>(StatusCode::OK, "The devices.");

pub(super) async fn list(call: Call<SignedIn, Nothing>) -> Result<Json<DeviceList>, Problem> {
    let (caller, now) = (&call.caller, call.now);
    let known = Known::load(&call.api, caller.account.id, now).await?;
    Ok(Json(DeviceList { devices: known.devices(caller, &caller.account, now) }))
}

/// A trusted device may end any session that isn't; one that isn't trusted may end its own.
fn may_end(caller: &SignedIn, device: DeviceId) -> bool {
    caller.session.trusted || caller.session.device == device
}

pub(super) const REMOVE: Described =
    Described::new(Tag::Devices, "removeDevice", "Put a device out")
        .more("It is out on its next request, and needs a code at its next sign-in.")
        .refuses(&[Code::DeviceTooNew]);

pub(super) async fn remove(
    id: Named<DeviceId>,
    call: Call<SignedIn, Nothing>,
) -> Result<StatusCode, Problem> {
    let device = id.known()?;
    let (now, caller) = (call.now, &call.caller);
    if caller.account.device(device, now).is_some() {
        return remove_trusted(&call, device).await;
    }
    let sessions = call.api.parts().store.sessions();
    let all =
        sessions.of_account(caller.account.id, now).await.map_err(|error| of_store(&error))?;
    let ended: Vec<&Session> =
        all.iter().filter(|it| it.device == device && is_alive_untrusted(caller, it)).collect();
    if ended.is_empty() {
        return Err(Problem::new(Code::NotFound));
    }
    if !may_end(caller, device) {
        return Err(Problem::new(Code::DeviceTooNew));
    }
    for session in ended {
        let deleted = sessions.delete(caller.account.id, session.id).await;
        deleted.map_err(|error| of_store(&error))?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Sessions that end in the same transaction as a device's trust; DynamoDB takes a hundred writes.
/// No honest key has more.
const ENDED_AT_ONCE: usize = 90;

/// Trust, sessions and profile go together. A device is a key, so every session of the key ends,
/// also one that it got without being trusted.
async fn remove_trusted(
    call: &Call<SignedIn, Nothing>,
    device: DeviceId,
) -> Result<StatusCode, Problem> {
    let (api, now, caller) = (&call.api, call.now, &call.caller);
    let store = &api.parts().store;
    let (streams, sessions) = (store.streams(), store.sessions());
    let (account, by, stepped_up) =
        (caller.account.id, caller.session.device, caller.is_stepped_up(now));
    let own = caller.session.id;
    let meta = call.meta(&caller.actor());
    let of_store = |error| of_store(&error);
    for lost in 0..DECISIONS {
        let context = streams.load::<Account>(account).await.map_err(of_store)?;
        still_in(caller, context.state(), now)?;
        let key = context.state().open().and_then(|it| it.device(device, now)).map(|it| it.key);
        let command = AccountCommand::RemoveDevice { device, by, stepped_up, now };
        let removed = streams.decide(context, command, &scribe(api, now)).await;
        let removed = removed.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
        let all = sessions.of_account(account, now).await.map_err(of_store)?;
        let is_ended = |it: &&Session| it.device == device || Some(it.key) == key;
        let (at_once, later): (Vec<_>, Vec<_>) =
            all.iter().filter(is_ended).enumerate().partition(|(place, _)| *place < ENDED_AT_ONCE);
        let mut extras = Vec::new();
        if !at_once.iter().any(|(_, it)| it.id == own) {
            extras.push(session_lives(call)?);
        }
        for (_, session) in at_once {
            extras.push(sessions.delete_extra(account, session.id).map_err(of_store)?);
        }
        for (_, session) in later {
            sessions.delete(account, session.id).await.map_err(of_store)?;
        }
        let staged = [removed.stage(&meta).map_err(of_store)?];
        match streams.commit_together(&staged, extras, draw(api.chance())).await {
            Ok(()) => {
                tell_attempts(api, account, &meta, now).await;
                return Ok(StatusCode::NO_CONTENT);
            }
            Err(error) if error.is_race() => {
                still_there(call).await?;
                wait(api.chance(), lost).await;
            }
            Err(error) => return Err(of_together(&error)),
        }
    }
    Err(contended())
}
