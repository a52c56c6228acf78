//! Lists of lines, and those that lie in files.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use super::Unread;
use crate::line::Line;

/// A list of lines, in some order.
pub trait Lines {
    /// Reads the next line; false where there is none.
    ///
    /// # Errors
    /// When it can't be read.
    fn next(&mut self, line: &mut Line) -> Result<bool, Unread>;

    /// Which file they come from, and how many were read: for who has to say where something is wrong.
    fn place(&self) -> (PathBuf, u64);
}

/// The lines of a file.
pub struct FileLines {
    path: PathBuf,
    file: BufReader<File>,
    line: u64,
}

/// How much of a file is read at once: some hundred files are open at a time.
const BUFFER: usize = 128 * 1024;

impl FileLines {
    /// Opens a file.
    ///
    /// # Errors
    /// When it can't be opened.
    pub fn open(path: &Path) -> Result<Self, Unread> {
        let file = File::open(path).map_err(Unread::file(path))?;
        Ok(Self { path: path.to_owned(), file: BufReader::with_capacity(BUFFER, file), line: 0 })
    }
}

impl Lines for FileLines {
    fn next(&mut self, line: &mut Line) -> Result<bool, Unread> {
        loop {
            let bytes = line.buffer();
            bytes.clear();
            self.line += 1;
            if self.file.read_until(b'\n', bytes).map_err(Unread::file(&self.path))? == 0 {
                return Ok(false);
            }
            while bytes.last().is_some_and(u8::is_ascii_whitespace) {
                bytes.pop();
            }
            if bytes.is_empty() {
                continue;
            }
            let (path, number) = (&self.path, self.line);
            let broken = |source| Unread::Line { path: path.clone(), line: number, source };
            return line.settle().map(|()| true).map_err(broken);
        }
    }

    fn place(&self) -> (PathBuf, u64) {
        (self.path.clone(), self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_in_a_file_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        std::fs::write(&path, "{\"stream\":\"a\",\"sequence\":1}\n\n{}\n").unwrap();
        let mut lines = FileLines::open(&path).unwrap();
        let mut line = Line::default();
        assert!(lines.next(&mut line).unwrap());
        let error = lines.next(&mut line).unwrap_err();
        assert!(matches!(error, Unread::Line { line: 3, path: it, .. } if it == path));
        let missing = FileLines::open(&folder.path().join("none"));
        assert!(matches!(missing, Err(Unread::File { .. })));
    }
}
