//! What is true by now and nobody records: codes, attempts, leases, trust and waits that ran out.

use jiff::Timestamp;
use postern_domain::account::Account;
use postern_domain::challenge::Challenge;
use postern_domain::message::{Message, Unsent};
use postern_domain::policy;
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::account::AccountEvent;
use postern_events::catalogue::EventSet as _;
use postern_events::message::MessageEvent;
use postern_events::sign_in::SignInEvent;
use postern_events::verification::VerificationEvent;
use postern_store::keys::stream_parts;
use postern_store::streams::Commit;
use serde::Serialize;

use crate::reading::{Placed, UnreadableEvent, fold, read};

/// Something that happened by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unrecorded {
    /// When.
    pub time: Timestamp,
    /// What.
    pub sentence: String,
}

/// What has run out by `now`, oldest first.
pub(super) fn by(
    now: Timestamp,
    stream: &str,
    commits: &[Commit],
) -> Result<Vec<Unrecorded>, UnreadableEvent> {
    let mut all = match stream_parts(stream).map(|(aggregate, _)| aggregate) {
        Some(AccountEvent::AGGREGATE) => of_account(&read(commits)?),
        Some(SignInEvent::AGGREGATE) => of_sign_in(&fold(&read(commits)?)),
        Some(VerificationEvent::AGGREGATE) => of_verification(&fold(&read(commits)?)),
        Some(MessageEvent::AGGREGATE) => of_message(&fold(&read(commits)?)),
        Some(_) | None => Vec::new(),
    };
    all.retain(|it| it.time <= now);
    all.sort_by_key(|it| it.time);
    Ok(all)
}

fn at(time: Timestamp, sentence: impl Into<String>) -> Unrecorded {
    Unrecorded { time, sentence: sentence.into() }
}

fn of_sign_in(state: &SignIn) -> Vec<Unrecorded> {
    match state {
        SignIn::CodeRequired(_, challenge) => of_challenge(challenge, "attempt"),
        SignIn::Unreachable(attempt) => {
            let end = attempt.id.time() + policy::ATTEMPT_LIFE;
            vec![at(end, "The attempt ended without a code: nothing had reached the owner.")]
        }
        SignIn::New | SignIn::Refused | SignIn::Closed { .. } => Vec::new(),
    }
}

fn of_verification(state: &Verification) -> Vec<Unrecorded> {
    match state {
        Verification::CodeRequired(_, challenge) => of_challenge(challenge, "process"),
        Verification::Opened(pending) => {
            let end = pending.id.time() + policy::ATTEMPT_LIFE;
            vec![at(end, "The process ended without a code: nothing had reached the owner.")]
        }
        Verification::New | Verification::Closed { .. } => Vec::new(),
    }
}

fn of_challenge(challenge: &Challenge, what: &str) -> Vec<Unrecorded> {
    let newest = challenge.newest();
    vec![
        at(newest.expires_at, format!("Code {} expired.", newest.issue)),
        at(challenge.ends_at(), format!("The {what} ended unanswered.")),
    ]
}

fn of_message(state: &Message) -> Vec<Unrecorded> {
    let over = |it: &Unsent| at(it.deadline, "There is no use in sending the message any more.");
    match state {
        Message::Claimed(it) => vec![
            at(it.not_before, "The sender's lease ended: it died, or its word was lost."),
            over(it),
        ],
        Message::Waiting(it) => vec![at(it.not_before, "The message was due again."), over(it)],
        Message::New
        | Message::Sent
        | Message::Delivered
        | Message::Bounced
        | Message::Complained
        | Message::Failed(_) => Vec::new(),
    }
}

fn of_account(events: &[Placed<AccountEvent>]) -> Vec<Unrecorded> {
    let account: Account = fold(events);
    let Some(open) = account.open() else { return Vec::new() };
    let mut all: Vec<_> = open
        .devices
        .iter()
        .map(|it| {
            let unused = format!("The trust of {} ended: it was unused for too long.", it.id);
            at(it.seen + policy::TRUST_UNUSED, unused)
        })
        .collect();
    all.extend(open.reset.iter().map(|it| {
        at(it.at + policy::RESET_HOLD, "Mailed codes let any key in again, a day after the reset.")
    }));
    all.extend(pause_end(events).map(|it| at(it, "The pause of code entry was over.")));
    all
}

/// When the newest pause ends by itself.
fn pause_end(events: &[Placed<AccountEvent>]) -> Option<Timestamp> {
    let paused = |it: &Placed<AccountEvent>| match &it.event {
        AccountEvent::CodeEntryPaused(it) => Some(it.until),
        // It ended otherwise.
        AccountEvent::CodeEntryResumed(_) => Some(None),
        AccountEvent::Registered(_)
        | AccountEvent::EmailVerified(_)
        | AccountEvent::DeviceTrusted(_)
        | AccountEvent::DeviceSeen(_)
        | AccountEvent::DeviceRevoked(_)
        | AccountEvent::SignedOutEverywhere(_)
        | AccountEvent::SignedOutByOperator(_)
        | AccountEvent::Disclosed(_)
        | AccountEvent::PushEndpointRegistered(_)
        | AccountEvent::PushEndpointRemoved(_)
        | AccountEvent::PushEndpointDisabled(_)
        | AccountEvent::TwoStepEnabled(_)
        | AccountEvent::TwoStepDisabled(_)
        | AccountEvent::MethodChosen(_)
        | AccountEvent::LocaleChosen(_)
        | AccountEvent::PasswordChanged(_)
        | AccountEvent::PasswordReset(_)
        | AccountEvent::PasswordCompromised(_)
        | AccountEvent::EmailChanged(_)
        | AccountEvent::EmailUndeliverable(_)
        | AccountEvent::RecoveryCodesCreated(_)
        | AccountEvent::DeviceRenamed(_)
        | AccountEvent::Erased(_) => None,
    };
    events.iter().rev().find_map(paused).flatten()
}
