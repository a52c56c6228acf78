//! Which words make which letter.

use jiff::Timestamp;
use postern_domain::codes::Code;
use postern_events::vocabulary::Platform;

use super::letter::{Act, Asker, LetIn, Letter, Removal};
use super::support::SupportRequest;

/// Whom a letter tells.
pub(super) enum Told<'a> {
    /// An owner, in the owner's language.
    Owner(Outline<'a>),
    /// Support.
    Support(&'a SupportRequest),
}

/// A letter's messages, and what they are filled with.
pub(super) struct Outline<'a> {
    /// Its subject's message.
    pub(super) subject: &'static str,
    /// The message of what has happened.
    pub(super) intro: &'static str,
    /// What stands above the facts.
    pub(super) heading: &'static str,
    /// The message of what to do.
    pub(super) advice: &'static str,
    /// The code and its end.
    pub(super) code: Option<(&'a Code, Timestamp)>,
    /// The end of what the letter tells of.
    pub(super) until: Option<Timestamp>,
    /// The device that it is about, if not the one that acted: its name and its kind.
    pub(super) removed: Option<(Option<&'a str>, Option<Platform>)>,
    /// The new address, for the most part hidden.
    pub(super) new_hint: Option<&'a str>,
    /// Who did it.
    pub(super) who: Who<'a>,
    /// Where it is said that it wasn't the reader.
    pub(super) report: Option<&'a str>,
}

/// Who did something.
#[derive(Clone, Copy)]
pub(super) enum Who<'a> {
    /// Somebody who asked: what isn't known is called unknown.
    Asker(&'a Asker),
    /// Somebody who acted: what isn't known is left out.
    Act(&'a Act),
}

macro_rules! named {
    ($name:literal, $heading:literal, $who:expr, $report:expr) => {
        Outline {
            subject: concat!($name, "-subject"),
            intro: concat!($name, "-intro"),
            heading: concat!("facts-heading-", $heading),
            advice: concat!($name, "-advice"),
            code: None,
            until: None,
            removed: None,
            new_hint: None,
            who: $who,
            report: $report.as_deref(),
        }
    };
}

macro_rules! coded {
    ($name:literal, $code:expr, $expires_at:expr, $asker:expr, $report:expr) => {
        Outline {
            code: Some(($code, *$expires_at)),
            ..named!($name, "code", Who::Asker($asker), $report)
        }
    };
}

/// Whom a letter tells, and with which words.
pub(super) fn of(letter: &Letter) -> Told<'_> {
    Told::Owner(match letter {
        Letter::RegistrationCode { code, expires_at, asker, report } => {
            coded!("registration-code", code, expires_at, asker, report)
        }
        Letter::SignInCode { code, expires_at, asker, report } => {
            coded!("sign-in-code", code, expires_at, asker, report)
        }
        Letter::StepUpCode { code, expires_at, asker, report } => {
            coded!("step-up-code", code, expires_at, asker, report)
        }
        Letter::PasswordResetCode { code, expires_at, asker, report } => {
            coded!("password-reset-code", code, expires_at, asker, report)
        }
        Letter::EmailChangeCode { code, expires_at, asker, report } => {
            coded!("email-change-code", code, expires_at, asker, report)
        }
        Letter::RegistrationAttempt { asker, report } => {
            named!("registration-attempt", "attempt", Who::Asker(asker), report)
        }
        Letter::EmailChangeAttempt { asker, report } => {
            named!("email-change-attempt", "attempt", Who::Asker(asker), report)
        }
        Letter::NewDevice { asker, by, report } => {
            let outline = named!("new-device", "device", Who::Asker(asker), report);
            match by {
                LetIn::Code => outline,
                LetIn::RecoveryCode => Outline { intro: "new-device-recovery-intro", ..outline },
            }
        }
        Letter::CodeEntryPaused { until, act, report } => {
            let outline = named!("code-entry-paused", "pause", Who::Act(act), report);
            let intro = if until.is_some() { outline.intro } else { "code-entry-off-intro" };
            Outline { intro, until: *until, ..outline }
        }
        Letter::PasswordChanged { signed_out_others, act, report } => {
            let outline = named!("password-changed", "act", Who::Act(act), report);
            let kept = "password-changed-kept-intro";
            Outline { intro: if *signed_out_others { outline.intro } else { kept }, ..outline }
        }
        Letter::PasswordReset { act, report } => {
            named!("password-reset", "act", Who::Act(act), report)
        }
        Letter::EmailChanged { new_hint, act, report } => {
            let outline = named!("email-changed", "act", Who::Act(act), report);
            Outline { new_hint: Some(new_hint), ..outline }
        }
        Letter::TwoStepDisabled { act, report } => {
            named!("two-step-disabled", "act", Who::Act(act), report)
        }
        Letter::DeviceRemoved { name, platform, because, act, report } => {
            let outline = named!("device-removed", "act", Who::Act(act), report);
            let outline = Outline { removed: Some((name.as_deref(), *platform)), ..outline };
            match because {
                Removal::Asked => outline,
                Removal::Reported => Outline {
                    intro: "device-reported-intro",
                    advice: "device-reported-advice",
                    ..outline
                },
            }
        }
        Letter::RecoveryCodesCreated { act, report } => {
            named!("recovery-codes-created", "act", Who::Act(act), report)
        }
        Letter::AccountErased { act } => {
            named!("account-erased", "act", Who::Act(act), None::<String>)
        }
        Letter::SupportRequest(request) => return Told::Support(request),
    })
}
