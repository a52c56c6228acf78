//! Heads on their way into a file.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::heads::Head;
use super::replacing::Replacing;
use crate::row::is_plain;

/// Why heads can't be saved.
#[derive(Debug, thiserror::Error)]
pub enum NotSaved {
    /// Another file would be lost, and with it perhaps the only trace of what was cut off since.
    #[error(
        "{0} is there already: name another file, or hold the log against this one with --heads"
    )]
    There(PathBuf),
    /// Two would replace one file, and the later one perhaps with what is older.
    #[error("another process holds a log against {0}, and is about to replace it")]
    Busy(PathBuf),
    /// The log was held against what isn't there any more.
    #[error("{0} is not what it was when the log was held against it, and stays as it is")]
    Changed(PathBuf),
    /// A file without heads would be refused the next time.
    #[error("{0} is not written: the log has no stream")]
    NoStreams(PathBuf),
    /// It would be refused the next time.
    #[error("no stream of Postern is called {0:?}, so that its head can't be saved")]
    Name(String),
    /// The file can't be written.
    #[error("{path} can't be written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl NotSaved {
    pub(super) fn file(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path: path.clone(), source }
    }
}

/// Heads on their way into a file, which is there as a whole or not at all.
#[derive(Debug)]
pub(super) struct Saving {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<File>,
    /// Nothing where the file is new.
    replacing: Option<Replacing>,
    written: u64,
}

impl Saving {
    pub(super) fn begin(path: &Path, replacing: Option<Replacing>) -> Result<Self, NotSaved> {
        // What replaces a file lies where that does, wherever the path leads.
        let path = replacing.as_ref().map_or(path, Replacing::path).to_owned();
        // A link that leads nowhere is there too.
        if replacing.is_none() && path.symlink_metadata().is_ok() {
            return Err(NotSaved::There(path));
        }
        let mut name = path.file_name().map(OsString::from).unwrap_or_default();
        // Two may save at once: neither writes into what the other does.
        name.push(format!(".{}.part", std::process::id()));
        let part = path.with_file_name(name);
        let file = BufWriter::new(File::create(&part).map_err(NotSaved::file(&path))?);
        let begun = Self { path, part, file, replacing, written: 0 };
        if begun.replacing.is_none() {
            begun.try_links()?;
        }
        Ok(begun)
    }

    /// Not every file system gives a file two names, and the log may take hours.
    fn try_links(&self) -> Result<(), NotSaved> {
        let trial = self.part.with_extension("trial");
        let tried = fs::hard_link(&self.part, &trial).and_then(|()| fs::remove_file(&trial));
        tried.map_err(NotSaved::file(&self.path))
    }

    pub(super) fn begin_anew(&mut self) -> Result<(), NotSaved> {
        self.written = 0;
        let emptied = self.file.rewind().and_then(|()| self.file.get_ref().set_len(0));
        emptied.map_err(NotSaved::file(&self.path))
    }

    pub(super) fn add(&mut self, head: &Head) -> Result<(), NotSaved> {
        if !is_plain(&head.stream) {
            return Err(NotSaved::Name(head.stream.clone()));
        }
        let line = head.line();
        let written = self.file.write_all(line.bytes()).and_then(|()| self.file.write_all(b"\n"));
        written.map_err(NotSaved::file(&self.path))?;
        self.written += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<u64, NotSaved> {
        if self.written == 0 {
            return Err(NotSaved::NoStreams(self.path.clone()));
        }
        let flushed = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        flushed.map_err(NotSaved::file(&self.path))?;
        match &self.replacing {
            Some(it) => it.replace(&self.part)?,
            None => self.place()?,
        }
        sync_folder(&self.path).map_err(NotSaved::file(&self.path))?;
        Ok(self.written)
    }

    /// Gives it its name, unless somebody has taken that meanwhile.
    fn place(&self) -> Result<(), NotSaved> {
        // A rename would write over what lies there; a link doesn't, and follows none.
        fs::hard_link(&self.part, &self.path).map_err(|source| {
            if source.kind() == io::ErrorKind::AlreadyExists {
                return NotSaved::There(self.path.clone());
            }
            NotSaved::file(&self.path)(source)
        })
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        // Where it has replaced another, there is none.
        let _ = fs::remove_file(&self.part);
    }
}

/// A name is lost with the power as long as its folder isn't written.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::super::heads::Heads;
    use super::super::memory::{Memory, NoMemory};
    use super::*;

    fn head(stream: &str, sequence: u64) -> Head {
        Head { stream: stream.to_owned(), sequence, commit: sequence, chain: [7; 32] }
    }

    fn save(memory: &mut Memory, heads: &[Head]) -> Result<(), NoMemory> {
        let mut held = memory.hold()?;
        heads.iter().try_for_each(|it| Ok(held.save(|| it.clone())?))
    }

    /// A memory that has saved this head, if it is kept.
    fn saving(heads: Option<&Path>, path: &Path, sequence: u64) -> Memory {
        let mut memory = Memory::new(heads, Some(path)).unwrap();
        save(&mut memory, &[head("a/1", sequence)]).unwrap();
        memory
    }

