//! What a commit says about an account's trusted devices.

use jiff::Timestamp;
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::account::{AccountEvent, TrustedBy};
use postern_events::catalogue::EventSet;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::personal::Personal;
use postern_events::sign_in::SignInEvent;
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
    match keys::stream_parts(&commit.stream) {
        Some((AccountEvent::AGGREGATE, id)) => {
            let account =
                id.parse().map_err(|why| StoreError::broken(commit.stream.clone(), why))?;
            of_account(account, commit)
        }
        Some((SignInEvent::AGGREGATE, _)) => of_sign_in(commit),
        Some(_) | None => Ok(Vec::new()),
    }
}

fn events<E: EventSet>(commit: &Commit) -> Result<Vec<(Timestamp, E)>, StoreError> {
    let read = |stored| -> Result<_, StoreError> {
        let stored: &postern_events::stored::StoredEvent = stored;
        let event = E::read(stored).map_err(|why| {
            let what = format!("commit {} of stream {}", commit.version, commit.stream);
            StoreError::broken(what, why)
        })?;
        Ok((stored.time, event))
    };
    commit.events.iter().map(read).collect()
}

fn of_account(account: AccountId, commit: &Commit) -> Result<Vec<News>, StoreError> {
    let mut news = Vec::new();
    let ended = |revoked: Vec<DeviceId>, at| {
        revoked.into_iter().map(move |device| News::Revoked { account, device, at })
    };
    for ((at, event), sequence) in events::<AccountEvent>(commit)?.into_iter().zip(commit.version..)
    {
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
    Ok(news)
}

/// A trusted key completes its attempt in the commit that opens it. Anybody else's attempt says
/// nothing about a trusted device: where it leads to trust, the account says so.
fn of_sign_in(commit: &Commit) -> Result<Vec<News>, StoreError> {
    if commit.version != 1 {
        return Ok(Vec::new());
    }
    let (mut attempted, mut completed) = (None, false);
    for (at, event) in events::<SignInEvent>(commit)? {
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
    Ok(seen.into_iter().collect())
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
                events::<SignInEvent>(&first)?.into_iter().find_map(|(_, event)| {
                    let SignInEvent::Attempted(it) = event else { return None };
                    it.country
                })
            }
            TrustedBy::Registration(id) => {
                let Some(first) = streams.first_commit::<Verification>(id).await? else {
                    return Ok(None);
                };
                events::<VerificationEvent>(&first)?.into_iter().find_map(|(_, event)| {
                    let VerificationEvent::Opened(it) = event else { return None };
                    it.country
                })
            }
        };
        Ok(country)
    }
}
