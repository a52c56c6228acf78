//! What a commit says about an account's trusted devices.

use jiff::Timestamp;
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::account::{AccountEvent, TrustedBy};
use postern_events::catalogue::EventSet;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::personal::Personal;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::StoredEvent;
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::DeviceDescription;

use super::{DeviceProfile, Views};
use crate::error::StoreError;
use crate::keys;
use crate::streams::{Commit, EventStore};

/// One piece of news.
pub(super) enum News {
    /// A device is trusted from now on.
    Trusted { account: AccountId, profile: DeviceProfile, by: TrustedBy },
    /// A trusted device was used by its owner to sign in.
    Seen { account: AccountId, profile: DeviceProfile },
    /// A device is trusted no longer.
    Revoked { account: AccountId, device: DeviceId, at: Timestamp },
    /// A trusted device is called otherwise, since this event of its account's stream.
    Renamed {
        account: AccountId,
        device: DeviceId,
        description: Personal<DeviceDescription>,
        sequence: u64,
    },
}

/// The news of a commit, if it is of an account or of an attempt to sign in.
pub(super) fn of(commit: &Commit) -> Result<Vec<News>, StoreError> {
    of_events(&commit.stream, commit.version, &commit.events)
}

/// The news in the events of a commit.
pub(super) fn of_events(
    stream: &str,
    version: u64,
    stored: &[StoredEvent],
) -> Result<Vec<News>, StoreError> {
    let what = || format!("commit {version} of stream {stream}");
    match keys::stream_parts(stream) {
        Some((AccountEvent::AGGREGATE, id)) => {
            let account = id.parse().map_err(|why| StoreError::broken(stream, why))?;
            Ok(of_account(account, version, events(stored, what)?))
        }
        // The account says what becomes of an attempt after its first commit.
        Some((SignInEvent::AGGREGATE, _)) if version == 1 => Ok(of_sign_in(events(stored, what)?)),
        Some(_) | None => Ok(Vec::new()),
    }
}

/// What was stored, with the times.
pub(super) fn events<E: EventSet>(
    stored: &[StoredEvent],
    what: impl Fn() -> String,
) -> Result<Vec<(Timestamp, E)>, StoreError> {
    let read = |stored: &StoredEvent| {
        let event = E::read(stored).map_err(|why| StoreError::broken(what(), why))?;
        Ok((stored.time, event))
    };
    stored.iter().map(read).collect()
}

fn of_account(
    account: AccountId,
    version: u64,
    events: Vec<(Timestamp, AccountEvent)>,
) -> Vec<News> {
    let mut news = Vec::new();
    let ended = |revoked: Vec<DeviceId>, at| {
        revoked.into_iter().map(move |device| News::Revoked { account, device, at })
    };
    for ((at, event), sequence) in events.into_iter().zip(version..) {
        match event {
            AccountEvent::DeviceTrusted(it) => {
                let profile = DeviceProfile {
                    device: it.device,
                    description: it.description,
                    origin: it.origin,
                    country: None,
                    platform: it.platform,
                    seen_at: at,
                };
                news.push(News::Trusted { account, profile, by: it.by });
            }
            AccountEvent::DeviceRevoked(it) => {
                news.push(News::Revoked { account, device: it.device, at });
            }
            AccountEvent::DeviceRenamed(it) => {
                let (device, description) = (it.device, it.description);
                news.push(News::Renamed { account, device, description, sequence });
            }
            AccountEvent::SignedOutEverywhere(it) => news.extend(ended(it.revoked, at)),
            AccountEvent::SignedOutByOperator(it) => news.extend(ended(it.revoked, at)),
            AccountEvent::TwoStepDisabled(it) => news.extend(ended(it.revoked, at)),
            AccountEvent::PasswordChanged(it) => news.extend(ended(it.revoked, at)),
            AccountEvent::PasswordReset(it) => news.extend(ended(it.revoked, at)),
            AccountEvent::Registered(_)
            | AccountEvent::EmailVerified(_)
            | AccountEvent::DeviceSeen(_)
            | AccountEvent::PushEndpointRegistered(_)
            | AccountEvent::PushEndpointRemoved(_)
            | AccountEvent::PushEndpointDisabled(_)
            | AccountEvent::CodeEntryPaused(_)
            | AccountEvent::TwoStepEnabled(_)
            | AccountEvent::MethodChosen(_)
            | AccountEvent::LocaleChosen(_)
            | AccountEvent::PasswordCompromised(_)
            | AccountEvent::EmailChanged(_)
            | AccountEvent::EmailUndeliverable(_)
            | AccountEvent::RecoveryCodesCreated(_)
            | AccountEvent::Disclosed(_)
            | AccountEvent::CodeEntryResumed(_)
            | AccountEvent::Erased(_) => {}
        }
    }
    news
}

/// A trusted key completes its attempt in the commit that opens it. Anybody else's attempt says
/// nothing about a trusted device: where it leads to trust, the account says so.
pub(super) fn of_sign_in(events: Vec<(Timestamp, SignInEvent)>) -> Vec<News> {
    let (mut attempted, mut completed) = (None, false);
    for (at, event) in events {
        match event {
            SignInEvent::Attempted(it) if it.inputs.trusted => attempted = Some((at, it)),
            SignInEvent::Completed(_) => completed = true,
            SignInEvent::Attempted(_)
            | SignInEvent::Refused(_)
            | SignInEvent::CodeIssued(_)
            | SignInEvent::CodeResent(_)
            | SignInEvent::CodeRejected(_)
            | SignInEvent::CodeVerified(_)
            | SignInEvent::RecoveryCodeUsed(_)
            | SignInEvent::Denied(_)
            | SignInEvent::Reported(_)
            | SignInEvent::Cancelled(_)
            | SignInEvent::Locked(_) => {}
        }
    }
    let seen = attempted.filter(|_| completed).map(|(at, it)| News::Seen {
        account: it.account,
        profile: DeviceProfile {
            device: it.device,
            description: it.description,
            origin: it.origin,
            country: it.country,
            platform: it.platform,
            seen_at: at,
        },
    });
    seen.into_iter().collect()
}

fn events_of<E: EventSet>(commit: &Commit) -> Result<Vec<(Timestamp, E)>, StoreError> {
    events(&commit.events, || format!("commit {} of stream {}", commit.version, commit.stream))
}

impl Views {
    /// The country that a device was in when it became trusted: the account's event doesn't say
    /// it, but the opening of what made the device trusted does. One read.
    pub(super) async fn country_of(&self, by: TrustedBy) -> Result<Option<String>, StoreError> {
        let streams = EventStore::new(self.tables.clone());
        let country = match by {
            TrustedBy::SignIn(id) => {
                let Some(first) = streams.first_commit::<SignIn>(id).await? else {
                    return Ok(None);
                };
                events_of::<SignInEvent>(&first)?.into_iter().find_map(|(_, event)| {
                    let SignInEvent::Attempted(it) = event else { return None };
                    it.country
                })
            }
            TrustedBy::Registration(id) => {
                let Some(first) = streams.first_commit::<Verification>(id).await? else {
                    return Ok(None);
                };
                events_of::<VerificationEvent>(&first)?.into_iter().find_map(|(_, event)| {
                    let VerificationEvent::Opened(it) = event else { return None };
                    it.country
                })
            }
        };
        Ok(country)
    }
}
