//! The files of an earlier release.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::Value;

use super::described_by;

/// Schemas by event and version.
pub type Schemas = BTreeMap<(String, u16), Value>;

/// Why a folder can't be compared.
#[derive(Debug, thiserror::Error)]
pub enum BadFolder {
    /// A file or the folder itself can't be read.
    #[error("{} can't be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is called otherwise than `<name>.v<version>.json`.
    #[error("{} is not called like a schema, NAME.vVERSION.json", .0.display())]
    Misnamed(PathBuf),
    /// A file holds no JSON.
    #[error("{} holds no JSON", path.display())]
    NoJson {
        /// Which.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// There is nothing in it: probably another folder is meant.
    #[error("{} holds no schema", .0.display())]
    Empty(PathBuf),
}

/// Reads every `<name>.v<version>.json` of a folder, such as `events/schemas` of an earlier release.
///
/// # Errors
/// When it can't be read, holds anything else, or nothing.
pub fn read_folder(folder: &Path) -> Result<Schemas, BadFolder> {
    let unreadable = |path: &Path, source| BadFolder::Unreadable { path: path.to_owned(), source };
    let mut schemas = Schemas::new();
    for entry in fs::read_dir(folder).map_err(|why| unreadable(folder, why))? {
        let path = entry.map_err(|why| unreadable(folder, why))?.path();
        let file = path.file_name().and_then(|it| it.to_str());
        let Some((name, version)) = file.and_then(described_by) else {
            return Err(BadFolder::Misnamed(path));
        };
        let about = (name.to_owned(), version);
        let text = fs::read_to_string(&path).map_err(|why| unreadable(&path, why))?;
        match serde_json::from_str(&text) {
            Ok(schema) => schemas.insert(about, schema),
            Err(source) => return Err(BadFolder::NoJson { path, source }),
        };
    }
    if schemas.is_empty() {
        return Err(BadFolder::Empty(folder.to_owned()));
    }
    Ok(schemas)
}
