//! Why a code was asked, or none.

use jiff::Timestamp;
use postern_events::account::AccountEvent;
use postern_events::sign_in::{Attempted, Refused};
use postern_events::verification::Opened;
use postern_events::vocabulary::Purpose;

use super::Sentence;
use super::attempt::{Attempt, Opening, is_nobodys};
use super::owner::{Because, Owner};
use crate::phrases::{device_of, purpose};

/// Why a code was asked, or none.
pub(super) fn sentence(attempt: &Attempt, owner: Option<&Owner>) -> Sentence {
    let (text, because) = match &attempt.opening {
        Opening::SignIn(it) => sign_in(it, owner, attempt.at),
        Opening::Refused(it) => refused(it, owner, attempt.at),
        Opening::Verification(it) => (verification(it), None),
    };
    Sentence::new(text, std::iter::once(attempt.beginning()).chain(because))
}

fn sign_in(it: &Attempted, owner: Option<&Owner>, at: Timestamp) -> Because {
    let device = it.device;
    let known = owner.filter(|it| !it.is_missing());
    if it.inputs.trusted {
        let (since, place) = match known {
            Some(owner) => owner.trusted_since(device, at),
            None => ("trusted".to_owned(), None),
        };
        return (format!("No code was asked: the key of {device} was {since}."), place);
    }
    if !it.inputs.two_step {
        let (off, place) = known.map(|it| two_step_off(it, at)).unwrap_or_default();
        return (format!("No code was asked: two-step verification was off{off}."), place);
    }
    let (why, place) = match (known, owner) {
        (Some(owner), _) => owner.why_untrusted(it.key, at),
        (None, Some(owner)) => (format!("why not, nobody can tell: {}", owner.missing()), None),
        (None, None) => ("why not, nobody can tell".to_owned(), None),
    };
    let text = format!(
        "A code was asked at {at}: the password was right, two-step verification was on, and the key of {} ({device}) was not trusted: {why}.",
        device_of(it.platform),
    );
    (text, place)
}

fn two_step_off(owner: &Owner, at: Timestamp) -> Because {
    let switched = |it: &AccountEvent| matches!(it, AccountEvent::TwoStepDisabled(_));
    match owner.last(at, switched) {
        Some(off) => (format!(" since {}", off.at()), Some(owner.evidence(off))),
        None => Because::default(),
    }
}

fn refused(it: &Refused, owner: Option<&Owner>, at: Timestamp) -> Because {
    let Some(account) = it.account else {
        return ("No code was asked: the address has no account.".to_owned(), None);
    };
    let wrong = format!("No code was asked: the password of {account} was wrong, and refused");
    let compromised = |it: &AccountEvent| matches!(it, AccountEvent::PasswordCompromised(_));
    let since = owner
        .filter(|it| it.then(at).is_some_and(|it| it.password_compromised))
        .and_then(|it| Some(it.evidence(it.last(at, compromised)?)));
    match since {
        None => (format!("{wrong}."), None),
        Some(place) => {
            let text = format!(
                "{wrong}. Or it was right: its owner had reported that somebody else knows it, so that it lets no untrusted key in until it is another one; the log doesn't tell the two apart."
            );
            (text, Some(place))
        }
    }
}

fn verification(it: &Opened) -> String {
    let (account, device) = (it.account, it.device);
    if let Some(owner) = it.taken_by {
        return format!(
            "A code was asked for {}, but no code is ever right: the address is {owner}'s, whose owner is told instead.",
            purpose(it.purpose)
        );
    }
    match it.purpose {
        Purpose::Registration => {
            format!("A code was asked to prove the address that is to open {account}.")
        }
        Purpose::PasswordReset if is_nobodys(it) => {
            "A code was asked for a password reset, but the address has no account: none is sent, and the answer is the same as for one that has.".to_owned()
        }
        Purpose::PasswordReset => {
            format!("A code was asked to prove the mailbox of {account} and set another password.")
        }
        Purpose::EmailChange => {
            format!("A code was asked to prove the address that {account} is to move to.")
        }
        Purpose::StepUp | Purpose::SignIn => match &it.inputs {
            Some(inputs) if inputs.settled => {
                format!("No code was asked: {device} had been trusted for long enough.")
            }
            Some(_) | None => format!(
                "A code was asked, by another channel, for a step-up on {device}: it had not been trusted for long enough to need none."
            ),
        },
    }
}
