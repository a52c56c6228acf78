//! The recovery codes that an account has left, as keyed hashes: 60 bits of chance and a key that the
//! table doesn't hold need no slow hash.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use postern_events::ids::{AccountId, EventId};
use serde::{Deserialize, Serialize};

use super::Vault;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::guards::Guarded;
use crate::items::{Reader, json, number, text};
use crate::keys;
use crate::tables::{Condition, Tables};

const WHAT: &str = "an account's recovery codes";

/// A recovery code under the lookup key, on one account.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecoveryKey(#[serde(with = "crate::items::base64url")] [u8; 16]);

impl RecoveryKey {
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Whether both are of one code; compares in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(..)")
    }
}

/// The codes of an account that are not used yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RecoverySet {
    /// Each under the lookup key.
    pub keys: Vec<RecoveryKey>,
    /// The event that says that the set was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<EventId>,
}

impl RecoverySet {
    /// How many they are.
    #[must_use]
    pub fn left(&self) -> usize {
        self.keys.len()
    }

    /// The set once this code is used; nothing where it isn't in there. All are compared, so that
    /// the time doesn't tell which one it was.
    #[must_use]
    pub fn without(&self, used: &RecoveryKey) -> Option<Self> {
        let keys: Vec<_> = self.keys.iter().filter(|it| !it.matches(used)).copied().collect();
        (keys.len() < self.keys.len()).then_some(Self { keys, made_by: self.made_by })
    }
}

/// Nobody has written since `revision`.
fn unchanged_since(revision: u64) -> Condition {
    if revision == 0 {
        return Condition::absent(keys::VAULT);
    }
    let names = [("#revision", keys::REVISION)];
    Condition::new("#revision = :revision", &names, [(":revision", number(revision))])
}

impl Vault {
    /// The recovery codes that an account has left; nothing where it never had any.
    ///
    /// # Errors
    /// When the table can't be read, or the set is broken.
    pub async fn recovery_codes(
        &self,
        account: AccountId,
    ) -> Result<Option<Guarded<RecoverySet>>, StoreError> {
        let found = self.tables.get(keys::VAULT, &account.to_string(), keys::RECOVERY).await?;
        let set = |item| {
            let read = Reader::new(WHAT, item);
            Ok(Guarded { value: read.json(keys::BODY)?, revision: read.number(keys::REVISION)? })
        };
        found.as_ref().map(set).transpose()
    }

    /// Saves a set in one transaction with a commit, on the condition that nobody has saved one
    /// since revision `codes.revision` (0 where there was none): so a code is used once, and a new
    /// set takes the place of the very one that was seen.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn recovery_put(
        &self,
        account: AccountId,
        codes: &Guarded<RecoverySet>,
    ) -> Result<Extra, StoreError> {
        let mut item = Tables::key(keys::VAULT, &account.to_string(), keys::RECOVERY);
        item.insert(keys::BODY.to_owned(), text(json(WHAT, &codes.value)?));
        item.insert(keys::REVISION.to_owned(), number(codes.revision.saturating_add(1)));
        self.tables.extra_put(keys::VAULT, item, Some(unchanged_since(codes.revision)))
    }
}
