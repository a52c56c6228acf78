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
        .args(["build", "--package", "postern-local", "--bins", "--message-format", "json"])
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

/// The last program that cargo's messages name.
fn executable(messages: &str) -> Option<PathBuf> {
    let named = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    };
    messages.lines().rev().find_map(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_messages_say_where_the_program_is() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"postern"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","executable":"/target/debug/postern-local"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages), Some("/target/debug/postern-local".into()));
        assert_eq!(executable("not a message"), None);
    }
}
