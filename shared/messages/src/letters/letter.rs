//! What a letter is made from: what has happened, and who did it.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use postern_domain::codes::Code;
use postern_events::message::MessageKind;
use postern_events::vocabulary::Platform;

use super::support::SupportRequest;

/// Who asked for something, from where, and when. Its `Debug` shows only when.
#[derive(Clone)]
pub struct Asker {
    /// What its owner calls the device, where the reader should see that.
    pub device: Option<String>,
    /// The device's kind.
    pub platform: Option<Platform>,
    /// The country that the address suggests (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// The city that the address suggests.
    pub city: Option<String>,
    /// The address, where it is still known.
    pub ip: Option<IpAddr>,
    /// When.
    pub at: Timestamp,
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asker(at {})", self.at)
    }
}

/// Something done on an account, as far as it is known by whom and from where; what isn't known is
/// left out. Its `Debug` shows only when.
#[derive(Clone)]
pub struct Act {
    /// What its owner calls the device that did it.
    pub device: Option<String>,
    /// The device's kind.
    pub platform: Option<Platform>,
    /// The country that the address suggests (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// The city that the address suggests.
    pub city: Option<String>,
    /// The address.
    pub ip: Option<IpAddr>,
    /// When.
    pub at: Timestamp,
}

impl Act {
    /// An act of which only the time is known.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self { device: None, platform: None, country: None, city: None, ip: None, at }
    }
}

impl From<Asker> for Act {
    fn from(asker: Asker) -> Self {
        let Asker { device, platform, country, city, ip, at } = asker;
        Self { device, platform, country, city, ip, at }
    }
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Act(at {})", self.at)
    }
}

/// What let a new device in, beside the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetIn {
    /// A code that was sent to the owner.
    Code,
    /// One of the owner's recovery codes.
    RecoveryCode,
}

/// Why a device was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Somebody signed in removed it.
    Asked,
    /// Somebody said, by a link in a mail, that what it did was not them.
    Reported,
}

macro_rules! letters {
    (
        codes { $($(#[$code_doc:meta])* $code:ident,)* }
        tries { $($(#[$try_doc:meta])* $try:ident,)* }
        acts { $($(#[$act_doc:meta])* $act:ident { $($(#[$doc:meta])* $name:ident: $type:ty,)* },)* }
    ) => {
        /// What a message says. `report` is always the address of the page that takes “It wasn’t
        /// me”. Its `Debug` shows only the kind: all the rest is secret or personal.
        #[derive(Clone)]
        pub enum Letter {
            $($(#[$code_doc])* $code {
                /// The code.
                code: Code,
                /// When it stops being accepted.
                expires_at: Timestamp,
                /// Who asked for it.
                asker: Asker,
                /// Where it is said that it wasn't the reader.
                report: Option<String>,
            },)*
            $($(#[$try_doc])* $try {
                /// Who tried. Anybody can make Postern send this letter to anybody, so it should
                /// name no device: a name is free text, and would carry a stranger's words.
                asker: Asker,
                /// Where it is said that it wasn't the reader.
                report: Option<String>,
            },)*
            $($(#[$act_doc])* $act {
                $($(#[$doc])* $name: $type,)*
                /// Where it is said that it wasn't the reader.
                report: Option<String>,
            },)*
            /// The account is no more. There is nothing left that a report could save.
            AccountErased {
                /// Who erased it.
                act: Act,
            },
            /// What somebody asks support for; always in English.
            SupportRequest(Box<SupportRequest>),
        }

        impl Letter {
            /// What the log calls it.
            #[must_use]
            pub fn kind(&self) -> MessageKind {
                match self {
                    $(Self::$code { .. } => MessageKind::$code,)*
                    $(Self::$try { .. } => MessageKind::$try,)*
                    $(Self::$act { .. } => MessageKind::$act,)*
                    Self::AccountErased { .. } => MessageKind::AccountErased,
                    Self::SupportRequest(_) => MessageKind::SupportRequest,
                }
            }
        }
    };
}

letters! {
    codes {
        /// The code that completes a registration.
        RegistrationCode,
        /// The code that completes a sign-in.
        SignInCode,
        /// The code that steps a session up.
        StepUpCode,
        /// The code that allows a new password. Anybody can ask for one: no device's name.
        PasswordResetCode,
        /// The code that proves a new address, to that address. It may be a stranger's: no
        /// device's name.
        EmailChangeCode,
    }
    tries {
        /// Somebody tried to register an address that has an account.
        RegistrationAttempt,
        /// Somebody wanted to move another account to an address that has one.
        EmailChangeAttempt,
    }
    acts {
        /// A new device has signed in.
        NewDevice {
            /// The device that did.
            asker: Asker,
            /// What let it in.
            by: LetIn,
        },
        /// Code entry is paused after too many wrong codes.
        CodeEntryPaused {
            /// When codes are accepted again; absent when only a new password lifts it.
            until: Option<Timestamp>,
            /// What led to it.
            act: Act,
        },
        /// The password was changed by somebody who knew it.
        PasswordChanged {
            /// Whether all other sessions and all other trust ended.
            signed_out_others: bool,
            /// Who changed it.
            act: Act,
        },
        /// The password was reset through the mailbox.
        PasswordReset {
            /// Who reset it.
            act: Act,
        },
        /// The account has another address now; this goes to the former one.
        EmailChanged {
            /// The new address, for the most part hidden: the former one may be a stranger's by now.
            new_hint: String,
            /// Who changed it.
            act: Act,
        },
        /// New devices need no code any more.
        TwoStepDisabled {
            /// Who turned it off.
            act: Act,
        },
        /// A device was removed.
        DeviceRemoved {
            /// What its owner called it.
            name: Option<String>,
            /// Its kind.
            platform: Option<Platform>,
            /// Why.
            because: Removal,
            /// Who removed it.
            act: Act,
        },
        /// There is a new set of recovery codes.
        RecoveryCodesCreated {
            /// Who asked for it.
            act: Act,
        },
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({:?})", self.kind())
    }
}
