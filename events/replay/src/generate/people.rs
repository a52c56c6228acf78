//! Whoever asks for something: a person with a phone, or somebody who pretends to be one.
//!
//! What is personal here is made up, and only its length reaches the log.

use std::net::IpAddr;

use jiff::Timestamp;
use postern_domain::ports::draw;
use postern_events::ids::{DeviceId, SessionId};
use postern_events::personal::Personal;
use postern_events::vocabulary::{
    DeviceDescription, DeviceKey, Origin, Platform, PushPlatform, PushTokenKey, SourceKey,
};

use super::chance::Seeded;
use super::places::Country;

/// Who says where a request comes from.
pub(super) const LOCATED_BY: &str = "cloudfront";

const NAMES: [&str; 16] = [
    "anna", "ben", "carla", "david", "emma", "filip", "giulia", "hana", "ivan", "julia", "kenji",
    "lucas", "maria", "nguyen", "olga", "pedro",
];
const SURNAMES: [&str; 12] = [
    "becker", "costa", "dvorak", "evans", "ferrari", "garcia", "kowalski", "muller", "novak",
    "santos", "tanaka", "wright",
];
const MAIL_HOSTS: [(u64, &str); 6] = [
    (50, "gmail.com"),
    (15, "outlook.com"),
    (10, "icloud.com"),
    (10, "web.de"),
    (8, "seznam.cz"),
    (7, "example.net"),
];
const GADGETS: [(u64, (Platform, &str, &str)); 9] = [
    (20, (Platform::Ios, "iPhone15,4", "18.5")),
    (14, (Platform::Ios, "iPhone13,2", "17.7.2")),
    (5, (Platform::Ios, "iPad14,1", "18.4.1")),
    (18, (Platform::Android, "SM-A546B", "15")),
    (14, (Platform::Android, "Pixel 8", "16")),
    (10, (Platform::Android, "2201117TY", "13")),
    (6, (Platform::Android, "moto g84 5G", "14")),
    (2, (Platform::Web, "Chrome", "141.0")),
    (1, (Platform::Other, "Emulator", "12")),
];

/// An address, as somebody spells it.
pub(super) fn email(chance: &Seeded) -> String {
    let (name, surname) = (chance.pick(&NAMES), chance.pick(&SURNAMES));
    let (number, host) = (chance.below(1_000), chance.weighted(&MAIL_HOSTS));
    format!("{name}.{surname}{number}@{host}")
}

/// Who makes a call: a key, and what the gateway and the app say about it.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The key on the account that the call is about.
    pub(super) key: DeviceKey,
    pub(super) platform: Platform,
    pub(super) description: DeviceDescription,
    pub(super) country: &'static Country,
    pub(super) origin: Origin,
}

impl Caller {
    /// A device that was never seen before.
    pub(super) fn new(country: &'static Country, chance: &Seeded) -> Self {
        let (platform, model, os_version) = *chance.weighted(&GADGETS);
        let description = DeviceDescription {
            name: device_name(model, chance),
            model: model.to_owned(),
            os_version: os_version.to_owned(),
        };
        let (ip, city) = (country.address(chance), Some(country.city(chance).to_owned()));
        let key = DeviceKey::from_bytes(draw(chance));
        Self { key, platform, description, country, origin: Origin { ip, city } }
    }

    /// The same program with another key, from another address.
    pub(super) fn elsewhere(&self, chance: &Seeded) -> Self {
        let ip = self.country.address(chance);
        let origin = Origin { ip, city: Some(self.country.city(chance).to_owned()) };
        Self { key: DeviceKey::from_bytes(draw(chance)), origin, ..self.clone() }
    }

    /// The network, as wrong passwords are counted by it. The key of a real one is an HMAC; nothing of
    /// it reaches the log.
    pub(super) fn source(&self) -> SourceKey {
        let mut bytes = [0; 16];
        match self.origin.ip {
            IpAddr::V4(ip) => bytes[..4].copy_from_slice(&ip.octets()),
            IpAddr::V6(ip) => bytes[..8].copy_from_slice(&ip.octets()[..8]),
        }
        SourceKey::from_bytes(bytes)
    }

    pub(super) fn country(&self) -> String {
        self.country.code.to_owned()
    }
}

/// What somebody calls a device.
pub(super) fn device_name(model: &str, chance: &Seeded) -> String {
    format!("{} {model}", chance.pick(&NAMES))
}

/// Who is signed in on a phone.
#[derive(Debug, Clone)]
pub(super) struct SignedIn {
    pub(super) session: SessionId,
    pub(super) device: DeviceId,
    /// What the device said about itself, sealed.
    pub(super) description: Personal<DeviceDescription>,
    /// The account's trust generation that the session was begun under.
    pub(super) generation: u32,
    /// Until when it is stepped up.
    pub(super) stepped_up_until: Option<Timestamp>,
}

/// One of the owner's phones.
#[derive(Debug, Clone)]
pub(super) struct Phone {
    pub(super) caller: Caller,
    pub(super) signed_in: Option<SignedIn>,
    /// What its push service knows it by.
    pub(super) token: PushTokenKey,
}

impl Phone {
    pub(super) fn new(caller: Caller, chance: &Seeded) -> Self {
        Self { caller, signed_in: None, token: PushTokenKey::from_bytes(draw(chance)) }
    }

    /// Through whom it is pushed to; a browser is not.
    pub(super) fn push_platform(&self) -> Option<PushPlatform> {
        match self.caller.platform {
            Platform::Ios => Some(PushPlatform::Apns),
            Platform::Android => Some(PushPlatform::Fcm),
            Platform::Web | Platform::Other => None,
        }
    }
}
