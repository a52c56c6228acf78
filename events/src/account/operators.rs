//! Facts that only operators bring about. Who it was stands in the commit's `meta.actor`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[expect(unused_imports, reason = "documentation links to it")]
use super::AccountEvent;
use crate::catalogue::Payload;
use crate::ids::DeviceId;

/// See [`AccountEvent::Disclosed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disclosed {
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::CodeEntryResumed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeEntryResumed {
    /// When the pause would have ended by itself.
    #[schemars(with = "String")]
    pub until: Timestamp,
    /// Wrong codes in a row so far; they stay counted.
    pub wrong_in_a_row: u16,
    /// The policy the decision was made under.
    pub policy: u16,
}

/// See [`AccountEvent::SignedOutByOperator`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignedOutByOperator {
    /// The devices whose trust ended.
    pub revoked: Vec<DeviceId>,
    /// The policy the decision was made under.
    pub policy: u16,
}

impl Payload for Disclosed {}
impl Payload for CodeEntryResumed {}
impl Payload for SignedOutByOperator {}
