//! `postern show` and `postern explain`.

use std::process::ExitCode;

use clap::Args;
use postern_domain::ports::Clock as _;
use postern_replay::explain::{AttemptId, NotAnAttempt, Streams as _, explain};
use postern_replay::finding::Finder;
use postern_replay::source::Source;
use postern_replay::story::{tell, tell_version};
use postern_runtime::clock::SystemClock;

use super::reading::{Reading, block_on, stream_of};
use super::{Failed, answer};

const SHOWING: &str = "\
Examples:
  postern show account/acc_01J…                   everything that happened to an account
  postern show sign_in/sin_01J… --from log        one attempt, from an export
  postern show account/acc_01J… --version 12      one commit: data, metadata, the state it led to

Personal values stay sealed.";

const EXPLAINING: &str = "\
Examples:
  postern explain sin_01J…             why was a code asked, why did none come?
  postern explain ver_01J… --json      the same about a registration, a reset, a step-up

Each sentence names the events that say so.";

/// Tell a stream's story in plain words: what was decided, from what, under which policy.
#[derive(Args)]
#[command(after_help = SHOWING)]
pub(crate) struct Show {
    /// The stream, such as `account/acc_01J…`, or the identifier in it.
    #[arg(value_parser = stream_of)]
    stream: String,
    /// Only the commit with this event.
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    #[command(flatten)]
    reading: Reading,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

/// Answer why a code was asked for an attempt, and why none came.
#[derive(Args)]
#[command(after_help = EXPLAINING)]
pub(crate) struct Explain {
    /// The attempt (sin_…) or process (ver_…), or its stream.
    #[arg(value_parser = attempt_of)]
    attempt: AttemptId,
    #[command(flatten)]
    reading: Reading,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        block_on(async {
            let finder = finder(&self.reading).await?;
            let found = finder.commits(&self.stream).await?;
            close(finder)?;
            if let Some(version) = self.version {
                let told = tell_version(&found, version)?;
                answer(self.json, &told, told.to_string().trim_end())?;
            } else {
                let told = tell(&found, SystemClock.now())?;
                answer(self.json, &told, told.to_string().trim_end())?;
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

impl Explain {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        block_on(async {
            let finder = finder(&self.reading).await?;
            let told = explain(&finder, self.attempt, SystemClock.now()).await?;
            close(finder)?;
            answer(self.json, &told, told.to_string().trim_end())?;
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// An attempt, by its own name or its stream's.
fn attempt_of(text: &str) -> Result<AttemptId, NotAnAttempt> {
    text.split_once('/').map_or(text, |(_, id)| id).parse()
}

async fn finder(reading: &Reading) -> Result<Finder, Failed> {
    Ok(match reading.source(true).await? {
        Source::Table(it) => Finder::Table(it),
        other @ (Source::Stack(_) | Source::Exported(_) | Source::Files(_)) => {
            Finder::Log(reading.open(&other).await?.0)
        }
    })
}

fn close(finder: Finder) -> Result<(), Failed> {
    match finder {
        Finder::Table(_) => Ok(()),
        Finder::Log(it) => Ok(it.finish()?),
    }
}
