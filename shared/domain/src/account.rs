//! The account: who owns it, which keys are trusted, which generation counts.

use jiff::Timestamp;
use postern_events::account::{
    AccountEvent, CodeEntryPaused, EmailVerified, Registered, RevokedBecause,
};
use postern_events::ids::{AccountId, DeviceId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{AddressKey, DeviceKey, GuessClass, Method};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Stamp};
use crate::{millis, policy};

mod command;
mod devices;
mod operators;
mod ownership;
mod push;
mod settings;
use devices::trusted;

pub use command::{AccountCommand, AccountRefusal, Acting, NewDevice, Registration};
pub use operators::Order;
pub use ownership::{Report, Reset};
pub use push::{NewEndpoint, Push};
pub use settings::Settings;

/// A key that skips the second step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedDevice {
    /// Its name.
    pub id: DeviceId,
    /// Its key on this account.
    pub key: DeviceKey,
    /// Since when.
    #[serde(with = "millis")]
    pub since: Timestamp,
    /// When it was last used, to the day.
    #[serde(with = "millis")]
    pub seen: Timestamp,
    /// How it can be pushed to, if its app ever said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<Push>,
}

impl TrustedDevice {
    /// Whether it was used recently enough.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.seen + policy::TRUST_UNUSED
    }

    /// Whether it has been trusted for so short a time that it may be an intruder's.
    #[must_use]
    pub fn is_young(&self, now: Timestamp) -> bool {
        now < self.since + policy::YOUNG_DEVICE
    }

    /// Whether a push reaches it, as far as is known.
    #[must_use]
    pub fn is_pushable(&self) -> bool {
        self.push.is_some_and(|it| it.alive)
    }
}

/// An account that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenAccount {
    /// Its name.
    pub id: AccountId,
    /// The verified address, sealed.
    pub email: Personal<String>,
    /// The normalised address under the lookup key.
    pub address_key: AddressKey,
    /// Since when the address is this one, or last proved that mail to it arrives.
    #[serde(with = "millis")]
    pub email_since: Timestamp,
    /// When mail to it was last proven to arrive; what bounces from before says nothing any more.
    #[serde(with = "millis")]
    pub email_proven_at: Timestamp,
    /// Whether mail to it doesn't arrive.
    #[serde(default, skip_serializing_if = "is_false")]
    pub email_undeliverable: bool,
    /// Since when the password is this one.
    #[serde(with = "millis")]
    pub password_since: Timestamp,
    /// Whether its owner said that somebody else knows it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub password_compromised: bool,
    /// The device that set it, if its session is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_by: Option<DeviceId>,
    /// When a device was last put out by a report.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millis::maybe")]
    pub reported_at: Option<Timestamp>,
    /// The last reset of the password, if somebody was trusted then or a short time before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Reset>,
    /// Language tag for mails and answers.
    pub locale: String,
    /// Whether new devices need a code.
    pub two_step: bool,
    /// How codes travel, if it can be helped.
    pub method: Method,
    /// The trusted keys, oldest first; some may have been unused for too long.
    pub devices: Vec<TrustedDevice>,
    /// Open attempts carry it and die when it rises.
    pub attempt_generation: u32,
    /// Sessions carry it and die when it rises.
    pub trust_generation: u32,
    /// When it was opened.
    pub created_at: Timestamp,
}

impl OpenAccount {
    /// The trusted device with this key, if its trust holds.
    #[must_use]
    pub fn trusted(&self, key: DeviceKey, now: Timestamp) -> Option<&TrustedDevice> {
        self.devices.iter().find(|it| it.key == key && it.holds(now))
    }

    /// The trusted device of this name, if its trust holds.
    #[must_use]
    pub fn device(&self, id: DeviceId, now: Timestamp) -> Option<&TrustedDevice> {
        self.devices.iter().find(|it| it.id == id && it.holds(now))
    }

    /// Whether a sign-in on this key needs a code.
    #[must_use]
    pub fn needs_code(&self, key: DeviceKey, now: Timestamp) -> bool {
        self.two_step && self.trusted(key, now).is_none()
    }

    /// The trusted devices that a push reaches.
    pub fn pushable(&self, now: Timestamp) -> impl Iterator<Item = &TrustedDevice> {
        self.devices.iter().filter(move |it| it.holds(now) && it.is_pushable())
    }

