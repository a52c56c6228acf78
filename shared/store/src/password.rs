//! Password hashes: Argon2id with a pepper that the tables don't hold.
//!
//! Everything here takes about 25 ms of one core; callers run it where it blocks nobody.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use postern_domain::password::Password;
use postern_domain::ports::{Chance, draw};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::ring::{NoSuchKey, Ring};

/// Memory in KiB: OWASP's Password Storage Cheat Sheet, second of its equal choices (19 MiB, 2, 1).
pub const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory; same source.
pub const PASSES: u32 = 2;
/// Lanes; same source.
pub const LANES: u32 = 1;

/// Secret keys that go into every hash, by `kid`: without them a stolen table can't be guessed at.
#[derive(Clone)]
pub struct Peppers(Ring);

impl fmt::Debug for Peppers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Peppers").field(&self.0).finish()
    }
}

impl Peppers {
    /// Takes the keys, one of which new hashes use.
    ///
    /// # Errors
    /// When the current key is not among them.
    pub fn new(
        current: &str,
        keys: impl IntoIterator<Item = (String, [u8; 32])>,
    ) -> Result<Self, NoSuchKey> {
        Ring::new(current, keys).map(Self)
    }
}

/// What a hash was computed with, so that the figures can be raised later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory in KiB.
    pub m: u32,
    /// Passes.
    pub t: u32,
    /// Lanes.
    pub p: u32,
}

impl Cost {
    /// What new hashes cost.
    pub const CURRENT: Self = Self { m: MEMORY_KIB, t: PASSES, p: LANES };
}

/// A password as kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordRecord {
    #[serde(with = "crate::items::base64url")]
    hash: [u8; 32],
    #[serde(with = "crate::items::base64url")]
    salt: [u8; 16],
    pepper: String,
    #[serde(flatten)]
    cost: Cost,
    /// Whether it had 15 characters or more when it was set: enough without a second step.
    pub long_enough_alone: bool,
}

impl PasswordRecord {
    /// Whether a new hash would be made the same way; if not, the next right password is the moment
    /// to make one.
    #[must_use]
    pub fn is_current(&self, peppers: &Peppers) -> bool {
        self.pepper == peppers.0.current() && self.cost == Cost::CURRENT
    }
}

impl fmt::Debug for PasswordRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordRecord(..)")
    }
}

/// Why a password could be neither hashed nor compared. None of these says that it is wrong.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The pepper of the hash is not there.
    #[error("the pepper is missing")]
    Pepper(#[from] NoSuchKey),
    /// The recorded figures make no sense, or there is not enough memory.
    #[error("Argon2 failed: {0}")]
    Argon2(argon2::Error),
}

/// Hashes a new password with the current pepper and a fresh salt.
///
/// # Errors
/// When Argon2 fails.
pub fn hash(
    peppers: &Peppers,
    password: &Password,
    chance: &dyn Chance,
) -> Result<PasswordRecord, PasswordError> {
    let (salt, pepper) = (draw(chance), peppers.0.current().to_owned());
    Ok(PasswordRecord {
        hash: *derive(peppers, &pepper, Cost::CURRENT, &salt, password)?,
        salt,
        pepper,
        cost: Cost::CURRENT,
        long_enough_alone: password.can_stand_alone(),
    })
}

/// Whether it is the password that was recorded; compares in constant time.
///
/// # Errors
/// When the record's pepper is missing or Argon2 fails: then nobody knows.
pub fn verify(
    peppers: &Peppers,
    record: &PasswordRecord,
    password: &Password,
) -> Result<bool, PasswordError> {
    let found = derive(peppers, &record.pepper, record.cost, &record.salt, password)?;
    Ok(verify_slices_are_equal(&*found, &record.hash).is_ok())
}

/// Does the work of [`verify`] where there is no account, so that the time tells nothing.
/// The answer is always "wrong".
///
/// # Errors
/// As [`verify`].
pub fn verify_nobody(peppers: &Peppers, password: &Password) -> Result<bool, PasswordError> {
    let found = derive(peppers, peppers.0.current(), Cost::CURRENT, &[0; 16], password)?;
    std::hint::black_box(verify_slices_are_equal(&*found, &[0; 32]).is_ok());
    Ok(false)
}

fn derive(
    peppers: &Peppers,
    pepper: &str,
    cost: Cost,
    salt: &[u8; 16],
    password: &Password,
) -> Result<Zeroizing<[u8; 32]>, PasswordError> {
    let failed = PasswordError::Argon2;
    let secret = peppers.0.get(pepper)?;
    let params = Params::new(cost.m, cost.t, cost.p, Some(32)).map_err(failed)?;
    let argon2 = Argon2::new_with_secret(secret, Algorithm::Argon2id, Version::V0x13, params)
        .map_err(failed)?;
    let mut out = Zeroizing::new([0; 32]);
    argon2.hash_password_into(password.as_bytes(), salt, &mut *out).map_err(failed)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    struct Counting;
    impl Chance for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().zip(1..).for_each(|(byte, n)| *byte = n);
        }
    }

    fn peppers(kid: &str, byte: u8) -> Peppers {
        Peppers::new(kid, [(kid.to_owned(), [byte; 32])]).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[test]
    fn only_the_same_password_under_the_same_pepper_is_right() {
        let record = hash(&peppers("a", 1), &password("right horse"), &Counting).unwrap();
        assert!(verify(&peppers("a", 1), &record, &password("right horse")).unwrap());
        assert!(!verify(&peppers("a", 1), &record, &password("wrong horse")).unwrap());
        assert!(!verify(&peppers("a", 2), &record, &password("right horse")).unwrap());
        assert!(!verify_nobody(&peppers("a", 1), &password("right horse")).unwrap());
    }

    #[test]
    fn a_missing_pepper_is_an_error_not_a_wrong_password() {
        let record = hash(&peppers("a", 1), &password("right horse"), &Counting).unwrap();
        let answer = verify(&peppers("b", 1), &record, &password("right horse"));
        assert!(matches!(answer, Err(PasswordError::Pepper(NoSuchKey { kid })) if kid == "a"));
        assert!(Peppers::new("c", [("a".to_owned(), [1; 32])]).is_err());
    }

    #[test]
    fn a_record_reads_back_as_written_and_shows_nothing() {
        let record = hash(&peppers("a", 1), &password("fifteen letters"), &Counting).unwrap();
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<PasswordRecord>(&json).unwrap(), record);
        assert!(record.long_enough_alone);
        assert_eq!(format!("{record:?}"), "PasswordRecord(..)");
    }
}
