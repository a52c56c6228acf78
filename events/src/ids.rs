//! Identifiers: a prefix that says what is named, and a ULID that says when it began.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use ulid::Ulid;

/// Bits of a ULID that are chance (or a digest); the other 48 are milliseconds.
const RANDOM_BITS: u32 = 80;

/// A text that is not an identifier of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the form {prefix}_ and 26 characters")]
pub struct NotAnId {
    prefix: &'static str,
}

/// Milliseconds since 1970, as a ULID counts them; times before that count as 0.
fn milliseconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

fn ulid_of(at: Timestamp, low: [u8; 10]) -> Ulid {
    let mut random = [0_u8; 16];
    random[6..].copy_from_slice(&low);
    Ulid::from_parts(milliseconds(at), u128::from_be_bytes(random))
}

/// Accepts the one canonical spelling: 26 upper-case Crockford digits that fit 128 bits.
fn parse_canonical(text: &str) -> Option<Ulid> {
    let parsed = Ulid::from_str(text).ok()?;
    (parsed.to_string() == text).then_some(parsed)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// What every identifier of this kind starts with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Names something that begins at `at`, told apart by 80 bits of `chance`.
            #[must_use]
            pub fn new(at: Timestamp, chance: [u8; 10]) -> Self {
                Self(ulid_of(at, chance))
            }

            /// Names what follows from `source`: the same source always gives the same
            /// identifier, with 80 bits of a SHA-256 where chance would stand.
            #[must_use]
            pub fn derived(at: Timestamp, source: &[&[u8]]) -> Self {
                Self(ulid_of(at, digest_80(concat!("postern-id/v1/", $prefix), source)))
            }

            /// Rebuilds the identifier from the 16 bytes of [`Self::to_bytes`].
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Ulid::from_bytes(bytes))
            }

            /// The 128 bits without the prefix, big-endian.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.to_bytes()
            }

            /// The time in the identifier, in whole milliseconds.
            #[must_use]
            pub fn time(self) -> Timestamp {
                i64::try_from(self.0.timestamp_ms())
                    .ok()
                    .and_then(|ms| Timestamp::from_millisecond(ms).ok())
                    .unwrap_or(Timestamp::MAX)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(parse_canonical)
                    .map(Self)
                    .ok_or(NotAnId { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $prefix, "_[0-7][0-9A-HJKMNP-TV-Z]{25}$"),
                })
            }
        }
    };
}

id!(
    /// An account: stable for ever, whatever becomes of its e-mail address.
    AccountId,
    "acc"
);
id!(
    /// A device on one account, from the moment it is let in; trusted anew, it is named anew.
    DeviceId,
    "dev"
);
id!(
    /// One attempt to sign in.
    SignInId,
    "sin"
);
id!(
    /// One process that proves control of a channel: a registration, a reset, a change, a step-up.
    VerificationId,
    "ver"
);
id!(
    /// One request for help.
    SupportId,
    "sup"
);
id!(
    /// One message to one recipient.
    MessageId,
    "msg"
);
id!(
    /// One event.
    EventId,
    "evt"
);
id!(
    /// One session of one device.
    SessionId,
    "ses"
);

/// The first 80 bits of SHA-256 over length-prefixed parts, so that no two lists of parts collide.
fn digest_80(domain: &str, parts: &[&[u8]]) -> [u8; 10] {
    let mut hash = Sha256::new();
    for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut low = [0_u8; (RANDOM_BITS / 8) as usize];
    low.copy_from_slice(&digest[..10]);
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().expect("a valid time")
    }

    #[test]
    fn an_id_reads_back_as_written() {
        let id = AccountId::new(noon(), [7; 10]);
        assert_eq!(id.to_string().parse::<AccountId>(), Ok(id));
        assert_eq!(id.time(), noon());
        assert_eq!(AccountId::from_bytes(id.to_bytes()), id);
    }

    #[test]
    fn another_prefix_another_case_or_an_overflow_is_not_an_id() {
        let id = AccountId::new(noon(), [7; 10]).to_string();
        assert!(id.parse::<DeviceId>().is_err());
        assert!(id.to_lowercase().parse::<AccountId>().is_err());
        assert!("acc_8ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<AccountId>().is_err());
        assert!("acc_".parse::<AccountId>().is_err());
    }

    #[test]
    fn a_derived_id_follows_from_its_parts_and_from_where_they_part() {
        let one = MessageId::derived(noon(), &[b"ab", b"c"]);
        assert_eq!(one, MessageId::derived(noon(), &[b"ab", b"c"]));
        assert_ne!(one, MessageId::derived(noon(), &[b"a", b"bc"]));
    }
}
