//! A file of heads that is to be replaced by newer ones, and by nobody else meanwhile.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::saving::NotSaved;

/// A file while only one process may replace it.
#[derive(Debug)]
pub(super) struct Replacing {
    path: PathBuf,
    /// Locked as long as it is open.
    file: File,
    was: Which,
}

/// Which file it is, and whether somebody has written into it.
#[derive(Debug, PartialEq, Eq)]
struct Which {
    device: u64,
    inode: u64,
    length: u64,
    written: (i64, i64),
}

impl From<Metadata> for Which {
    fn from(it: Metadata) -> Self {
        let written = (it.mtime(), it.mtime_nsec());
        Self { device: it.dev(), inode: it.ino(), length: it.size(), written }
    }
}

impl Replacing {
    /// Locks a file, before anybody looks into it.
    ///
    /// # Errors
    /// When somebody else has it, or it can't be written.
    pub(super) fn begin(path: &Path) -> Result<Self, NotSaved> {
        let path = path.canonicalize().map_err(NotSaved::file(path))?;
        // Across a network only what may be written is locked.
        let opened = OpenOptions::new().read(true).write(true).open(&path);
        let file = opened.map_err(NotSaved::file(&path))?;
        Self::lock(path, file)
    }

    fn lock(path: PathBuf, file: File) -> Result<Self, NotSaved> {
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NotSaved::Busy(path)),
            Err(TryLockError::Error(source)) => return Err(NotSaved::File { path, source }),
        }
        let was = file.metadata().map_err(NotSaved::file(&path))?.into();
        let locked = Self { path, file, was };
        // Between opening and locking somebody may have replaced it.
        locked.is_as_it_was()?;
        Ok(locked)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts another file into its place.
    pub(super) fn replace(&self, with: &Path) -> Result<(), NotSaved> {
        self.is_as_it_was()?;
        fs::rename(with, &self.path).map_err(NotSaved::file(&self.path))
    }

    fn is_as_it_was(&self) -> Result<(), NotSaved> {
        let is = self.path.symlink_metadata().map(Which::from);
        if is.map_err(NotSaved::file(&self.path))? != self.was {
            return Err(NotSaved::Changed(self.path.clone()));
        }
        Ok(())
    }
}

impl Drop for Replacing {
    fn drop(&mut self) {
        // Closing it is not enough where a process that is being started has it too, for a moment. Once it is
        // closed everywhere, it is unlocked anyway.
        let _: io::Result<()> = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_locks_what_was_replaced_just_before_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, newer) = (folder.path().join("heads"), folder.path().join("newer"));
        fs::write(&path, "old").unwrap();
        fs::write(&newer, "new").unwrap();
        let opened = File::open(&path).unwrap();
        fs::rename(&newer, &path).unwrap();
        let refused = Replacing::lock(path.clone(), opened).unwrap_err();
        assert!(matches!(&refused, NotSaved::Changed(it) if *it == path), "{refused}");
        Replacing::lock(path.clone(), File::open(&path).unwrap()).unwrap();
    }
}
