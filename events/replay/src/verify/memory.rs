//! What is known of a log from before, and what is to be known of it later.

use std::path::{Path, PathBuf};

use super::heads::{Head, Heads, NoHeads};
use super::replacing::Replacing;
use super::saving::{NotSaved, Saving};

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
    /// on from there. Nobody else may replace it from now on.
    ///
    /// # Errors
    /// When heads can't be read or saved there.
    pub fn new(heads: Option<&Path>, save: Option<&Path>) -> Result<Self, NoMemory> {
        let replaced = heads.zip(save).filter(|(it, to)| is_same(it, to));
        let replacing = replaced.map(|(it, _)| Replacing::begin(it)).transpose()?;
        if let Some(it) = heads {
            Heads::check(it)?;
        }
        let saving = save.map(|it| Saving::begin(it, replacing)).transpose()?;
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
        }
        Ok(())
    }

    /// Whether a commit that ends here is what was known of it, if anything was.
    pub(super) fn is_as_known(&mut self, commit: u64, sequence: u64, chain: &[u8; 32]) -> bool {
        let Some(due) = self.due.take_if(|it| it.sequence <= sequence) else { return true };
        self.compared += 1;
        (due.commit, due.sequence, &due.chain) == (commit, sequence, chain)
    }

    /// What the stream, which has ended, did not reach.
    pub(super) fn unreached(&mut self) -> Option<Head> {
        let due = self.due.take()?;
        self.compared += 1;
        Some(due)
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
