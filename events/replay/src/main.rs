//! `postern`: the command line of those who run Postern and of those who read its log.

mod keys;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The command line of those who run Postern and of those who read its log.
#[derive(Parser)]
#[command(name = "postern", version, about, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  postern keys new > secret.json
  postern keys add token token-2 < secret.json > next.json";

#[derive(Subcommand)]
enum Command {
    /// The keys of a deployment: one JSON document, read from standard input and written to standard
    /// output, so that it need never lie in a file.
    #[command(subcommand)]
    Keys(keys::Keys),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Keys(keys) => keys.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("postern: {}", postern_runtime::feed::chain_of(&failed));
            ExitCode::FAILURE
        }
    }
}
