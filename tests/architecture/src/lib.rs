//! The workspace's dependency graph, as cargo builds it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

/// The graph could not be read.
#[derive(Debug)]
pub struct Unread(pub String);

/// A package of the graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The workspace's root folder.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every package that ends up in the program of the one named, itself excepted: no build scripts,
/// no tests, no feature that is off.
///
/// # Errors
/// When cargo does not answer.
pub fn under(name: &str) -> Result<BTreeSet<Package>, Unread> {
    let packages = tree(&["--package", name])?;
    Ok(packages.into_iter().filter(|it| it.name != name).collect())
}

/// Every package that ends up in any of the workspace's programs.
///
/// # Errors
/// When cargo does not answer.
pub fn linked() -> Result<BTreeSet<Package>, Unread> {
    tree(&["--workspace"])
}

fn tree(of: &[&str]) -> Result<BTreeSet<Package>, Unread> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(of)
        .current_dir(root())
        .output()
        .map_err(|error| Unread(error.to_string()))?;
    if !output.status.success() {
        return Err(Unread(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(package).collect())
}

/// A line such as `serde v1.0.229`.
fn package(line: &str) -> Option<Package> {
    let (name, rest) = line.split_once(" v")?;
    let version = rest.split(' ').next()?;
    Some(Package { name: name.to_owned(), version: version.to_owned() })
}
