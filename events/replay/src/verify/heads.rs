//! The heads of a log's streams: what has to be kept of it to know later whether all of it is still there.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::Error as _;

use crate::line::Line;
use crate::row::is_plain;

/// Bytes that are read of a line at most: a stream's name is a key of `DynamoDB`, of 2,048 bytes at most.
const LONGEST: u64 = 4096;

/// Where a stream's chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Head {
    /// The stream.
    pub stream: String,
    /// Its last event's place.
    pub sequence: u64,
    /// The version of its last commit.
    pub commit: u64,
    /// That commit's link.
    pub chain: [u8; 32],
}

/// A head as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    stream: String,
    sequence: u64,
    commit: u64,
    chain: String,
}

impl TryFrom<Written> for Head {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { stream, sequence, commit, chain } = written;
        if !is_plain(&stream) {
            return Err("no stream is called so");
        }
        if commit == 0 || commit > sequence {
            return Err("no commit ends there");
        }
        let chain = STANDARD.decode(chain).ok().and_then(|it| it.try_into().ok());
        let chain = chain.ok_or("its chain is no link")?;
        Ok(Self { stream, sequence, commit, chain })
    }
}

impl Head {
    /// The head as a line.
    #[must_use]
    pub fn line(&self) -> Line {
        let chain = format!("\"{}\"", STANDARD.encode(self.chain));
        let line = Line::begin(&self.stream, self.sequence);
        line.member("commit", &self.commit.to_string()).member("chain", &chain).end()
    }
}

/// Why heads can't be read.
#[derive(Debug, thiserror::Error)]
pub enum NoHeads {
    /// The file can't be read.
    #[error("{path} can't be read")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder, or a pipe: heads are read more than once.
    #[error("{0} is no file")]
    NoFile(PathBuf),
    /// There are none: nothing could ever be missing.
    #[error("{0} holds no head of a stream")]
    Empty(PathBuf),
    /// A line is none.
    #[error("line {line} of {path} is no head of a stream")]
    Line {
        /// In which file.
        path: PathBuf,
        /// Which, from 1.
        line: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// Streams are not in the order of their names.
    #[error("line {line} of {path} comes after one that should follow it")]
    Unsorted {
        /// In which file.
        path: PathBuf,
        /// Which, from 1.
        line: u64,
    },
    /// A stream is there twice.
    #[error("line {line} of {path} is of the same stream as the one before it")]
    Twice {
        /// In which file.
        path: PathBuf,
        /// Which, from 1.
        line: u64,
    },
}

/// The heads in a file, one after the other.
pub struct Heads {
    path: PathBuf,
    file: BufReader<File>,
    bytes: Vec<u8>,
    /// Lines that were read.
    line: u64,
    next: Option<Head>,
}

impl Heads {
    /// Opens a file of them.
    ///
    /// # Errors
    /// When its first line is no head.
    pub fn open(path: &Path) -> Result<Self, NoHeads> {
        let unreadable = |source| NoHeads::File { path: path.to_owned(), source };
        if !path.metadata().map_err(unreadable)?.is_file() {
            return Err(NoHeads::NoFile(path.to_owned()));
        }
        let file = BufReader::new(File::open(path).map_err(unreadable)?);
        let mut heads =
            Self { path: path.to_owned(), file, bytes: Vec::new(), line: 0, next: None };
        heads.next = heads.read()?;
        if heads.next.is_none() {
            return Err(NoHeads::Empty(heads.path));
        }
        Ok(heads)
    }

    /// Looks at all of them.
    ///
    /// # Errors
    /// When a line is no head, or not in its place.
    pub fn check(path: &Path) -> Result<(), NoHeads> {
        let mut heads = Self::open(path)?;
        while heads.advance()?.is_some() {}
        Ok(())
    }

    /// The one that comes next.
    #[must_use]
    pub fn next(&self) -> Option<&Head> {
        self.next.as_ref()
    }

    /// Takes the one that comes next.
    ///
    /// # Errors
    /// When the line behind it is no head, or not in its place.
    pub fn advance(&mut self) -> Result<Option<Head>, NoHeads> {
        let next = self.read()?;
        if let (Some(one), Some(other)) = (&self.next, &next) {
            let (path, line) = (self.path.clone(), self.line);
            // Texts are in the order of their bytes, as the log's streams are.
            match other.stream.cmp(&one.stream) {
                std::cmp::Ordering::Less => return Err(NoHeads::Unsorted { path, line }),
                std::cmp::Ordering::Equal => return Err(NoHeads::Twice { path, line }),
                std::cmp::Ordering::Greater => {}
            }
        }
        Ok(std::mem::replace(&mut self.next, next))
    }

