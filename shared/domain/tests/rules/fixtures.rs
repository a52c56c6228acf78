//! Who is who in these tests: Ada's account, her phone, and a tablet that wants in.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use postern_domain::account::{Acting, NewDevice, OpenAccount, Push, TrustedDevice};
use postern_domain::challenge::{Guess, Material};
use postern_domain::channels::Channels;
use postern_domain::codes::{Code, CodeKeys, CodeSource};
use postern_events::account::TrustedBy;
use postern_events::code::{CodeIssued, CodeRejected, CodeResent, CodeVerified, Locked};
use postern_events::ids::{AccountId, DeviceId, EventId, SessionId, SignInId, VerificationId};
use postern_events::personal::{Personal, Token};
use postern_events::vocabulary::{AddressKey, DeviceKey, Method, Nonce, Platform, Purpose};

/// The number of Ada's phone, which is trusted where anything is.
pub(crate) const PHONE: u8 = 1;
/// The number of her tablet, which is not.
pub(crate) const TABLET: u8 = 2;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// So many seconds after the tests begin.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let begin: Timestamp = "2026-11-24T09:00:00Z".parse().unwrap();
    begin + SignedDuration::from_secs(seconds)
}

pub(crate) fn ada() -> AccountId {
    AccountId::new(at(0), [1; 10])
}

pub(crate) fn attempt() -> SignInId {
    SignInId::new(at(0), [2; 10])
}

pub(crate) fn registration() -> VerificationId {
    VerificationId::new(at(0), [3; 10])
}

/// An event of that second, through whose message something is said later.
pub(crate) fn asked_at(second: i64) -> EventId {
    EventId::derived(at(second), &[b"asked"])
}

pub(crate) fn session() -> SessionId {
    SessionId::new(at(0), [4; 10])
}

pub(crate) fn device(number: u8) -> DeviceId {
    DeviceId::new(at(0), [number; 10])
}

pub(crate) fn key(number: u8) -> DeviceKey {
    DeviceKey::from_bytes([number; 16])
}

pub(crate) fn address_key() -> AddressKey {
    AddressKey::from_bytes([5; 16])
}

/// A personal value as it lies in an event.
pub(crate) fn sealed<T>() -> Personal<T> {
    Personal::Sealed(Token::parse("AAAA").unwrap())
}

/// A device that could be trusted.
pub(crate) fn new_device(number: u8) -> NewDevice {
    NewDevice {
        id: device(number),
        key: key(number),
        platform: Platform::Ios,
        description: sealed(),
        origin: sealed(),
        by: TrustedBy::SignIn(attempt()),
    }
}

/// A device trusted since then and not used after.
pub(crate) fn trusted_device(number: u8, since: i64) -> TrustedDevice {
    let (id, key, since) = (device(number), key(number), at(since));
    TrustedDevice { id, key, since, seen: since, push: None }
}

/// The same device, pushed to since the moment of its trust.
pub(crate) fn pushed_to(mut device: TrustedDevice) -> TrustedDevice {
    device.push = Some(Push { since: device.since, alive: true });
    device
}

/// Ada's account with these devices, and two-step verification on.
pub(crate) fn account_with(devices: Vec<TrustedDevice>) -> OpenAccount {
    OpenAccount {
        id: ada(),
        email: sealed(),
        address_key: address_key(),
        email_since: at(0),
        email_proven_at: at(0),
        email_undeliverable: false,
        password_since: at(0),
        password_compromised: false,
        password_by: None,
        reported_at: None,
        reset: None,
        locale: "en".to_owned(),
        two_step: true,
        method: Method::Email,
        devices,
        attempt_generation: 0,
        trust_generation: 0,
        created_at: at(0),
    }
}

/// Ada's account with her phone trusted.
pub(crate) fn account() -> OpenAccount {
    account_with(vec![trusted_device(PHONE, 0)])
}

/// A session on a device of this number, at that second.
pub(crate) fn acting(number: u8, second: i64) -> Acting {
    Acting { device: device(number), session: session(), stepped_up: false, now: at(second) }
}

/// The same, just stepped up.
pub(crate) fn stepped_up(number: u8, second: i64) -> Acting {
    Acting { stepped_up: true, ..acting(number, second) }
}

/// A code reaches Ada's mailbox, and a phone that is pushed to; no budget is touched.
pub(crate) fn both_ways() -> Channels {
    Channels {
        showing: 1,
        pushable: 1,
        pushes_left: 10,
        pushes_again_at: at(0),
        mails_left: 5,
        mails_again_at: at(0),
        without_mail: None,
    }
}

/// A code reaches Ada's mailbox only.
pub(crate) fn by_mail_only() -> Channels {
    Channels { showing: 0, pushable: 0, ..both_ways() }
}

/// What a new code is made from; each number makes another code.
pub(crate) fn material(number: u8) -> Material {
    Material { kid: "k1".to_owned(), nonce: Nonce::from_bytes([number; 16]) }
}

pub(crate) fn keys() -> Arc<CodeKeys> {
    let keys = BTreeMap::from([("k1".to_owned(), [9; 32])]);
    Arc::new(CodeKeys::new("k1".to_owned(), keys).unwrap())
}

/// The code that an event issued, as its owner reads it.
pub(crate) fn code_of(event: &CodeIssued, account: AccountId, attempt: &str) -> Code {
    let source = CodeSource {
        purpose: event.purpose,
        account,
        attempt,
        issue: event.issue,
        method: event.method,
        kid: &event.kid,
        nonce: event.nonce,
    };
    keys().derive(&source).unwrap()
}

/// What the owner of this code types.
pub(crate) fn guess(code: &Code) -> Guess {
    Guess { code: code.clone(), keys: keys() }
}

/// What somebody types who has another code than this one, or none.
pub(crate) fn wrong_guess(right: &Code) -> Guess {
    let digits = right.reveal().len();
    let number: u32 = right.reveal().parse().unwrap();
    let other = (number + 1) % 10_u32.pow(u32::try_from(digits).unwrap());
    let code = Code::parse(&format!("{other:0digits$}"), u32::try_from(digits).unwrap());
    Guess { code: code.unwrap(), keys: keys() }
}

/// A code issued at that second, the attempt having been opened at second 0.
pub(crate) fn issued(purpose: Purpose, method: Method, issue: u8, second: i64) -> CodeIssued {
    let Material { kid, nonce } = material(issue);
    let expires_at = at((second + 5 * MINUTE).min(10 * MINUTE));
    CodeIssued { purpose, method, issue, kid, nonce, expires_at }
}

pub(crate) fn resent(method: Method, issue: u8) -> CodeResent {
    CodeResent { method, issue }
}

pub(crate) fn rejected(issue: u8, attempts_left: u8) -> CodeRejected {
    CodeRejected { issue, attempts_left }
}

pub(crate) fn verified(issue: u8, method: Method) -> CodeVerified {
    CodeVerified { issue, method }
}

pub(crate) fn locked(wrong: u8) -> Locked {
    Locked { wrong }
}
