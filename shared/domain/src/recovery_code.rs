//! Recovery codes: the way back when phone and mailbox are both gone.

use std::fmt;

use crate::policy;
use crate::ports::{Chance, draw};

/// Crockford's base 32: no letter in it is easily taken for another or for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code: 60 bits, of which a thief has five guesses an attempt.
const LENGTH: usize = 12;
/// They are written in groups of so many.
const GROUP: usize = 4;

/// A recovery code, in its canonical spelling without hyphens. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// A whole set.
    #[must_use]
    pub fn set(chance: &dyn Chance) -> Vec<Self> {
        (0..policy::RECOVERY_CODES).map(|_| Self::new(chance)).collect()
    }

    fn new(chance: &dyn Chance) -> Self {
        let bytes: [u8; LENGTH] = draw(chance);
        // 256 is a multiple of 32, so that each character is as likely as any other.
        let character = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
        Self(bytes.into_iter().map(character).collect())
    }

    /// Takes a code as a person types it: in any case, with or without hyphens and spaces, with the
    /// letters that look like digits read as these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.chars().filter(|it| !matches!(it, '-' | ' '));
        let canonical: Option<String> = letters
            .map(|it| match it.to_ascii_uppercase() {
                'O' => Some('0'),
                'I' | 'L' => Some('1'),
                it => u8::try_from(it).is_ok_and(|byte| ALPHABET.contains(&byte)).then_some(it),
            })
            .take(LENGTH + 1)
            .collect();
        canonical.filter(|it| it.len() == LENGTH).map(Self)
    }

    /// The spelling that hashes are made of.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.0
    }

    /// The code as its owner gets it, once.
    #[must_use]
    pub fn reveal(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = characters.chunks(GROUP).map(String::from_iter).collect();
        groups.join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
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

    #[test]
    fn a_set_has_ten_codes_in_groups_of_four() {
        let set = RecoveryCode::set(&Counting);
        assert_eq!(set.len(), 10);
        assert_eq!(set[0].reveal(), "1234-5678-9ABC");
        assert_eq!(format!("{:?}", set[0]), "RecoveryCode(..)");
    }

    #[test]
    fn a_code_is_read_however_a_person_types_it() {
        let code = RecoveryCode::parse("1234-5678-9ABC").unwrap();
        for typed in ["123456789abc", "I234 5678 9aBc", "l2-34-56-78-9A-BC"] {
            assert!(RecoveryCode::parse(typed).unwrap() == code, "{typed}");
        }
        for wrong in [
            "",
            "123456",
            "1234-5678-9ABCD",
            "1234-5678-9AB",
            "1234-5678-9ABU",
            "１２３４-5678-9ABC",
        ] {
            assert!(RecoveryCode::parse(wrong).is_none(), "{wrong}");
        }
    }
}
