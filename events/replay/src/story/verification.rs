//! What events of a process say that proves control of a channel.

use postern_events::verification::{Opened, StepUpInputs, VerificationEvent};

use super::code;
use super::sentence::{Sentence, said};
use crate::phrases::{SEALED, by, could_reach, count, device_of, purpose};

pub(super) fn sentence(event: &VerificationEvent) -> Sentence {
    match event {
        VerificationEvent::Opened(it) => opened(it),
        VerificationEvent::CodeIssued(it) => code::issued(it),
        VerificationEvent::CodeResent(it) => code::resent(it),
        VerificationEvent::CodeRejected(it) => code::rejected(it),
        VerificationEvent::CodeVerified(it) => code::verified(it),
        VerificationEvent::Completed(it) => {
            said(format!("What was asked for has been done, with the session {}.", it.session))
        }
        VerificationEvent::Fulfilled(_) => {
            said("What was asked for has been done; no session came of it.")
        }
        VerificationEvent::Denied(it) => {
            said(format!("The owner said on {} that it was not them.", it.by))
        }
        VerificationEvent::Reported(it) => {
            said("Somebody who was mailed about it said that it was not them.")
                .given(format!("the mail was asked for by {}", it.asked_by))
        }
        VerificationEvent::Locked(it) => code::locked(it),
    }
}

fn opened(it: &Opened) -> Sentence {
    let place = it.country.as_deref().map(|it| format!(" in {it}")).unwrap_or_default();
    let said = said(format!(
        "{} was asked for, for {} and an address {SEALED}, on {}{place} ({}; what it is called and where it was: {SEALED}).",
        capital(purpose(it.purpose)),
        it.account,
        device_of(it.platform),
        it.device,
    ));
    let taken = it
        .taken_by
        .map(|it| format!("{it} has the address already: its owner is told, and no code is right"));
    let generation = it.attempt_generation.map(|it| format!("attempt generation {it}"));
    let session = it.session.map(|it| format!("the session {it} asked"));
    let said = said.given_any(taken);
    let said = it.inputs.iter().fold(said, step_up);
    said.given_any(generation)
        .given_any(session)
        .given_any(it.located_by.as_deref().map(|it| format!("the place was looked up in {it}")))
        .given(format!("its mails are written in {}", it.locale))
        .under(it.policy)
}

fn step_up(said: Sentence, it: &StepUpInputs) -> Sentence {
    let settled = if it.settled {
        "the device had been trusted for long enough to need no code"
    } else {
        "the device had not been trusted for long enough to need no code"
    };
    said.given(settled)
        .given(format!("the account's method was {}", by(it.method)))
        .given(could_reach(&it.reachable, "the owner elsewhere"))
        .given(format!("{} could be pushed to", count(it.pushable, "other phone")))
}

fn capital(phrase: &str) -> String {
    let mut letters = phrase.chars();
    letters.next().map(|it| it.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
