//! Single streams, from wherever the log lies.

mod joining;
mod missing;

use postern_store::StoreError;
use postern_store::streams::Commit;

use crate::explain::Streams;
use crate::gather::NotGathered;
use crate::log::{Log, Unordered};
use crate::merge::{Order, Unread};
use crate::row::Row;
use crate::source::table::Table;
use joining::Joining;
pub use missing::{Found, Missing};

/// Where streams are found.
#[expect(clippy::large_enum_variant, reason = "there is one of them")]
pub enum Finder {
    /// In the table, by their key.
    Table(Table),
    /// In a log that is read until they come: their names are in order.
    Log(Log),
}

/// Why a stream can't be read.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    /// The table.
    #[error("the table can't be read")]
    Table(#[from] StoreError),
    /// The log.
    #[error(transparent)]
    Log(#[from] NotGathered),
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
    /// A row.
    #[error("a row of {stream} can't be read")]
    Row {
        /// The stream.
        stream: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A commit that is there.
    #[error("commit {version} of {stream} can't be read: {why}")]
    Broken {
        /// The stream.
        stream: String,
        /// The sequence of the commit's first event.
        version: u64,
        /// What is wrong with it.
        why: String,
    },
    /// Commits that are not.
    #[error("{0}")]
    Missing(Missing),
}

impl Unordered for NotFound {
    fn is_unordered(&self) -> bool {
        match self {
            Self::Log(it) => it.is_unordered(),
            Self::File(it) => it.is_unordered(),
            Self::Table(_) | Self::Row { .. } | Self::Broken { .. } | Self::Missing(_) => false,
        }
    }
}

impl Streams for Finder {
    type Error = NotFound;

    async fn commits(&self, stream: &str) -> Result<Found, NotFound> {
        match self {
            Self::Table(it) => Ok(Found::of(it.store.streams().load_commits(stream).await?)),
            Self::Log(it) => found_of(it, Some(stream)),
        }
    }
}

/// Every commit of one stream, or of all: each stream's together and in order.
///
/// # Errors
/// When the log can't be read, a commit can't, or one is missing.
pub fn commits_of(log: &Log, stream: Option<&str>) -> Result<Vec<Commit>, NotFound> {
    let Found { commits, missing } = found_of(log, stream)?;
    missing.into_iter().next().map_or(Ok(commits), |it| Err(NotFound::Missing(it)))
}

/// What there is of one stream, or of all.
fn found_of(log: &Log, stream: Option<&str>) -> Result<Found, NotFound> {
    log.read("looking", Order::Sequence, |merge, progress| {
        let mut joining = Joining::begin();
        while let Some(line) = merge.next_line()? {
            progress.add(1, u64::try_from(line.bytes().len()).unwrap_or_default() + 1);
            if stream.is_some_and(|it| line.stream() < it) {
                continue;
            }
            if stream.is_some_and(|it| line.stream() > it) {
                break;
            }
            let broken = |source| NotFound::Row { stream: line.stream().to_owned(), source };
            joining.row(&Row::read(line).map_err(broken)?)?;
        }
        Ok::<_, NotFound>(joining.end())
    })
}
