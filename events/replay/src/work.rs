//! The folder of a long piece of work: what it has read so far, so that it goes on after it was killed.

mod left;
mod ours;
mod usual;

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use postern_domain::ports::Clock as _;
use postern_runtime::clock::SystemClock;
use serde::{Deserialize, Serialize};

use crate::merge::Unread;
use crate::sort::write_whole;
use crate::source::Marks;
pub use left::forget_old;
pub(crate) use left::remove_locked;
pub use usual::{usual_folder, usual_is_ours};

const PROGRESS: &str = "progress.json";
const LOCK: &str = "lock";

/// What was read longer ago of a source that changes is read anew: it would be a log of then.
pub const KEPT: Duration = Duration::from_hours(6);

/// How often a folder is tried that somebody has: a process that is being started has its parent's files
/// for a moment.
const TRIES: u32 = 10;
/// How long that moment may be.
const WAIT: Duration = Duration::from_millis(20);

/// Why the folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum NoWork {
    /// Another process works in it.
    #[error("another process works in {0}")]
    Busy(PathBuf),
    /// It belongs to other work.
    #[error("{folder} holds work on {found}; remove it, or name another folder")]
    Another {
        /// The folder.
        folder: PathBuf,
        /// What was read there.
        found: String,
    },
    /// It holds what is no work.
    #[error("{0} holds other things than work: name an empty folder, or one that isn't there yet")]
    Foreign(PathBuf),
    /// Others may reach into it.
    #[error(
        "{0} is no folder that is only yours: remove it, name another one with --work, or set HOME"
    )]
    NotOurs(PathBuf),
    /// A file in it.
    #[error(transparent)]
    File(#[from] Unread),
}

/// How far the reading of a source is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// Which source, and for what.
    pub of: String,
    /// When the reading began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Timestamp>,
    /// The runs that hold what was read.
    pub runs: Vec<String>,
    /// Where each reader goes on.
    pub marks: Marks,
    /// Whether all of it was read.
    pub done: bool,
    /// Rows in the runs.
    pub events: u64,
    /// What they cost, in units of reading.
    pub read_units: f64,
    /// How much of the source's length they are.
    pub length: u64,
}

impl Reached {
    /// Whether it was begun longer ago than this, or nobody knows when.
    fn is_older(&self, than: Duration, now: Timestamp) -> bool {
        let until = self.begun.and_then(|it| it.checked_add(than).ok());
        until.is_none_or(|it| it < now)
    }
}

/// The folder, while one process has it.
#[derive(Debug)]
pub struct Work {
    folder: PathBuf,
    /// Open as long as it is locked.
    _lock: File,
    /// How far it was when it was taken up.
    pub reached: Reached,
    /// How far it had been, where that was too long ago to go on with.
    pub outdated: Option<Reached>,
}

impl Work {
    /// Takes up the work on `of` in this folder, or begins it; anew, where it was begun longer ago than
    /// it is `kept`.
    ///
    /// # Errors
    /// When somebody else has the folder, it holds other things, or it can't be used.
    pub fn take(folder: &Path, of: &str, kept: Option<Duration>) -> Result<Self, NoWork> {
        usual::make(folder)?;
        if !ours::may_work(folder).map_err(Unread::file(folder))? {
            return Err(NoWork::Foreign(folder.to_owned()));
        }
        let lock = lock(folder)?;
        let mut found = read(&folder.join(PROGRESS))?;
        if let Some(Reached { of: found, .. }) = found.take_if(|it| it.of != of) {
            return Err(NoWork::Another { folder: folder.to_owned(), found });
        }
        let now = SystemClock.now();
        let outdated = found.take_if(|it| kept.is_some_and(|kept| it.is_older(kept, now)));
        if outdated.is_some() {
            ours::clear(folder)?;
        }
        left::remove_all(folder);
        let reached = found.unwrap_or_else(|| Reached {
            of: of.to_owned(),
            begun: Some(now),
            ..Reached::default()
        });
        Ok(Self { folder: folder.to_owned(), _lock: lock, reached, outdated })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its runs, from the first.
    #[must_use]
    pub fn runs(&self) -> Vec<PathBuf> {
        self.reached.runs.iter().map(|it| self.folder.join(it)).collect()
    }

    /// Notes how far it is, after what it names was written.
    ///
    /// # Errors
    /// When that can't be written.
    pub fn note(&self, reached: &Reached) -> Result<(), Unread> {
        let path = self.folder.join(PROGRESS);
        let text = serde_json::to_vec(reached).map_err(std::io::Error::from);
        let text = text.map_err(Unread::file(&path))?;
        write_whole(&path, |file| file.write_all(&text))
    }

    /// It is done: nothing of it stays, and whatever else lies there does.
    ///
    /// # Errors
    /// When a file can't be removed.
    pub fn finish(self) -> Result<(), Unread> {
        ours::clear(&self.folder)?;
        ours::leave(&self.folder)
    }
}

/// Locks a folder for this process.
fn lock(folder: &Path) -> Result<File, NoWork> {
    let path = folder.join(LOCK);
    let lock = File::create(&path).map_err(Unread::file(&path))?;
    let mut tries = 0;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if tries < TRIES => {
                tries += 1;
                thread::sleep(WAIT);
            }
            Err(TryLockError::WouldBlock) => return Err(NoWork::Busy(folder.to_owned())),
            Err(TryLockError::Error(source)) => return Err(Unread::File { path, source }.into()),
        }
    }
}

fn read(path: &Path) -> Result<Option<Reached>, Unread> {
    match fs::read(path) {
        Ok(text) => {
            let reached = serde_json::from_slice(&text).map_err(std::io::Error::from);
            reached.map(Some).map_err(Unread::file(path))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Unread::file(path)(error)),
    }
}
