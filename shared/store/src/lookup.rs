//! Keyed names: enough to find a thing again, not enough to read or link it.

use std::fmt;

use aws_lc_rs::hmac;
use postern_events::ids::AccountId;
use postern_events::vocabulary::{AddressKey, DeviceKey};

use crate::seal::length_prefixed;

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

    fn first_128(&self, parts: &[&[u8]]) -> [u8; 16] {
        let tag = hmac::sign(&self.0, &length_prefixed(parts));
        let mut first = [0; 16];
        first.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        first
    }
}

#[cfg(test)]
mod tests {
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
    fn an_address_can_only_be_looked_up_with_the_key() {
        let (one, two) = (LookupKeys::new(&[1; 32]), LookupKeys::new(&[2; 32]));
        assert_eq!(one.address("ada@example.com"), one.address("ada@example.com"));
        assert_ne!(one.address("ada@example.com"), two.address("ada@example.com"));
        assert_ne!(one.address("ada@example.com"), one.address("bob@example.com"));
    }
}
