//! Data keys, wrapped for the table by keys that the table does not hold.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use postern_events::ids::AccountId;
use zeroize::Zeroizing;

use crate::ring::{NoSuchKey, Ring};
use crate::seal::{DataKey, length_prefixed};

/// Separates these seals from everything else that AES-GCM is used for here.
const DOMAIN: &[u8] = b"postern-data-key/v1";

/// Keys that wrap data keys, by `kid`.
#[derive(Clone)]
pub struct KeyEncryptionKeys(Ring);

impl fmt::Debug for KeyEncryptionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyEncryptionKeys").field(&self.0).finish()
    }
}

/// Why a data key could be neither wrapped nor unwrapped.
#[derive(Debug, thiserror::Error)]
pub enum Unwrapped {
    /// This process was given no keys for the vault.
    #[error("there are no key-encryption keys")]
    NoKeys,
    /// The key that wraps it is not there.
    #[error("the key-encryption key is missing")]
    Missing(#[from] NoSuchKey),
    /// It was changed, belongs to another account, or another key wraps it.
    #[error("the wrapped key is not authentic")]
    Forged,
}

impl KeyEncryptionKeys {
    /// Takes the keys, one of which wraps new data keys.
    ///
    /// # Errors
    /// When the current key is not among them.
    pub fn new(
        current: &str,
        keys: impl IntoIterator<Item = (String, [u8; 32])>,
    ) -> Result<Self, NoSuchKey> {
        Ring::new(current, keys).map(Self)
    }

    fn key(&self, kid: &str) -> Result<RandomizedNonceKey, Unwrapped> {
        let key = self.0.get(kid)?;
        RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| Unwrapped::Forged)
    }

    /// Nonce, ciphertext and tag, under the current key, whose name comes first.
    pub(super) fn wrap(
        &self,
        account: AccountId,
        clear: &Zeroizing<[u8; 32]>,
    ) -> Result<(&str, Vec<u8>), Unwrapped> {
        let kid = self.0.current();
        let mut sealed = Zeroizing::new(Vec::with_capacity(clear.len() + AES_256_GCM.tag_len()));
        sealed.extend_from_slice(&**clear);
        let nonce = self
            .key(kid)?
            .seal_in_place_append_tag(Aad::from(associated_data(account)), &mut *sealed)
            .map_err(|_| Unwrapped::Forged)?;
        Ok((kid, [nonce.as_ref().as_slice(), sealed.as_slice()].concat()))
    }

    pub(super) fn unwrap(
        &self,
        account: AccountId,
        kid: &str,
        wrapped: &[u8],
    ) -> Result<DataKey, Unwrapped> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_LEN>().ok_or(Unwrapped::Forged)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let aad = Aad::from(associated_data(account));
        let clear =
            self.key(kid)?.open_in_place(nonce, aad, &mut sealed).map_err(|_| Unwrapped::Forged)?;
        let key = Zeroizing::new(<[u8; 32]>::try_from(&*clear).map_err(|_| Unwrapped::Forged)?);
        DataKey::from_bytes(account, &key).map_err(|_| Unwrapped::Forged)
    }
}

fn associated_data(account: AccountId) -> Vec<u8> {
    length_prefixed(&[DOMAIN, &account.to_bytes()])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    fn account(byte: u8) -> AccountId {
        AccountId::from_bytes([byte; 16])
    }

    #[test]
    fn a_wrapped_key_opens_for_its_account_under_its_key_and_unchanged_only() {
        let keys = KeyEncryptionKeys::new("k2", [("k1".into(), [1; 32]), ("k2".into(), [2; 32])]);
        let keys = keys.unwrap();
        let (kid, wrapped) = keys.wrap(account(1), &Zeroizing::new([7; 32])).unwrap();
        assert_eq!(kid, "k2");
        assert!(keys.unwrap(account(1), "k2", &wrapped).is_ok());
        assert!(keys.unwrap(account(2), "k2", &wrapped).is_err());
        assert!(keys.unwrap(account(1), "k1", &wrapped).is_err());
        for place in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[place] ^= 1;
            assert!(keys.unwrap(account(1), "k2", &changed).is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_missing_key_is_named() {
        let keys = KeyEncryptionKeys::new("k1", [("k1".into(), [1; 32])]).unwrap();
        let answer = keys.unwrap(account(1), "k0", &[0; 60]);
        assert!(matches!(answer, Err(Unwrapped::Missing(NoSuchKey { kid })) if kid == "k0"));
    }
}
