//! An account's devices and sessions.

use std::collections::HashMap;

use jiff::Timestamp;
use postern_domain::account::OpenAccount;
use postern_events::ids::{DeviceId, SessionId};
use postern_events::sign_in::AuthenticationMethod;
use postern_events::vocabulary::{Alerts, Platform, PushPlatform};
use postern_store::vault::PushEndpoint;
use postern_store::views::DeviceProfile;
use postern_store::{Store, StoreError, sessions};
use serde::Serialize;
use serde_json::Value;

use super::opening::Opener;

/// A trusted device.
#[derive(Debug, Serialize)]
pub(super) struct Device {
    id: DeviceId,
    trusted_since: Timestamp,
    last_used: Timestamp,
    /// Whether its trust has not lapsed.
    trusted: bool,
    platform: Option<Platform>,
    description: Value,
    last_origin: Value,
    last_country: Option<String>,
    push: Option<Push>,
}

/// How a device is pushed to; its token is a secret between its platform and us.
#[derive(Debug, Serialize)]
struct Push {
    platform: PushPlatform,
    alerts: Alerts,
    since: Timestamp,
}

/// A session that has not expired.
#[derive(Debug, Serialize)]
pub(super) struct Session {
    id: SessionId,
    device: DeviceId,
    trusted: bool,
    /// Whether it still lets anybody in.
    alive: bool,
    amr: Vec<AuthenticationMethod>,
    began_at: Timestamp,
    authenticated_at: Timestamp,
    expires_at: Timestamp,
    platform: Platform,
    description: Value,
    origin: Value,
}

/// The trusted devices, oldest first.
pub(super) async fn devices(
    store: &Store,
    open: &OpenAccount,
    opener: &Opener,
    now: Timestamp,
) -> Result<Vec<Device>, StoreError> {
    let profiles = store.views().devices(open.id).await?.into_iter().map(|it| (it.device, it));
    let mut profiles: HashMap<DeviceId, DeviceProfile> = profiles.collect();
    let endpoints = store.vault().push_endpoints(open.id).await?.into_iter();
    let mut endpoints: HashMap<DeviceId, PushEndpoint> =
        endpoints.map(|it| (it.device, it)).collect();
    let names = store.vault().device_names(open.id).await?;
    let device = |it: &postern_domain::account::TrustedDevice| {
        let profile = profiles.remove(&it.id);
        let described = profile.as_ref().map(|it| &it.description);
        let endpoint = endpoints.remove(&it.id);
        Device {
            id: it.id,
            trusted_since: it.since,
            last_used: it.seen,
            trusted: it.holds(now),
            description: opener.open_maybe(names.get(&it.id).or(described)),
            last_origin: opener.open_maybe(profile.as_ref().map(|it| &it.origin)),
            platform: profile.as_ref().map(|it| it.platform),
            last_country: profile.and_then(|it| it.country),
            push: endpoint.map(|it| Push {
                platform: it.platform,
                alerts: it.alerts,
                since: it.since,
            }),
        }
    };
    Ok(open.devices.iter().map(device).collect())
}

/// The sessions, of which those that were ended lie there until they would have expired.
pub(super) async fn sessions(
    store: &Store,
    open: &OpenAccount,
    opener: &Opener,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    let session = |it: sessions::Session| {
        let trusted = open.device(it.device, now).is_some_and(|known| known.key == it.key);
        Session {
            id: it.id,
            device: it.device,
            trusted: it.trusted,
            alive: it.trust_generation == open.trust_generation && (!it.trusted || trusted),
            amr: it.amr,
            began_at: it.created_at,
            authenticated_at: it.auth_time,
            expires_at: it.expires_at,
            platform: it.platform,
            description: opener.open(&it.description),
            origin: opener.open(&it.origin),
        }
    };
    let found = store.sessions().of_account(open.id, now).await?;
    Ok(found.into_iter().map(session).collect())
}
