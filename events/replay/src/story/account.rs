//! What events of an account say.

use postern_events::account::{
    AccountEvent, CodeEntryPaused, EmailChanged, EmailUndeliverable, Erased, PasswordChanged,
    PasswordCompromised, PasswordReset, RecoveryCodesCreated, Registered, TwoStepDisabled,
    TwoStepEnabled, UndeliverableBecause,
};
use postern_events::ids::DeviceId;
use postern_events::vocabulary::GuessClass;

use super::devices;
use super::sentence::{Sentence, said};
use crate::phrases::{SEALED, by, could_reach, count, list};

pub(super) fn sentence(event: &AccountEvent) -> Sentence {
    match event {
        AccountEvent::Registered(it) => registered(it),
        AccountEvent::EmailVerified(it) => said("Control of the account's address was proven.")
            .given(format!("{} proved it", it.verification)),
        AccountEvent::DeviceTrusted(it) => devices::trusted(it),
        AccountEvent::DeviceSeen(it) => devices::seen(it),
        AccountEvent::DeviceRevoked(it) => devices::revoked(it),
        AccountEvent::SignedOutEverywhere(it) => devices::signed_out_everywhere(it),
        AccountEvent::PushEndpointRegistered(it) => devices::push_registered(it),
        AccountEvent::PushEndpointRemoved(it) => devices::push_removed(it),
        AccountEvent::PushEndpointDisabled(it) => devices::push_disabled(it),
        AccountEvent::DeviceRenamed(it) => devices::renamed(it),
        AccountEvent::CodeEntryPaused(it) => code_entry_paused(it),
        AccountEvent::TwoStepEnabled(it) => two_step_enabled(it),
        AccountEvent::TwoStepDisabled(it) => two_step_disabled(it),
        AccountEvent::MethodChosen(it) => said(format!(
            "Codes travel {} from now on where they can; {} asked.",
            by(it.method),
            it.by
        ))
        .given(could_reach(&it.reachable, "the owner on another device"))
        .under(it.policy),
        AccountEvent::LocaleChosen(it) => {
            said(format!("The owner reads {} from now on; {} asked.", it.locale, it.by))
        }
        AccountEvent::PasswordChanged(it) => password_changed(it),
        AccountEvent::PasswordReset(it) => password_reset(it),
        AccountEvent::PasswordCompromised(it) => password_compromised(it),
        AccountEvent::EmailChanged(it) => email_changed(it),
        AccountEvent::EmailUndeliverable(it) => email_undeliverable(it),
        AccountEvent::RecoveryCodesCreated(it) => recovery_codes(it),
        AccountEvent::Disclosed(it) => {
            said("An operator was shown what is stored about the owner, for the owner's own copy.")
                .under(it.policy)
        }
        AccountEvent::CodeEntryResumed(it) => said(format!(
            "An operator lifted the pause of code entry, which would have ended at {}.",
            it.until
        ))
        .given(format!("{} wrong codes in a row, which stay counted", it.wrong_in_a_row))
        .under(it.policy),
        AccountEvent::SignedOutByOperator(it) => said(format!(
            "An operator put everybody out: all sessions ended, and {}.",
            trust_ended(&it.revoked)
        ))
        .under(it.policy),
        AccountEvent::Erased(it) => erased(it),
    }
}

/// Whose trust ended, as the end of a sentence.
pub(super) fn trust_ended(revoked: &[DeviceId]) -> String {
    if revoked.is_empty() {
        "no other device was trusted".to_owned()
    } else {
        format!("the trust of {} ended", list(revoked))
    }
}

fn registered(it: &Registered) -> Sentence {
    said(format!(
        "{} was opened for an address {SEALED}: two-step verification is on, codes travel {}, its owner reads {}.",
        it.account,
        by(it.method),
        it.locale
    ))
    .given(format!("{} proved the address", it.verification))
    .under(it.policy)
}

