//! Where the log is read from: a live table, DynamoDB's own export, files of this tool, the local stack.

pub mod exported;
pub mod stack;
pub mod table;

use std::fmt;
use std::path::{Path, PathBuf};

use postern_store::StoreError;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::line::Line;
use crate::merge::Unread;

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
    /// A folder can't be read.
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
            let path = vec![path.to_owned()];
            let ours = path.iter().all(|it| is_ours(it)) && !exported::is_of_export(&path);
            return Ok(if ours { Self::Files(path) } else { Self::Exported(path) });
        }
        if !path.is_dir() {
            return Err(NoSource::Missing(path.to_owned()));
        }
        let mut found = Vec::new();
        collect(path, &mut found)?;
        found.sort();
        let exported: Vec<_> =
            found.iter().filter(|it| exported::is_manifest(it)).cloned().collect();
        if !exported.is_empty() {
            return Ok(Self::Exported(exported));
        }
        let ours: Vec<_> = found.iter().filter(|it| is_ours(it)).cloned().collect();
        if !ours.is_empty() && !exported::is_of_export(&ours) {
            return Ok(Self::Files(ours));
        }
        if ours.is_empty() && found.iter().any(|it| it.ends_with(SUMMARY)) {
            // An export of a log without events has no day.
            return Ok(Self::Files(ours));
        }
        let data: Vec<_> = found.into_iter().filter(|it| exported::is_data(it)).collect();
        if data.is_empty() {
            return Err(NoSource::Nothing(path.to_owned()));
        }
        Ok(Self::Exported(data))
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

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), NoSource> {
    let unreadable = |source| NoSource::Unreadable { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden =
            path.file_name().and_then(|it| it.to_str()).is_some_and(|it| it.starts_with('.'));
        if path.is_dir() && !hidden {
            collect(&path, found)?;
        } else if !hidden {
            found.push(path);
        }
    }
    Ok(())
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
