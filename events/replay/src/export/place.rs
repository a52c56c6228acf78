//! Where an export goes, and what is there of it before it is whole.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Format, NotExported};
use crate::merge::Unread;

/// The folder that an export is made in.
const UNFINISHED: &str = ".unfinished";
/// The folder in it that files are made in.
pub(crate) const MAKING: &str = "days";
/// The name of the only file while it is made.
pub(super) const WHOLE: &str = "whole";
/// What the name of a day's folder begins with.
const DAY: &str = "date=";

/// Where an export goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// A folder, with one of its own for each day; or one file, by its ending.
    pub(super) out: PathBuf,
    pub(super) format: Format,
    pub(super) single: bool,
    /// The folder that it is made in.
    pub unfinished: PathBuf,
}

impl Place {
    /// Takes a file by its ending (`.jsonl`, `.parquet`), or a folder that is empty or was begun to be
    /// exported into.
    ///
    /// # Errors
    /// When something else lies there.
    pub fn take(out: &Path, format: Format) -> Result<Self, NotExported> {
        let ending = out.extension().and_then(|it| it.to_str());
        let format = match ending {
            Some("jsonl") => Format::Jsonl,
            Some("parquet") => Format::Parquet,
            Some(_) | None => format,
        };
        if !matches!(ending, Some("jsonl" | "parquet")) {
            fs::create_dir_all(out).map_err(Unread::file(out))?;
            let unfinished = out.join(UNFINISHED);
            let mut entries = fs::read_dir(out).map_err(Unread::file(out))?;
            if !unfinished.is_dir() && entries.next().is_some() {
                return Err(NotExported::NotEmpty(out.to_owned()));
            }
            return Ok(Self { out: out.to_owned(), format, single: false, unfinished });
        }
        let name = out.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        let unfinished = out.with_file_name(format!(".{name}{UNFINISHED}"));
        let place = Self { out: out.to_owned(), format, single: true, unfinished };
        // An export that was killed in its last moment had put its file there: it is made again.
        if is_one(&place.making().join(WHOLE), out) {
            fs::remove_file(out).map_err(Unread::file(out))?;
        }
        if out.exists() {
            return Err(NotExported::Exists(out.to_owned()));
        }
        Ok(place)
    }

    /// The folder that files are made in.
    pub(super) fn making(&self) -> PathBuf {
        self.unfinished.join(MAKING)
    }

    /// Brings the only file there, and writes over nobody's.
    pub(super) fn put(&self, made: &Path) -> Result<(), NotExported> {
        let out = &self.out;
        match fs::hard_link(made, out) {
            Ok(()) => Ok(()),
            // Where a file can't have two names.
            Err(error) if error.kind() != ErrorKind::AlreadyExists && !out.exists() => {
                Ok(fs::rename(made, out).map_err(Unread::file(out))?)
            }
            Err(_) => Err(NotExported::Exists(out.clone())),
        }
    }

    /// Removes the days that an export had brought here when it was killed: its source or its form may
    /// have been another.
    pub(super) fn clear(&self) -> Result<(), Unread> {
        if self.single {
            return Ok(());
        }
        let failed = || Unread::file(&self.out);
        for entry in fs::read_dir(&self.out).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            if entry.file_name().as_encoded_bytes().starts_with(DAY.as_bytes()) {
                fs::remove_dir_all(entry.path()).map_err(failed())?;
            }
        }
        Ok(())
    }

    /// The file of a day.
    pub(super) fn file(&self, day: &str) -> Result<PathBuf, Unread> {
        if self.single {
            return Ok(self.out.clone());
        }
        let folder = self.out.join(format!("{DAY}{day}"));
        fs::create_dir_all(&folder).map_err(Unread::file(&folder))?;
        let parquet = self.format == Format::Parquet;
        Ok(folder.join(if parquet { "events.parquet" } else { "events.jsonl" }))
    }

    /// Nothing of the making stays.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn finish(&self) -> Result<(), Unread> {
        if self.unfinished.is_dir() {
            fs::remove_dir_all(&self.unfinished).map_err(Unread::file(&self.unfinished))?;
        }
        Ok(())
    }
}

/// Whether both are names of one file.
fn is_one(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let which = |it: &Path| fs::symlink_metadata(it).map(|it| (it.dev(), it.ino())).ok();
        which(one).is_some_and(|it| Some(it) == which(other))
    }
    #[cfg(not(unix))]
    {
        let _ = (one, other);
        false
    }
}
