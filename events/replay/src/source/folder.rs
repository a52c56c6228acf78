//! What a folder holds of the log: one source, and all of it.

use std::path::{Path, PathBuf};

use super::exported::{self, Begins};
use super::{NoSource, SUMMARY, Source, complete, is_ours};

/// What an export is made in: as long as it lies there, days may be missing.
const UNFINISHED: &str = ".unfinished";

/// The files of a folder, by what they hold.
#[derive(Default)]
struct Held {
    /// Files of this tool.
    ours: Vec<PathBuf>,
    /// What such files say of themselves.
    summaries: Vec<PathBuf>,
    /// What DynamoDB says of an export.
    about_exports: Vec<PathBuf>,
    /// Lists of its data files.
    manifests: Vec<PathBuf>,
    /// Its data files.
    exported: Vec<PathBuf>,
    /// What a local stack showed.
    shown: Vec<PathBuf>,
    /// Files that may be data by their names.
    others: Vec<PathBuf>,
    /// Such as can't be read so far that one could tell.
    unreadable: Vec<(PathBuf, std::io::Error)>,
}

/// The source in a folder.
pub(super) fn source_in(folder: &Path) -> Result<Source, NoSource> {
    let mut found = Vec::new();
    collect(folder, &mut found)?;
    found.sort();
    let mut held = Held::default();
    for path in found {
        held.take(path);
    }
    held.source(folder)
}

impl Held {
    fn take(&mut self, path: PathBuf) {
        let list = if exported::is_manifest(&path) {
            &mut self.manifests
        } else if exported::is_summary(&path) {
            &mut self.about_exports
        } else if path.ends_with(SUMMARY) {
            &mut self.summaries
        } else if is_ours(&path) || exported::is_data(&path) {
            match exported::begins(&path) {
                Ok(Some(Begins::Exported)) => &mut self.exported,
                Ok(Some(Begins::Shown)) => &mut self.shown,
                Ok(None) if is_ours(&path) => &mut self.ours,
                Ok(None) => &mut self.others,
                Err(error) => return self.unreadable.push((path, error)),
            }
        } else {
            return;
        };
        list.push(path);
    }

    fn source(mut self, folder: &Path) -> Result<Source, NoSource> {
        self.is_one(folder)?;
        self.is_readable()?;
        let without = |about: &&PathBuf| !about.with_file_name(exported::MANIFEST).is_file();
        if let Some(about) = self.about_exports.iter().find(without) {
            return Err(NoSource::NoManifest(about.clone()));
        }
        if !self.manifests.is_empty() {
            let unlisted = exported::unlisted(&self.manifests, &self.exported);
            return unlisted.map_or(Ok(Source::Exported(self.manifests)), |it| {
                Err(NoSource::NoManifest(it.clone()))
            });
        }
        if !self.exported.is_empty() {
            return Ok(Source::Exported(self.exported));
        }
        if !self.shown.is_empty() {
            return Ok(Source::Exported(self.shown));
        }
        // An export of a log without events has no day.
        if !self.ours.is_empty() || !self.summaries.is_empty() {
            let mut summaries = self.summaries.iter();
            summaries.try_for_each(|it| complete::has_all_days(it, &self.ours))?;
            return Ok(Source::Files(self.ours));
        }
        if self.others.is_empty() {
            return Err(NoSource::Nothing(folder.to_owned()));
        }
        // Whoever reads them says what they are not.
        Ok(Source::Exported(self.others))
    }

    /// What can't be read may be part of the log. Of what a manifest lists the reader says what is wrong.
    fn is_readable(&mut self) -> Result<(), NoSource> {
        let unreadable = std::mem::take(&mut self.unreadable);
        let unlisted =
            |it: &PathBuf| exported::unlisted(&self.manifests, std::slice::from_ref(it)).is_some();
        match unreadable.into_iter().find(|(path, _)| unlisted(path)) {
            Some((path, source)) => Err(NoSource::Unreadable { path, source }),
            None => Ok(()),
        }
    }

    /// Nobody can mean all of several sources.
    fn is_one(&self, folder: &Path) -> Result<(), NoSource> {
        let exported = self.manifests.first().or(self.exported.first());
        let kinds = [
            ("files of this tool", self.ours.first()),
            ("an export of DynamoDB", exported),
            ("what a local stack showed", self.shown.first()),
        ];
        let mut there = kinds
            .into_iter()
            .filter_map(|(what, first)| first.map(|it| format!("{what} ({})", it.display())));
        match (there.next(), there.next()) {
            (Some(one), Some(other)) => {
                Err(NoSource::Several { folder: folder.to_owned(), one, other })
            }
            (Some(_), None) | (None, _) => Ok(()),
        }
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), NoSource> {
    let unreadable = |source| NoSource::Unreadable { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if name == UNFINISHED && path.is_dir() {
            return Err(NoSource::Unfinished(folder.to_owned()));
        }
        let hidden = name.starts_with('.');
        if path.is_dir() && !hidden {
            collect(&path, found)?;
        } else if !hidden {
            found.push(path);
        }
    }
    Ok(())
}
