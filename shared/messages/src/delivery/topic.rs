//! What a mail is about.

use std::sync::Arc;

use postern_events::account::{
    CodeEntryPaused, DeviceRevoked, EmailChanged, Erased, PasswordChanged, PasswordReset,
    RecoveryCodesCreated, TwoStepDisabled,
};
use postern_events::ids::{AccountId, DeviceId};
use postern_events::message::MessageKind;
use postern_events::sign_in::Attempted;
use postern_events::support::Requested;
use postern_events::verification::Opened;
use postern_events::vocabulary::GuessClass;

use crate::letters::LetIn;

/// What a mail is about.
#[derive(Debug, Clone)]
pub(super) enum Topic {
    /// The code of a sign-in.
    SignInCode(Arc<Attempted>),
    /// The code of a registration.
    RegistrationCode(Arc<Opened>),
    /// The code that allows a new password.
    PasswordResetCode(Arc<Opened>),
    /// The code that proves a new address.
    EmailChangeCode(Arc<Opened>),
    /// The code that steps a session up.
    StepUpCode(Arc<Opened>),
    /// That somebody tried to register the owner's address.
    RegistrationAttempt(Arc<Opened>),
    /// That somebody tried to move another account to the owner's address.
    EmailChangeAttempt(Arc<Opened>),
    /// That a new device signed in.
    NewDevice(Arc<Attempted>, LetIn),
    /// Something that was done to the account.
    Deed(Deed),
    /// That the account is no more.
    Erased(Arc<Erased>),
    /// What somebody asks support for.
    Help(Arc<Requested>),
}

/// What was done to an account.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// Code entry was paused.
    CodeEntryPaused(CodeEntryPaused),
    /// The password was changed.
    PasswordChanged(Arc<PasswordChanged>),
    /// The password was reset.
    PasswordReset(Arc<PasswordReset>),
    /// The address was changed.
    EmailChanged(Arc<EmailChanged>),
    /// Two-step verification was turned off.
    TwoStepDisabled(Arc<TwoStepDisabled>),
    /// A device was removed.
    DeviceRemoved(DeviceRevoked),
    /// New recovery codes were made.
    RecoveryCodesCreated(RecoveryCodesCreated),
}

/// What a notice is merged with: one of the same kind about the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sameness {
    /// The kind, as windows are called.
    pub(super) kind: &'static str,
    /// The thing.
    pub(super) thing: String,
}

impl Topic {
    pub(super) fn kind(&self) -> MessageKind {
        match self {
            Self::SignInCode(_) => MessageKind::SignInCode,
            Self::RegistrationCode(_) => MessageKind::RegistrationCode,
            Self::PasswordResetCode(_) => MessageKind::PasswordResetCode,
            Self::EmailChangeCode(_) => MessageKind::EmailChangeCode,
            Self::StepUpCode(_) => MessageKind::StepUpCode,
            Self::RegistrationAttempt(_) => MessageKind::RegistrationAttempt,
            Self::EmailChangeAttempt(_) => MessageKind::EmailChangeAttempt,
            Self::NewDevice(..) => MessageKind::NewDevice,
            Self::Deed(deed) => deed.kind(),
            Self::Erased(_) => MessageKind::AccountErased,
            Self::Help(_) => MessageKind::SupportRequest,
        }
    }

    /// What it is merged with, if with anything.
    pub(super) fn sameness(&self) -> Option<Sameness> {
        match self {
            Self::NewDevice(it, _) => {
                Some(Sameness { kind: "new_device", thing: it.key.to_string() })
            }
            Self::Deed(deed) => deed.sameness(),
            Self::SignInCode(_)
            | Self::RegistrationCode(_)
            | Self::PasswordResetCode(_)
            | Self::EmailChangeCode(_)
            | Self::StepUpCode(_)
            | Self::RegistrationAttempt(_)
            | Self::EmailChangeAttempt(_)
            | Self::Erased(_)
            | Self::Help(_) => None,
        }
    }

    /// The account that its stream is about, where its reader has another one.
    pub(super) fn stranger(&self) -> Option<AccountId> {
        match self {
            Self::RegistrationAttempt(it) | Self::EmailChangeAttempt(it) => Some(it.account),
            Self::SignInCode(_)
            | Self::RegistrationCode(_)
            | Self::PasswordResetCode(_)
            | Self::EmailChangeCode(_)
            | Self::StepUpCode(_)
            | Self::NewDevice(..)
            | Self::Deed(_)
            | Self::Erased(_)
            | Self::Help(_) => None,
        }
    }
}

impl Deed {
    fn kind(&self) -> MessageKind {
        match self {
            Self::CodeEntryPaused(_) => MessageKind::CodeEntryPaused,
            Self::PasswordChanged(_) => MessageKind::PasswordChanged,
            Self::PasswordReset(_) => MessageKind::PasswordReset,
            Self::EmailChanged(_) => MessageKind::EmailChanged,
            Self::TwoStepDisabled(_) => MessageKind::TwoStepDisabled,
            Self::DeviceRemoved(_) => MessageKind::DeviceRemoved,
            Self::RecoveryCodesCreated(_) => MessageKind::RecoveryCodesCreated,
        }
    }

    /// The device that did it, if one did.
    pub(super) fn by(&self) -> Option<DeviceId> {
        match self {
            Self::CodeEntryPaused(_) | Self::PasswordReset(_) => None,
            Self::PasswordChanged(it) => Some(it.by),
            Self::EmailChanged(it) => Some(it.by),
            Self::TwoStepDisabled(it) => Some(it.by),
            Self::DeviceRemoved(it) => it.by,
            Self::RecoveryCodesCreated(it) => Some(it.by),
        }
    }

    /// A device is removed once, of two changed addresses each former one is told, and of each password
    /// that somebody set the owner may say that it was not them.
    fn sameness(&self) -> Option<Sameness> {
        let (kind, thing) = match self {
            Self::CodeEntryPaused(it) => ("code_entry_paused", paused(it).to_owned()),
            Self::PasswordReset(_) => ("password_reset", String::new()),
            Self::TwoStepDisabled(it) => ("two_step_disabled", it.by.to_string()),
            Self::RecoveryCodesCreated(it) => ("recovery_codes_created", it.by.to_string()),
            Self::PasswordChanged(_) | Self::EmailChanged(_) | Self::DeviceRemoved(_) => {
                return None;
            }
        };
        Some(Sameness { kind, thing })
    }
}

/// A pause that ends by itself and one that doesn't are not the same.
fn paused(it: &CodeEntryPaused) -> &'static str {
    match (it.class, it.until) {
        (GuessClass::SignIn, Some(_)) => "sign_in",
        (GuessClass::SignIn, None) => "sign_in_off",
        (GuessClass::Recovery, _) => "recovery",
    }
}
