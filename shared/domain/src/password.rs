//! What a new password has to be. Composition rules are advice elsewhere, never enforced
//! (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 6.2.5).

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::policy;

/// Words that attackers of this product try first.
const PRODUCT_WORDS: [&str; 4] = ["postern", "aginet", "tp-link", "tplink"];
/// zxcvbn's work grows faster than length; what comes after this many characters only makes a
/// password better.
const JUDGED_CHARACTERS: usize = 40;

/// Why a password is not taken as a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Fewer characters than needed.
    #[error("the password is too short")]
    TooShort,
    /// Too easily guessed.
    #[error("the password is too easily guessed")]
    Guessable,
    /// Too short to stand alone, without the second step.
    #[error("the password is too short to stand alone")]
    TooShortAlone,
}

/// A text that can't be a password at all: too long, or with control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a password")]
pub struct NotAPassword;

/// A password as given, in NFC. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Password(Box<str>);

impl Password {
    /// Takes what a person typed, of any strength.
    ///
    /// # Errors
    /// When it is empty, longer than 256 characters, or holds a control character.
    pub fn parse(text: &str) -> Result<Self, NotAPassword> {
        let normal: String = text.nfc().collect();
        let length = normal.chars().count();
        let fits = (1..=policy::PASSWORD_MAX).contains(&length);
        if fits && !normal.chars().any(char::is_control) {
            Ok(Self(normal.into()))
        } else {
            Err(NotAPassword)
        }
    }

    /// Whether it may become somebody's password.
    ///
    /// # Errors
    /// When it is too short or too easily guessed by one who knows the address and the product.
    pub fn judge(&self, email: &str) -> Result<(), Weak> {
        if self.0.chars().count() < policy::PASSWORD_MIN {
            return Err(Weak::TooShort);
        }
        let judged: String = self.0.chars().take(JUDGED_CHARACTERS).collect();
        let email = email.to_lowercase();
        let mut context: Vec<&str> = PRODUCT_WORDS.to_vec();
        context.push(&email);
        // Each side of the @ whole, too: pieced together it would count as several good choices.
        let pieces = email.split('@').chain(email.split(['@', '.', '+', '-', '_']));
        context.extend(pieces.filter(|piece| piece.len() >= 3));
        let score = u8::from(zxcvbn::zxcvbn(&judged, &context).score());
        if score < policy::PASSWORD_SCORE { Err(Weak::Guessable) } else { Ok(()) }
    }

    /// Whether it is long enough to stand alone, without a second step.
    #[must_use]
    pub fn can_stand_alone(&self) -> bool {
        self.0.chars().count() >= policy::PASSWORD_MIN_ALONE
    }

    /// The bytes to hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    fn judge(text: &str) -> Result<(), Weak> {
        Password::parse(text).unwrap().judge("ada.lovelace@example.com")
    }

    #[test]
    fn seven_characters_are_too_few_and_256_are_enough() {
        assert_eq!(judge("x7$Kq2!"), Err(Weak::TooShort));
        assert!(Password::parse(&"é".repeat(256)).is_ok());
        assert!(Password::parse(&"é".repeat(257)).is_err());
        assert!(Password::parse("").is_err());
        assert!(Password::parse("tab\there and more").is_err());
    }

    #[test]
    fn a_phrase_without_digits_or_capitals_is_taken() {
        assert_eq!(judge("violet teapot under seven bridges"), Ok(()));
    }

    #[test]
    fn the_usual_ones_and_ones_made_of_the_address_or_the_product_are_not() {
        for text in ["password123", "Passw0rd!", "ada.lovelace1", "tplink2024", "aaaaaaaaaaaa"] {
            assert_eq!(judge(text), Err(Weak::Guessable), "{text}");
        }
    }

    #[test]
    fn both_spellings_of_an_accent_are_one_password() {
        let composed = Password::parse("caf\u{e9} au lait").unwrap();
        let decomposed = Password::parse("cafe\u{301} au lait").unwrap();
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
    }

    #[test]
    fn fifteen_characters_stand_alone() {
        assert!(Password::parse("fifteen letters").unwrap().can_stand_alone());
        assert!(!Password::parse("fifteen letter").unwrap().can_stand_alone());
    }
}
