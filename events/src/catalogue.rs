//! How an event's Rust type, its wire name, its version and its schema belong together.

use std::fmt::Debug;

use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::personal::{PersonalField, Slot};
use crate::stored::{StoredEvent, Unreadable};
use crate::upcast::Upcaster;

/// The personal values of an event, each with its kind.
pub type Slots<'a> = Vec<(PersonalField, &'a mut dyn Slot)>;

/// What an event carries.
pub trait Payload: Serialize + DeserializeOwned + JsonSchema {
    /// Its personal values, to be sealed before it is stored.
    fn personal(&mut self) -> Slots<'_> {
        Vec::new()
    }
}

/// One line of the catalogue: a wire name at its current version.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The wire name, `aggregate.fact`.
    pub name: &'static str,
    /// The version written today.
    pub version: u16,
    /// Makes the JSON Schema of its data.
    pub schema: fn() -> Schema,
    /// Reads data of this version and writes it again, as the golden files prove.
    pub rewrite: fn(&str) -> serde_json::Result<String>,
}

/// The events of one aggregate.
pub trait EventSet: Clone + PartialEq + Debug + Send + Sync + Sized + 'static {
    /// What wire names start with, and streams too.
    const AGGREGATE: &'static str;

    /// Every wire name of the set.
    const ENTRIES: &'static [Entry];

    /// The wire name.
    fn name(&self) -> &'static str;

    /// The version of its data.
    fn version(&self) -> u16;

    /// Its data as JSON.
    ///
    /// # Errors
    /// When a personal value in it is not sealed.
    fn data(&self) -> serde_json::Result<Box<RawValue>>;

    /// The personal values in it.
    fn personal(&mut self) -> Slots<'_>;

    /// Reads what was stored, of this or any earlier version.
    ///
    /// # Errors
    /// When the name is not of this set, the version is unknown, or the data don't fit.
    fn read(stored: &StoredEvent) -> Result<Self, Unreadable> {
        Self::read_with(stored, crate::upcast::UPCASTERS)
    }

    /// Like [`Self::read`], with a given list of upcasters.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn read_with(stored: &StoredEvent, upcasters: &[Upcaster]) -> Result<Self, Unreadable>;
}

/// Defines the events of one aggregate, and with them the aggregate's part of the catalogue.
macro_rules! events {
    (
        $(#[$doc:meta])*
        $visible:vis enum $set:ident in $aggregate:literal {
            $($(#[$line:meta])* $variant:ident($payload:ty) = $name:literal, $version:literal;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[allow(clippy::derive_partial_eq_without_eq, reason = "equality of personal values is partial")]
        #[allow(clippy::large_enum_variant, reason = "events live briefly and a few at a time")]
        $visible enum $set {
            $($(#[$line])* $variant($payload),)+
        }

        impl $crate::catalogue::EventSet for $set {
            const AGGREGATE: &'static str = $aggregate;

            const ENTRIES: &'static [$crate::catalogue::Entry] = &[
                $($crate::catalogue::Entry {
                    name: $name,
                    version: $version,
                    schema: || schemars::schema_for!($payload),
                    rewrite: |json| serde_json::to_string(&serde_json::from_str::<$payload>(json)?),
                },)+
            ];

            fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)+ }
            }

            fn version(&self) -> u16 {
                match self { $(Self::$variant(_) => $version,)+ }
            }

            fn data(&self) -> serde_json::Result<Box<serde_json::value::RawValue>> {
                match self { $(Self::$variant(payload) => serde_json::value::to_raw_value(payload),)+ }
            }

            fn personal(&mut self) -> $crate::catalogue::Slots<'_> {
                match self { $(Self::$variant(payload) => $crate::catalogue::Payload::personal(payload),)+ }
            }

            fn read_with(
                stored: &$crate::stored::StoredEvent,
                upcasters: &[$crate::upcast::Upcaster],
            ) -> Result<Self, $crate::stored::Unreadable> {
                match stored.name.as_str() {
                    $($name => $crate::upcast::lift(stored, $version, upcasters).map(Self::$variant),)+
                    _ => Err($crate::stored::Unreadable::UnknownName),
                }
            }
        }
    };
}
pub(crate) use events;

/// Every event there is, aggregate by aggregate.
#[must_use]
pub fn catalogue() -> Vec<Entry> {
    [
        crate::account::AccountEvent::ENTRIES,
        crate::sign_in::SignInEvent::ENTRIES,
        crate::verification::VerificationEvent::ENTRIES,
        crate::message::MessageEvent::ENTRIES,
        crate::support::SupportEvent::ENTRIES,
    ]
    .concat()
}
