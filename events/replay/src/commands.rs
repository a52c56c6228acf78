//! The subcommands: what is asked, and how it is answered.

pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod generate;
pub(crate) mod keys;
pub(crate) mod operators;
pub(crate) mod reading;
pub(crate) mod rebuild;
pub(crate) mod replay;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod stats;
pub(crate) mod tail;
pub(crate) mod verify;

use std::io::{self, Write as _};
use std::process::ExitCode;

use postern_replay::printed;
use serde::Serialize;

/// The exit code where something was found that should not be: a difference, a gap in a schema.
pub(crate) const FOUND: u8 = 3;
/// The exit code where somebody has to look.
pub(crate) const CONTRADICTS: u8 = 4;

/// Whatever a command failed of.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Writes an answer: as JSON, or as people read it.
pub(crate) fn answer(
    json: bool,
    told: &impl Serialize,
    text: impl std::fmt::Display,
) -> Result<(), Failed> {
    let text = if json {
        serde_json::to_string(told)?
    } else {
        printed::lines(&text.to_string()).into_owned()
    };
    match writeln!(io::stdout().lock(), "{text}") {
        // Whoever reads it has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// The exit code for whether something was found.
pub(crate) fn found(anything: bool) -> ExitCode {
    if anything { ExitCode::from(FOUND) } else { ExitCode::SUCCESS }
}
