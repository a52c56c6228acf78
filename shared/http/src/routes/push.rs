//! Where the calling device can be pushed to.
//!
//! Only the token is kept here; the endpoint at the push service follows from the event, so that an
//! outage there costs nobody a request.

use axum::http::StatusCode;
use postern_domain::account::{Account, AccountCommand, AccountRefusal, NewEndpoint, OpenAccount};
use postern_domain::ports::draw;
use postern_events::account::PushRemovedBecause;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::vocabulary::{Alerts, PushPlatform, PushTokenKey};
use postern_store::Extra;
use postern_store::streams::{DECISIONS, Staged, wait};
use postern_store::vault::{Earlier, PushEndpoint};
use serde::Deserialize;
use utoipa::ToSchema;

use super::tokens::scribe;
use crate::body::{Members, Nothing, word};
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_account, of_execute, of_store, of_together};
use crate::sessions::SignedIn;

/// The longest token that is taken; Apple's have 64 to 200 characters, Google's fewer than 400.
const MAX_TOKEN: usize = 2_048;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PushEndpoint)]
pub(super) struct Endpoint {
    /// Whose push service it is: `apns`, `apns_sandbox` or `fcm`.
    #[serde(deserialize_with = "word")]
    #[schema(value_type = String, pattern = "^(apns|apns_sandbox|fcm)$")]
    platform: PushPlatform,
    /// What that service knows the app on this device by.
    #[schema(pattern = "^[!-~]+$", min_length = 1, max_length = 2_048)]
    token: String,
    /// Whether the owner sees what is pushed: `allowed`, `denied` or `unknown`.
    #[serde(deserialize_with = "word")]
    #[schema(value_type = String, pattern = "^(allowed|denied|unknown)$")]
    alerts: Alerts,
}
impl Members for Endpoint {}

pub(super) const REGISTER: Described =
    Described::new(Tag::Devices, "registerPush", "Say how this device can be pushed to");

