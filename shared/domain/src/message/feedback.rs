//! What a carrier says later, and what it means for whoever should have got the message.

use postern_events::account::UndeliverableBecause;
use postern_events::message::{BounceKind, MessageKind};

/// What a carrier says about a message that it had accepted, sooner or later, in any order, and
/// perhaps twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feedback {
    /// The recipient's server took it.
    Delivered,
    /// The recipient's server is slow.
    Delayed,
    /// The recipient's server refused it.
    Bounced(BounceKind),
    /// Its recipient called it unwanted.
    Complained,
    /// It was not sent after all.
    Rejected,
}

impl Feedback {
    /// Whether it says of a mail of this kind that its recipient's own address takes no more, and why.
    #[must_use]
    pub fn means_undeliverable(self, kind: MessageKind) -> Option<UndeliverableBecause> {
        let because = match self {
            Self::Bounced(BounceKind::Permanent) => UndeliverableBecause::Bounced,
            Self::Complained => UndeliverableBecause::Complained,
            Self::Bounced(BounceKind::Transient | BounceKind::Undetermined)
            | Self::Delivered
            | Self::Delayed
            | Self::Rejected => return None,
        };
        goes_to_own_address(kind).then_some(because)
    }
}

/// Whether such a mail goes to the address that its recipient's account has. An address that is to
/// be proven is not yet that one, the former one no longer, and that of support is nobody's.
fn goes_to_own_address(kind: MessageKind) -> bool {
    match kind {
        MessageKind::SignInCode
        | MessageKind::StepUpCode
        | MessageKind::PasswordResetCode
        | MessageKind::RegistrationAttempt
        | MessageKind::EmailChangeAttempt
        | MessageKind::NewDevice
        | MessageKind::CodeEntryPaused
        | MessageKind::PasswordChanged
        | MessageKind::PasswordReset
        | MessageKind::TwoStepDisabled
        | MessageKind::DeviceRemoved
        | MessageKind::RecoveryCodesCreated
        | MessageKind::AccountErased => true,
        MessageKind::RegistrationCode
        | MessageKind::EmailChangeCode
        | MessageKind::EmailChanged
        | MessageKind::SupportRequest
        | MessageKind::SignInRequest
        | MessageKind::RequestClosed
        | MessageKind::SignedOut => false,
    }
}
