//! Where the log is read from: a live table, DynamoDB's own export, files of this tool, the local stack.

mod complete;
pub mod exported;
mod folder;
pub mod stack;
pub mod table;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postern_store::StoreError;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::line::Line;
use crate::merge::Unread;
use crate::work::KEPT;

/// What an export says of itself. Hive, Athena and `DuckDB` pass over what begins with an underscore.
pub const SUMMARY: &str = "_export.json";

/// What a live table is called.
pub const TABLE: &str = "table";

/// Where the log is read from.
#[derive(Debug, Clone)]
pub enum Source {
    /// The table of a deployment.
    Table(table::Table),
    /// The local stack, at this address.
    Stack(String),
    /// What DynamoDB exported to S3, copied into a folder.
    Exported(Vec<PathBuf>),
    /// Files of this tool, in the order of their dates.
    Files(Vec<PathBuf>),
}

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub enum NoSource {
    /// There is no such file or folder.
    #[error("there is no file or folder {0}")]
    Missing(PathBuf),
    /// The folder holds nothing of the log.
    #[error("{0} holds neither files of this tool nor an export of DynamoDB")]
    Nothing(PathBuf),
    /// The folder holds more than one of the log's forms.
    #[error("{folder} holds {one} and {other}; name the one that is meant")]
    Several {
        /// Which.
        folder: PathBuf,
        /// What it holds.
        one: String,
        /// What else.
        other: String,
    },
    /// A file of DynamoDB's export, of which nobody knows whether it is all.
    #[error(
        "{0} belongs to an export of DynamoDB, and no manifest-files.json says which files are all of it; \
         copy that too, or name one file alone"
    )]
    NoManifest(PathBuf),
    /// The folder holds an export that was interrupted.
    #[error("{0} holds an export that isn't finished: run it again")]
    Unfinished(PathBuf),
    /// An export of this tool has other days than it says.
    #[error(
        "{summary} says {due} days, and {found} are there; copy all of it, or remove that file if these \
         days are meant"
    )]
    Days {
        /// What the export says of itself.
        summary: PathBuf,
        /// How many it says.
        due: u64,
        /// How many there are.
        found: u64,
    },
    /// A folder or a file can't be read.
    #[error("{path} can't be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Why reading the source came to no end.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// The table.
    #[error("the table can't be read")]
    Table(#[from] StoreError),
    /// The local stack.
    #[error("the local stack at {address} can't be read")]
    Stack {
        /// Where it should be.
        address: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file of DynamoDB's export.
    #[error("{path} is no file of an export: {why}")]
    Exported {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
    /// A reader came to a sudden end.
    #[error("a reader came to a sudden end")]
    Ended(#[from] tokio::task::JoinError),
}

impl Source {
    /// Takes what somebody named: the address of a local stack, a file or a folder.
    ///
    /// # Errors
    /// When there is nothing of the log.
    pub fn named(name: &str) -> Result<Self, NoSource> {
        if name.starts_with("http://") || name.starts_with("https://") {
            return Ok(Self::Stack(name.trim_end_matches('/').to_owned()));
        }
        let path = Path::new(name);
        if path.is_file() {
            let unreadable = |source| NoSource::Unreadable { path: path.to_owned(), source };
            let ours = is_ours(path) && exported::begins(path).map_err(unreadable)?.is_none();
            let path = vec![path.to_owned()];
            return Ok(if ours { Self::Files(path) } else { Self::Exported(path) });
        }
        if !path.is_dir() {
            return Err(NoSource::Missing(path.to_owned()));
        }
        folder::source_in(path)
    }

    /// How long what was read of it is gone on with; always, where it doesn't change.
    #[must_use]
    pub fn kept(&self) -> Option<Duration> {
        match self {
            Self::Table(_) | Self::Stack(_) => Some(KEPT),
            Self::Exported(_) | Self::Files(_) => None,
        }
    }

    /// What nobody knows of it: whether data files that no manifest lists are all there were.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let Self::Exported(paths) = self else { return None };
        // Whoever reads one that can't be read says so.
        let begins = |it: &PathBuf| exported::begins(it).unwrap_or_default();
        let alone = |it: &&PathBuf| begins(it) == Some(exported::Begins::Exported);
        paths.iter().find(alone).map(|first| {
            let (first, files) = (first.display(), paths.len());
            format!(
                "no manifest-files.json says whether these are all data files: {files}, \
                 from {first} on"
            )
        })
    }
}

/// A source as one names it again to go on with it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(table) => write!(f, "{table}"),
            Self::Stack(address) => f.write_str(address),
            Self::Exported(paths) | Self::Files(paths) => {
                let shown = |it: &PathBuf| it.canonicalize().unwrap_or_else(|_| it.clone());
                match paths.as_slice() {
                    [only] => write!(f, "{}", shown(only).display()),
                    [first, .., last] => {
                        // Where one came to the others, what was read of them is told by no place.
                        let (first, last) = (shown(first), shown(last));
                        write!(
                            f,
                            "{} to {} ({} files)",
                            first.display(),
                            last.display(),
                            paths.len()
                        )
                    }
                    [] => f.write_str("no files"),
                }
            }
        }
    }
}

fn is_ours(path: &Path) -> bool {
    let ending = path.extension().and_then(|it| it.to_str());
    // What begins so is about the files, not one of them: as Hive and Athena have it.
    let hidden =
        path.file_name().and_then(|it| it.to_str()).is_some_and(|it| it.starts_with(['_', '.']));
    !hidden && matches!(ending, Some("jsonl" | "ndjson" | "parquet"))
}

/// A part of a source that has been read.
#[derive(Debug)]
pub struct Part {
    /// Which of the source's readers read it.
    pub reader: usize,
    /// Its rows.
    pub lines: Vec<Line>,
    /// Where the reader goes on after it; as the reader itself knows it again.
    pub mark: Value,
    /// What it cost, in units of reading.
    pub read_units: f64,
    /// How much of the source's length it is.
    pub length: u64,
}

/// Where parts go.
pub type Parts = mpsc::Sender<Part>;

/// Where a reader of the source goes on; nothing where it begins.
pub type Marks = std::collections::BTreeMap<usize, Value>;

/// A reader that was read to its end.
#[must_use]
pub fn done() -> Value {
    Value::Bool(true)
}
