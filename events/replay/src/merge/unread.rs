//! Why lines can't be read.

use std::path::{Path, PathBuf};

/// Why lines can't be read in their order.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// A file can't be read or written.
    #[error("{path} can't be read or written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is no row of the log.
    #[error("line {line} of {path} is no row of the log")]
    Line {
        /// In which file.
        path: PathBuf,
        /// Which, from 1.
        line: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// A Parquet file is not one of ours.
    #[error("{path} is no Parquet file of the log")]
    Parquet {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file is not in order; sorting it helps.
    #[error("line {line} of {path} comes after one that should follow it")]
    Unsorted {
        /// In which file.
        path: PathBuf,
        /// Which, from 1.
        line: u64,
    },
    /// Two events have one place.
    #[error("stream {stream} has two different events at {sequence}")]
    Fork {
        /// The stream.
        stream: String,
        /// The place.
        sequence: u64,
    },
}

impl Unread {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
