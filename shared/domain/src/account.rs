//! The account: who owns it, which keys are trusted, which generation counts.

use jiff::Timestamp;
use postern_events::account::{
    AccountEvent, CodeEntryPaused, DeviceRevoked, DeviceSeen, DeviceTrusted, EmailVerified,
    PushRemovedBecause, Registered, RevokedBecause, SignedOutEverywhere, TrustedBy,
};
use postern_events::ids::{AccountId, DeviceId, MessageId, SessionId, VerificationId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{
    AddressKey, DeviceDescription, DeviceKey, GuessClass, Method, Origin, Platform,
};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Stamp};
use crate::{millis, policy};

mod push;
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

/// A key that is to be trusted.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// The name it will have.
    pub id: DeviceId,
    /// Its key on the account.
    pub key: DeviceKey,
    /// Its platform.
    pub platform: Platform,
    /// Its description.
    pub description: Personal<DeviceDescription>,
    /// Where it is.
    pub origin: Personal<Origin>,
    /// What makes it trusted.
    pub by: TrustedBy,
}

/// An account that is to be opened.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Its name.
    pub account: AccountId,
    /// The proven address.
    pub email: Personal<String>,
    /// The normalised address under the lookup key.
    pub address_key: AddressKey,
    /// Language tag.
    pub locale: String,
    /// The process that proved the address.
    pub verification: VerificationId,
    /// The device it was done on.
    pub device: NewDevice,
}

/// What can be asked of an account.
#[derive(Debug, Clone)]
pub enum AccountCommand {
    /// Open it.
    Register(Box<Registration>),
    /// Trust a key whose owner gave the right code.
    TrustDevice {
        /// The key.
        device: Box<NewDevice>,
        /// The present.
        now: Timestamp,
    },
    /// Note that a trusted device was used.
    SeeDevice {
        /// The device.
        device: DeviceId,
        /// The present.
        now: Timestamp,
    },
    /// Take a device's trust and sessions away.
    RemoveDevice {
        /// The device.
        device: DeviceId,
        /// The device whose session asks.
        by: DeviceId,
        /// Whether that session has just been stepped up.
        stepped_up: bool,
        /// The present.
        now: Timestamp,
    },
    /// End all sessions, and all trust but the asking device's.
    SignOutEverywhere {
        /// The device that asks.
        by: DeviceId,
        /// Its session.
        session: SessionId,
        /// Whether that session has just been stepped up.
        stepped_up: bool,
        /// The present.
        now: Timestamp,
    },
    /// Push to a trusted device from now on, or know something new about that.
    RegisterPush {
        /// The device and what its app says.
        endpoint: NewEndpoint,
        /// The device of this account that had the token.
        moved_from: Option<DeviceId>,
        /// The present.
        now: Timestamp,
    },
    /// Push to a device no longer.
    RemovePush {
        /// The device.
        device: DeviceId,
        /// Why.
        because: PushRemovedBecause,
    },
    /// Note that the push service no longer reaches a device.
    DisablePush {
        /// The device.
        device: DeviceId,
        /// When the endpoint that failed was registered; a newer one is not meant.
        since: Timestamp,
        /// The message that could not be pushed.
        message: MessageId,
    },
    /// Note that code entry is paused.
    PauseCodeEntry {
        /// Wrong codes in a row.
        wrong_in_a_row: u16,
        /// When it ends; absent when only a new password lifts it.
        until: Option<Timestamp>,
    },
}

/// Why an account does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefusal {
    /// There is no open account.
    #[error("there is no such account")]
    NoAccount,
    /// There is one already.
    #[error("the account exists")]
    Exists,
    /// The key is trusted already.
    #[error("the key is trusted already")]
    AlreadyTrusted,
    /// All places for trusted keys are taken.
    #[error("no further device can be trusted")]
    NoRoom,
    /// No trusted device has this name.
    #[error("there is no such device")]
    NoDevice,
    /// The asking device is too young to remove an older one.
    #[error("the device has not been trusted for long enough")]
    TooYoung,
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

fn trusted(device: NewDevice, trusted_before: usize) -> AccountEvent {
    AccountEvent::DeviceTrusted(DeviceTrusted {
        device: device.id,
        key: device.key,
        platform: device.platform,
        description: device.description,
        origin: device.origin,
        by: device.by,
        trusted_before: u8::try_from(trusted_before).unwrap_or(u8::MAX),
        policy: policy::VERSION,
    })
}

fn revoked(device: &TrustedDevice, because: RevokedBecause, by: Option<DeviceId>) -> AccountEvent {
    AccountEvent::DeviceRevoked(DeviceRevoked {
        device: device.id,
        key: device.key,
        because,
        by,
        policy: policy::VERSION,
    })
}

impl OpenAccount {
    /// Trusts a key; entries unused for too long make room, nothing else does.
    fn trust(
        &self,
        device: NewDevice,
        now: Timestamp,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        if self.trusted(device.key, now).is_some() {
            return Err(AccountRefusal::AlreadyTrusted);
        }
        if !self.has_room(now) {
            return Err(AccountRefusal::NoRoom);
        }
        let (held, unused): (Vec<_>, Vec<_>) = self.devices.iter().partition(|it| it.holds(now));
        let mut events: Vec<_> =
            unused.into_iter().map(|it| revoked(it, RevokedBecause::Unused, None)).collect();
        events.push(trusted(device, held.len()));
        Ok(events)
    }

    fn see(&self, device: DeviceId, now: Timestamp) -> Result<Vec<AccountEvent>, AccountRefusal> {
        let known = self.device(device, now).ok_or(AccountRefusal::NoDevice)?;
        if now < known.seen + policy::SEEN_EVERY {
            return Ok(Vec::new());
        }
        Ok(vec![AccountEvent::DeviceSeen(DeviceSeen { device })])
    }

    /// Whether a device may remove another. Itself, always; another one if the asking device is
    /// at least a day old, or older than the other, or its session has just been stepped up.
    #[must_use]
    pub fn may_remove(
        &self,
        target: &TrustedDevice,
        by: DeviceId,
        stepped_up: bool,
        now: Timestamp,
    ) -> bool {
        let asking = self.device(by, now);
        target.id == by
            || stepped_up
            || asking.is_some_and(|it| !it.is_young(now) || it.since < target.since)
    }

    fn remove(
        &self,
        device: DeviceId,
        by: DeviceId,
        stepped_up: bool,
        now: Timestamp,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        let target = self.device(device, now).ok_or(AccountRefusal::NoDevice)?;
        if !self.may_remove(target, by, stepped_up, now) {
            return Err(AccountRefusal::TooYoung);
        }
        Ok(vec![revoked(target, RevokedBecause::Removed, Some(by))])
    }

    /// Takes every other device's trust away, so it needs what removing each of them needs:
    /// otherwise an intruder's young device could push out all its elders at once.
    fn sign_out_everywhere(
        &self,
        by: DeviceId,
        session: SessionId,
        stepped_up: bool,
        now: Timestamp,
    ) -> Result<Vec<AccountEvent>, AccountRefusal> {
        let others = || self.devices.iter().filter(|it| it.id != by);
        let may = |it: &TrustedDevice| self.may_remove(it, by, stepped_up, now);
        if !others().filter(|it| it.holds(now)).all(may) {
            return Err(AccountRefusal::TooYoung);
        }
        let revoked = others().map(|it| it.id).collect();
        Ok(vec![AccountEvent::SignedOutEverywhere(SignedOutEverywhere { by, session, revoked })])
    }

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
