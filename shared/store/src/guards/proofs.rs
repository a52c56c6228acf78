//! Proofs that were used: each counts once.

use jiff::Timestamp;
use postern_domain::ports::{Chance, draw};

use super::Guards;
use super::revisions::carries;
use crate::error::StoreError;
use crate::items::{bytes, number, seconds};
use crate::keys;
use crate::tables::{Condition, Tables, Written};

/// Whether a proof was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// For the first time; from now on it counts as used.
    Fresh,
    /// It was used already.
    Replayed,
}

impl Guards {
    /// Uses a proof, named by a digest over its key's thumbprint and its `jti`, and remembers it
    /// until `expires_at`, when it must be refused for its age. One conditional write.
    ///
    /// # Errors
    /// When the table can't be written: then the proof must not be accepted.
    pub async fn use_proof(
        &self,
        digest: [u8; 32],
        now: Timestamp,
        expires_at: Timestamp,
        chance: &dyn Chance,
    ) -> Result<Freshness, StoreError> {
        let mark: [u8; 12] = draw(chance);
        let mut item = Tables::key(keys::GUARDS, &keys::proof(&digest), keys::USED);
        item.insert(keys::EXPIRES.to_owned(), number(seconds(expires_at)));
        item.insert(keys::WRITER.to_owned(), bytes(mark));
        let unused = Condition::new(
            "attribute_not_exists(#hash) OR #expires < :now",
            &[("#hash", keys::KEY), ("#expires", keys::EXPIRES)],
            [(":now", number(now.as_second()))],
        );
        match Tables::put_if(unused.on(self.tables.put(keys::GUARDS, item))).await? {
            Written::Done => Ok(Freshness::Fresh),
            Written::Refused(Some(item)) if carries(&item, mark) => Ok(Freshness::Fresh),
            Written::Refused(_) => Ok(Freshness::Replayed),
        }
    }
}
