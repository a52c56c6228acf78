//! What an account's events ask for.

use std::sync::Arc;

use postern_events::account::{AccountEvent, PushRemovedBecause, RevokedBecause};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, DeviceId};
use postern_store::error::StoreError;
use postern_store::keys;
use postern_store::streams::Commit;

use super::asked::{Asked, Cause, Telling, Wanted, What};
use super::chores::{Chore, Errand};
use super::topic::{Deed, Topic};

/// Whether a stream is an account's, and whose.
pub(super) fn account_of(stream: &str) -> Option<AccountId> {
    match keys::stream_parts(stream)? {
        (AccountEvent::AGGREGATE, id) => id.parse().ok(),
        _ => None,
    }
}

/// An account's events, as a commit has them.
pub(super) fn events(commit: &Commit) -> Result<Vec<(Cause, AccountEvent)>, StoreError> {
    let read = commit.events.iter().map(|stored| {
        let event = AccountEvent::read(stored).map_err(|why| StoreError::Broken {
            what: format!("event {} of stream {}", stored.id, commit.stream),
            source: why.into(),
        })?;
        let (by, at) = (stored.id, stored.time);
        Ok((Cause { by, at, stream: commit.stream.clone(), version: commit.version }, event))
    });
    read.collect()
}

/// What a commit of an account's stream asks for. It needs to know no other commit.
pub(super) fn wanted(account: AccountId, commit: &Commit) -> Result<Wanted, StoreError> {
    let mut wanted = Wanted::default();
    for (cause, event) in events(commit)? {
        of_event(account, &cause, event, &mut wanted);
    }
    Ok(wanted)
}

fn of_event(account: AccountId, cause: &Cause, event: AccountEvent, wanted: &mut Wanted) {
    let asked =
        |what| Asked { account, what, deadline: cause.notice_deadline(), cause: cause.clone() };
    let mail = |deed| asked(What::Mail(Topic::Deed(deed)));
    let signed_out = |device: DeviceId| asked(What::Push(Telling::SignedOut, device));
    let chore = |errand| Chore { cause: cause.clone(), account, errand };
    let Wanted { messages, chores, fan_outs: _ } = wanted;
    match event {
        AccountEvent::PushEndpointRegistered(it) => chores.push(chore(Errand::Register(it.device))),
        AccountEvent::PushEndpointRemoved(it) => match it.because {
            PushRemovedBecause::Asked => chores.push(chore(Errand::Forget(it.device))),
            // Whoever has the token now has its endpoint, too.
            PushRemovedBecause::Moved => {}
        },
        AccountEvent::DeviceRevoked(it) => match it.because {
            RevokedBecause::Removed | RevokedBecause::Reported => {
                messages.push(signed_out(it.device));
                messages.push(mail(Deed::DeviceRemoved(it)));
            }
            // The phone may have just come back as a new device: it is not told to leave.
            RevokedBecause::Unused => chores.push(chore(Errand::Forget(it.device))),
        },
        AccountEvent::SignedOutEverywhere(it) => {
            messages.extend(it.revoked.into_iter().map(signed_out));
        }
        AccountEvent::SignedOutByOperator(it) => {
            messages.extend(it.revoked.into_iter().map(signed_out));
        }
        AccountEvent::PasswordChanged(it) => {
            messages.extend(it.revoked.iter().copied().map(signed_out));
            messages.push(mail(Deed::PasswordChanged(Arc::new(it))));
        }
        AccountEvent::PasswordReset(it) => {
            messages.extend(it.revoked.iter().copied().map(signed_out));
            messages.push(mail(Deed::PasswordReset(Arc::new(it))));
        }
        AccountEvent::TwoStepDisabled(it) => {
            messages.extend(it.revoked.iter().copied().map(signed_out));
            messages.push(mail(Deed::TwoStepDisabled(Arc::new(it))));
        }
        AccountEvent::CodeEntryPaused(it) => messages.push(mail(Deed::CodeEntryPaused(it))),
        AccountEvent::EmailChanged(it) => messages.push(mail(Deed::EmailChanged(Arc::new(it)))),
        AccountEvent::RecoveryCodesCreated(it) => {
            messages.push(mail(Deed::RecoveryCodesCreated(it)));
        }
        AccountEvent::Erased(it) => chores.push(chore(Errand::Erase(Arc::new(it)))),
        AccountEvent::Registered(_)
        | AccountEvent::EmailVerified(_)
        | AccountEvent::DeviceTrusted(_)
        | AccountEvent::DeviceSeen(_)
        | AccountEvent::DeviceRenamed(_)
        | AccountEvent::PushEndpointDisabled(_)
        | AccountEvent::TwoStepEnabled(_)
        | AccountEvent::MethodChosen(_)
        | AccountEvent::LocaleChosen(_)
        | AccountEvent::PasswordCompromised(_)
        | AccountEvent::EmailUndeliverable(_)
        | AccountEvent::Disclosed(_)
        | AccountEvent::CodeEntryResumed(_) => {}
    }
}
