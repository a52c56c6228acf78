//! Items as they travel: building them, and reading them without trust.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;

/// An item: attributes by name.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// An attribute that is missing or of another type.
#[derive(Debug, thiserror::Error)]
#[error("attribute {0} is missing or of another type")]
struct Unfit(&'static str);

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

#[expect(clippy::needless_pass_by_value, reason = "callers give fresh numbers")]
pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn bytes(value: impl AsRef<[u8]>) -> AttributeValue {
    AttributeValue::B(Blob::new(value.as_ref()))
}

/// Whole seconds since 1970, rounded up: what is kept until a time is never gone before it.
pub(crate) fn seconds(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

/// A value as compact JSON text.
pub(crate) fn json<T: Serialize>(what: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|why| StoreError::broken(what, why))
}

/// Reads attributes of one item, naming the item where it is broken.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    what: &'a str,
    item: &'a Item,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(what: &'a str, item: &'a Item) -> Self {
        Self { what, item }
    }

    fn unfit(self, name: &'static str) -> StoreError {
        StoreError::broken(self.what, Unfit(name))
    }

    pub(crate) fn text(self, name: &'static str) -> Result<&'a str, StoreError> {
        self.maybe_text(name).ok_or_else(|| self.unfit(name))
    }

    pub(crate) fn maybe_text(self, name: &'static str) -> Option<&'a str> {
        self.item.get(name)?.as_s().ok().map(String::as_str)
    }

    pub(crate) fn parsed<T: std::str::FromStr>(self, name: &'static str) -> Result<T, StoreError> {
        self.text(name)?.parse().map_err(|_| self.unfit(name))
    }

    pub(crate) fn json<T: DeserializeOwned>(self, name: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(self.text(name)?).map_err(|why| StoreError::broken(self.what, why))
    }

    pub(crate) fn maybe_json<T: DeserializeOwned>(
        self,
        name: &'static str,
    ) -> Result<Option<T>, StoreError> {
        self.maybe_text(name).map(|_| self.json(name)).transpose()
    }

    pub(crate) fn number<T: std::str::FromStr>(self, name: &'static str) -> Result<T, StoreError> {
        let number = self.item.get(name).and_then(|it| it.as_n().ok());
        number.and_then(|it| it.parse().ok()).ok_or_else(|| self.unfit(name))
    }

    /// A list of numbers.
    pub(crate) fn numbers(self, name: &'static str) -> Result<Vec<i64>, StoreError> {
        let list = self.item.get(name).and_then(|it| it.as_l().ok());
        let number = |it: &AttributeValue| it.as_n().ok().and_then(|it| it.parse().ok());
        let numbers = list.and_then(|it| it.iter().map(number).collect::<Option<_>>());
        numbers.ok_or_else(|| self.unfit(name))
    }

    /// A time in whole milliseconds.
    pub(crate) fn moment(self, name: &'static str) -> Result<Timestamp, StoreError> {
        Timestamp::from_millisecond(self.number(name)?).map_err(|_| self.unfit(name))
    }

    pub(crate) fn bytes(self, name: &'static str) -> Result<&'a [u8], StoreError> {
        let blob = self.item.get(name).and_then(|it| it.as_b().ok());
        blob.map(AsRef::as_ref).ok_or_else(|| self.unfit(name))
    }

    pub(crate) fn texts(self, name: &'static str) -> Result<&'a [String], StoreError> {
        let list = self.item.get(name).and_then(|it| it.as_ss().ok());
        list.map(Vec::as_slice).ok_or_else(|| self.unfit(name))
    }

    /// A time in whole seconds, where the item has one.
    pub(crate) fn time(self, name: &'static str) -> Result<Option<Timestamp>, StoreError> {
        if !self.item.contains_key(name) {
            return Ok(None);
        }
        let seconds = self.number(name)?;
        Timestamp::from_second(seconds).map(Some).map_err(|_| self.unfit(name))
    }
}

/// Byte arrays as base64url text in JSON.
pub(crate) mod base64url {
    use std::borrow::Cow;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(crate) fn serialize<const N: usize, S: Serializer>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(de::Error::custom)?;
        bytes.try_into().map_err(|_| de::Error::custom("bytes of another number"))
    }
}
