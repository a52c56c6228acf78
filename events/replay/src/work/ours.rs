//! Which of a folder's files are work of this tool. Nothing else is ever removed.

use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::{LOCK, PROGRESS, left, read};
use crate::export::MAKING;
use crate::merge::Unread;

/// What comparing views has in its folder.
const DOUBTFUL: &str = "doubtful";
/// Digits of a run's number at least.
const DIGITS: usize = 6;
/// How the name of a run ends.
const RUN: &str = "run";
/// How that of a file ends before all of it is written.
const PART: &str = "part";

/// Whether work may be done in a folder: it is empty, or work was done there before.
pub(super) fn may_work(folder: &Path) -> io::Result<bool> {
    // What can't be read as progress of work is none.
    let begun = || read(&folder.join(PROGRESS)).is_ok_and(|it| it.is_some());
    if is_lock(&folder.join(LOCK)) || begun() {
        return Ok(true);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // An export removes that itself.
        let of_export = entry.file_name() == MAKING;
        if !of_export && !is_work(&entry)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a folder holds work, and nothing else. An empty one tells nobody whose it is.
pub(super) fn is_left(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_some() && holds_only_work(folder)?)
}

/// Removes what was read, and what went with it; the lock stays.
pub(super) fn clear(folder: &Path) -> Result<(), Unread> {
    let failed = || Unread::file(folder);
    // First of all: it names the others.
    remove(&folder.join(PROGRESS))?;
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        if entry.file_type().map_err(failed())?.is_file() && is_written(&entry.path()) {
            remove(&entry.path())?;
        }
    }
    left::remove_own(folder);
    left::remove_all(folder);
    Ok(())
}

/// Removes the lock, and the folder unless somebody has other files there.
pub(super) fn leave(folder: &Path) -> Result<(), Unread> {
    remove(&folder.join(LOCK))?;
    // Also a link to one, or where this process stands, is somebody's and may stay.
    let _ = fs::remove_dir(folder);
    Ok(())
}

fn remove(path: &Path) -> Result<(), Unread> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(Unread::file(path)),
    }
}

fn holds_only_work(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        if !is_work(&entry?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether it is a run, a lock, or a folder of one process with nothing else in it.
fn is_work(entry: &DirEntry) -> io::Result<bool> {
    let (path, kind) = (entry.path(), entry.file_type()?);
    if kind.is_dir() {
        let known = left::owner(&path).is_some() || entry.file_name() == DOUBTFUL;
        return Ok(known && holds_only_work(&path)?);
    }
    Ok(kind.is_file() && (is_written(&path) || is_lock(&path)))
}

/// Whether a file is called as those are that work writes.
fn is_written(path: &Path) -> bool {
    let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    let (number, ending) = name.split_once('.').unwrap_or_default();
    let numbered = number.len() >= DIGITS && number.bytes().all(|it| it.is_ascii_digit());
    let noting = Path::new(PROGRESS).with_extension(PART);
    (numbered && (ending == RUN || ending == PART)) || path.ends_with(noting)
}

/// Whether a file is a lock of work: nothing is ever written into it.
fn is_lock(path: &Path) -> bool {
    let empty = |it: fs::Metadata| it.is_file() && it.len() == 0;
    path.ends_with(LOCK) && fs::symlink_metadata(path).is_ok_and(empty)
}
