//! `postern tail`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Args;
use postern_replay::line::Line;
use postern_replay::row::Row;
use postern_replay::tail::{Wanted, tail};
use postern_runtime::aws;

use super::Failed;
use super::reading::{Reading, block_on, stream_of};

const EXAMPLES: &str = "\
Examples:
  postern tail --follow                                 what is appended to the live table
  postern tail -n 100 --from http://127.0.0.1:8080      the last 100 events of a local stack
  postern tail --follow --stream account/acc_01J…       what happens to one account
  postern tail --follow --json | jq .type

A table's stream keeps a day; older events are in an export.";

/// The newest events, and with --follow those that come.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Tail {
    /// How many of those there are.
    #[arg(short = 'n', long = "lines", default_value_t = 20)]
    lines: usize,
    /// Wait for more.
    #[arg(short, long)]
    follow: bool,
    /// Only this stream's.
    #[arg(long, value_parser = stream_of)]
    stream: Option<String>,
    #[command(flatten)]
    reading: Reading,
    /// A JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Tail {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        let Self { lines, follow, stream, reading, json } = self;
        let wanted = Wanted { newest: lines, follow, stream };
        block_on(async {
            let source = reading.source(false).await?;
            let config = aws::operator_config().await;
            let streams = || aws_sdk_dynamodbstreams::Client::new(&config);
            let shown = |line: &Line| show(line, json);
            match tail(&source, streams, &wanted, shown).await {
                // Whoever read it has seen enough.
                Err(postern_replay::tail::Stopped::Output(error))
                    if error.kind() == io::ErrorKind::BrokenPipe =>
                {
                    Ok(ExitCode::SUCCESS)
                }
                ended => Ok(ended.map(|()| ExitCode::SUCCESS)?),
            }
        })
    }
}

fn show(line: &Line, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        out.write_all(line.bytes())?;
        return out.write_all(b"\n");
    }
    match Row::read(line) {
        Ok(row) => {
            writeln!(out, "{:<24} {:<32} {} {}", row.time, row.name, row.stream, row.sequence)
        }
        Err(_) => writeln!(out, "{} {} can't be read", line.stream(), line.sequence()),
    }
}
