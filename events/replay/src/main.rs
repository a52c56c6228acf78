//! `postern`: the command line of those who run Postern and of those who read its log.

mod keys;
mod operators;
mod rebuild;

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
  postern keys add token token-2 < secret.json > next.json
  postern rebuild guards                 compare, and change nothing
  postern rebuild guards --yes           put what is missing there
  postern sign-out acc_01J9… --yes       end all sessions and all trust of an account

Tables are reached as by every tool of AWS: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL.";

#[derive(Subcommand)]
enum Command {
    /// The keys of a deployment: one JSON document, read from standard input and written to standard
    /// output, so that it need never lie in a file.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Make anew from the log what a table has lost.
    #[command(subcommand)]
    Rebuild(rebuild::Rebuild),
    #[command(flatten)]
    Operate(operators::Operate),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Keys(keys) => keys.run().map_err(|it| postern_runtime::feed::chain_of(&it)),
        Command::Rebuild(what) => what.run().map_err(|it| postern_runtime::feed::chain_of(&it)),
        Command::Operate(what) => what.run().map_err(|it| postern_runtime::feed::chain_of(&it)),
    };
    match done {
        Ok(code) => code,
        Err(failed) => {
            eprintln!("postern: {failed}");
            ExitCode::FAILURE
        }
    }
}