    /// Whether a further key can be trusted now.
    #[must_use]
    pub fn has_room(&self, now: Timestamp) -> bool {
        self.devices.iter().filter(|it| it.holds(now)).count() < policy::TRUSTED_DEVICES
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it asks about so")]
fn is_false(it: &bool) -> bool {
    !it
}

/// The account that an address would have that has none: nobody's. What is asked about an address by
/// somebody who only names it goes by this name, whether it has an account or not.
#[must_use]
pub fn nobody(address: AddressKey) -> AccountId {
    AccountId::derived(Timestamp::UNIX_EPOCH, &[address.as_bytes()])
}

/// An account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// There is none.
    #[default]
    New,
    /// It is in use.
    Open(Box<OpenAccount>),
    /// It is no more.
    Erased,
}

impl Account {
    /// The account, while it is open.
    #[must_use]
    pub fn open(&self) -> Option<&OpenAccount> {
        match self {
            Self::New | Self::Erased => None,
            Self::Open(open) => Some(open),
        }
    }
}

impl Decider for Account {
    const STATE_SCHEMA: u32 = 3;

    type Id = AccountId;
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Refusal = AccountRefusal;

    fn decide(&self, command: AccountCommand) -> Result<Vec<AccountEvent>, AccountRefusal> {
        match (self, command) {
            (Self::New, AccountCommand::Register(registration)) => Ok(register(*registration)),
            (Self::Open(_) | Self::Erased, AccountCommand::Register(_)) => {
                Err(AccountRefusal::Exists)
            }
            (Self::New | Self::Erased, _) => Err(AccountRefusal::NoAccount),
            (Self::Open(open), AccountCommand::TrustDevice { device, now }) => {
                open.trust(*device, now)
            }
            (Self::Open(open), AccountCommand::SeeDevice { device, now }) => open.see(device, now),
            (Self::Open(open), AccountCommand::RemoveDevice { device, by, stepped_up, now }) => {
                open.remove(device, by, stepped_up, now)
            }
            (
                Self::Open(open),
                AccountCommand::SignOutEverywhere { by, session, stepped_up, now },
            ) => open.sign_out_everywhere(by, session, stepped_up, now),
            (Self::Open(open), AccountCommand::RegisterPush { endpoint, moved_from, now }) => {
                open.register_push(&endpoint, moved_from, now)
            }
            (Self::Open(open), AccountCommand::RemovePush { device, because }) => {
                Ok(open.remove_push(device, because))
            }
            (Self::Open(open), AccountCommand::DisablePush { device, since, message }) => {
                Ok(open.disable_push(device, since, message))
            }
            (Self::Open(_), AccountCommand::PauseCodeEntry { wrong_in_a_row, until }) => {
                Ok(vec![AccountEvent::CodeEntryPaused(CodeEntryPaused {
                    class: GuessClass::SignIn,
                    wrong_in_a_row,
                    until,
                    policy: policy::VERSION,
                })])
            }
            (
                Self::Open(open),
                AccountCommand::Settle { settings, acting, channels, long_enough },
            ) => open.settle(settings, acting, &channels, long_enough),
            (Self::Open(open), AccountCommand::ChooseLocale { locale, by }) => {
                Ok(open.choose_locale(locale, by))
            }
            (Self::Open(open), AccountCommand::RenameDevice { device, description, acting }) => {
                open.rename(device, description, acting)
            }
            (Self::Open(_), AccountCommand::CreateRecoveryCodes { acting }) => {
                OpenAccount::create_recovery_codes(acting)
            }
            (Self::Open(open), AccountCommand::ChangePassword { acting, sign_out_others }) => {
                open.change_password(acting, sign_out_others)
            }
            (Self::Open(open), AccountCommand::ResetPassword { verification, now }) => {
                Ok(open.reset_password(verification, now))
            }
            (
                Self::Open(open),
                AccountCommand::ChangeEmail { email, address_key, verification, by },
            ) => Ok(open.change_email(email, address_key, verification, by)),
            (Self::Open(open), AccountCommand::Report(report)) => Ok(open.report(report)),
            (
                Self::Open(open),
                AccountCommand::MarkUndeliverable { message, asked_at, because },
            ) => Ok(open.mark_undeliverable(message, asked_at, because)),
            (Self::Open(open), AccountCommand::Erase { acting }) => open.erase(acting),
            (Self::Open(open), AccountCommand::Operate(order)) => Ok(vec![open.operate(order)]),
        }
    }

