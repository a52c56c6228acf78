//! What an account's events ask for, all of which concerns its devices.

use postern_events::account::{AccountEvent, PushRemovedBecause, RevokedBecause};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, DeviceId};
use postern_store::error::StoreError;
use postern_store::keys;
use postern_store::streams::Commit;

use super::asked::{Asked, Cause, Chore, Errand, Telling, Wanted, What};

/// Whether a stream is an account's, and whose.
pub(super) fn account_of(stream: &str) -> Option<AccountId> {
    match keys::stream_parts(stream)? {
        (AccountEvent::AGGREGATE, id) => id.parse().ok(),
        _ => None,
    }
}

/// What a commit of an account's stream asks for. It needs to know no other commit.
pub(super) fn wanted(account: AccountId, commit: &Commit) -> Result<Wanted, StoreError> {
    let mut wanted = Wanted::default();
    for stored in &commit.events {
        let event = AccountEvent::read(stored).map_err(|why| StoreError::Broken {
            what: format!("event {} of stream {}", stored.id, commit.stream),
            source: why.into(),
        })?;
        let cause = || Cause {
            by: stored.id,
            at: stored.time,
            stream: commit.stream.clone(),
            version: commit.version,
        };
        let chore = |device, errand| Chore { cause: cause(), account, device, errand };
        let signed_out = |device: DeviceId| {
            let what = What::Push(Telling::SignedOut, device);
            let cause = cause();
            Asked { account, what, deadline: cause.notice_deadline(), cause }
        };
        match event {
            AccountEvent::PushEndpointRegistered(it) => {
                wanted.chores.push(chore(it.device, Errand::Register));
            }
            AccountEvent::PushEndpointRemoved(it) => match it.because {
                PushRemovedBecause::Asked => wanted.chores.push(chore(it.device, Errand::Forget)),
                // Whoever has the token now has its endpoint, too.
                PushRemovedBecause::Moved => {}
            },
            AccountEvent::DeviceRevoked(it) => match it.because {
                RevokedBecause::Removed => wanted.messages.push(signed_out(it.device)),
                // The phone may have just come back as a new device: it is not told to leave.
                RevokedBecause::Unused => wanted.chores.push(chore(it.device, Errand::Forget)),
            },
            AccountEvent::SignedOutEverywhere(it) => {
                wanted.messages.extend(it.revoked.into_iter().map(signed_out));
            }
            AccountEvent::Registered(_)
            | AccountEvent::EmailVerified(_)
            | AccountEvent::DeviceTrusted(_)
            | AccountEvent::DeviceSeen(_)
            | AccountEvent::PushEndpointDisabled(_)
            | AccountEvent::CodeEntryPaused(_) => {}
        }
    }
    Ok(wanted)
}
