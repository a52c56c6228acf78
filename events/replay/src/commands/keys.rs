//! Making and replacing the keys of a deployment.

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use clap::Subcommand;
use postern_runtime::chance::SystemChance;
use postern_runtime::secrets::{BadSecrets, Kind, Secrets};

const EXAMPLES: &str = "\
Examples:
  postern keys new > secret.json                           a document for a new deployment
  postern keys add token token-2 < secret.json > next      a further key, which nothing uses yet
  postern keys use token token-2 < next > then             the same key, current with the next deployment
  postern keys remove token token-1 < then > last          without the former one, once nothing needs it";

/// What can be done with keys. Each is one step: add a key, deploy; use it, deploy; remove the former
/// one when nothing alive was made with it any more.
#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Keys {
    /// Make a document with one new key of each kind.
    New {
        /// A document is JSON already; this changes nothing.
        #[arg(long, hide = true)]
        json: bool,
    },
    /// Add a new key, which nothing uses yet.
    Add {
        /// `code`, `vault`, `pepper` or `token`.
        kind: Kind,
        /// What to call it.
        name: String,
        /// A document is JSON already; this changes nothing.
        #[arg(long, hide = true)]
        json: bool,
    },
    /// Make a key that every function knows the current one.
    Use {
        /// `code`, `vault`, `pepper` or `token`.
        kind: Kind,
        /// What it is called.
        name: String,
        /// A document is JSON already; this changes nothing.
        #[arg(long, hide = true)]
        json: bool,
    },
    /// Remove a key that isn't the current one.
    Remove {
        /// `code`, `vault`, `pepper` or `token`.
        kind: Kind,
        /// What it is called.
        name: String,
        /// A document is JSON already; this changes nothing.
        #[arg(long, hide = true)]
        json: bool,
    },
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// The document, or what was asked of it.
    #[error("the keys stay as they are")]
    Keys(#[from] BadSecrets),
    /// Standard input or output.
    #[error("the document can't be read or written")]
    Document(#[from] io::Error),
}

impl Keys {
    /// Reads the document where there is one, and writes the next.
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        let next = match self {
            Self::New { .. } => Secrets::generate(&SystemChance)?,
            Self::Add { kind, name, .. } => read()?.with(kind, &name, &SystemChance)?,
            Self::Use { kind, name, .. } => read()?.using(kind, &name)?,
            Self::Remove { kind, name, .. } => read()?.without(kind, &name)?,
        };
        let document = next.to_json().map_err(io::Error::from)?;
        writeln!(io::stdout(), "{document}")?;
        Ok(ExitCode::SUCCESS)
    }
}

fn read() -> Result<Secrets, Failed> {
    let mut document = String::new();
    io::stdin().read_to_string(&mut document)?;
    Ok(Secrets::parse(&document)?)
}
