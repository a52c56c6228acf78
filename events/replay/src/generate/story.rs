//! What happens to an account beyond the everyday, as labels call it.

/// A story that a stream is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Story {
    PasswordSpraying,
    CredentialStuffing,
    PushBombing,
    CodeGuessing,
    MailboxTakeover,
    StolenPassword,
    IntruderLetIn,
    AddressProbing,
    OwnerNewPhone,
    OwnerMistypedCodes,
    OwnerGaveUp,
    OwnerForgotPassword,
    OwnerRecoveryCode,
    OwnerChangedAddress,
    OwnerRegisteredAgain,
    OwnerCautious,
}

impl Story {
    /// All of them.
    pub(super) const ALL: [Self; 16] = [
        Self::PasswordSpraying,
        Self::CredentialStuffing,
        Self::PushBombing,
        Self::CodeGuessing,
        Self::MailboxTakeover,
        Self::StolenPassword,
        Self::IntruderLetIn,
        Self::AddressProbing,
        Self::OwnerNewPhone,
        Self::OwnerMistypedCodes,
        Self::OwnerGaveUp,
        Self::OwnerForgotPassword,
        Self::OwnerRecoveryCode,
        Self::OwnerChangedAddress,
        Self::OwnerRegisteredAgain,
        Self::OwnerCautious,
    ];

    /// The name in a label.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::PasswordSpraying => "password_spraying",
            Self::CredentialStuffing => "credential_stuffing",
            Self::PushBombing => "push_bombing",
            Self::CodeGuessing => "code_guessing",
            Self::MailboxTakeover => "mailbox_takeover",
            Self::StolenPassword => "stolen_password",
            Self::IntruderLetIn => "intruder_let_in",
            Self::AddressProbing => "address_probing",
            Self::OwnerNewPhone => "owner_new_phone",
            Self::OwnerMistypedCodes => "owner_mistyped_codes",
            Self::OwnerGaveUp => "owner_gave_up",
            Self::OwnerForgotPassword => "owner_forgot_password",
            Self::OwnerRecoveryCode => "owner_recovery_code",
            Self::OwnerChangedAddress => "owner_changed_address",
            Self::OwnerRegisteredAgain => "owner_registered_again",
            Self::OwnerCautious => "owner_cautious",
        }
    }

    /// Whether somebody else than the owner is at work.
    pub(super) const fn is_attack(self) -> bool {
        match self {
            Self::PasswordSpraying
            | Self::CredentialStuffing
            | Self::PushBombing
            | Self::CodeGuessing
            | Self::MailboxTakeover
            | Self::StolenPassword
            | Self::IntruderLetIn
            | Self::AddressProbing => true,
            Self::OwnerNewPhone
            | Self::OwnerMistypedCodes
            | Self::OwnerGaveUp
            | Self::OwnerForgotPassword
            | Self::OwnerRecoveryCode
            | Self::OwnerChangedAddress
            | Self::OwnerRegisteredAgain
            | Self::OwnerCautious => false,
        }
    }
}