    fn read(&mut self) -> Result<Option<Head>, NoHeads> {
        self.bytes.clear();
        let mut file = self.file.by_ref().take(LONGEST);
        file.read_until(b'\n', &mut self.bytes)
            .map_err(|source| NoHeads::File { path: self.path.clone(), source })?;
        if self.bytes.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        let head = match self.bytes.strip_suffix(b"\n") {
            Some(line) => serde_json::from_slice(line),
            None => Err(serde_json::Error::custom("it doesn't end")),
        };
        let broken = |source| NoHeads::Line { path: self.path.clone(), line: self.line, source };
        head.map(Some).map_err(broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(stream: &str, sequence: u64) -> Head {
        Head { stream: stream.to_owned(), sequence, commit: sequence, chain: [7; 32] }
    }

    fn text(heads: &[Head]) -> String {
        heads
            .iter()
            .map(|it| String::from_utf8(it.line().bytes().to_vec()).unwrap() + "\n")
            .collect()
    }

    /// What reading a file with this text comes to: its heads, or why there are none.
    fn read(text: &str) -> Result<Vec<Head>, NoHeads> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads");
        std::fs::write(&path, text).unwrap();
        Heads::check(&path)?;
        let (mut heads, mut all) = (Heads::open(&path)?, Vec::new());
        while let Some(it) = heads.advance()? {
            all.push(it);
        }
        Ok(all)
    }

    /// The line that is no head, and why.
    fn broken(text: &str) -> (u64, String) {
        match read(text) {
            Err(NoHeads::Line { line, source, .. }) => (line, source.to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn heads_are_read_as_they_were_written() {
        let written = [head("account/a", 7), head("account/a.b", 1), head("sign_in/a", 2)];
        assert_eq!(read(&text(&written)).unwrap(), written);
        let due = r#"{"stream":"account/a","sequence":7,"commit":7,"chain":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}"#;
        assert_eq!(text(&written).lines().next(), Some(due));
    }

    #[test]
    fn heads_are_in_the_order_of_their_streams_and_each_is_there_once() {
        let unsorted = read(&text(&[head("a/1", 1), head("c/1", 1), head("b/1", 1)]));
        assert!(matches!(unsorted, Err(NoHeads::Unsorted { line: 3, .. })), "{unsorted:?}");
        let twice = read(&text(&[head("a/1", 1), head("a/1", 2)]));
        assert!(matches!(twice, Err(NoHeads::Twice { line: 2, .. })), "{twice:?}");
    }

    #[test]
    fn without_a_head_nothing_would_ever_be_missing() {
        assert!(matches!(read(""), Err(NoHeads::Empty(_))));
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Heads::check(folder.path()), Err(NoHeads::NoFile(_))));
        let missing = Heads::check(&folder.path().join("none"));
        assert!(matches!(missing, Err(NoHeads::File { .. })));
    }

    #[test]
    fn what_is_no_head_is_told_with_its_line() {
        let good = text(&[head("a/1", 1)]);
        assert_eq!(broken(&format!("{good}\n")).0, 2);
        assert_eq!(broken(&format!("{good}no JSON\n")).0, 2);
        assert_eq!(broken(good.trim_end()), (1, "it doesn't end".to_owned()));
        let long = format!("{}{good}", " ".repeat(5000));
        assert_eq!(broken(&long), (1, "it doesn't end".to_owned()));
        let with = |old: &str, new: &str| broken(&good.replace(old, new)).1;
        assert!(with("a/1", "a b").starts_with("no stream is called so"));
        assert!(with("a/1", "").starts_with("no stream is called so"));
        assert!(with("\"commit\":1", "\"commit\":2").starts_with("no commit ends there"));
        assert!(with("\"commit\":1", "\"commit\":0").starts_with("no commit ends there"));
        assert!(with("\"chain\":\"", "\"chain\":\"AAAA").starts_with("its chain is no link"));
        assert!(with("\"chain\":\"", "\"chain\":\"!").starts_with("its chain is no link"));
        assert!(with("\"commit\":1", "\"commit\":1,\"id\":\"evt_1\"").contains("unknown field"));
        assert!(with("\"commit\":1,", "").contains("missing field"));
        assert!(with("\"commit\":1", "\"commit\":1,\"commit\":1").contains("duplicate field"));
    }
}
