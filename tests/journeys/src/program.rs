//! Which program the stories are played against.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Names a stack that is built already, to try another build than the default one.
const BUILT: &str = "POSTERN_STACK";

/// What cargo tells a test about the test itself. A build script that looks at one of these
/// would run again, so the build of the stack must not inherit them.
const ABOUT_THE_TEST: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

/// Why there is no program.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotBuilt {
    /// Cargo could not be started.
    #[error("cargo can't be started: {0}")]
    NoCargo(String),
    /// The stack doesn't compile.
    #[error("the local stack can't be built")]
    Failed,
    /// Cargo built something that can't be run.
    #[error("the local stack has no program")]
    Nothing,
}

/// The local stack's program, built once in this process's life.
///
/// # Errors
/// [`NotBuilt`], the same each time.
pub fn local_stack() -> Result<&'static Path, NotBuilt> {
    static PROGRAM: OnceLock<Result<PathBuf, NotBuilt>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| match std::env::var_os(BUILT) {
        Some(path) => Ok(path.into()),
        None => build(),
    });
    program.as_deref().map_err(Clone::clone)
}

/// The operators' command line, which is built with the stack and lies beside it.
///
/// # Errors
/// As [`local_stack`].
pub fn command_line() -> Result<PathBuf, NotBuilt> {
    Ok(local_stack()?.with_file_name("postern"))
}

fn build() -> Result<PathBuf, NotBuilt> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let mut command = Command::new(cargo);
    let inherited = std::env::vars_os().map(|(name, _)| name);
    for name in inherited.filter(|name| {
        let name = name.to_string_lossy();
        ABOUT_THE_TEST.iter().any(|start| name.starts_with(start))
    }) {
        command.env_remove(name);
    }
    let built = command
        // As `cargo test --workspace` builds it: with another choice of packages or targets, cargo
        // would choose other features and build most dependencies once more.
        .args(["build", "--workspace", "--bins", "--tests", "--message-format", "json"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| NotBuilt::NoCargo(error.to_string()))?;
    if !built.status.success() {
        return Err(NotBuilt::Failed);
    }
    executable(&String::from_utf8_lossy(&built.stdout)).ok_or(NotBuilt::Nothing)
}

/// Where cargo's messages say that the local stack's program is, and not the test of it.
fn executable(messages: &str) -> Option<PathBuf> {
    let named = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let wanted = message["target"]["name"] == "postern-local";
        let program = message["profile"]["test"] == false;
        let path = message.get("executable")?.as_str().map(PathBuf::from)?;
        (wanted && program).then_some(path)
    };
    messages.lines().find_map(named)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cargos_messages_say_where_the_program_is() {
        let line = |name: &str, test: bool, path: Option<&str>| {
            let (target, profile) = (json!({"name": name}), json!({"test": test}));
            json!({"target": target, "profile": profile, "executable": path}).to_string()
        };
        let messages = [
            line("postern-local", false, None),
            line("postern-local", true, Some("/target/debug/deps/postern_local-1")),
            line("postern-account", false, Some("/target/debug/postern-account")),
            line("postern-local", false, Some("/target/debug/postern-local")),
            json!({"reason": "build-finished", "success": true}).to_string(),
        ];
        let messages = messages.join("\n");
        assert_eq!(executable(&messages), Some("/target/debug/postern-local".into()));
        assert_eq!(executable("not a message"), None);
    }
}
