//! The schemas of an earlier release, compared with what this program knows.

use std::fmt;

use postern_events::catalogue::{Entry, catalogue};
use postern_events::schema::{entry, stem};
use postern_events::upcast::UPCASTERS;
use serde::Serialize;
use serde_json::Value;

use super::change::{Change, Finding};
use super::compare::compare;
use super::folder::Schemas;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Checked {
    /// Schemas that were compared.
    pub compared: usize,
    /// Events and versions that this program has and the folder has not, as `name.v1`.
    pub new: Vec<String>,
    /// What a version doesn't allow. Empty is fine.
    pub findings: Vec<Finding>,
}

/// Compares the schemas of an earlier release with what this program knows. The former schema of a
/// version that is read through upcasters only is not kept here, so of such it is asked whether
/// they lead on from it; what they make of its data is shown by its golden file.
#[must_use]
pub fn check(schemas: &Schemas) -> Checked {
    let mut checked = Checked { compared: schemas.len(), ..Checked::default() };
    for ((name, version), old) in schemas {
        checked.findings.extend(of_one(name, *version, old));
    }
    let known = |it: &Entry| schemas.contains_key(&(it.name.to_owned(), it.version));
    let new = catalogue().into_iter().filter(|it| !known(it));
    checked.new = new.map(|it| stem(it.name, it.version)).collect();
    checked
}

fn of_one(name: &str, version: u16, old: &Value) -> Vec<Finding> {
    let missing = |what| Finding { event: name.to_owned(), version, pointer: String::new(), what };
    match entry(name) {
        None => vec![missing(Change::EventMissing)],
        Some(known) if known.version == version => {
            compare(name, version, old, (known.schema)().as_value())
        }
        Some(known) if is_read(&known, version) => Vec::new(),
        Some(_) => vec![missing(Change::VersionMissing)],
    }
}

/// Whether data of this version can be read: it is today's, or steps lead on from it.
pub(super) fn is_read(entry: &Entry, version: u16) -> bool {
    let step = |from| UPCASTERS.iter().any(|it| it.name == entry.name && it.from == from);
    version <= entry.version && (version..entry.version).all(step)
}

impl fmt::Display for Checked {
    /// Text for people; ends with a line's end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        for new in &self.new {
            writeln!(f, "{new} is new")?;
        }
        let Self { compared, new, findings } = self;
        writeln!(f, "{compared} compared, {} new, {} found", new.len(), findings.len())
    }
}
