//! `postern tail`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Args;
use postern_replay::line::Line;
use postern_replay::printed::in_line;
use postern_replay::row::Row;
use postern_replay::tail::{Stopped, Tampered, Told, Wanted, tail};
use postern_runtime::aws;
use postern_runtime::feed::chain_of;

use super::Failed;
use super::reading::{Reading, block_on, stream_of};

const EXAMPLES: &str = "\
Examples:
  postern tail --follow                                 what is appended to the live table
  postern tail --follow -n 0                            the same, at once: nothing before it is read
  postern tail -n 100 --from http://127.0.0.1:8080      the last 100 events of a local stack
  postern tail --follow --stream account/acc_01J…       what happens to one account
  postern tail --follow --json | jq .type

A table's stream keeps a day; older events are in an export. It is read no faster than those can bear who
read it beside you, so a busy day takes minutes. What somebody changed or removed in the table is shown as
CHANGED or REMOVED with its commit's version, also where it isn't among the newest: nobody may.";

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
            match tail(&source, streams, &wanted, |told| tell(&told, json)).await {
                // Whoever read it has seen enough.
                Err(Stopped::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                    Ok(ExitCode::SUCCESS)
                }
                ended => Ok(ended.map(|()| ExitCode::SUCCESS)?),
            }
        })
    }
}

fn tell(told: &Told<'_>, json: bool) -> io::Result<()> {
    let remark = match told {
        Told::Event(line) => return show(line, json),
        Told::Tampered(it) => return show_tampered(it, json),
        Told::Trimmed(shard) => {
            format!(
                "events are missing here: what shard {shard} held is older than a day and deleted"
            )
        }
        Told::Waiting(why) => {
            format!("the table's stream gives no answer, and is asked on: {}", chain_of(*why))
        }
    };
    // Whoever closed standard error doesn't want to read it.
    let _ = writeln!(io::stderr(), "{}", in_line(&remark));
    Ok(())
}

fn show(line: &Line, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        out.write_all(line.bytes())?;
        return out.write_all(b"\n");
    }
    match Row::read(line) {
        Ok(row) if row.broken.is_none() => {
            let [time, name, stream] = [&row.time, &row.name, &row.stream].map(|it| in_line(it));
            writeln!(out, "{time:<24} {name:<32} {stream} {}", row.sequence)
        }
        Ok(_) | Err(_) => {
            writeln!(out, "{} {} can't be read", in_line(line.stream()), line.sequence())
        }
    }
}

fn show_tampered(it: &Tampered, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, it)?;
        return out.write_all(b"\n");
    }
    let time = it.time.map(|it| it.to_string()).unwrap_or_default();
    let stream = in_line(&it.stream);
    writeln!(out, "{time:<24} {:<32} {stream} {}", it.tampered, it.commit)
}
