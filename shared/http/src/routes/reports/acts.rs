//! What a mail was about, read from the event that asked for it.

use jiff::Timestamp;
use postern_domain::report::{ReportToken, Reported};
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::account::AccountEvent;
use postern_events::catalogue::EventSet;
use postern_events::ids::DeviceId;
use postern_events::sign_in::SignInEvent;
use postern_events::stored::StoredEvent;
use postern_events::verification::VerificationEvent;
use postern_events::vocabulary::{DeviceKey, Purpose};
use postern_store::keys;

use super::Said;
use crate::call::{Anyone, Call};
use crate::problem::{Code, Problem};
use crate::refusal::of_store;

/// What was done, as far as it has to be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Act {
    /// When it was done: the moment at which the password was given, or set.
    pub(super) at: Timestamp,
    /// The device that did it, or that was let in.
    pub(super) device: Option<DeviceId>,
    /// Its key, where the event tells it.
    pub(super) key: Option<DeviceKey>,
    /// Whether whoever did it knew the password.
    pub(super) knew_password: bool,
    /// What more there is to undo.
    pub(super) beyond: Beyond,
}

/// What an act did beyond letting somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// Nothing.
    Nothing,
    /// Two-step verification was turned off.
    TurnedOff,
    /// Recovery codes were made.
    RecoveryCodes,
    /// The account has another address since, which only people can judge: whoever has the former
    /// mailbox need not be the owner.
    Moved,
}

impl Act {
    /// What the owner does now.
    pub(super) fn next(&self) -> Option<&'static str> {
        if self.beyond == Beyond::Moved {
            // A new password would be mailed to the other address.
            Some("contact_support")
        } else {
            self.knew_password.then_some("change_password")
        }
    }

    fn by(device: Option<DeviceId>, at: Timestamp) -> Self {
        Self { at, device, key: None, knew_password: true, beyond: Beyond::Nothing }
    }

    fn harmless(at: Timestamp) -> Self {
        Self { knew_password: false, ..Self::by(None, at) }
    }
}

/// What the mail was about; nothing where no such event asked for one.
pub(super) async fn act(
    call: &Call<Anyone, Said>,
    token: &ReportToken,
) -> Result<Option<Act>, Problem> {
    let stream = match token.about {
        Reported::SignIn(id) => keys::stream::<SignIn>(id),
        Reported::Verification(id) => keys::stream::<Verification>(id),
        Reported::Account(id) => keys::stream::<postern_domain::account::Account>(id),
    };
    let commits = call.api.parts().store.streams().load_commits(&stream).await;
    let commits = commits.map_err(|error| of_store(&error))?;
    let events: Vec<&StoredEvent> = commits.iter().flat_map(|it| &it.events).collect();
    let Some(asked) = events.iter().find(|it| it.id == token.event) else { return Ok(None) };
    let act = match token.about {
        Reported::SignIn(_) => attempt(&read(&events)?),
        Reported::Verification(_) => process(&read(&events)?),
        Reported::Account(_) => {
            read::<AccountEvent>(&[asked])?.first().and_then(|(event, at)| of_account(event, *at))
        }
    };
    Ok(act)
}

fn read<E: EventSet>(stored: &[&StoredEvent]) -> Result<Vec<(E, Timestamp)>, Problem> {
    let read = stored.iter().map(|it| Ok((E::read(it)?, it.time)));
    read.collect::<Result<_, postern_events::stored::Unreadable>>().map_err(|error| {
        tracing::error!(%error, "a reported event can't be read");
        Problem::new(Code::Crashed)
    })
}

/// Somebody gave the right password, and may have been let in. The password was given when the attempt
/// was opened, whatever happened to it since.
fn attempt(events: &[(SignInEvent, Timestamp)]) -> Option<Act> {
    let let_in = events.iter().find_map(|(event, _)| {
        if let SignInEvent::Completed(it) = event { Some(it.device) } else { None }
    });
    let (key, at) = events.iter().find_map(|(event, at)| {
        if let SignInEvent::Attempted(it) = event { Some((it.key, *at)) } else { None }
    })?;
    // Only one that was let in is put out.
    let key = let_in.map(|_| key);
    Some(Act { key, ..Act::by(let_in, at) })
}

fn process(events: &[(VerificationEvent, Timestamp)]) -> Option<Act> {
    let (opened, at) = events.iter().find_map(|(event, at)| {
        if let VerificationEvent::Opened(it) = event { Some((it, *at)) } else { None }
    })?;
    let fulfilled = events
        .iter()
        .find_map(|(event, at)| matches!(event, VerificationEvent::Fulfilled(_)).then_some(*at));
    let by_its_key = || Act { key: Some(opened.key), ..Act::by(Some(opened.device), at) };
    Some(match (opened.purpose, fulfilled) {
        (Purpose::EmailChange, Some(_)) => Act { beyond: Beyond::Moved, ..by_its_key() },
        (Purpose::StepUp, _) => by_its_key(),
        // Whoever completed it has set the password.
        (Purpose::PasswordReset, Some(set_at)) => Act::by(None, set_at),
        // The code of a change went to an address that may be a stranger's, mistyped.
        (Purpose::EmailChange | Purpose::PasswordReset, None)
        | (Purpose::Registration | Purpose::SignIn, _) => Act::harmless(at),
    })
}

fn of_account(event: &AccountEvent, at: Timestamp) -> Option<Act> {
    Some(match event {
        AccountEvent::PasswordChanged(it) => Act::by(Some(it.by), at),
        AccountEvent::PasswordReset(_) | AccountEvent::CodeEntryPaused(_) => Act::by(None, at),
        AccountEvent::EmailChanged(it) => Act { beyond: Beyond::Moved, ..Act::by(Some(it.by), at) },
        AccountEvent::TwoStepDisabled(it) => {
            Act { beyond: Beyond::TurnedOff, ..Act::by(Some(it.by), at) }
        }
        AccountEvent::RecoveryCodesCreated(it) => {
            Act { beyond: Beyond::RecoveryCodes, ..Act::by(Some(it.by), at) }
        }
        AccountEvent::DeviceRevoked(it) => Act::by(it.by, at),
        AccountEvent::Registered(_)
        | AccountEvent::EmailVerified(_)
        | AccountEvent::DeviceTrusted(_)
        | AccountEvent::DeviceSeen(_)
        | AccountEvent::DeviceRenamed(_)
        | AccountEvent::SignedOutEverywhere(_)
        | AccountEvent::SignedOutByOperator(_)
        | AccountEvent::Disclosed(_)
        | AccountEvent::CodeEntryResumed(_)
        | AccountEvent::PushEndpointRegistered(_)
        | AccountEvent::PushEndpointRemoved(_)
        | AccountEvent::PushEndpointDisabled(_)
        | AccountEvent::TwoStepEnabled(_)
        | AccountEvent::MethodChosen(_)
        | AccountEvent::LocaleChosen(_)
        | AccountEvent::PasswordCompromised(_)
        | AccountEvent::EmailUndeliverable(_)
        | AccountEvent::Erased(_) => return None,
    })
}
