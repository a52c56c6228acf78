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
mod push;
use devices::trusted;

pub use command::{AccountCommand, AccountRefusal, NewDevice, Registration};
pub use push::{NewEndpoint, Push};

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

/// An account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// There is none.
    #[default]
    New,
    /// It is in use.
    Open(Box<OpenAccount>),
}

impl Account {
    /// The account, while it is open.
    #[must_use]
    pub fn open(&self) -> Option<&OpenAccount> {
        match self {
            Self::New => None,
            Self::Open(open) => Some(open),
        }
    }
}

impl Decider for Account {
    const STATE_SCHEMA: u32 = 2;

    type Id = AccountId;
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Refusal = AccountRefusal;

    fn decide(&self, command: AccountCommand) -> Result<Vec<AccountEvent>, AccountRefusal> {
        match (self, command) {
            (Self::New, AccountCommand::Register(registration)) => Ok(register(*registration)),
            (Self::Open(_), AccountCommand::Register(_)) => Err(AccountRefusal::Exists),
            (Self::New, _) => Err(AccountRefusal::NoAccount),
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
        }
    }

    fn apply(&mut self, event: &AccountEvent, stamp: Stamp) {
        match (&mut *self, event) {
            (_, AccountEvent::Registered(it)) => {
                *self = Self::Open(Box::new(OpenAccount {
                    id: it.account,
                    email: it.email.clone(),
                    address_key: it.address_key,
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
                if it.because == RevokedBecause::Removed {
                    self.attempt_generation = self.attempt_generation.saturating_add(1);
                }
            }
            AccountEvent::SignedOutEverywhere(it) => {
                self.devices.retain(|known| !it.revoked.contains(&known.id));
                self.attempt_generation = self.attempt_generation.saturating_add(1);
                self.trust_generation = self.trust_generation.saturating_add(1);
            }
            AccountEvent::PushEndpointRegistered(_)
            | AccountEvent::PushEndpointRemoved(_)
            | AccountEvent::PushEndpointDisabled(_) => self.apply_push(event, stamp),
            AccountEvent::Registered(_)
            | AccountEvent::EmailVerified(_)
            | AccountEvent::CodeEntryPaused(_) => {}
        }
    }
}