pub(super) async fn register(call: Call<SignedIn, Endpoint>) -> Result<StatusCode, Problem> {
    let token = &call.body.token;
    if token.is_empty() || token.len() > MAX_TOKEN || !token.bytes().all(|it| it.is_ascii_graphic())
    {
        let form = format!("must be 1 to {MAX_TOKEN} visible ASCII characters");
        return Err(Problem::invalid("/token", form));
    }
    for lost in 0..DECISIONS {
        // Only a trusted device is ever pushed to. Of any other nothing is kept, but its token
        // reaches it and nobody else from now on.
        let done = if call.caller.session.trusted {
            Box::pin(keep(&call)).await?
        } else {
            Box::pin(release(&call)).await?
        };
        if done {
            return Ok(StatusCode::NO_CONTENT);
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

/// What has to be written for a token that changes hands.
#[derive(Default)]
struct Moved {
    from_own: Option<DeviceId>,
    staged: Option<Staged>,
    extras: Vec<Extra>,
}

/// `false`: somebody else was faster, decide again.
async fn keep(call: &Call<SignedIn, Endpoint>) -> Result<bool, Problem> {
    let (api, now) = (&call.api, call.now);
    let (id, device) = (call.caller.account.id, call.caller.session.device);
    let store = &api.parts().store;
    let (guards, vault, streams) = (store.guards(), store.vault(), store.streams());
    let of_store = |error| of_store(&error);
    let Endpoint { platform, token, alerts } = &call.body;
    let lookup = &api.parts().lookup;
    let key = lookup.push_token(*platform, token);
    // The account first: whoever registers after this read wins the race for its stream.
    let account = streams.load::<Account>(id).await.map_err(of_store)?;
    let (owner, known) = tokio::try_join!(guards.push_claim(key), vault.push_endpoint(id, device))
        .map_err(of_store)?;
    if is_known(call, key, owner, known.as_ref(), account.state().open()) {
        return Ok(true);
    }
    let moved = move_token(call, key, owner).await?;
    let token_here = lookup.push_token_on(id, key);
    let endpoint = NewEndpoint { device, platform: *platform, token: token_here, alerts: *alerts };
    let command = AccountCommand::RegisterPush { endpoint, moved_from: moved.from_own, now };
    let decided = streams.decide(account, command, &scribe(api, now)).await;
    let decided = decided.map_err(|error| {
        of_execute(error, |it| {
            // Removed in this very moment: its session ends with it.
            let removed = it == AccountRefusal::NoDevice;
            if removed { Problem::new(Code::InvalidToken) } else { of_account(it, now) }
        })
    })?;
    let meta = api.meta(&call.request, &call.caller.actor());
    let mut staged = vec![decided.stage(&meta).map_err(of_store)?];
    staged.extend(moved.staged);
    let mut extras = moved.extras;
    let entry = PushEndpoint {
        device,
        platform: *platform,
        token: token.clone(),
        key,
        alerts: *alerts,
        endpoint: None,
        earlier: known.as_ref().and_then(earlier),
        since: now,
    };
    extras.push(vault.push_put(id, &entry).map_err(of_store)?);
    extras.push(guards.push_claim_put(key, id, device, owner).map_err(of_store)?);
    if let Some(before) = known.filter(|it| it.key != key)
        && guards.push_claim(before.key).await.map_err(of_store)? == Some((id, device))
    {
        extras.push(guards.push_claim_delete(before.key, id, device).map_err(of_store)?);
    }
    match streams.commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(of_together(&error)),
    }
}

/// What the push service calls the device so far, so that it is renewed there, or forgotten.
fn earlier(known: &PushEndpoint) -> Option<Earlier> {
    let named = known.endpoint.as_ref();
    let named = named.map(|it| Earlier { endpoint: it.clone(), key: known.key });
    named.or_else(|| known.earlier.clone())
}

/// Takes the token from whoever had it. `false`: somebody else was faster, decide again.
async fn release(call: &Call<SignedIn, Endpoint>) -> Result<bool, Problem> {
    let store = &call.api.parts().store;
    let of_store = |error| of_store(&error);
    let key = call.api.parts().lookup.push_token(call.body.platform, &call.body.token);
    let Some(owner) = store.guards().push_claim(key).await.map_err(of_store)? else {
        return Ok(true);
    };
    let mut moved = move_token(call, key, Some(owner)).await?;
    let (account, device) = owner;
    moved.extras.push(store.guards().push_claim_delete(key, account, device).map_err(of_store)?);
    let staged: Vec<Staged> = moved.staged.into_iter().collect();
    let token = draw(call.api.chance());
    match store.streams().commit_together(&staged, moved.extras, token).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(of_together(&error)),
    }
}

/// Whether all of it is known and nothing is wrong with it: then nothing is written.
fn is_known(
    call: &Call<SignedIn, Endpoint>,
    key: PushTokenKey,
    owner: Option<(AccountId, DeviceId)>,
    known: Option<&PushEndpoint>,
    account: Option<&OpenAccount>,
) -> bool {
    let (id, device) = (call.caller.account.id, call.caller.session.device);
    let push = account.and_then(|it| it.device(device, call.now)).and_then(|it| it.push);
    let alive = call.body.alerts != Alerts::Denied;
    owner == Some((id, device))
        && known.is_some_and(|it| it.key == key && it.alerts == call.body.alerts)
        && push.is_some_and(|it| it.alive == alive)
}

/// Takes the token from whoever has it: a token reaches one app on one phone.
async fn move_token(
    call: &Call<SignedIn, Endpoint>,
    key: PushTokenKey,
    owner: Option<(AccountId, DeviceId)>,
) -> Result<Moved, Problem> {
    let (api, now) = (&call.api, call.now);
    let (id, device) = (call.caller.account.id, call.caller.session.device);
    let store = &api.parts().store;
    let of_store = |error| of_store(&error);
    let Some((other, its_device)) = owner.filter(|it| *it != (id, device)) else {
        return Ok(Moved::default());
    };
    let mut moved = Moved::default();
    let account = store.streams().load::<Account>(other).await.map_err(of_store)?;
    let had = store.vault().push_endpoint(other, its_device).await.map_err(of_store)?;
    // A claim can be older than what the device says by now; then only the claim moves.
    let Some(had) = had.filter(|it| it.key == key) else { return Ok(moved) };
    let taken = store.vault().push_delete(other, its_device, had.since).map_err(of_store)?;
    moved.extras.push(taken);
    if other == id && call.caller.session.trusted {
        moved.from_own = Some(its_device);
        return Ok(moved);
    }
    if account.state().open().is_none() {
        return Ok(moved);
    }
    let because = PushRemovedBecause::Moved;
    let command = AccountCommand::RemovePush { device: its_device, because };
    let removed = store.streams().decide(account, command, &scribe(api, now)).await;
    let removed = removed.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
    if !removed.is_empty() {
        let meta = api.meta(&call.request, "token moved");
        moved.staged = Some(removed.stage(&meta).map_err(of_store)?);
    }
    Ok(moved)
}

pub(super) const REMOVE: Described =
    Described::new(Tag::Devices, "removePush", "Push to this device no longer");

/// The endpoint at the push service and what is kept about it go with the event.
pub(super) async fn remove(call: Call<SignedIn, Nothing>) -> Result<StatusCode, Problem> {
    let (api, now, device) = (&call.api, call.now, call.caller.session.device);
    let because = PushRemovedBecause::Asked;
    let streams = api.parts().store.streams();
    streams
        .execute::<Account>(
            call.caller.account.id,
            || AccountCommand::RemovePush { device, because },
            || scribe(api, now),
            &api.meta(&call.request, &call.caller.actor()),
        )
        .await
        .map_err(|error| of_execute(error, |it| of_account(it, now)))?;
    Ok(StatusCode::NO_CONTENT)
}
