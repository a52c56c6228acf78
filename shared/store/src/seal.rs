//! Sealing personal values with an account's data key, and opening them again.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use postern_domain::ports::{Chance, draw};
use postern_events::ids::{AccountId, EventId};
use postern_events::personal::{Personal, PersonalField, Token};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

mod token;
mod unopenable;

pub(crate) use token::length_prefixed;
pub use token::{Header, header};
pub use unopenable::unopenable;

/// Separates these seals from everything else that AES-GCM is used for here.
const DOMAIN: &[u8] = b"postern-personal/v1";

/// Why a personal value could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum Unsealed {
    /// The event holds a value in clear and nobody gave a key.
    #[error("there is a personal value and no data key")]
    NoKey,
    /// The value can't be written as JSON.
    #[error("the personal value can't be written as JSON")]
    Unwritable(#[source] serde_json::Error),
    /// The sealed value would be longer than a token may be.
    #[error("the personal value is too long")]
    TooLong,
    /// The cipher failed.
    #[error("the cipher failed")]
    Cipher,
}

/// Why a token was not opened.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// It was never sealed.
    #[error("the value is not sealed")]
    Clear,
    /// It is not a token of a known form.
    #[error("the token has no known form")]
    Malformed,
    /// It was sealed for another account.
    #[error("the token belongs to another account")]
    AnotherAccount,
    /// It holds another kind of value than was asked for.
    #[error("the token holds another kind of value")]
    AnotherField,
    /// Something in it was changed, or another key sealed it.
    #[error("the token is not authentic")]
    Forged,
    /// What it holds does not fit the type that was asked for.
    #[error("the token's content does not fit its type")]
    Content(#[source] serde_json::Error),
}

/// A personal value as its reader finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened<T> {
    /// Still there.
    Value(T),
    /// The person was erased; nobody can open it any more.
    Erased,
}

impl<T> Opened<T> {
    /// The value, unless it is erased.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Erased => None,
        }
    }
}

/// One account's key for personal values (AES-256-GCM); cheap to clone, wiped when dropped.
#[derive(Clone)]
pub struct DataKey {
    account: AccountId,
    key: Arc<RandomizedNonceKey>,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

impl DataKey {
    /// The key with these 256 bits. The cipher's library wipes its own copy when it frees it.
    ///
    /// # Errors
    /// When the cipher refuses the key.
    pub fn from_bytes(account: AccountId, key: &Zeroizing<[u8; 32]>) -> Result<Self, Unsealed> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &**key).map_err(|_| Unsealed::Cipher)?;
        Ok(Self { account, key: Arc::new(key) })
    }

    /// A new key, and its 256 bits to be wrapped and kept.
    pub(crate) fn generate(
        account: AccountId,
        chance: &dyn Chance,
    ) -> Result<(Self, Zeroizing<[u8; 32]>), Unsealed> {
        let bytes = Zeroizing::new(draw(chance));
        Ok((Self::from_bytes(account, &bytes)?, bytes))
    }

    /// A new key that is kept nowhere: for what must look sealed and never be read.
    ///
    /// # Errors
    /// When the cipher refuses the key.
    pub fn throw_away(account: AccountId, chance: &dyn Chance) -> Result<Self, Unsealed> {
        Self::generate(account, chance).map(|(key, _)| key)
    }

    /// Whose values it seals.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Seals a value outside of an event's commit, under an event's identifier all the same.
    ///
    /// # Errors
    /// When it can't be written as JSON, is too long, or the cipher fails.
    pub fn seal<T: Serialize>(
        &self,
        event: EventId,
        field: PersonalField,
        value: &T,
    ) -> Result<Personal<T>, Unsealed> {
        let clear = serde_json::to_vec(value).map_err(Unsealed::Unwritable)?;
        self.seal_bytes(event, field, clear).map(Personal::Sealed)
    }

    /// Seals JSON text in place; where it fails, the text is wiped.
    pub(crate) fn seal_bytes(
        &self,
        event: EventId,
        field: PersonalField,
        clear: Vec<u8>,
    ) -> Result<Token, Unsealed> {
        let header = Header { account: self.account, event, field };
        // Room for the tag, so that the text is never moved and left behind.
        let mut sealed = Zeroizing::new(Vec::with_capacity(clear.len() + AES_256_GCM.tag_len()));
        let clear = Zeroizing::new(clear);
        sealed.extend_from_slice(&clear);
        let aad = Aad::from(token::associated_data(DOMAIN, header));
        let nonce =
            self.key.seal_in_place_append_tag(aad, &mut *sealed).map_err(|_| Unsealed::Cipher)?;
        token::join(header, nonce.as_ref(), &sealed).ok_or(Unsealed::TooLong)
    }

    /// Opens a value of this account.
    ///
    /// # Errors
    /// When the token is not authentic, not of this account, or its content is of another type.
    pub fn open<T: DeserializeOwned>(&self, sealed: &Personal<T>) -> Result<T, Unopened> {
        let parts = sealed.token().ok_or(Unopened::Clear).and_then(token::split)?;
        if parts.header.account != self.account {
            return Err(Unopened::AnotherAccount);
        }
        let nonce = Nonce::assume_unique_for_key(parts.nonce);
        let mut sealed = Zeroizing::new(parts.sealed);
        let aad = Aad::from(token::associated_data(DOMAIN, parts.header));
        let clear =
            self.key.open_in_place(nonce, aad, &mut sealed).map_err(|_| Unopened::Forged)?;
        serde_json::from_slice(clear).map_err(Unopened::Content)
    }

    /// Opens a value of this account, and only of this kind.
    ///
    /// # Errors
    /// As [`Self::open`], and when the token holds another kind of value.
    pub fn open_as<T: DeserializeOwned>(
        &self,
        field: PersonalField,
        sealed: &Personal<T>,
    ) -> Result<T, Unopened> {
        let token = sealed.token().ok_or(Unopened::Clear)?;
        if header(token).ok_or(Unopened::Malformed)?.field != field {
            return Err(Unopened::AnotherField);
        }
        self.open(sealed)
    }
}

/// Opens a value with the key that its account still has, or says that it is erased.
///
/// # Errors
/// As [`DataKey::open`]; without a key there is none.
pub fn open_if_kept<T: DeserializeOwned>(
    key: Option<&DataKey>,
    sealed: &Personal<T>,
) -> Result<Opened<T>, Unopened> {
    key.map_or(Ok(Opened::Erased), |key| key.open(sealed).map(Opened::Value))
}

#[cfg(test)]
mod tests;