    /// A folder with a file of heads.
    fn kept() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("heads.jsonl");
        assert_eq!(saving(None, &path, 1).keep().unwrap(), Some(1));
        (folder, path)
    }

    /// What the only head in a file has come to.
    fn sequence(path: &Path) -> u64 {
        Heads::open(path).unwrap().next().unwrap().sequence
    }

    fn names(folder: &Path) -> Vec<String> {
        let name =
            |it: std::io::Result<fs::DirEntry>| it.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_read_before_it_began_anew_is_not_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads.jsonl");
        let mut memory = Memory::new(None, Some(&path)).unwrap();
        save(&mut memory, &[head("a/1", 1), head("b/1", 2), head("c/1", 3)]).unwrap();
        save(&mut memory, &[head("a/2", 4)]).unwrap();
        assert!(!path.exists(), "nothing is there before it is whole");
        assert_eq!(memory.keep().unwrap(), Some(1));
        let mut heads = Heads::open(&path).unwrap();
        assert_eq!(heads.advance().unwrap(), Some(head("a/2", 4)));
        assert_eq!(heads.advance().unwrap(), None);
        assert_eq!(names(folder.path()), ["heads.jsonl"]);
    }

    #[test]
    fn what_is_not_kept_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let memory = saving(None, &folder.path().join("heads.jsonl"), 1);
        assert_eq!(names(folder.path()).len(), 1);
        drop(memory);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_file_that_came_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads.jsonl");
        let memory = saving(None, &path, 1);
        fs::write(&path, "another's").unwrap();
        assert!(matches!(memory.keep(), Err(NotSaved::There(it)) if it == path));
        assert_eq!(fs::read_to_string(&path).unwrap(), "another's");
        // Nor is a link that leads nowhere.
        let link = folder.path().join("link");
        let memory = saving(None, &link, 1);
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(matches!(memory.keep(), Err(NotSaved::There(it)) if it == link));
        assert_eq!(names(folder.path()), ["heads.jsonl", "link"]);
    }

    #[test]
    fn a_name_that_would_be_refused_is_not_saved() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::new(None, Some(&folder.path().join("heads.jsonl"))).unwrap();
        let refused = save(&mut memory, &[head("a/1 2", 1)]);
        assert!(matches!(refused, Err(NoMemory::Saved(NotSaved::Name(it))) if it == "a/1 2"));
    }

    #[test]
    fn of_two_who_would_replace_a_file_the_second_is_refused_before_it_reads_the_log() {
        let (folder, path) = kept();
        let first = saving(Some(&path), &path, 2);
        let second = Memory::new(Some(&path), Some(&path)).unwrap_err();
        assert!(matches!(&second, NoMemory::Saved(NotSaved::Busy(it)) if *it == path), "{second}");
        // Whoever only reads it, and saves elsewhere, is in nobody's way.
        let other = folder.path().join("other.jsonl");
        assert_eq!(saving(Some(&path), &other, 3).keep().unwrap(), Some(1));
        assert_eq!(first.keep().unwrap(), Some(1));
        assert_eq!(sequence(&path), 2);

        assert_eq!(saving(Some(&path), &path, 4).keep().unwrap(), Some(1), "it is free again");
        drop(saving(Some(&path), &path, 5));
        assert_eq!(saving(Some(&path), &path, 6).keep().unwrap(), Some(1), "and so it is here");
        assert_eq!(sequence(&path), 6);
        assert_eq!(names(folder.path()), ["heads.jsonl", "other.jsonl"]);
    }

    #[test]
    fn newer_heads_that_came_by_any_other_way_are_not_replaced() {
        let ways: [fn(&Path, &Path); 2] = [
            |newer, path| fs::rename(newer, path).unwrap(),
            |newer, path| fs::copy(newer, path).map(drop).unwrap(),
        ];
        for way in ways {
            let (folder, path) = kept();
            let newer = folder.path().join("newer.jsonl");
            saving(None, &newer, 22).keep().unwrap();
            let memory = saving(Some(&path), &path, 2);
            way(&newer, &path);
            let refused = memory.keep().unwrap_err();
            assert!(matches!(&refused, NotSaved::Changed(it) if *it == path), "{refused}");
            assert_eq!(sequence(&path), 22);
            assert!(!names(folder.path()).iter().any(|it| it.contains("part")));
        }
    }

    #[test]
    fn a_file_that_is_gone_meanwhile_is_not_made_anew() {
        let (folder, path) = kept();
        let memory = saving(Some(&path), &path, 2);
        fs::remove_file(&path).unwrap();
        let refused = memory.keep().unwrap_err();
        assert!(matches!(&refused, NotSaved::File { path: it, .. } if *it == path), "{refused}");
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn what_a_link_leads_to_is_replaced_and_not_the_link() {
        let (folder, path) = kept();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("heads.jsonl", &link).unwrap();
        assert_eq!(saving(Some(&link), &link, 2).keep().unwrap(), Some(1));
        assert_eq!(sequence(&path), 2);
        assert!(link.is_symlink());
    }
}
