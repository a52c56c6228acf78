//! Whether an export of this tool is all there, by what it says of itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::NoSource;

/// What the name of a day's folder begins with.
const DAY: &str = "date=";

/// What an export says of itself. Earlier ones may say less.
#[derive(Deserialize)]
struct About {
    days: Option<u64>,
}

/// Holds the days beside a summary against what it says.
pub(super) fn has_all_days(summary: &Path, files: &[PathBuf]) -> Result<(), NoSource> {
    let unreadable = |source| NoSource::Unreadable { path: summary.to_owned(), source };
    let text = std::fs::read(summary).map_err(unreadable)?;
    let about: About = serde_json::from_slice(&text).map_err(|it| unreadable(it.into()))?;
    let Some(due) = about.days else { return Ok(()) };
    let is_day =
        |it: &&Path| it.parent() == summary.parent() && it.file_name().is_some_and(names_day);
    // A day may be there in both forms.
    let days: BTreeSet<&Path> = files.iter().filter_map(|it| it.parent()).filter(is_day).collect();
    let found = u64::try_from(days.len()).unwrap_or(u64::MAX);
    if found == due {
        return Ok(());
    }
    Err(NoSource::Days { summary: summary.to_owned(), due, found })
}

fn names_day(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(DAY.as_bytes())
}
