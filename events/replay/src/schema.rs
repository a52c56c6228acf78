//! The log's schemas: which there are, what each says, and whether they only grew since a release.
//!
//! Data that lie in a log stay as they are, so a schema of one version may only grow: by members
//! that may be absent, and by words at the end of a list of words. Whatever was stored before then
//! reads as before, and whoever reads with the former schema ignores a member, or a word, that came
//! later. Everything else is the next version.

use std::fmt;

use postern_events::catalogue::catalogue;
use postern_events::schema::{entry, of_stem};
use serde::Serialize;

mod change;
mod check;
mod compare;
mod folder;
#[cfg(test)]
mod tests;

pub use change::{Change, Finding};
pub use check::{Checked, check};
pub use compare::compare;
pub use folder::{BadFolder, Schemas, read_folder};

/// An event that there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its wire name.
    pub event: String,
    /// What it happens to.
    pub aggregate: String,
    /// The versions that this program reads, oldest first; the last is the one that is written.
    pub versions: Vec<u16>,
    /// The members that hold sealed values.
    pub personal: Vec<String>,
}

/// Every event there is, aggregate by aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct List(pub Vec<Listed>);

/// Lists every event there is.
#[must_use]
pub fn list() -> List {
    let listed = |it: postern_events::catalogue::Entry| Listed {
        event: it.name.to_owned(),
        aggregate: it.name.split('.').next().unwrap_or_default().to_owned(),
        versions: (1..=it.version).filter(|version| check::is_read(&it, *version)).collect(),
        personal: it.personal_members(),
    };
    List(catalogue().into_iter().map(listed).collect())
}

impl fmt::Display for List {
    /// A table for people; ends with a line's end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|it| it.event.len()).max().unwrap_or_default();
        for Listed { event, versions, personal, .. } in &self.0 {
            let versions: Vec<_> = versions.iter().map(|it| format!("v{it}")).collect();
            let line = format!("{event:width$}  {}  {}", versions.join(" "), personal.join(", "));
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Why a schema can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum NotShown {
    /// No event has this name.
    #[error("there is no event {0}; `postern schema list` names them all")]
    NoEvent(String),
    /// It is not the version that this program writes.
    #[error("{event} is written at version {current}; schemas/ keeps the files of earlier ones")]
    OtherVersion {
        /// The event.
        event: String,
        /// The version that this program writes.
        current: u16,
    },
    /// The schema can't be written as JSON.
    #[error("the schema can't be written")]
    Json(#[from] serde_json::Error),
}

/// The JSON Schema of an event's data, as it lies in `schemas/`; asked for as `NAME` or
/// `NAME@VERSION`.
///
/// # Errors
/// When there is no such event, or this program writes another version of it.
pub fn show(asked: &str) -> Result<String, NotShown> {
    let (name, version) = match asked.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (asked, None),
    };
    let entry = entry(name).ok_or_else(|| NotShown::NoEvent(name.to_owned()))?;
    if version.is_some_and(|it| it != entry.version.to_string()) {
        return Err(NotShown::OtherVersion { event: name.to_owned(), current: entry.version });
    }
    Ok(entry.schema_text()?)
}

/// The event and the version that a file `<name>.v<version>.json` describes, if it is one.
fn described_by(file: &str) -> Option<(&str, u16)> {
    file.strip_suffix(".json").and_then(of_stem)
}
