//! What would make an account safer, in its owner's language.

use postern_domain::account::OpenAccount;
use postern_domain::channels::Channels;
use postern_words::language::Language;
use postern_words::words::Words;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::say;

/// Something that the owner can do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Advice {
    /// Its stable name.
    code: &'static str,
    /// What to do, and why.
    text: String,
}

/// Said to everybody: what the product's help pages ask of a password. None of it is enforced.
const ALWAYS: [&str; 3] = ["strong_password", "unique_password", "password_manager"];

/// What advice follows from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    compromised: bool,
    undeliverable: bool,
    two_step: bool,
    /// Trusted devices besides the one that asks.
    others: usize,
    /// Those among them that a push reaches.
    pushable: usize,
    recovery_codes: usize,
}

impl Facts {
    pub(super) fn of(account: &OpenAccount, channels: &Channels, recovery_codes: usize) -> Self {
        Self {
            compromised: account.password_compromised,
            undeliverable: account.email_undeliverable,
            two_step: account.two_step,
            others: channels.showing,
            pushable: channels.pushable,
            recovery_codes,
        }
    }

    /// The names of what applies, the most pressing first.
    fn codes(self) -> Vec<&'static str> {
        let pressing = [
            ("change_password", self.compromised),
            ("email_undeliverable", self.undeliverable),
            ("turn_on_two_step", !self.two_step),
            ("add_device", self.others == 0),
            ("enable_notifications", self.others > 0 && self.pushable == 0),
            ("create_recovery_codes", self.recovery_codes == 0),
        ];
        let apply = pressing.into_iter().filter(|(_, applies)| *applies).map(|(code, _)| code);
        apply.chain(ALWAYS).collect()
    }

    /// What applies, in the language for this tag.
    pub(super) fn advice(self, words: &Words, locale: &str) -> Vec<Advice> {
        let language = Language::negotiate(locale);
        let spoken = |code: &'static str| {
            let message = format!("advice-{}", code.replace('_', "-"));
            Advice { code, text: say(words, language, &message, &[]) }
        };
        self.codes().into_iter().map(spoken).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    const SAFE: Facts = Facts {
        compromised: false,
        undeliverable: false,
        two_step: true,
        others: 1,
        pushable: 1,
        recovery_codes: 1,
    };

    #[test]
    fn a_safe_account_hears_only_what_everybody_does() {
        assert_eq!(SAFE.codes(), ["strong_password", "unique_password", "password_manager"]);
    }

    #[test]
    fn each_weakness_is_named_and_the_worst_comes_first() {
        let alone = Facts { others: 0, pushable: 0, ..SAFE };
        assert_eq!(alone.codes()[0], "add_device");
        let silent = Facts { others: 2, pushable: 0, ..SAFE };
        assert_eq!(silent.codes()[0], "enable_notifications");
        let weak = Facts {
            compromised: true,
            undeliverable: true,
            two_step: false,
            recovery_codes: 0,
            ..alone
        };
        assert_eq!(
            weak.codes(),
            [
                "change_password",
                "email_undeliverable",
                "turn_on_two_step",
                "add_device",
                "create_recovery_codes",
                "strong_password",
                "unique_password",
                "password_manager",
            ]
        );
    }

    #[test]
    fn all_advice_is_there_in_every_language() {
        let words = Words::new();
        let weak = Facts {
            compromised: true,
            undeliverable: true,
            two_step: false,
            pushable: 0,
            recovery_codes: 0,
            ..SAFE
        };
        let alone = Facts { others: 0, ..weak };
        for language in Language::all() {
            let advice = [weak, alone].map(|it| it.advice(&words, language.tag()));
            for advice in advice.iter().flatten() {
                assert!(!advice.text.starts_with("advice-"), "{language:?} {advice:?}");
            }
        }
    }
}
