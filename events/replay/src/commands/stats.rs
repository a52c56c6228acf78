//! `postern stats`.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use postern_replay::stats::count;

use super::reading::{Reading, block_on};
use super::{Failed, answer};

const EXAMPLES: &str = "\
Examples:
  postern stats --from log
  postern stats --from log --since 2026-11-24T00:00:00Z --until 2026-11-25T00:00:00Z
  postern stats --json | jq .funnel";

/// Figures: from attempts to trusted devices, time to code, refusals, deliveries.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Stats {
    /// From this time on (RFC 3339).
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Up to and with this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    #[command(flatten)]
    reading: Reading,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

impl Stats {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        let told = block_on(async {
            let (log, _) = self.reading.log(false).await?;
            let told = count(&log, self.since, self.until)?;
            log.finish()?;
            Ok(told)
        })?;
        if told.incomplete_streams > 0 {
            eprintln!(
                "postern: of {} streams events are missing, so the figures are not all; `postern verify` \
                 names them",
                told.incomplete_streams
            );
        }
        answer(self.json, &told, &told)?;
        Ok(ExitCode::SUCCESS)
    }
}
