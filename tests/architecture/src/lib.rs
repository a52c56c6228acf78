//! The workspace's dependency graph, as cargo resolves it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

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

/// The graph.
#[derive(Debug)]
pub struct Graph {
    packages: BTreeMap<String, Package>,
    normal: BTreeMap<String, Vec<String>>,
}

/// The workspace's root folder.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Graph {
    /// Asks cargo.
    ///
    /// # Errors
    /// When cargo does not answer with a graph.
    pub fn read() -> Result<Self, Unread> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--filter-platform"])
            .arg("x86_64-unknown-linux-gnu")
            .current_dir(root())
            .output()
            .map_err(|error| Unread(error.to_string()))?;
        if !output.status.success() {
            return Err(Unread(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let metadata: Value =
            serde_json::from_slice(&output.stdout).map_err(|error| Unread(error.to_string()))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let packages = list(&metadata["packages"])
            .iter()
            .map(|it| {
                let package = Package { name: text(&it["name"]), version: text(&it["version"]) };
                (text(&it["id"]), package)
            })
            .collect();
        let is_normal = |dep: &Value| list(&dep["dep_kinds"]).iter().any(|it| it["kind"].is_null());
        let normal = list(&metadata["resolve"]["nodes"])
            .iter()
            .map(|node| {
                let deps = list(&node["deps"]);
                let deps = deps.iter().filter(|it| is_normal(it)).map(|it| text(&it["pkg"]));
                (text(&node["id"]), deps.collect())
            })
            .collect();
        Ok(Self { packages, normal })
    }

    /// Every package that ends up in the program of the one named, itself excepted; no build
    /// scripts, no tests.
    #[must_use]
    pub fn under(&self, name: &str) -> BTreeSet<Package> {
        let mut waiting: Vec<&String> =
            self.packages.iter().filter(|(_, it)| it.name == name).map(|(id, _)| id).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            for dep in self.normal.get(id).into_iter().flatten() {
                if seen.insert(dep.clone()) {
                    waiting.push(dep);
                }
            }
        }
        seen.iter().filter_map(|id| self.packages.get(id)).cloned().collect()
    }

    /// Every package of this name, in any version, anywhere.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<&Package> {
        self.packages.values().filter(|it| it.name == name).collect()
    }

    /// The names of the workspace's own packages.
    #[must_use]
    pub fn own(&self) -> Vec<&str> {
        let names = self.packages.values().map(|it| it.name.as_str());
        names.filter(|it| it.starts_with("postern")).collect()
    }
}