    fn apply(&mut self, event: &AccountEvent, stamp: Stamp) {
        match (&mut *self, event) {
            (_, AccountEvent::Erased(_)) => *self = Self::Erased,
            (Self::Erased, _) => {}
            (_, AccountEvent::Registered(it)) => {
                *self = Self::Open(Box::new(OpenAccount {
                    id: it.account,
                    email: it.email.clone(),
                    address_key: it.address_key,
                    email_since: stamp.time,
                    email_proven_at: stamp.time,
                    email_undeliverable: false,
                    password_since: stamp.time,
                    password_compromised: false,
                    password_by: None,
                    reported_at: None,
                    reset: None,
                    locale: it.locale.clone(),
                    two_step: true,
                    method: it.method,
                    devices: Vec::new(),
                    attempt_generation: 0,
                    trust_generation: 0,
                    created_at: stamp.time,
                }));
            }
            (Self::New, _) => {}
            (Self::Open(open), event) => open.apply(event, stamp),
        }
    }
}

fn register(it: Registration) -> Vec<AccountEvent> {
    vec![
        AccountEvent::Registered(Registered {
            account: it.account,
            email: it.email,
            address_key: it.address_key,
            locale: it.locale,
            method: Method::App,
            verification: it.verification,
            policy: policy::VERSION,
        }),
        AccountEvent::EmailVerified(EmailVerified { verification: it.verification }),
        trusted(it.device, 0),
    ]
}

impl OpenAccount {
    fn apply(&mut self, event: &AccountEvent, stamp: Stamp) {
        match event {
            AccountEvent::DeviceTrusted(it) => {
                self.devices.retain(|known| known.id != it.device && known.key != it.key);
                self.devices.push(TrustedDevice {
                    id: it.device,
                    key: it.key,
                    since: stamp.time,
                    seen: stamp.time,
                    push: None,
                });
            }
            AccountEvent::DeviceSeen(it) => {
                if let Some(known) = self.devices.iter_mut().find(|known| known.id == it.device) {
                    known.seen = known.seen.max(stamp.time);
                }
            }
            AccountEvent::DeviceRevoked(it) => {
                self.devices.retain(|known| known.id != it.device);
                match it.because {
                    RevokedBecause::Removed => self.end_attempts(),
                    RevokedBecause::Reported => {
                        self.reported_at = Some(stamp.time);
                        self.end_attempts();
                    }
                    RevokedBecause::Unused => {}
                }
            }
            AccountEvent::SignedOutEverywhere(it) => self.end_trust(&it.revoked),
            AccountEvent::SignedOutByOperator(it) => self.end_trust(&it.revoked),
            AccountEvent::PushEndpointRegistered(_)
            | AccountEvent::PushEndpointRemoved(_)
            | AccountEvent::PushEndpointDisabled(_) => self.apply_push(event, stamp),
            AccountEvent::TwoStepEnabled(_)
            | AccountEvent::TwoStepDisabled(_)
            | AccountEvent::MethodChosen(_)
            | AccountEvent::LocaleChosen(_) => self.apply_setting(event),
            AccountEvent::PasswordChanged(_)
            | AccountEvent::PasswordReset(_)
            | AccountEvent::PasswordCompromised(_)
            | AccountEvent::EmailChanged(_)
            | AccountEvent::EmailUndeliverable(_) => self.apply_ownership(event, stamp),
            AccountEvent::Registered(_)
            | AccountEvent::EmailVerified(_)
            | AccountEvent::CodeEntryPaused(_)
            | AccountEvent::RecoveryCodesCreated(_)
            | AccountEvent::DeviceRenamed(_)
            | AccountEvent::Disclosed(_)
            | AccountEvent::CodeEntryResumed(_)
            | AccountEvent::Erased(_) => {}
        }
    }

    /// Every open attempt is over.
    fn end_attempts(&mut self) {
        self.attempt_generation = self.attempt_generation.saturating_add(1);
    }

    /// These devices are trusted no longer, and every session and open attempt is over; the session
    /// that caused it is renewed by whoever stores it.
    fn end_trust(&mut self, revoked: &[DeviceId]) {
        self.devices.retain(|known| !revoked.contains(&known.id));
        self.trust_generation = self.trust_generation.saturating_add(1);
        self.end_attempts();
    }
}
