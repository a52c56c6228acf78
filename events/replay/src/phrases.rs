//! Phrases that sentences about the log share.

use std::fmt::Display;

use postern_events::message::{BounceKind, GivenUp, MessageKind, NotTaken};
use postern_events::vocabulary::{Method, Platform, Purpose};

/// What stands for a personal value: nobody opens one to tell a story.
pub(crate) const SEALED: &str = "(sealed)";

/// How a code travels.
pub(crate) const fn by(method: Method) -> &'static str {
    match method {
        Method::App => "by app",
        Method::Email => "by mail",
    }
}

/// What a code travels by.
pub(crate) const fn channel(method: Method) -> &'static str {
    match method {
        Method::App => "app",
        Method::Email => "mail",
    }
}

/// A device of this platform, with its article.
pub(crate) const fn device_of(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "an iOS device",
        Platform::Android => "an Android device",
        Platform::Web => "a browser",
        Platform::Other => "a device of another platform",
    }
}

/// What a process is for.
pub(crate) const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::SignIn => "a sign-in",
        Purpose::Registration => "a registration",
        Purpose::PasswordReset => "a password reset",
        Purpose::EmailChange => "a change of address",
        Purpose::StepUp => "a step-up",
    }
}

/// What a message says.
pub(crate) const fn message(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::RegistrationCode => "the code of a registration",
        MessageKind::SignInCode => "the code of a sign-in",
        MessageKind::RegistrationAttempt => {
            "the notice that somebody tried to register the owner's address"
        }
        MessageKind::NewDevice => "the notice that a new device signed in",
        MessageKind::SignInRequest => "the question whether a device may go on",
        MessageKind::RequestClosed => "the notice that such a question is decided",
        MessageKind::SignedOut => "the goodbye to a device that is trusted no longer",
        MessageKind::StepUpCode => "the code of a step-up",
        MessageKind::PasswordResetCode => "the code of a password reset",
        MessageKind::EmailChangeCode => "the code that proves a new address",
        MessageKind::EmailChangeAttempt => {
            "the notice that somebody wanted the owner's address for another account"
        }
        MessageKind::CodeEntryPaused => "the notice that code entry is paused",
        MessageKind::PasswordChanged => "the notice that the password was changed",
        MessageKind::PasswordReset => "the notice that the password was reset",
        MessageKind::EmailChanged => "the notice to the former address that it was changed",
        MessageKind::TwoStepDisabled => "the notice that two-step verification is off",
        MessageKind::DeviceRemoved => "the notice that a device was removed",
        MessageKind::RecoveryCodesCreated => "the notice that there are new recovery codes",
        MessageKind::AccountErased => "the last message of an erased account",
        MessageKind::SupportRequest => "a request for help",
    }
}

/// Why a carrier did not take a message.
pub(crate) const fn not_taken(because: NotTaken) -> &'static str {
    match because {
        NotTaken::Throttled => "the carrier asked for fewer messages",
        NotTaken::Unavailable => "the carrier was unavailable",
        NotTaken::Rejected => "the carrier refused it",
    }
}

/// Why a message was given up.
pub(crate) const fn given_up(because: GivenUp) -> &'static str {
    match because {
        GivenUp::Expired => "its time was over",
        GivenUp::Superseded => "a newer send, a pause or an end had made it pointless",
        GivenUp::Rejected => "the carrier refuses it for good",
        GivenUp::RecipientErased => "its recipient is gone",
        GivenUp::EndpointDisabled => "its device can't be pushed to",
        GivenUp::Repeated => "the same had been said to the same person a moment before",
    }
}

/// What a refusal of the recipient's server says about the address.
pub(crate) const fn bounce(bounce: BounceKind) -> &'static str {
    match bounce {
        BounceKind::Permanent => "for good: the address takes no mail",
        BounceKind::Transient => "for now, as with a full mailbox",
        BounceKind::Undetermined => "without saying for how long",
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut items: Vec<String> = items.into_iter().map(|it| it.to_string()).collect();
    match (items.pop(), items.is_empty()) {
        (None, _) => "nothing".to_owned(),
        (Some(only), true) => only,
        (Some(last), false) => format!("{} and {last}", items.join(", ")),
    }
}

/// `1 phone`, `2 phones`: a noun whose plural ends in `s`.
pub(crate) fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The methods that could reach somebody.
pub(crate) fn could_reach(methods: &[Method], whom: &str) -> String {
    if methods.is_empty() {
        format!("no channel could reach {whom}")
    } else {
        format!("{} could reach {whom}", list(methods.iter().copied().map(channel)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_like_one() {
        assert_eq!(list(Vec::<String>::new()), "nothing");
        assert_eq!(list(["a"]), "a");
        assert_eq!(list(["a", "b"]), "a and b");
        assert_eq!(list(["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(1_u8, "phone"), "1 phone");
        assert_eq!(count(0_u8, "phone"), "0 phones");
    }
}
