//! Reading streams, always strongly consistent.

use postern_domain::decider::Decider;

use super::EventStore;
use super::commit::Commit;
use super::context::StreamContext;
use crate::error::StoreError;
use crate::items::{Item, number, text};
use crate::keys;
use crate::tables::{METERED, Tables};

/// The version of every stream's first commit.
const FIRST: u64 = 1;

impl EventStore {
    /// Where a stream stands: one read at any length. A state of another schema, or one that
    /// can't be read, is ignored, and the stream folded from its first event.
    ///
    /// # Errors
    /// When the table can't be read, or what it holds is broken.
    pub async fn load<D: Decider>(&self, id: D::Id) -> Result<StreamContext<D>, StoreError> {
        self.load_stream(keys::stream::<D>(id)).await
    }

    /// Where a stream stands by its events alone, read from the first.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn fold<D: Decider>(&self, id: D::Id) -> Result<StreamContext<D>, StoreError> {
        self.fold_stream(keys::stream::<D>(id)).await
    }

    /// Every commit of a stream, oldest first.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn load_commits(&self, stream: &str) -> Result<Vec<Commit>, StoreError> {
        let items = Tables::pages(self.tables.query(keys::EVENTS, stream)).await?;
        items.iter().map(Commit::from_item).collect()
    }

    /// The commit that opened a stream: what it was asked from, and by whom. One read.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn first_commit<D: Decider>(&self, id: D::Id) -> Result<Option<Commit>, StoreError> {
        let first = Item::from([
            (keys::STREAM.to_owned(), text(keys::stream::<D>(id))),
            (keys::VERSION.to_owned(), number(FIRST)),
        ]);
        let call = self.tables.client.get_item().table_name(self.tables.name(keys::EVENTS));
        let call = call.set_key(Some(first)).consistent_read(true);
        let answer = call.return_consumed_capacity(METERED).send().await?;
        answer.item.as_ref().map(Commit::from_item).transpose()
    }

    /// The newest commit of a stream.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn newest_commit(&self, stream: &str) -> Result<Option<Commit>, StoreError> {
        let newest = self.tables.query(keys::EVENTS, stream).scan_index_forward(false).limit(1);
        newest.send().await?.items().first().map(Commit::from_item).transpose()
    }

    /// The commit that a call of this name led to. Whoever repeats a call does it soon, so the
    /// newest commits are looked at first.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn commit_of_call<D: Decider>(
        &self,
        id: D::Id,
        name: &str,
    ) -> Result<Option<Commit>, StoreError> {
        let call = self
            .tables
            .query(keys::EVENTS, &keys::stream::<D>(id))
            .scan_index_forward(false)
            .filter_expression("contains(#meta, :name)")
            .expression_attribute_names("#meta", keys::META)
            .expression_attribute_values(":name", text(name));
        let mut from: Option<Item> = None;
        loop {
            let answer = call.clone().set_exclusive_start_key(from).send().await?;
            for item in answer.items() {
                let commit = Commit::from_item(item)?;
                if commit.meta.idempotency.as_deref() == Some(name) {
                    return Ok(Some(commit));
                }
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(None);
            }
        }
    }

    pub(super) async fn load_stream<D: Decider>(
        &self,
        stream: String,
    ) -> Result<StreamContext<D>, StoreError> {
        let Some(commit) = self.newest_commit(&stream).await? else {
            return Ok(StreamContext::empty(stream));
        };
        if commit.state_schema != D::STATE_SCHEMA {
            return self.fold_stream(stream).await;
        }
        match serde_json::from_str(&commit.state) {
            Ok(model) => {
                let mut context = StreamContext { model, ..StreamContext::empty(stream) };
                context.follow(&commit);
                Ok(context)
            }
            Err(why) => {
                tracing::warn!(stream, version = commit.version, %why, "stored state unreadable; folding the stream");
                self.fold_stream(stream).await
            }
        }
    }

    pub(super) async fn fold_stream<D: Decider>(
        &self,
        stream: String,
    ) -> Result<StreamContext<D>, StoreError> {
        let commits = self.load_commits(&stream).await?;
        let mut context = StreamContext::empty(stream);
        for commit in &commits {
            context.fold(commit)?;
        }
        Ok(context)
    }
}
