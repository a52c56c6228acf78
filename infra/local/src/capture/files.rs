//! The uploaded files: one file each, in folders that are called as its bucket and key are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The longest part of a name that every usual file system takes.
const LONGEST_PART: usize = 255;
/// What a file is called until all of it is there. No bucket's name begins with a dot.
const INCOMING: &str = ".incoming";

/// A file's bucket and key, each part of which is safe to call a file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    bucket: String,
    key: String,
}

impl Name {
    /// Takes a name of letters, digits, dots, dashes and underscores, its key in parts between
    /// slashes. S3 takes others; nobody here uses them.
    #[must_use]
    pub fn new(bucket: &str, key: &str) -> Option<Self> {
        let safe = is_safe(bucket) && key.split('/').all(is_safe);
        safe.then(|| Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// The bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The key in the bucket.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

fn is_safe(part: &str) -> bool {
    let known = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    (1..=LONGEST_PART).contains(&part.len()) && !part.starts_with('.') && part.chars().all(known)
}

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Its key in its bucket.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
}

/// All files. Clones are the same.
#[derive(Debug, Clone)]
pub struct Files {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    turn: Mutex<()>,
}

impl Files {
    /// The files in `folder`, which is made when the first one comes.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { inner: Arc::new(Inner { folder, turn: Mutex::default() }) }
    }

    /// Keeps a file, whole or not at all, in the place of an earlier one of that name.
    pub fn put(&self, name: &Name, content: &[u8]) -> io::Result<()> {
        let _turn = self.turn();
        let place = self.place(name);
        place.parent().map_or(Ok(()), fs::create_dir_all)?;
        let incoming = self.inner.folder.join(INCOMING);
        fs::write(&incoming, content)?;
        fs::rename(incoming, place)
    }

    /// The files of a bucket whose keys begin with `prefix`, in the order of their keys.
    pub fn list(&self, bucket: &str, prefix: &str) -> io::Result<Vec<File>> {
        let _turn = self.turn();
        let mut files = Vec::new();
        if is_safe(bucket) {
            collect(&self.inner.folder.join(bucket), "", &mut files)?;
        }
        files.retain(|file| file.key.starts_with(prefix));
        files.sort_unstable();
        Ok(files)
    }

    /// Deletes a file, if there is one of that name, and the folders that it leaves empty.
    pub fn delete(&self, name: &Name) -> io::Result<()> {
        let _turn = self.turn();
        let place = self.place(name);
        if !place.is_file() {
            return Ok(());
        }
        fs::remove_file(&place)?;
        let empty = |it: &&Path| *it != self.inner.folder && fs::remove_dir(it).is_ok();
        place.ancestors().skip(1).take_while(empty).for_each(drop);
        Ok(())
    }

    /// Deletes everything.
    pub fn clear(&self) -> io::Result<()> {
        let _turn = self.turn();
        match fs::remove_dir_all(&self.inner.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn place(&self, name: &Name) -> PathBuf {
        self.inner.folder.join(&name.bucket).join(&name.key)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.inner.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds every file below `folder`, whose keys begin with `before`.
fn collect(folder: &Path, before: &str, files: &mut Vec<File>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let key = format!("{before}{}", entry.file_name().to_string_lossy());
        let about = entry.metadata()?;
        if about.is_dir() {
            collect(&entry.path(), &format!("{key}/"), files)?;
        } else {
            files.push(File { key, size: about.len() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn name(key: &str) -> Name {
        Name::new("bucket", key).unwrap()
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_none() {
        let long = "x".repeat(256);
        for key in ["", "/", "a/", "/a", "a//b", "..", "../a", "a/../b", "a/.b", "a\\b", "ä", &long]
        {
            assert_eq!(Name::new("bucket", key), None, "{key}");
        }
        for bucket in ["", ".", "..", "a/b", ".incoming"] {
            assert_eq!(Name::new(bucket, "a"), None, "{bucket}");
        }
        assert!(Name::new("bucket", "uploads/acc_1/sup_1/0").is_some());
    }

    #[test]
    fn what_is_kept_is_listed_by_prefix_until_it_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::new(dir.path().join("s3"));
        assert_eq!(files.list("bucket", "").unwrap(), []);
        for (key, content) in [("a/x/1", "one"), ("a/x/0", "zero!"), ("b/x/0", ""), ("a/x/1", "1")]
        {
            files.put(&name(key), content.as_bytes()).unwrap();
        }
        let file = |key: &str, size| File { key: key.to_owned(), size };
        assert_eq!(files.list("bucket", "a/").unwrap(), [file("a/x/0", 5), file("a/x/1", 1)]);
        assert_eq!(files.list("other", "").unwrap(), []);
        assert_eq!(files.list("..", "").unwrap(), []);

        for _ in 0..2 {
            files.delete(&name("a/x/0")).unwrap();
            files.delete(&name("a/x/1")).unwrap();
            files.delete(&name("b/x")).unwrap();
        }
        assert_eq!(files.list("bucket", "").unwrap(), [file("b/x/0", 0)]);
        assert!(!dir.path().join("s3/bucket/a").exists());
        files.clear().unwrap();
        files.clear().unwrap();
        assert_eq!(files.list("bucket", "").unwrap(), []);
        files.put(&name("a"), b"again").unwrap();
    }
}
