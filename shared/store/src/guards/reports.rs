//! Reports by a link in a mail: each link works once.

use jiff::Timestamp;
use postern_events::ids::EventId;

use super::Guards;
use crate::error::StoreError;
use crate::extra::Extra;
use crate::items::{number, seconds};
use crate::keys;
use crate::tables::{Condition, Tables};

impl Guards {
    /// Uses the link of the mail that this event asked for, in one transaction with a commit, which
    /// fails where it was used before. It is remembered until it is too old to be accepted.
    ///
    /// # Errors
    /// [`StoreError::Broken`] where the write can't be built.
    pub fn report_use(&self, event: EventId, until: Timestamp) -> Result<Extra, StoreError> {
        let mut item = Tables::key(keys::GUARDS, &keys::report(event), keys::USED);
        item.insert(keys::EXPIRES.to_owned(), number(seconds(until)));
        self.tables.extra_put(keys::GUARDS, item, Some(Condition::absent(keys::GUARDS)))
    }

    /// Whether that link was used.
    ///
    /// # Errors
    /// When the table can't be read.
    pub async fn report_used(&self, event: EventId) -> Result<bool, StoreError> {
        let found = self.tables.get(keys::GUARDS, &keys::report(event), keys::USED).await?;
        Ok(found.is_some())
    }
}
