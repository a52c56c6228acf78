//! The folders of the contract, and the names of the files in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use postern_events::catalogue::Entry;
use postern_events::schema::{entry, of_stem};

/// Where the golden files lie.
pub(crate) fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Where the schemas lie.
pub(crate) fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

/// Whether files may be written instead of compared.
pub(crate) fn blessing() -> bool {
    env::var("POSTERN_BLESS").is_ok_and(|it| it == "1")
}

/// The names of the files in a folder.
pub(crate) fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap_or_else(|why| panic!("{}: {why}", folder.display()))
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The entry and version that a file `name.v1.json` or `name.v1.minimal.json` is about, if there
/// is an entry of this name and it ever had this version.
pub(crate) fn about(file: &str) -> Option<(Entry, u16)> {
    let stem = file.strip_suffix(".json")?;
    let stem = stem.strip_suffix(".minimal").unwrap_or(stem);
    let (name, version) = of_stem(stem)?;
    let entry = entry(name)?;
    ((1..=entry.version).contains(&version)).then_some((entry, version))
}
