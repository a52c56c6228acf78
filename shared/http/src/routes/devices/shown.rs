//! Devices as their owner's list shows them.

use std::collections::HashMap;

use jiff::Timestamp;
use postern_domain::account::{OpenAccount, TrustedDevice};
use postern_events::ids::{AccountId, DeviceId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{DeviceDescription, Origin, Platform};
use postern_store::sessions::Session;
use postern_store::vault::Person;
use postern_store::views::DeviceProfile;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::activity::Location;
use super::may_end;
use crate::Api;
use crate::problem::{Code, Problem};
use crate::refusal::of_store;
use crate::sessions::SignedIn;

/// A device; what isn't known about it is null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Device)]
pub(in crate::routes) struct DeviceView {
    /// Its identifier.
    #[schema(value_type = String, pattern = "^dev_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub(super) id: DeviceId,
    /// What its owner calls it.
    name: Option<String>,
    /// The maker's model name.
    model: Option<String>,
    /// Its platform: `ios`, `android`, `web` or `other`.
    #[schema(value_type = String)]
    platform: Platform,
    /// The version of its system.
    os_version: Option<String>,
    /// Since when it is trusted; null where it is only signed in.
    #[schema(value_type = Option<String>, format = DateTime)]
    trusted_at: Option<Timestamp>,
    /// When it was last used, to the day.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// Where it seemed to be then.
    last_location: Location,
    /// Whether it is the one that asks.
    current: bool,
    /// Whether a push reaches it: `reachable`, `unreachable` or `none`.
    #[schema(value_type = String)]
    push: PushState,
    /// Whether the device that asks may rename and remove it now.
    can_manage: bool,
}

/// Whether a push reaches a device.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum PushState {
    /// As far as is known, it does.
    Reachable,
    /// It doesn't any more, or its owner sees nothing of it.
    Unreachable,
    /// Its app never said how.
    None,
}

impl PushState {
    fn of(device: &TrustedDevice) -> Self {
        match device.push {
            None => Self::None,
            Some(push) if push.alive => Self::Reachable,
            Some(_) => Self::Unreachable,
        }
    }
}

/// What is known about an account's devices besides their trust.
pub(super) struct Known {
    pub(super) person: Person,
    /// What renamed devices are called: whoever gave a name sees it at once.
    pub(super) names: HashMap<DeviceId, Personal<DeviceDescription>>,
    profiles: HashMap<DeviceId, DeviceProfile>,
    pub(super) sessions: Vec<Session>,
}

/// A device before it is opened.
struct Sealed<'a> {
    id: DeviceId,
    platform: Platform,
    description: Option<&'a Personal<DeviceDescription>>,
    origin: Option<&'a Personal<Origin>>,
    country: Option<&'a str>,
    trusted_at: Option<Timestamp>,
    seen_at: Timestamp,
    push: PushState,
    can_manage: bool,
}

pub(super) fn is_alive_untrusted(caller: &SignedIn, session: &Session) -> bool {
    !session.trusted && session.trust_generation == caller.account.trust_generation
}

impl Known {
    pub(super) async fn load(
        api: &Api,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let store = &api.parts().store;
        let (vault, views, sessions) = (store.vault(), store.views(), store.sessions());
        // Four answers at once take much room; it is not the callers'.
        let loaded = Box::pin(async move {
            tokio::try_join!(
                vault.load(account, now),
                vault.device_names(account),
                views.devices(account),
                sessions.of_account(account, now),
            )
        });
        let (person, names, profiles, sessions) = loaded.await.map_err(|error| of_store(&error))?;
        let person = person.ok_or_else(|| Problem::new(Code::InvalidToken))?;
        let profiles = profiles.into_iter().map(|it| (it.device, it)).collect();
        Ok(Self { person, names, profiles, sessions })
    }

    fn session(&self, device: DeviceId) -> Option<&Session> {
        self.sessions.iter().find(|it| it.device == device)
    }

    /// What a device is. The view comes a moment after the event; until then its session tells.
    pub(super) fn description(&self, device: DeviceId) -> Option<&Personal<DeviceDescription>> {
        let profile = || self.profiles.get(&device).map(|it| &it.description);
        let session = || self.session(device).map(|it| &it.description);
        self.names.get(&device).or_else(profile).or_else(session)
    }

    /// The trusted devices, then those that are signed in without being trusted.
    pub(super) fn devices(
        &self,
        caller: &SignedIn,
        account: &OpenAccount,
        now: Timestamp,
    ) -> Vec<DeviceView> {
        let held = account.devices.iter().filter(|it| it.holds(now));
        let trusted = held.map(|it| self.trusted(caller, account, it, now));
        let alive = self.sessions.iter().filter(|it| is_alive_untrusted(caller, it));
        let signed_in = alive.map(|it| signed_in(caller, it));
        trusted.chain(signed_in).map(|it| self.open(&it, caller.session.device)).collect()
    }

    fn trusted(
        &self,
        caller: &SignedIn,
        account: &OpenAccount,
        device: &TrustedDevice,
        now: Timestamp,
    ) -> Sealed<'_> {
        let (by, stepped_up) = (caller.session.device, caller.is_stepped_up(now));
        let profile = self.profiles.get(&device.id);
        let session = self.session(device.id);
        let platform = profile.map(|it| it.platform).or(session.map(|it| it.platform));
        Sealed {
            id: device.id,
            platform: platform.unwrap_or(Platform::Other),
            description: self.description(device.id),
            origin: profile.map(|it| &it.origin).or(session.map(|it| &it.origin)),
            country: profile.and_then(|it| it.country.as_deref()),
            trusted_at: Some(device.since),
            seen_at: profile.map_or(device.seen, |it| device.seen.max(it.seen_at)),
            push: PushState::of(device),
            can_manage: account.may_remove(device, by, stepped_up, now),
        }
    }

    /// The device as it is answered. A description that can't be opened is shown as unknown
    /// rather than hiding a device that somebody may want to remove.
    fn open(&self, it: &Sealed<'_>, current: DeviceId) -> DeviceView {
        let key = &self.person.data_key;
        let description = it.description.and_then(|it| key.open(it).ok());
        let origin = it.origin.and_then(|it| key.open(it).ok());
        let (name, model, os_version) = match description {
            Some(it) => (Some(it.name), Some(it.model), Some(it.os_version)),
            None => (None, None, None),
        };
        let city = origin.and_then(|it| it.city);
        DeviceView {
            id: it.id,
            name,
            model,
            platform: it.platform,
            os_version,
            trusted_at: it.trusted_at,
            last_seen_at: it.seen_at,
            last_location: Location::new(it.country.map(str::to_owned), city),
            current: it.id == current,
            push: it.push,
            can_manage: it.can_manage,
        }
    }
}

fn signed_in<'a>(caller: &SignedIn, session: &'a Session) -> Sealed<'a> {
    Sealed {
        id: session.device,
        platform: session.platform,
        description: Some(&session.description),
        origin: Some(&session.origin),
        country: None,
        trusted_at: None,
        seen_at: session.created_at,
        push: PushState::None,
        can_manage: may_end(caller, session.device),
    }
}
