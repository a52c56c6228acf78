//! The functions' programs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Every function there is, by its package.
pub(crate) const FUNCTIONS: [&str; 5] =
    ["postern-sign-in", "postern-account", "postern-project", "postern-notify", "postern-feedback"];

/// What cargo tells a test about the test itself. A build script that looks at one of these
/// would run again, so the build of the functions must not inherit them.
const ABOUT_THE_TEST: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

/// Where the program of this function is. All of them are built at the first question, once.
pub(crate) fn of(function: &str) -> &'static Path {
    static PROGRAMS: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    &PROGRAMS.get_or_init(build)[function]
}

fn build() -> BTreeMap<String, PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut command = Command::new(cargo);
    // As `cargo test --workspace` builds them: with another choice of packages or targets, cargo
    // would choose other features and build most dependencies once more.
    command.args(["build", "--workspace", "--bins", "--tests", "--message-format", "json"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    for (name, _) in std::env::vars_os() {
        if ABOUT_THE_TEST.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    let built = command
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(built.status.success(), "the functions can't be built");
    String::from_utf8(built.stdout).unwrap().lines().filter_map(executable).collect()
}

/// The program that one of cargo's messages tells of, by its name; not the test of one.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message.get("executable")?.as_str()?;
    if message["profile"]["test"] != false {
        return None;
    }
    Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
}

#[test]
fn cargo_s_messages_say_where_each_program_is() {
    let built = r#"{"target":{"name":"postern-account"},"profile":{"test":false},
        "executable":"/target/postern-account"}"#;
    let tested = built.replace("false", "true");
    assert_eq!(executable(&tested), None);
    let expected = ("postern-account".to_owned(), "/target/postern-account".into());
    assert_eq!(executable(built), Some(expected));
    assert_eq!(executable(r#"{"target":{"name":"postern_http"},"executable":null}"#), None);
    assert_eq!(executable("not a message"), None);
}
