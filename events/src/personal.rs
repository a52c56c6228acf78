//! Personal values: readable only to whoever holds the person's data key.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// Which kind of personal value a token holds; part of what its seal covers, so that one kind
/// can't be passed off as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PersonalField {
    /// An e-mail address as its owner spelled it.
    Email,
    /// A device's name, model and system version as the app gave them.
    Device,
    /// Where a request came from: the IP address and the city it suggests.
    Origin,
    /// What somebody wrote to support, and what they call the files with it.
    Plea,
}

impl PersonalField {
    /// The number that stands for this kind inside a token; never reused.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Email => 1,
            Self::Device => 2,
            Self::Origin => 3,
            Self::Plea => 4,
        }
    }
}

/// A sealed value: base64url text that only the sealing key's holder can open.
///
/// Equality is equality of tokens: two sealings of one value differ.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// Longest token that is read: a request's body has 16 KiB at most, and sealing makes a third
    /// more of it.
    pub const MAX_LENGTH: usize = 24_576;

    /// Takes text in the alphabet of base64url.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= Self::MAX_LENGTH;
        let alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (fits && text.bytes().all(alphabet)).then(|| Self(text.to_owned()))
    }

    /// The token as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A value about a person: in clear only between a decision and its commit, sealed ever after.
///
/// A clear value refuses to be serialised, so nothing unsealed can reach a table by mistake.
#[derive(Clone)]
pub enum Personal<T> {
    /// Not yet sealed.
    Clear(T),
    /// Sealed, kept verbatim wherever it is copied to.
    Sealed(Token),
}

impl<T> Personal<T> {
    /// The token, once sealed.
    #[must_use]
    pub fn token(&self) -> Option<&Token> {
        match self {
            Self::Clear(_) => None,
            Self::Sealed(token) => Some(token),
        }
    }
}

impl<T> PartialEq for Personal<T> {
    /// Tokens are compared; a clear value equals nothing, not even itself.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sealed(one), Self::Sealed(two)) => one == two,
            (Self::Clear(_), _) | (_, Self::Clear(_)) => false,
        }
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clear(_) => "Personal(clear)",
            Self::Sealed(_) => "Personal(sealed)",
        })
    }
}

impl<T> Serialize for Personal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Clear(_) => Err(ser::Error::custom("a personal value was not sealed")),
            Self::Sealed(token) => serializer.serialize_str(token.as_str()),
        }
    }
}

impl<'de, T> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Token::parse(&text).map(Self::Sealed).ok_or_else(|| de::Error::custom("not a sealed value"))
    }
}

impl<T> JsonSchema for Personal<T> {
    fn schema_name() -> Cow<'static, str> {
        "Sealed".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A personal value, sealed with the account's data key.",
            "pattern": "^[A-Za-z0-9_-]+$",
        })
    }
}

/// A place in an event that holds a personal value, whatever its type.
pub trait Slot {
    /// The value as JSON, while it is clear.
    ///
    /// # Errors
    /// When the value can't be written as JSON.
    fn clear(&self) -> Result<Option<Vec<u8>>, serde_json::Error>;

    /// Puts the sealed value in the clear one's place.
    fn seal(&mut self, token: Token);
}

impl<T: Serialize> Slot for Personal<T> {
    fn clear(&self) -> Result<Option<Vec<u8>>, serde_json::Error> {
        match self {
            Self::Clear(value) => serde_json::to_vec(value).map(Some),
            Self::Sealed(_) => Ok(None),
        }
    }

    fn seal(&mut self, token: Token) {
        *self = Self::Sealed(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_value_is_never_written_shown_or_equal() {
        let clear = Personal::Clear("ada@example.com".to_owned());
        assert!(serde_json::to_string(&clear).is_err());
        assert_eq!(format!("{clear:?}"), "Personal(clear)");
        assert!(clear != clear.clone());
    }

    #[test]
    fn a_sealed_value_is_kept_verbatim() {
        let json = "\"AQID_-x\"";
        let sealed: Personal<String> = serde_json::from_str(json).expect("a token");
        assert_eq!(serde_json::to_string(&sealed).expect("sealed"), json);
        assert!(serde_json::from_str::<Personal<String>>("\"a b\"").is_err());
        assert!(serde_json::from_str::<Personal<String>>("\"\"").is_err());
    }
}
