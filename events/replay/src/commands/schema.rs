//! The schemas of the log, shown and compared.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use postern_replay::schema::{self, BadFolder, NotShown};
use serde::Serialize;

use super::FOUND;

const EXAMPLES: &str = "\
Examples:
  postern schema list                                  every event, its versions, what is sealed in it
  postern schema show sign_in.code_rejected            what its data are
  postern schema show sign_in.code_rejected@1          the same, in a version of its own
  postern schema check ../released/events/schemas      did every schema only grow since then?";

/// What can be done with schemas.
#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Schema {
    /// Name every event: its versions, and which of its members are sealed.
    List {
        /// Write JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show the JSON Schema of an event's data.
    Show {
        /// `NAME` or `NAME@VERSION`.
        event: String,
        /// A schema is JSON already; this changes nothing.
        #[arg(long, hide = true)]
        json: bool,
    },
    /// Compare the schemas of an earlier release with this program's: they may only grow.
    /// Exit code 3: one did not.
    Check {
        /// Where they lie, as `NAME.vVERSION.json`.
        #[arg(default_value = "events/schemas")]
        folder: PathBuf,
        /// Write JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Why it came to no end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// What was asked for.
    #[error(transparent)]
    Shown(#[from] NotShown),
    /// The folder.
    #[error("the schemas can't be compared")]
    Folder(#[from] BadFolder),
    /// Standard output.
    #[error("the answer can't be written")]
    Output(#[from] io::Error),
}

impl Schema {
    /// Does it, and writes what was asked for.
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        match self {
            Self::List { json: true } => write_json(&schema::list())?,
            Self::List { json: false } => write!(io::stdout(), "{}", schema::list())?,
            Self::Show { event, .. } => write!(io::stdout(), "{}", schema::show(&event)?)?,
            Self::Check { folder, json } => {
                let checked = schema::check(&schema::read_folder(&folder)?);
                if json {
                    write_json(&checked)?;
                } else {
                    write!(io::stdout(), "{checked}")?;
                }
                if !checked.findings.is_empty() {
                    return Ok(ExitCode::from(FOUND));
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn write_json<T: Serialize>(answer: &T) -> io::Result<()> {
    let text = serde_json::to_string_pretty(answer)?;
    writeln!(io::stdout(), "{text}")
}
