//! The bytes of a sealed value.
//!
//! `format (1) ‖ account (16) ‖ event (16) ‖ field (1) ‖ nonce (12) ‖ ciphertext and tag`, in
//! base64url. All that stands before the nonce is readable without a key and covered by the tag.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_events::ids::{AccountId, EventId};
use postern_events::personal::{PersonalField, Token};

use super::Unopened;

/// The one form there is.
const FORMAT: u8 = 1;
const HEADER: usize = 1 + 16 + 16 + 1;
pub(super) const NONCE: usize = 12;
pub(super) const TAG: usize = 16;

/// What a token says about itself to everybody. Only opening it proves that it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Whose key sealed it.
    pub account: AccountId,
    /// The event it was sealed for.
    pub event: EventId,
    /// The kind of value in it.
    pub field: PersonalField,
}

/// A token taken apart.
pub(super) struct Parts {
    pub(super) header: Header,
    pub(super) nonce: [u8; NONCE],
    pub(super) sealed: Vec<u8>,
}

/// Reads what a token says about itself, without a key.
#[must_use]
pub fn header(token: &Token) -> Option<Header> {
    split(token).ok().map(|it| it.header)
}

fn field_of(code: u8) -> Option<PersonalField> {
    [PersonalField::Email, PersonalField::Device, PersonalField::Origin, PersonalField::Plea]
        .into_iter()
        .find(|it| it.code() == code)
}

pub(super) fn split(token: &Token) -> Result<Parts, Unopened> {
    parse(token).ok_or(Unopened::Malformed)
}

fn parse(token: &Token) -> Option<Parts> {
    let bytes = URL_SAFE_NO_PAD.decode(token.as_str()).ok()?;
    if bytes.len() < HEADER + NONCE + TAG || bytes.first() != Some(&FORMAT) {
        return None;
    }
    let (account, rest) = bytes.get(1..)?.split_first_chunk::<16>()?;
    let (event, rest) = rest.split_first_chunk::<16>()?;
    let (field, rest) = rest.split_first()?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
    let header = Header {
        account: AccountId::from_bytes(*account),
        event: EventId::from_bytes(*event),
        field: field_of(*field)?,
    };
    Some(Parts { header, nonce: *nonce, sealed: sealed.to_vec() })
}

/// Puts a token together; nothing where it would be longer than a token may be.
pub(super) fn join(header: Header, nonce: &[u8], sealed: &[u8]) -> Option<Token> {
    let mut bytes = Vec::with_capacity(HEADER + nonce.len() + sealed.len());
    bytes.push(FORMAT);
    bytes.extend_from_slice(&header.account.to_bytes());
    bytes.extend_from_slice(&header.event.to_bytes());
    bytes.push(header.field.code());
    bytes.extend_from_slice(nonce);
    bytes.extend_from_slice(sealed);
    Token::parse(&URL_SAFE_NO_PAD.encode(bytes))
}

/// What the tag covers beside the ciphertext, each part after its length.
pub(super) fn associated_data(domain: &[u8], header: Header) -> Vec<u8> {
    let (account, event) = (header.account.to_bytes(), header.event.to_bytes());
    length_prefixed(&[domain, &[FORMAT], &account, &event, &[header.field.code()]])
}

/// Parts one after the other, each after its length (64 bits, big-endian), so that no two lists
/// of parts give the same bytes.
pub(crate) fn length_prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(parts.iter().map(|it| it.len() + 8).sum());
    for part in parts {
        joined.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        joined.extend_from_slice(part);
    }
    joined
}
