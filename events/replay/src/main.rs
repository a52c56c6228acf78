//! `postern`: the command line of those who run Postern and of those who read its log.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::Failed;
use commands::diff::Diff;
use commands::export::Export;
use commands::generate::Generate;
use commands::keys::Keys;
use commands::operators::Operate;
use commands::rebuild::Rebuild;
use commands::replay::Replay;
use commands::schema::Schema;
use commands::show::{Explain, Show};
use commands::stats::Stats;
use commands::tail::Tail;
use commands::verify::Verify;

/// The command line of those who run Postern and of those who read its log.
#[derive(Parser)]
#[command(name = "postern", version, about, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  postern export log --format parquet    the live table into files, a row an event
  postern verify --from log              is anything missing, doubled, changed?
  postern stats --from log               from attempts to trusted devices, in figures
  postern explain sin_01J…               why was a code asked, why did none come?
  postern sign-out acc_01J… --yes        end all sessions and all trust of an account
  postern keys new > secret.json         the keys of a new deployment

Each subcommand's --help has more. Tables are reached as by every tool of AWS: AWS_REGION, AWS_PROFILE,
AWS_ENDPOINT_URL. Nothing is changed without --yes.";

#[derive(Subcommand)]
enum Command {
    Export(Export),
    Verify(Verify),
    Replay(Replay),
    Diff(Diff),
    Rebuild(Rebuild),
    Show(Show),
    Explain(Explain),
    Tail(Tail),
    Stats(Stats),
    Generate(Generate),
    /// The JSON Schemas of the log's events: list them, show one, hold them against an earlier release's.
    #[command(subcommand)]
    Schema(Schema),
    /// The keys of a deployment: one JSON document, read from standard input and written to standard
    /// output, so that it need never lie in a file.
    #[command(subcommand)]
    Keys(Keys),
    #[command(flatten)]
    Operate(Operate),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Export(it) => it.run(),
        Command::Verify(it) => it.run(),
        Command::Replay(it) => it.run(),
        Command::Diff(it) => it.run(),
        Command::Rebuild(it) => it.run(),
        Command::Show(it) => it.run(),
        Command::Explain(it) => it.run(),
        Command::Tail(it) => it.run(),
        Command::Stats(it) => it.run(),
        Command::Generate(it) => it.run(),
        Command::Schema(it) => it.run().map_err(Failed::from),
        Command::Keys(it) => it.run().map_err(Failed::from),
        Command::Operate(it) => it.run().map_err(Failed::from),
    };
    match done {
        Ok(code) => code,
        Err(failed) => {
            let why = postern_runtime::feed::chain_of(&*failed);
            eprintln!("postern: {}", postern_replay::printed::in_line(&why));
            ExitCode::FAILURE
        }
    }
}
