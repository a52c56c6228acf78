//! Why no channel reached the owner.

use jiff::Timestamp;
use postern_domain::account::TrustedDevice;
use postern_events::account::{AccountEvent, UndeliverableBecause};
use postern_events::vocabulary::{DeviceKey, Method};

use super::attempt::{Attempt, End, Opening};
use super::owner::{Because, Owner};
use super::{Evidence, Sentence};
use crate::phrases::could_reach;

/// Why nothing was sent, where a code was needed and none was made.
pub(super) fn sentences(attempt: &Attempt, owner: Option<&Owner>) -> Vec<Sentence> {
    if !is_unreachable(attempt) {
        return Vec::new();
    }
    let (reachable, key) = match &attempt.opening {
        Opening::SignIn(it) => (it.inputs.reachable.clone(), it.key),
        Opening::Verification(it) => {
            let inputs = it.inputs.as_ref();
            (inputs.map(|it| it.reachable.clone()).unwrap_or_default(), it.key)
        }
        Opening::Refused(_) => return Vec::new(),
    };
    let mut all = vec![Sentence::new(
        "No code was made and nothing was sent: no channel reached the owner by itself.",
        [attempt.beginning()],
    )];
    let at = attempt.at;
    match owner {
        Some(owner) if !owner.is_missing() => {
            let by_app = without_app(owner, key, attempt);
            let by_mail = without_mail(owner, key, at, &reachable);
            let beginning = || attempt.beginning();
            let reason =
                |(text, place): Because| Sentence::new(text, [place.unwrap_or_else(beginning)]);
            all.extend([by_app, by_mail].map(reason));
        }
        Some(owner) => all.push(untold(&owner.missing(), &reachable, attempt.beginning())),
        None => all.push(untold("there is no account to look at", &reachable, attempt.beginning())),
    }
    all
}

/// Whether a code was needed and none could be sent.
pub(super) fn is_unreachable(attempt: &Attempt) -> bool {
    let done = attempt.end.is_some_and(|(end, _, _)| end == End::Complete);
    attempt.needed_code() && attempt.sends.is_empty() && !done
}

fn untold(missing: &str, reachable: &[Method], place: Evidence) -> Sentence {
    let text = format!(
        "The reasons can't be told: {missing}. When it was opened, {}.",
        could_reach(reachable, "the owner")
    );
    Sentence::new(text, [place])
}

fn without_app(owner: &Owner, key: DeviceKey, attempt: &Attempt) -> Because {
    let others = owner.others(key, attempt.at, attempt.is_step_up());
    if others.is_empty() {
        let ended = owner.last(attempt.at, ends_trust);
        let text = "Not by app: no other device was trusted that could show a code";
        return match ended {
            Some(it) => (
                format!("{text}; trust was last taken away at {}.", it.at()),
                Some(owner.evidence(it)),
            ),
            None => (format!("{text}."), None),
        };
    }
    if others.iter().any(TrustedDevice::is_pushable) {
        let text = "Not by app: the phones had been asked as often in a day as they may be without a right code.";
        return (text.to_owned(), None);
    }
    let text = format!(
        "Not by app by itself: none of the other trusted devices ({}) could be pushed to. Whoever asks for it can have the code shown there.",
        others.len()
    );
    (text, None)
}

/// Whether an event takes trust away.
fn ends_trust(event: &AccountEvent) -> bool {
    match event {
        AccountEvent::DeviceRevoked(_) => true,
        AccountEvent::SignedOutEverywhere(it) => !it.revoked.is_empty(),
        AccountEvent::TwoStepDisabled(it) => !it.revoked.is_empty(),
        AccountEvent::PasswordChanged(it) => !it.revoked.is_empty(),
        AccountEvent::PasswordReset(it) => !it.revoked.is_empty(),
        AccountEvent::SignedOutByOperator(it) => !it.revoked.is_empty(),
        AccountEvent::Registered(_)
        | AccountEvent::CodeEntryResumed(_)
        | AccountEvent::Disclosed(_)
        | AccountEvent::EmailVerified(_)
        | AccountEvent::DeviceTrusted(_)
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
        | AccountEvent::DeviceRenamed(_)
        | AccountEvent::Erased(_) => false,
    }
}

fn without_mail(owner: &Owner, key: DeviceKey, at: Timestamp, reachable: &[Method]) -> Because {
    let Some(open) = owner.then(at) else {
        return ("Not by mail: the account was not open.".to_owned(), None);
    };
    if open.email_undeliverable {
        return undeliverable(owner, at);
    }
    if let Some(until) = open.held_until(key, at) {
        let reset = |it: &AccountEvent| matches!(it, AccountEvent::PasswordReset(_));
        let place = owner.last(at, reset).map(|it| owner.evidence(it));
        let text = format!(
            "Not by mail: the mailbox had just set another password, and until {until} no mailed code lets in a key that was not trusted before."
        );
        return (text, place);
    }
    if reachable.contains(&Method::Email) {
        let text = "Not by mail: as many codes had been mailed as may be in that time.";
        return (text.to_owned(), None);
    }
    ("Not by mail, for a reason that the account's stream doesn't tell.".to_owned(), None)
}

fn undeliverable(owner: &Owner, at: Timestamp) -> Because {
    let marked = |it: &AccountEvent| matches!(it, AccountEvent::EmailUndeliverable(_));
    let place = owner.last(at, marked);
    let Some(AccountEvent::EmailUndeliverable(it)) = place.map(|it| &it.event) else {
        return ("Not by mail: mail to the address doesn't arrive.".to_owned(), None);
    };
    let because = match it.because {
        UndeliverableBecause::Bounced => "bounced",
        UndeliverableBecause::Complained => "was called unwanted",
    };
    let since = place.map(|it| format!(" at {}", it.at())).unwrap_or_default();
    let text = format!(
        "Not by mail: mail to the address doesn't arrive, as {} {because}{since}.",
        it.message
    );
    (text, place.map(|it| owner.evidence(it)))
}
