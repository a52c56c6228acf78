//! The state folder, and the lock that keeps a second stack out of it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::settings::StartError;

/// A state folder that belongs to this process as long as the value lives.
///
/// The lock is the system's, so it also ends with a process that is killed.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Creates the folder where it is missing, and locks it.
    pub fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| StartError::Folder { path, source }
        };
        fs::create_dir_all(path).map_err(failed(path))?;
        let file = path.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&file)
            .map_err(failed(&file))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::FolderInUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(&file)(source)),
        }
    }

    /// Where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the embedded `DynamoDB`.
    #[must_use]
    pub fn dynamodb(&self) -> PathBuf {
        self.path.join("dynamodb.sqlite")
    }

    /// The file of everything else: mails, phones and pushes, positions, dead letters, the clock.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path.join("local.sqlite")
    }

    /// The folder of uploaded files.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.path.join("s3")
    }

    /// The file with the keys of this stack.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.path.join("secrets.json")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    #[test]
    fn a_second_stack_is_kept_out_until_the_first_one_ends() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep").join("down");
        let first = Folder::open(&path).unwrap();
        assert!(matches!(Folder::open(&path), Err(StartError::FolderInUse(_))));
        drop(first);
        Folder::open(&path).unwrap();
    }

    #[test]
    fn a_file_where_the_folder_should_be_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "x").unwrap();
        let line = Folder::open(&path).unwrap_err().line();
        assert!(line.starts_with("cannot write to the state folder"), "{line}");
    }
}
