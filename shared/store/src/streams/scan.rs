//! The whole log, for whoever counts or projects anew. No decision rests on it.

use super::EventStore;
use super::commit::Commit;
use crate::error::StoreError;
use crate::keys;
use crate::tables::METERED;

impl EventStore {
    /// Hands over every commit there is: each stream's in their order, streams in none. What is
    /// committed meanwhile may or may not be among them.
    ///
    /// # Errors
    /// When the table can't be read, or a commit is broken; what came before was handed over.
    pub async fn every_commit(&self, mut each: impl FnMut(Commit)) -> Result<(), StoreError> {
        let scan = self.tables.client.scan().table_name(self.tables.name(keys::EVENTS));
        let scan = scan.consistent_read(true).return_consumed_capacity(METERED);
        let mut from = None;
        loop {
            let page = scan.clone().set_exclusive_start_key(from).send().await?;
            for item in page.items() {
                each(Commit::from_item(item)?);
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(());
            }
        }
    }
}
