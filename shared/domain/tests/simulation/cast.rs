//! Who is who in a history: one account, its owner's phones, and everybody else's.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::account::{AccountCommand, NewDevice, Registration};
use postern_domain::codes::CodeKeys;
use postern_events::account::TrustedBy;
use postern_events::ids::{AccountId, DeviceId, SessionId, VerificationId};
use postern_events::personal::{Personal, Token};
use postern_events::vocabulary::{AddressKey, DeviceKey, Platform};

use crate::store::Session;

/// The phone that the account is opened on.
pub(crate) const PHONE: u8 = 1;
/// The last of the keys that exist; all but the phone begin untrusted.
pub(crate) const LAST: u8 = 8;

pub(crate) fn begin() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

pub(crate) fn account() -> AccountId {
    AccountId::new(begin(), [100; 10])
}

pub(crate) fn key(number: u8) -> DeviceKey {
    DeviceKey::from_bytes([number; 16])
}

pub(crate) fn phone() -> DeviceId {
    DeviceId::new(begin(), [PHONE; 10])
}

pub(crate) fn keys() -> Arc<CodeKeys> {
    let keys = BTreeMap::from([("k1".to_owned(), [9; 32])]);
    Arc::new(CodeKeys::new("k1".to_owned(), keys).unwrap())
}

/// A personal value as it lies in an event.
pub(crate) fn sealed<T>() -> Personal<T> {
    Personal::Sealed(Token::parse("AAAA").unwrap())
}

/// The session that the registration led to.
pub(crate) fn first_session() -> Session {
    Session {
        id: SessionId::new(begin(), [103; 10]),
        attempt: None,
        device: phone(),
        key: key(PHONE),
        trusted: true,
        generation: 0,
        stepped_up: None,
    }
}

/// The account, opened on the phone.
pub(crate) fn registration() -> AccountCommand {
    let verification = VerificationId::new(begin(), [101; 10]);
    AccountCommand::Register(Box::new(Registration {
        account: account(),
        email: sealed(),
        address_key: AddressKey::from_bytes([102; 16]),
        locale: "en".to_owned(),
        verification,
        device: NewDevice {
            id: phone(),
            key: key(PHONE),
            platform: Platform::Ios,
            description: sealed(),
            origin: sealed(),
            by: TrustedBy::Registration(verification),
        },
    }))
}
