//! What is known of a log from before, and what is to be known of it later.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::heads::{Head, Heads, NoHeads};
use crate::row::is_plain;

/// Why heads can't be saved.
#[derive(Debug, thiserror::Error)]
pub enum NotSaved {
    /// Another file would be lost, and with it perhaps the only trace of what was cut off since.
    #[error(
        "{0} is there already: name another file, or hold the log against this one with --heads"
    )]
    There(PathBuf),
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
        source: std::io::Error,
    },
}

/// Why a log can't be held against what is known of it, or that can't be saved.
#[derive(Debug, thiserror::Error)]
pub enum NoMemory {
    /// What is known.
    #[error(transparent)]
    Heads(#[from] NoHeads),
    /// What is to be known.
    #[error(transparent)]
    Saved(#[from] NotSaved),
}

/// What a log is held against, and where its heads are saved.
#[derive(Debug, Default)]
pub struct Memory {
    heads: Option<PathBuf>,
    saving: Option<Saving>,
}

impl Memory {
    /// Holds a log against the heads in one file, and saves its own in another. Both files are looked at
    /// before the log is, which may take hours.
    ///
    /// A file that is there is replaced only where the log was held against it: what is written then goes
    /// on from there.
    ///
    /// # Errors
    /// When heads can't be read or saved there.
    pub fn new(heads: Option<&Path>, save: Option<&Path>) -> Result<Self, NoMemory> {
        if let Some(it) = heads {
            Heads::check(it)?;
        }
        let replaces = |to: &Path| heads.is_some_and(|it| is_same(it, to));
        let saving = save.map(|it| Saving::begin(it, replaces(it))).transpose()?;
        Ok(Self { heads: heads.map(Path::to_owned), saving })
    }

    /// Begins with the first stream, whatever was read before.
    pub(super) fn hold(&mut self) -> Result<Held<'_>, NoMemory> {
        let heads = self.heads.as_deref().map(Heads::open).transpose()?;
        if let Some(it) = &mut self.saving {
            it.begin_anew()?;
        }
        Ok(Held { heads, saving: self.saving.as_mut(), ..Held::default() })
    }

    /// Keeps the heads of a log that is whole, and says how many there are.
    pub(super) fn keep(self) -> Result<Option<u64>, NotSaved> {
        self.saving.map(Saving::finish).transpose()
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    // What is not there is no file of heads.
    let found = |it: &Path| it.canonicalize().ok();
    found(one).is_some_and(|it| found(other) == Some(it))
}

/// Heads on their way into a file, which is there as a whole or not at all.
#[derive(Debug)]
struct Saving {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<File>,
    replaces: bool,
    written: u64,
}

impl Saving {
    fn begin(path: &Path, replaces: bool) -> Result<Self, NotSaved> {
        refuse_to_replace(path, replaces)?;
        let mut name = path.file_name().map(OsString::from).unwrap_or_default();
        // Two may save at once: neither writes into what the other does.
        name.push(format!(".{}.part", std::process::id()));
        let part = path.with_file_name(name);
        let file = File::create(&part).map_err(unwritten(path))?;
        let (path, file) = (path.to_owned(), BufWriter::new(file));
        Ok(Self { path, part, file, replaces, written: 0 })
    }

    fn begin_anew(&mut self) -> Result<(), NotSaved> {
        self.written = 0;
        let emptied = self.file.rewind().and_then(|()| self.file.get_ref().set_len(0));
        emptied.map_err(unwritten(&self.path))
    }

    fn add(&mut self, head: &Head) -> Result<(), NotSaved> {
        if !is_plain(&head.stream) {
            return Err(NotSaved::Name(head.stream.clone()));
        }
        let line = head.line();
        let written = self.file.write_all(line.bytes()).and_then(|()| self.file.write_all(b"\n"));
        written.map_err(unwritten(&self.path))?;
        self.written += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<u64, NotSaved> {
        if self.written == 0 {
            return Err(NotSaved::NoStreams(self.path.clone()));
        }
        let flushed = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        flushed.map_err(unwritten(&self.path))?;
        refuse_to_replace(&self.path, self.replaces)?;
        fs::rename(&self.part, &self.path).map_err(unwritten(&self.path))?;
        Ok(self.written)
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        // Once it has its name, there is none.
        let _ = fs::remove_file(&self.part);
    }
}

fn refuse_to_replace(path: &Path, replaces: bool) -> Result<(), NotSaved> {
    // A link that leads nowhere is there too.
    if path.symlink_metadata().is_ok() && !replaces {
        return Err(NotSaved::There(path.to_owned()));
    }
    Ok(())
}

fn unwritten(path: &Path) -> impl FnOnce(std::io::Error) -> NotSaved + use<> {
    let path = path.to_owned();
    move |source| NotSaved::File { path, source }
}

/// A log while it is held against heads, stream by stream.
#[derive(Default)]
pub(super) struct Held<'a> {
    heads: Option<Heads>,
    /// What this stream has to reach still.
    due: Option<Head>,
    compared: u64,
    saving: Option<&'a mut Saving>,
}

impl Held<'_> {
    /// The next head of a stream that should have come before this one, or at all.
    pub(super) fn missing(&mut self, before: Option<&str>) -> Result<Option<Head>, NoHeads> {
        let Some(heads) = &mut self.heads else { return Ok(None) };
        let is_due = |it: &Head| before.is_none_or(|stream| it.stream.as_str() < stream);
        if !heads.next().is_some_and(is_due) {
            return Ok(None);
        }
        self.compared += 1;
        heads.advance()
    }

    /// A stream begins; those before it have been asked for.
    pub(super) fn begin(&mut self, stream: &str) -> Result<(), NoHeads> {
        self.due = None;
        if let Some(heads) = &mut self.heads
            && heads.next().is_some_and(|it| it.stream == stream)
        {
            self.due = heads.advance()?;
            self.compared += 1;
        }
        Ok(())
    }

    /// Whether a commit that ends here is what was known of it, if anything was.
    pub(super) fn is_as_known(&mut self, commit: u64, sequence: u64, chain: &[u8; 32]) -> bool {
        let Some(due) = self.due.take_if(|it| it.sequence <= sequence) else { return true };
        (due.commit, due.sequence, &due.chain) == (commit, sequence, chain)
    }

    /// What the stream, which has ended, did not reach.
    pub(super) fn unreached(&mut self) -> Option<Head> {
        self.due.take()
    }

    /// Notes where a stream ended that is whole.
    pub(super) fn save(&mut self, head: impl FnOnce() -> Head) -> Result<(), NotSaved> {
        self.saving.as_mut().map_or(Ok(()), |it| it.add(&head()))
    }

    /// How many heads the log was held against.
    pub(super) fn compared(&self) -> Option<u64> {
        self.heads.as_ref().map(|_| self.compared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(stream: &str, sequence: u64) -> Head {
        Head { stream: stream.to_owned(), sequence, commit: sequence, chain: [7; 32] }
    }

    fn save(memory: &mut Memory, heads: &[Head]) -> Result<(), NoMemory> {
        let mut held = memory.hold()?;
        heads.iter().try_for_each(|it| Ok(held.save(|| it.clone())?))
    }

    fn names(folder: &Path) -> Vec<String> {
        let name =
            |it: std::io::Result<fs::DirEntry>| it.unwrap().file_name().into_string().unwrap();
        fs::read_dir(folder).unwrap().map(name).collect()
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
        let path = folder.path().join("heads.jsonl");
        let mut memory = Memory::new(None, Some(&path)).unwrap();
        save(&mut memory, &[head("a/1", 1)]).unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(memory);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_file_that_came_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heads.jsonl");
        let mut memory = Memory::new(None, Some(&path)).unwrap();
        save(&mut memory, &[head("a/1", 1)]).unwrap();
        fs::write(&path, "another's").unwrap();
        assert!(matches!(memory.keep(), Err(NotSaved::There(it)) if it == path));
        assert_eq!(fs::read_to_string(&path).unwrap(), "another's");
        assert_eq!(names(folder.path()), ["heads.jsonl"]);
    }

    #[test]
    fn a_name_that_would_be_refused_is_not_saved() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::new(None, Some(&folder.path().join("heads.jsonl"))).unwrap();
        let refused = save(&mut memory, &[head("a/1 2", 1)]);
        assert!(matches!(refused, Err(NoMemory::Saved(NotSaved::Name(it))) if it == "a/1 2"));
    }
}
