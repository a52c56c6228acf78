//! Single streams, from wherever the log lies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_store::StoreError;
use postern_store::streams::{Commit, CommitParts};

use crate::explain::Streams;
use crate::gather::NotGathered;
use crate::log::{Log, Unordered};
use crate::merge::{Order, Unread};
use crate::row::{Row, text_of};
use crate::source::table::Table;

/// Where streams are found.
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
}

impl Unordered for NotFound {
    fn is_unordered(&self) -> bool {
        match self {
            Self::Log(it) => it.is_unordered(),
            Self::File(it) => it.is_unordered(),
            Self::Table(_) | Self::Row { .. } => false,
        }
    }
}

impl Streams for Finder {
    type Error = NotFound;

    async fn commits(&self, stream: &str) -> Result<Vec<Commit>, NotFound> {
        match self {
            Self::Table(it) => Ok(it.store.streams().load_commits(stream).await?),
            Self::Log(it) => commits_of(it, Some(stream)),
        }
    }
}

/// The commits of one stream, or of all: each stream's together and in order.
///
/// # Errors
/// When the log can't be read, or a commit can't.
pub fn commits_of(log: &Log, stream: Option<&str>) -> Result<Vec<Commit>, NotFound> {
    log.read("looking", Order::Sequence, |merge, progress| {
        let (mut commits, mut open) = (Vec::new(), None);
        while let Some(line) = merge.next_line()? {
            progress.add(1, u64::try_from(line.bytes().len()).unwrap_or_default() + 1);
            if stream.is_some_and(|it| line.stream() < it) {
                continue;
            }
            if stream.is_some_and(|it| line.stream() > it) {
                break;
            }
            let broken = |source| NotFound::Row { stream: line.stream().to_owned(), source };
            let row = Row::read(line).map_err(broken)?;
            take(&row, &mut open);
            if row.is_last()
                && let Some(parts) = open.take()
            {
                commits.push(Commit::from_parts(ended(parts, &row))?);
            }
        }
        Ok::<_, NotFound>(commits)
    })
}

/// A commit of which not all rows have come.
struct Open {
    parts: CommitParts,
    events: Vec<u8>,
    /// Its events' text where the rows don't tell it.
    odd: Option<String>,
}

fn take(row: &Row<'_>, open: &mut Option<Open>) {
    let open = open.get_or_insert_with(|| Open {
        parts: CommitParts {
            stream: row.stream.to_string(),
            version: row.commit,
            events: String::new(),
            meta: row.meta.map(|it| text_of(it).into_owned()).unwrap_or_default(),
            types: Vec::new(),
            state: String::new(),
            state_schema: 0,
            chain: Vec::new(),
        },
        events: Vec::new(),
        odd: row.events.map(|it| text_of(it).into_owned()),
    });
    row.write_event(&mut open.events);
}

fn ended(open: Open, row: &Row<'_>) -> CommitParts {
    let Open { parts, mut events, odd } = open;
    events.push(b']');
    let types = row.types.map(|it| text_of(it).into_owned()).unwrap_or_default();
    CommitParts {
        events: odd.unwrap_or_else(|| String::from_utf8(events).unwrap_or_default()),
        types: serde_json::from_str(&types).unwrap_or_default(),
        state: row.state.map(|it| text_of(it).into_owned()).unwrap_or_default(),
        state_schema: row.state_schema.unwrap_or_default(),
        chain: row.chain.as_deref().and_then(|it| STANDARD.decode(it).ok()).unwrap_or_default(),
        ..parts
    }
}
