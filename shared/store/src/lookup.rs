//! Keyed names: enough to find a thing again, not enough to read or link it.

use std::fmt;
use std::net::IpAddr;

use aws_lc_rs::hmac;
use postern_domain::recovery_code::RecoveryCode;
use postern_events::ids::AccountId;
use postern_events::vocabulary::{AddressKey, DeviceKey, PushPlatform, PushTokenKey, SourceKey};

use crate::seal::length_prefixed;
use crate::vault::RecoveryKey;

/// The part of an IPv6 address that names a subscriber's network, 64 bits.
const SUBSCRIBER_OCTETS: usize = 8;

/// The key of all look-ups (HMAC-SHA-256). It can't be replaced while claims stand on it.
#[derive(Clone)]
pub struct LookupKeys(hmac::Key);

impl fmt::Debug for LookupKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupKeys(..)")
    }
}

impl LookupKeys {
    /// Takes 256 bits that were made for nothing else.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The key of a normalised address.
    #[must_use]
    pub fn address(&self, normalised: &str) -> AddressKey {
        AddressKey::from_bytes(self.first_128(&[b"postern-address/v1", normalised.as_bytes()]))
    }

    /// The key of a device on an account, from its RFC 7638 thumbprint: on every account another.
    #[must_use]
    pub fn device(&self, account: AccountId, thumbprint: &[u8; 32]) -> DeviceKey {
        let parts: [&[u8]; 3] = [b"postern-device/v1", &account.to_bytes(), thumbprint];
        DeviceKey::from_bytes(self.first_128(&parts))
    }

    /// The key of a push token, which is only a token to the platform that made it.
    #[must_use]
    pub fn push_token(&self, platform: PushPlatform, token: &str) -> PushTokenKey {
        let platform: &[u8] = match platform {
            PushPlatform::Apns => b"apns",
            PushPlatform::ApnsSandbox => b"apns_sandbox",
            PushPlatform::Fcm => b"fcm",
        };
        let parts: [&[u8]; 3] = [b"postern-push-token/v1", platform, token.as_bytes()];
        PushTokenKey::from_bytes(self.first_128(&parts))
    }

    /// The key of a push token on an account: the log must not tell that a phone has two.
    #[must_use]
    pub fn push_token_on(&self, account: AccountId, token: PushTokenKey) -> PushTokenKey {
        let parts: [&[u8]; 3] =
            [b"postern-push-token-on/v1", &account.to_bytes(), token.as_bytes()];
        PushTokenKey::from_bytes(self.first_128(&parts))
    }

