//! The chain: each commit's link covers all commits before it, so that none can be changed,
//! dropped or slipped in unnoticed. The stored state is not covered; it can be folded anew.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::digest;

use super::commit::Commit;
use crate::seal::length_prefixed;

/// What the first commit of a stream follows.
pub const ORIGIN: [u8; 32] = [0; 32];

/// The link of a commit: SHA-256 over the previous link, the stream's name, the version (64 bits,
/// big-endian), the metadata's and the events' text, each after its length.
#[must_use]
pub fn chain(
    previous: &[u8; 32],
    stream: &str,
    version: u64,
    meta: &str,
    events: &str,
) -> [u8; 32] {
    let covered = length_prefixed(&[
        previous,
        stream.as_bytes(),
        &version.to_be_bytes(),
        meta.as_bytes(),
        events.as_bytes(),
    ]);
    let mut link = [0; 32];
    link.copy_from_slice(digest::digest(&digest::SHA256, &covered).as_ref());
    link
}

/// How a chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakKind {
    /// Another version was due: commits are missing, doubled or out of order.
    Gap {
        /// The version that was due.
        expected: u64,
    },
    /// The commit, or one before it, is not what was committed.
    Changed,
}

/// The first place where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the chain of stream {stream} breaks at version {version}: {kind}")]
pub struct Break {
    /// The stream.
    pub stream: String,
    /// The version of the first commit that does not fit.
    pub version: u64,
    /// How it does not fit.
    pub kind: BreakKind,
}

impl fmt::Display for BreakKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { expected } => write!(f, "version {expected} was due"),
            Self::Changed => f.write_str("it is not what was committed"),
        }
    }
}

/// Checks whole streams from their first commits on; the commits of several streams may be mixed
/// as long as each stream's are in order.
///
/// # Errors
/// The first break, by the order of the commits given.
pub fn verify_chain<'a>(commits: impl IntoIterator<Item = &'a Commit>) -> Result<(), Break> {
    let mut ends: HashMap<&str, (u64, [u8; 32])> = HashMap::new();
    for commit in commits {
        let (expected, previous) = ends.get(commit.stream.as_str()).copied().unwrap_or((1, ORIGIN));
        let broken = |kind| Break { stream: commit.stream.clone(), version: commit.version, kind };
        if commit.version != expected {
            return Err(broken(BreakKind::Gap { expected }));
        }
        let (meta, events) = (&commit.meta_json, &commit.events_json);
        if chain(&previous, &commit.stream, commit.version, meta, events) != commit.chain {
            return Err(broken(BreakKind::Changed));
        }
        ends.insert(&commit.stream, (commit.next_version(), commit.chain));
    }
    Ok(())
}