fn code_entry_paused(it: &CodeEntryPaused) -> Sentence {
    let what = match it.until {
        Some(until) => format!("Untrusted keys can't enter codes until {until}."),
        None => "Untrusted keys can't enter codes until the password is changed.".to_owned(),
    };
    let class = match it.class {
        GuessClass::SignIn => "behind the right password",
        GuessClass::Recovery => "that stand alone",
    };
    said(what)
        .given(format!("there were {} {class} in a row", count(it.wrong_in_a_row, "wrong code")))
        .under(it.policy)
}

fn two_step_enabled(it: &TwoStepEnabled) -> Sentence {
    let what = match it.by {
        Some(by) => format!("Two-step verification was turned on; {by} asked."),
        None => {
            "Two-step verification is on again: a report undid that it was turned off.".to_owned()
        }
    };
    said(what).under(it.policy)
}

fn two_step_disabled(it: &TwoStepDisabled) -> Sentence {
    said(format!(
        "Two-step verification was turned off; {} asked in the session {}, which goes on, and {}.",
        it.by,
        it.session,
        trust_ended(&it.revoked)
    ))
    .under(it.policy)
}

fn password_changed(it: &PasswordChanged) -> Sentence {
    let others = if it.signed_out_others {
        format!("all other sessions are over, and {}", trust_ended(&it.revoked))
    } else {
        "other sessions and trust stayed".to_owned()
    };
    said(format!(
        "Somebody who knew the password set another one on {}, in the session {}; {others}.",
        it.by, it.session
    ))
    .under(it.policy)
}

fn password_reset(it: &PasswordReset) -> Sentence {
    let keys = u64::try_from(it.keys.len()).unwrap_or(u64::MAX);
    let (wait, input) = match (it.held, keys) {
        (false, _) => (
            "mailed codes go on as usual".to_owned(),
            "nobody had been trusted a short time before",
        ),
        (true, 0) => (
            "for a day mailed codes let no key in".to_owned(),
            "somebody had been trusted a short time before",
        ),
        (true, keys) => (
            format!("for a day mailed codes let in only {}", count(keys, "key")),
            "these had been trusted until then, or until an earlier reset whose wait is not over",
        ),
    };
    said(format!(
        "Somebody who proved the mailbox set another password: all sessions are over, {}, and {wait}.",
        trust_ended(&it.revoked)
    ))
    .given(format!("{} proved the mailbox", it.verification))
    .given(input)
    .under(it.policy)
}

fn password_compromised(it: &PasswordCompromised) -> Sentence {
    said("The owner said that an act was not theirs: the password lets no untrusted key in until it is another one.")
        .given(format!("it was said through the message about {} of {}", it.asked_by, it.stream))
        .under(it.policy)
}

fn email_changed(it: &EmailChanged) -> Sentence {
    said(format!(
        "The account moved from its former address {SEALED} to another one {SEALED}; {} asked.",
        it.by
    ))
    .given(format!("{} proved the new address", it.verification))
    .under(it.policy)
}

fn email_undeliverable(it: &EmailUndeliverable) -> Sentence {
    let because = match it.because {
        UndeliverableBecause::Bounced => "bounced",
        UndeliverableBecause::Complained => "was called unwanted",
    };
    said("Mail to the account's address doesn't arrive: no code goes there before mail is proven again.")
        .given(format!("{} {because}", it.message))
}

fn recovery_codes(it: &RecoveryCodesCreated) -> Sentence {
    said(format!(
        "There is a new set of {}, and the former set is dead; {} asked.",
        count(it.count, "recovery code"),
        it.by
    ))
    .under(it.policy)
}

fn erased(it: &Erased) -> Sentence {
    let who = match it.by {
        Some(by) => format!("{by} asked"),
        None => "an operator did it".to_owned(),
    };
    said(format!("The account is no more and its address {SEALED} is free; {who}."))
}
