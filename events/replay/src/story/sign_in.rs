//! What events of an attempt to sign in say.

use postern_events::sign_in::{
    AttemptInputs, Attempted, AuthenticationMethod, Cancelled, CancelledBecause, Completed,
    Refused, SignInEvent,
};

use super::code;
use super::sentence::{Sentence, said};
use crate::phrases::{SEALED, by, could_reach, count, device_of, list};

pub(super) fn sentence(event: &SignInEvent) -> Sentence {
    match event {
        SignInEvent::Attempted(it) => attempted(it),
        SignInEvent::Refused(it) => refused(it),
        SignInEvent::CodeIssued(it) => code::issued(it),
        SignInEvent::CodeResent(it) => code::resent(it),
        SignInEvent::CodeRejected(it) => code::rejected(it),
        SignInEvent::CodeVerified(it) => code::verified(it),
        SignInEvent::RecoveryCodeUsed(it) => {
            let left = match it.codes_left {
                1 => "1 is left".to_owned(),
                left => format!("{left} are left"),
            };
            said(format!("A recovery code was given in the code's place and is used up; {left}."))
        }
        SignInEvent::Completed(it) => completed(it),
        SignInEvent::Denied(it) => {
            said(format!("The owner said on {} that it was not them.", it.by))
        }
        SignInEvent::Reported(it) => {
            said("Somebody who was mailed about it said that it was not them.")
                .given(format!("the mail was asked for by {}", it.asked_by))
        }
        SignInEvent::Cancelled(it) => cancelled(it),
        SignInEvent::Locked(it) => code::locked(it),
    }
}

fn attempted(it: &Attempted) -> Sentence {
    let code = if needs_code(&it.inputs) { "a code is needed" } else { "no code is needed" };
    let place = it.country.as_deref().map(|it| format!(" in {it}")).unwrap_or_default();
    let said = said(format!(
        "The right password of {} was given on {}{place} ({}; what it is called and where it was: {SEALED}): {code}.",
        it.account,
        device_of(it.platform),
        it.device,
    ));
    inputs(said, &it.inputs)
        .given_any(it.located_by.as_deref().map(|it| format!("the place was looked up in {it}")))
        .under(it.policy)
}

fn needs_code(inputs: &AttemptInputs) -> bool {
    inputs.two_step && !inputs.trusted
}

fn inputs(said: Sentence, it: &AttemptInputs) -> Sentence {
    let trusted = if it.trusted { "the key was trusted" } else { "the key was not trusted" };
    let two_step = if it.two_step { "on" } else { "off" };
    let channels = needs_code(it).then(|| could_reach(&it.reachable, "the owner"));
    let pushed = it.pushable.map(|it| format!("{} could be pushed to", count(it, "phone")));
    said.given(trusted)
        .given(format!("two-step verification was {two_step}, {} first", by(it.method)))
        .given_any(channels)
        .given_any(pushed)
        .given(format!("attempt generation {}", it.attempt_generation))
        .given(format!("trust generation {}", it.trust_generation))
}

fn refused(it: &Refused) -> Sentence {
    let place = it.country.as_deref().map(|it| format!(" in {it}")).unwrap_or_default();
    let on = device_of(it.platform);
    let what = match it.account {
        Some(account) => format!("A password of {account} was refused on {on}{place}."),
        None => format!("An address that has no account was given on {on}{place}, and refused."),
    };
    said(what)
        .given_any(it.located_by.as_deref().map(|it| format!("the place was looked up in {it}")))
        .under(it.policy)
}

fn completed(it: &Completed) -> Sentence {
    let trusted = if it.trusted { "is trusted" } else { "is not trusted" };
    let proofs = it.amr.iter().copied().map(proof);
    said(format!(
        "{} was let in with the session {}; its key {trusted} from now on.",
        it.device, it.session
    ))
    .given(format!("its holder proved who they are by {}", list(proofs)))
}

const fn proof(method: AuthenticationMethod) -> &'static str {
    match method {
        AuthenticationMethod::Pwd => "the password",
        AuthenticationMethod::Pop => "the device's key",
        AuthenticationMethod::Otp => "a code",
    }
}

fn cancelled(it: &Cancelled) -> Sentence {
    match it.because {
        None => said("Whoever attempted gave up."),
        Some(CancelledBecause::AccountChanged) => {
            said("The attempt was over: the account had changed under it.")
        }
    }
}
