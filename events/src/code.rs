//! What happened to a code: the same facts for sign-ins and verifications.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::Payload;
use crate::vocabulary::{Method, Nonce, Purpose};

/// A new code exists; older ones no longer count. Holds what it is derived from, never the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeIssued {
    /// What it is for.
    pub purpose: Purpose,
    /// How it travels.
    pub method: Method,
    /// Its number within the attempt, from 1.
    pub issue: u8,
    /// Which code key it is derived with.
    pub kid: String,
    /// Chance it is derived from.
    pub nonce: Nonce,
    /// When it stops being accepted.
    #[schemars(with = "String")]
    pub expires_at: Timestamp,
}

/// The living code was asked for once more and is sent again unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeResent {
    /// How it travels.
    pub method: Method,
    /// Which issue is repeated.
    pub issue: u8,
}

/// A guess was compared and was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeRejected {
    /// The issue it was compared with.
    pub issue: u8,
    /// Guesses the attempt still allows.
    pub attempts_left: u8,
}

/// A guess was compared and was right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeVerified {
    /// The issue it was compared with.
    pub issue: u8,
    /// How the code had travelled.
    pub method: Method,
}

/// The attempt is over after too many wrong codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Locked {
    /// Wrong codes counted on the attempt.
    pub wrong: u8,
}

impl Payload for CodeIssued {}
impl Payload for CodeResent {}
impl Payload for CodeRejected {}
impl Payload for CodeVerified {}
impl Payload for Locked {}