    /// The key of the network that an address is of: an IPv4 address by itself, and the first 64
    /// bits of an IPv6 address, which is what one subscriber has at least (RFC 6177). An IPv4
    /// address written as IPv6 is the IPv4 address.
    #[must_use]
    pub fn source(&self, ip: IpAddr) -> SourceKey {
        let octets = match ip.to_canonical() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().into_iter().take(SUBSCRIBER_OCTETS).collect(),
        };
        SourceKey::from_bytes(self.first_128(&[b"postern-source/v1", &octets]))
    }

    /// The key of a recovery code on an account.
    #[must_use]
    pub fn recovery_code(&self, account: AccountId, code: &RecoveryCode) -> RecoveryKey {
        let parts: [&[u8]; 3] =
            [b"postern-recovery-code/v1", &account.to_bytes(), code.canonical().as_bytes()];
        RecoveryKey::from_bytes(self.first_128(&parts))
    }

    /// The name of a call that may be repeated: who makes it, where, and the key they gave it.
    #[must_use]
    pub fn call_name(&self, parts: &[&[u8]]) -> [u8; 16] {
        self.first_128(&[&[b"postern-call-name/v1".as_slice()], parts].concat())
    }

    /// What such a call asks for, so that another call under its name is known. Keyed, because a
    /// body may hold a password.
    #[must_use]
    pub fn call_body(&self, parts: &[&[u8]]) -> [u8; 16] {
        self.first_128(&[&[b"postern-call-body/v1".as_slice()], parts].concat())
    }

    fn first_128(&self, parts: &[&[u8]]) -> [u8; 16] {
        let tag = hmac::sign(&self.0, &length_prefixed(parts));
        let mut first = [0; 16];
        first.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        first
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn account(last: u8) -> AccountId {
        AccountId::from_bytes([last; 16])
    }

    #[test]
    fn a_phone_has_another_name_on_every_account() {
        let keys = LookupKeys::new(&[1; 32]);
        assert_eq!(keys.device(account(1), &[9; 32]), keys.device(account(1), &[9; 32]));
        assert_ne!(keys.device(account(1), &[9; 32]), keys.device(account(2), &[9; 32]));
        assert_ne!(keys.device(account(1), &[9; 32]), keys.device(account(1), &[8; 32]));
    }

    #[test]
    fn a_push_token_has_another_name_on_every_account() {
        let keys = LookupKeys::new(&[1; 32]);
        let token = keys.push_token(PushPlatform::Fcm, "token");
        assert_eq!(keys.push_token_on(account(1), token), keys.push_token_on(account(1), token));
        assert_ne!(keys.push_token_on(account(1), token), keys.push_token_on(account(2), token));
        assert_ne!(keys.push_token_on(account(1), token), token);
    }

    #[test]
    fn an_address_can_only_be_looked_up_with_the_key() {
        let (one, two) = (LookupKeys::new(&[1; 32]), LookupKeys::new(&[2; 32]));
        assert_eq!(one.address("ada@example.com"), one.address("ada@example.com"));
        assert_ne!(one.address("ada@example.com"), two.address("ada@example.com"));
        assert_ne!(one.address("ada@example.com"), one.address("bob@example.com"));
    }

    #[test]
    fn a_push_token_belongs_to_the_platform_that_made_it() {
        let keys = LookupKeys::new(&[1; 32]);
        let all = [PushPlatform::Apns, PushPlatform::ApnsSandbox, PushPlatform::Fcm];
        let names = all.map(|platform| keys.push_token(platform, "token"));
        assert_eq!(names[0], keys.push_token(PushPlatform::Apns, "token"));
        assert_ne!(names[0], keys.push_token(PushPlatform::Apns, "tokem"));
        assert!(names[0] != names[1] && names[1] != names[2] && names[2] != names[0]);
    }

    #[test]
    fn a_source_is_an_ipv4_address_or_the_first_half_of_an_ipv6_one() {
        let keys = LookupKeys::new(&[1; 32]);
        let source = |ip: &str| keys.source(ip.parse().unwrap());
        assert_eq!(source("192.0.2.1"), source("::ffff:192.0.2.1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
        assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
        assert_ne!(source("c000:201::"), source("192.0.2.1"));
    }

    #[test]
    fn a_call_s_name_and_its_body_tell_nothing_of_each_other() {
        let keys = LookupKeys::new(&[1; 32]);
        let parts: [&[u8]; 2] = [b"key", b"path"];
        assert_eq!(keys.call_name(&parts), keys.call_name(&parts));
        assert_ne!(keys.call_name(&parts), keys.call_body(&parts));
        assert_ne!(keys.call_name(&parts), keys.call_name(&[b"keyp", b"ath"]));
        assert_ne!(keys.call_body(&parts), LookupKeys::new(&[2; 32]).call_body(&parts));
    }

    #[test]
    fn a_recovery_code_has_another_name_on_every_account_and_shows_nothing() {
        let keys = LookupKeys::new(&[1; 32]);
        let code = |text| RecoveryCode::parse(text).unwrap();
        let key = keys.recovery_code(account(1), &code("1234-5678-9ABC"));
        assert!(key.matches(&keys.recovery_code(account(1), &code("i2345678 9abc"))));
        assert!(!key.matches(&keys.recovery_code(account(1), &code("1234-5678-9ABD"))));
        assert!(!key.matches(&keys.recovery_code(account(2), &code("1234-5678-9ABC"))));
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(json.len(), 24, "22 characters of base64url, quoted");
        assert!(key.matches(&serde_json::from_str(&json).unwrap()));
        assert_eq!(format!("{key:?}"), "RecoveryKey(..)");
    }

    #[test]
    fn names_of_different_things_differ_even_over_the_same_bytes() {
        let keys = LookupKeys::new(&[1; 32]);
        let address = *keys.address("\u{1}\u{2}\u{3}\u{4}").as_bytes();
        let source = *keys.source([1, 2, 3, 4].into()).as_bytes();
        assert_ne!(address, source);
    }
}
