//! Codes: derived, never stored.

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use postern_events::ids::{AccountId, EventId};
use postern_events::vocabulary::{Method, Nonce, Purpose};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::policy;

/// A code, known or guessed. Can't be printed, stored or compared by accident.
#[derive(Clone)]
pub struct Code(Box<str>);

impl Code {
    /// Takes exactly `digits` ASCII digits, and nothing else.
    #[must_use]
    pub fn parse(text: &str, digits: u32) -> Option<Self> {
        let form = text.len() == digits as usize && text.bytes().all(|b| b.is_ascii_digit());
        form.then(|| Self(text.into()))
    }

    /// Whether both are the same, in a time that doesn't depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    /// The digits, for the one message that carries them to their owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

/// A code key is not at hand that a living code was derived with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("code key {kid} is not configured")]
pub struct KeyMissing {
    /// The missing key's name.
    pub kid: String,
}

/// The keys that codes are derived with: one for new codes, others for those still alive.
#[derive(Clone)]
pub struct CodeKeys {
    current: String,
    keys: BTreeMap<String, [u8; 32]>,
}

impl CodeKeys {
    /// Takes all keys by name, and which of them derives new codes.
    ///
    /// # Errors
    /// When the current key is not among them.
    pub fn new(current: String, keys: BTreeMap<String, [u8; 32]>) -> Result<Self, KeyMissing> {
        if keys.contains_key(&current) {
            Ok(Self { current, keys })
        } else {
            Err(KeyMissing { kid: current })
        }
    }

    /// The name of the key for new codes.
    #[must_use]
    pub fn current(&self) -> &str {
        &self.current
    }

    /// The tag of a link that says "it wasn't me" about what an event of this stream led to: derived
    /// as codes are, for the purpose `report`.
    ///
    /// # Errors
    /// When the key is not at hand.
    pub fn report_tag(
        &self,
        kid: &str,
        account: AccountId,
        stream: &str,
        event: EventId,
    ) -> Result<[u8; 16], KeyMissing> {
        let account = account.to_string();
        self.first_128(kid, &[b"report", account.as_bytes(), stream.as_bytes(), &event.to_bytes()])
    }

    /// Derives a code: HMAC-SHA-256 over length-prefixed parts, the first 128 bits modulo 10^digits.
    ///
    /// # Errors
    /// When the key it was issued under is not at hand.
    pub fn derive(&self, source: &CodeSource<'_>) -> Result<Code, KeyMissing> {
        let method = match source.method {
            Method::App => "app",
            Method::Email => "email",
        };
        let account = source.account.to_string();
        let parts = [
            source.purpose.name().as_bytes(),
            account.as_bytes(),
            source.attempt.as_bytes(),
            &[source.issue],
            method.as_bytes(),
            source.nonce.as_bytes(),
        ];
        let first = self.first_128(source.kid, &parts)?;
        let digits = digits_for(source.purpose);
        let number = u128::from_be_bytes(first) % 10_u128.pow(digits);
        Ok(Code(format!("{number:0width$}", width = digits as usize).into()))
    }

    fn first_128(&self, kid: &str, parts: &[&[u8]]) -> Result<[u8; 16], KeyMissing> {
        let missing = || KeyMissing { kid: kid.to_owned() };
        let key = self.keys.get(kid).ok_or_else(missing)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| missing())?;
        for part in std::iter::once(b"postern-code/v1".as_slice()).chain(parts.iter().copied()) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        let mut first = [0_u8; 16];
        first.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Ok(first)
    }
}

impl fmt::Debug for CodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeKeys({} of {})", self.current, self.keys.len())
    }
}

/// Everything a code depends on.
#[derive(Debug, Clone, Copy)]
pub struct CodeSource<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// The account.
    pub account: AccountId,
    /// The attempt's identifier.
    pub attempt: &'a str,
    /// Its number within the attempt.
    pub issue: u8,
    /// How it travels.
    pub method: Method,
    /// The key's name.
    pub kid: &'a str,
    /// Its own chance.
    pub nonce: Nonce,
}

/// How many digits a code for this purpose has.
#[must_use]
pub fn digits_for(purpose: Purpose) -> u32 {
    match purpose {
        Purpose::SignIn | Purpose::Registration | Purpose::StepUp => policy::CODE_DIGITS,
        Purpose::PasswordReset | Purpose::EmailChange => policy::RECOVERY_DIGITS,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use jiff::Timestamp;

    use super::*;

    fn keys() -> CodeKeys {
        CodeKeys::new("k1".to_owned(), BTreeMap::from([("k1".to_owned(), [9; 32])])).unwrap()
    }

    fn source(account: AccountId) -> CodeSource<'static> {
        CodeSource {
            purpose: Purpose::SignIn,
            account,
            attempt: "sin_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            issue: 1,
            method: Method::Email,
            kid: "k1",
            nonce: Nonce::from_bytes([3; 16]),
        }
    }

    #[test]
    fn a_code_is_six_ascii_digits_and_shows_none_of_them() {
        let code = keys().derive(&source(AccountId::new(Timestamp::UNIX_EPOCH, [1; 10]))).unwrap();
        assert!(Code::parse(code.reveal(), 6).is_some());
        assert_eq!(format!("{code:?}"), "Code(..)");
    }

    #[test]
    fn each_part_of_the_source_changes_the_code() {
        let account = AccountId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let other = AccountId::new(Timestamp::UNIX_EPOCH, [2; 10]);
        let base = source(account);
        let code = keys().derive(&base).unwrap();
        for changed in [
            CodeSource { purpose: Purpose::Registration, ..base },
            source(other),
            CodeSource { attempt: "sin_01ARZ3NDEKTSV4RRFFQ69G5FAW", ..base },
            CodeSource { issue: 2, ..base },
            CodeSource { method: Method::App, ..base },
            CodeSource { nonce: Nonce::from_bytes([4; 16]), ..base },
        ] {
            assert!(!keys().derive(&changed).unwrap().matches(&code), "{changed:?}");
        }
        assert!(keys().derive(&base).unwrap().matches(&code));
    }

    #[test]
    fn letters_other_digits_and_other_lengths_are_no_guess() {
        for text in ["12345", "1234567", "12345a", "١٢٣٤٥٦", "12 456", "", "-12345", "１２３４５６"]
        {
            assert!(Code::parse(text, 6).is_none(), "{text}");
        }
    }

    #[test]
    fn a_missing_key_is_an_error_not_a_wrong_code() {
        let account = AccountId::new(Timestamp::UNIX_EPOCH, [1; 10]);
        let lost = CodeSource { kid: "k0", ..source(account) };
        assert_eq!(keys().derive(&lost).unwrap_err(), KeyMissing { kid: "k0".to_owned() });
    }
}
