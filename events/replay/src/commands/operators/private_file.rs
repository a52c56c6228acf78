//! A file that its owner alone may read: new, and whole or not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use postern_domain::ports::draw;
use postern_runtime::chance::SystemChance;

/// Its owner reads and writes it.
const OWNERS_ALONE: u32 = 0o600;
/// What its group and all others could do with it.
const OTHERS: u32 = 0o077;

/// Why there is no such file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotWritten {
    /// Something has the name, be it a link that leads nowhere.
    #[error("nothing is shown: {0} is there already, and nothing is ever written over")]
    Taken(PathBuf),
    /// The path ends in no name.
    #[error("nothing is shown: {0} names no file")]
    Nameless(PathBuf),
    /// No file can be made there.
    #[error("nothing is shown: {path} can't be made")]
    NoPlace {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its file system takes no modes.
    #[error("nothing is shown: at {0} others could read it")]
    Readable(PathBuf),
    /// It was recorded already, and came to nothing.
    #[error("the log says that it was shown, yet nothing was: {path} can't be written")]
    Lost {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A file that is known to be possible and has no name yet.
#[derive(Debug)]
pub(super) struct PrivateFile {
    path: PathBuf,
    /// What it is called until it is whole.
    draft: PathBuf,
    file: File,
}

impl PrivateFile {
    /// Tries everything that writing it will need, so that it can hardly fail later.
    ///
    /// # Errors
    /// When something lies there, or no file can that others don't read.
    pub(super) fn begin(path: &Path) -> Result<Self, NotWritten> {
        let name = path.file_name().ok_or_else(|| NotWritten::Nameless(path.to_owned()))?;
        // Without a slash at its end.
        let path = path.with_file_name(name);
        let failed = |source| NotWritten::NoPlace { path: path.clone(), source };
        match fs::symlink_metadata(&path) {
            Ok(_) => return Err(NotWritten::Taken(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let draft = beside(&path);
        let mut new = OpenOptions::new();
        let file = new.write(true).create_new(true).mode(OWNERS_ALONE).open(&draft);
        let begun = Self { file: file.map_err(failed)?, draft, path: path.clone() };
        if begun.file.metadata().map_err(failed)?.mode() & OTHERS != 0 {
            return Err(NotWritten::Readable(path));
        }
        // Not every file system gives a file two names.
        let trial = beside(&path);
        fs::hard_link(&begun.draft, &trial)
            .and_then(|()| fs::remove_file(&trial))
            .map_err(failed)?;
        Ok(begun)
    }

    /// Writes it and gives it its name, unless somebody has taken that meanwhile. Says where it is.
    ///
    /// # Errors
    /// When it can't be written; then it isn't there.
    pub(super) fn finish(mut self, text: &str) -> Result<PathBuf, NotWritten> {
        self.file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_all())
            // A rename would write over what lies there; a link doesn't, and follows none.
            .and_then(|()| fs::hard_link(&self.draft, &self.path))
            .map_err(|source| NotWritten::Lost { path: self.path.clone(), source })?;
        Ok(self.path.clone())
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.draft) {
            eprintln!("postern: {} can't be removed: {error}", self.draft.display());
        }
    }
}

/// A name that nobody has or guesses, in the same folder.
fn beside(path: &Path) -> PathBuf {
    let name = u64::from_ne_bytes(draw(&SystemChance));
    path.with_file_name(format!(".postern-{name:016x}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// What lies in a folder.
    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_file_has_no_name_before_it_is_whole_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.json");
        let begun = PrivateFile::begin(&path).unwrap();
        let [draft] = names(folder.path()).try_into().unwrap();
        assert!(draft.starts_with(".postern-"), "{draft}");
        assert_eq!(mode(&folder.path().join(draft)), 0o600);

        assert_eq!(begun.finish("whole\n").unwrap(), path);
        assert_eq!(names(folder.path()), ["copy.json"]);
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole\n");
    }

    #[test]
    fn nothing_is_written_over_and_no_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (taken, link) = (folder.path().join("taken"), folder.path().join("link"));
        fs::write(&taken, "before").unwrap();
        symlink(folder.path().join("nowhere"), &link).unwrap();
        for path in [&taken, &link] {
            let refused = PrivateFile::begin(path).unwrap_err();
            assert!(matches!(&refused, NotWritten::Taken(it) if it == path), "{refused:?}");
        }
        assert_eq!(names(folder.path()), ["link", "taken"]);
        assert_eq!(fs::read_to_string(&taken).unwrap(), "before");
    }

    #[test]
    fn a_place_where_no_file_can_be_is_known_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing/copy.json");
        let refused = PrivateFile::begin(&missing).unwrap_err();
        assert!(
            matches!(&refused, NotWritten::NoPlace { path, source }
                if *path == missing && source.kind() == io::ErrorKind::NotFound),
            "{refused:?}"
        );
        for path in ["/", "..", ""] {
            let refused = PrivateFile::begin(Path::new(path)).unwrap_err();
            assert!(
                matches!(&refused, NotWritten::Nameless(it) if it == Path::new(path)),
                "{path}"
            );
        }
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_name_that_was_taken_meanwhile_stays_what_it_is_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.json");
        let begun = PrivateFile::begin(&path).unwrap();
        fs::write(&path, "somebody's").unwrap();
        let lost = begun.finish("whole").unwrap_err();
        assert!(
            matches!(&lost, NotWritten::Lost { path: at, source }
                if *at == path && source.kind() == io::ErrorKind::AlreadyExists),
            "{lost:?}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "somebody's");
        assert_eq!(names(folder.path()), ["copy.json"]);
    }

    #[test]
    fn a_file_that_was_begun_for_nothing_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        drop(PrivateFile::begin(&folder.path().join("copy.json/")).unwrap());
        assert_eq!(names(folder.path()), [""; 0]);
    }
}
