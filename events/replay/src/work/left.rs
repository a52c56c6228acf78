//! What processes left that are gone.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::usual::NAMED_BY;
use super::{KEPT, LOCK, PROGRESS, ours};

/// Where the system shows its processes, if it does.
const PROCESSES: &str = "/proc";
/// What folders are called that belong to one process each, with its number behind.
const OF_ONE: [&str; 4] = ["by-sequence", "by-stream", "facts", "views"];

/// Removes work that nobody goes on with any more: in this usual folder, and in those beside it.
pub fn forget_old(folder: &Path) {
    let Some(all) = folder.parent() else { return };
    // Whoever goes on with its own work says how old that is.
    let own = |it: &Path| it == folder && it.join(PROGRESS).is_file();
    for folder in folders(all).filter(|it| is_usual(it) && !own(it)) {
        // A second one that read a log while another did, or what is too old.
        let second = folder.extension().and_then(|it| it.to_str());
        if (second.is_some_and(is_gone) || is_old(&folder)) && is_free(&folder) {
            // Whoever works in it next says what is wrong with it.
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

/// Removes what processes that are gone left in a folder that nobody else has.
pub(super) fn remove_all(folder: &Path) {
    remove_where(folder, |it| owner(it).is_some_and(is_gone) && !is_locked(it));
}

/// Removes what this process has left in a folder that is its own.
pub(super) fn remove_own(folder: &Path) {
    let process = std::process::id().to_string();
    remove_where(folder, |it| owner(it) == Some(&process));
}

/// The same in a folder that others may work in: only what its process would hold a lock on.
pub(crate) fn remove_locked(folder: &Path) {
    let of_gone = |it: &Path| owner(it).is_some_and(is_gone) && it.join(LOCK).is_file();
    remove_where(folder, |it| of_gone(it) && !is_locked(it));
}

/// Removes those of these folders that hold work and nothing else.
fn remove_where(folder: &Path, which: impl Fn(&Path) -> bool) {
    // What can't be looked at may be somebody's.
    let left = |it: &PathBuf| which(it) && ours::is_left(it).unwrap_or_default();
    for left in folders(folder).filter(left) {
        // It is only in the way.
        let _ = fs::remove_dir_all(left);
    }
}

/// The folders in a folder; none where it can't be read.
fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_folder = |it: &fs::DirEntry| it.file_type().is_ok_and(|it| it.is_dir());
    entries.filter(is_folder).map(|it| it.path())
}

/// Whether a folder is named as usual ones are.
fn is_usual(folder: &Path) -> bool {
    let name = folder.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
    let known = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_');
    name.len() == NAMED_BY && name.bytes().all(known)
}

/// The process whose folder it is, by its name.
pub(super) fn owner(folder: &Path) -> Option<&str> {
    let (kind, process) = folder.file_name()?.to_str()?.rsplit_once('-')?;
    OF_ONE.contains(&kind).then_some(process)
}

/// Whether a process is known to be no more.
fn is_gone(process: &str) -> bool {
    let shown = Path::new(PROCESSES);
    process.parse::<u32>().is_ok() && shown.join("self").exists() && !shown.join(process).exists()
}

/// Whether it was read too long ago; where nothing says when, whether nothing was done for so long.
fn is_old(folder: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
    let within = || folders(folder).filter_map(|it| changed(&it)).max();
    let last: Option<SystemTime> =
        changed(&folder.join(PROGRESS)).or_else(|| changed(folder).max(within()));
    // A time in the future has not passed.
    last.is_some_and(|it| it.elapsed().is_ok_and(|ago| ago > KEPT))
}

/// Whether no process works in it.
fn is_free(folder: &Path) -> bool {
    let works = |it: &Path| owner(it).is_some_and(|it| !is_gone(it)) && !it.join(LOCK).is_file();
    !is_locked(folder) && !folders(folder).any(|it| is_locked(&it) || works(&it))
}

/// Whether somebody has the lock in a folder, or nobody can tell.
fn is_locked(folder: &Path) -> bool {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_err(),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}
