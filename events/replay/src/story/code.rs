//! What facts about codes say: the same for sign-ins and verifications.

use postern_events::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified, Locked};

use super::sentence::{Sentence, said};
use crate::phrases::{by, count, purpose};

pub(super) fn issued(it: &CodeIssued) -> Sentence {
    let former = if it.issue > 1 { "; codes before it count no longer" } else { "" };
    said(format!(
        "Code {} was made, to travel {} and to be accepted until {}{former}.",
        it.issue,
        by(it.method),
        it.expires_at
    ))
    .given(format!("it is for {}", purpose(it.purpose)))
    .given(format!("it is derived with the key {}", it.kid))
}

pub(super) fn resent(it: &CodeResent) -> Sentence {
    said(format!(
        "Code {} was asked for again and goes out unchanged, {}.",
        it.issue,
        by(it.method)
    ))
}

pub(super) fn rejected(it: &CodeRejected) -> Sentence {
    let left = match it.attempts_left {
        1 => "1 guess is left".to_owned(),
        left => format!("{left} guesses are left"),
    };
    if it.issue == 0 {
        return said(format!("A wrong recovery code was given; {left}."));
    }
    said(format!("A wrong code was given; {left}."))
        .given(format!("it was compared with code {}", it.issue))
}

pub(super) fn verified(it: &CodeVerified) -> Sentence {
    said("The right code was given.").given(format!(
        "it was compared with code {}, which had travelled {}",
        it.issue,
        by(it.method)
    ))
}

pub(super) fn locked(it: &Locked) -> Sentence {
    said(format!("{} ended it: no code is accepted any more.", count(it.wrong, "wrong code")))
}
