//! Times in states and guards as whole milliseconds: half the length of text, and the clock's own
//! precision.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Writes a time.
///
/// # Errors
/// Those of the format.
pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    time.as_millisecond().serialize(serializer)
}

/// Reads a time.
///
/// # Errors
/// When it is no number, or no time that there is.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Timestamp::from_millisecond(i64::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// The same for lists.
pub mod list {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp, de};

    /// Writes times.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(times: &[Timestamp], serializer: S) -> Result<S::Ok, S::Error> {
        let times: Vec<i64> = times.iter().map(|it| it.as_millisecond()).collect();
        times.serialize(serializer)
    }

    /// Reads times.
    ///
    /// # Errors
    /// When one is no number, or no time that there is.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Timestamp>, D::Error> {
        let times = Vec::<i64>::deserialize(deserializer)?;
        times
            .into_iter()
            .map(|it| Timestamp::from_millisecond(it).map_err(de::Error::custom))
            .collect()
    }
}

/// The same for a time that may be absent.
pub mod maybe {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp, de};

    /// Writes a time.
    ///
    /// # Errors
    /// Those of the format.
    #[allow(clippy::ref_option, reason = "serde passes what it writes so")]
    pub fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(Timestamp::as_millisecond).serialize(serializer)
    }

    /// Reads a time.
    ///
    /// # Errors
    /// When it is no number, or no time that there is.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let time = Option::<i64>::deserialize(deserializer)?;
        time.map(|it| Timestamp::from_millisecond(it).map_err(de::Error::custom)).transpose()
    }
}
