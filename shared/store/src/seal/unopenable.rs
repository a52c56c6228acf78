//! Tokens that look sealed and were not: for histories that are made up.

use postern_domain::ports::{Chance, draw};
use postern_events::personal::Token;

use super::Unsealed;
use super::token::{Header, NONCE, TAG, join};

/// A token of the form and the length that sealing `clear` bytes gives, made of nothing but chance.
///
/// Nobody holds a key for it and there never was a value, so it reads as one whose person was erased.
/// Sealing draws the system's randomness; this draws only `chance`, and the same chance gives the same
/// token.
///
/// # Errors
/// [`Unsealed::TooLong`] when the sealed value would be longer than a token may be.
pub fn unopenable(header: Header, clear: usize, chance: &dyn Chance) -> Result<Token, Unsealed> {
    let nonce: [u8; NONCE] = draw(chance);
    let mut sealed = vec![0; clear.saturating_add(TAG).min(Token::MAX_LENGTH)];
    chance.fill(&mut sealed);
    join(header, &nonce, &sealed).ok_or(Unsealed::TooLong)
}
