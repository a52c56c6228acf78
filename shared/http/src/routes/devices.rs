//! Devices: who is trusted, who is signed in, and how to end it.

use std::collections::HashMap;

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::ports::draw;
use postern_events::ids::DeviceId;
use postern_events::personal::Personal;
use postern_events::vocabulary::{DeviceDescription, Origin, Platform};
use postern_store::seal::DataKey;
use postern_store::sessions::Session;
use postern_store::streams::{DECISIONS, wait};
use postern_store::views::DeviceProfile;
use serde_json::{Value, json};

use super::Named;
use super::superseding::tell_attempts;
use super::tokens::scribe;
use crate::body::Nothing;
use crate::call::Call;
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_account, of_execute, of_store, of_together};
use crate::sessions::SignedIn;

/// A device before it is shown.
struct Shown<'a> {
    id: DeviceId,
    platform: Platform,
    description: Option<&'a Personal<DeviceDescription>>,
    origin: Option<&'a Personal<Origin>>,
    country: Option<&'a str>,
    trusted_at: Option<Timestamp>,
    seen_at: Timestamp,
    push: &'static str,
    can_manage: bool,
}

impl Shown<'_> {
    /// The device as it is answered. A description that can't be opened is shown as unknown
    /// rather than hiding a device that somebody may want to remove.
    fn view(&self, key: &DataKey, current: DeviceId) -> Value {
        let description = self.description.and_then(|it| key.open(it).ok());
        let origin = self.origin.and_then(|it| key.open(it).ok());
        let part = |part: fn(&DeviceDescription) -> &str| description.as_ref().map(part);
        json!({
            "id": self.id,
            "name": part(|it| &it.name),
            "model": part(|it| &it.model),
            "platform": self.platform,
            "os_version": part(|it| &it.os_version),
            "trusted_at": self.trusted_at.map(|at| at.to_string()),
            "last_seen_at": self.seen_at.to_string(),
            "last_location": {
                "country": self.country,
                "city": origin.and_then(|it| it.city),
                "approximate": true,
            },
            "current": self.id == current,
            "push": self.push,
            "can_manage": self.can_manage,
        })
    }
}

pub(super) async fn list(call: Call<SignedIn, Nothing>) -> Result<Json<Value>, Problem> {
    let (now, caller, store) = (call.now, &call.caller, &call.api.parts().store);
    let account = &caller.account;
    let (vault, views, sessions) = (store.vault(), store.views(), store.sessions());
    let (person, profiles, sessions) = tokio::try_join!(
        vault.load(account.id, now),
        views.devices(account.id),
        sessions.of_account(account.id, now),
    )
    .map_err(|error| of_store(&error))?;
    let person = person.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let profiles: HashMap<DeviceId, DeviceProfile> =
        profiles.into_iter().map(|it| (it.device, it)).collect();
    let stepped_up = caller.is_stepped_up(now);
    let by = caller.session.device;
    let trusted = account.devices.iter().filter(|it| it.holds(now)).map(|device| {
        let profile = profiles.get(&device.id);
        // The view comes a moment after the event; until then the device's own session tells.
        let session = sessions.iter().find(|it| it.device == device.id);
        let platform = profile.map(|it| it.platform).or(session.map(|it| it.platform));
        Shown {
            id: device.id,
            platform: platform.unwrap_or(Platform::Other),
            description: profile.map(|it| &it.description).or(session.map(|it| &it.description)),
            origin: profile.map(|it| &it.origin).or(session.map(|it| &it.origin)),
            country: profile.and_then(|it| it.country.as_deref()),
            trusted_at: Some(device.since),
            seen_at: profile.map_or(device.seen, |it| device.seen.max(it.seen_at)),
            push: match device.push {
                None => "none",
                Some(push) if push.alive => "reachable",
                Some(_) => "unreachable",
            },
            can_manage: account.may_remove(device, by, stepped_up, now),
        }
    });
    let signed_in =
        sessions.iter().filter(|it| is_alive_untrusted(caller, it)).map(|session| Shown {
            id: session.device,
            platform: session.platform,
            description: Some(&session.description),
            origin: Some(&session.origin),
            country: None,
            trusted_at: None,
            seen_at: session.created_at,
            push: "none",
            can_manage: may_end(caller, session.device),
        });
    let devices: Vec<Value> =
        trusted.chain(signed_in).map(|it| it.view(&person.data_key, by)).collect();
    Ok(Json(json!({ "devices": devices })))
}

fn is_alive_untrusted(caller: &SignedIn, session: &Session) -> bool {
    !session.trusted && session.trust_generation == caller.account.trust_generation
}

/// A trusted device may end any session that isn't; one that isn't trusted may end its own.
fn may_end(caller: &SignedIn, device: DeviceId) -> bool {
    caller.session.trusted || caller.session.device == device
}

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
    let meta = api.meta(&call.request, &caller.actor());
    let of_store = |error| of_store(&error);
    for lost in 0..DECISIONS {
        let context = streams.load::<Account>(account).await.map_err(of_store)?;
        let key = context.state().open().and_then(|it| it.device(device, now)).map(|it| it.key);
        let command = AccountCommand::RemoveDevice { device, by, stepped_up, now };
        let removed = streams.decide(context, command, &scribe(api, now)).await;
        let removed = removed.map_err(|error| of_execute(error, of_account))?;
        let all = sessions.of_account(account, now).await.map_err(of_store)?;
        let is_ended = |it: &&Session| it.device == device || Some(it.key) == key;
        let (at_once, later): (Vec<_>, Vec<_>) =
            all.iter().filter(is_ended).enumerate().partition(|(place, _)| *place < ENDED_AT_ONCE);
        let mut extras = Vec::new();
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
            Err(error) if error.is_race() => wait(api.chance(), lost).await,
            Err(error) => return Err(of_together(&error)),
        }
    }
    Err(contended())
}
