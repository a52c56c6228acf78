//! `postern export`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use postern_replay::export::{self, UNFINISHED};
use postern_replay::log::Log;

use super::reading::{Reading, block_on};
use super::{Failed, answer};

const EXAMPLES: &str = "\
Examples:
  postern export log                                  the live table, as JSON Lines by day
  postern export log --format parquet                 the same for Athena, DuckDB, pandas
  postern export log --rate 500 --segments 2          gently: 500 units of reading a second
  postern export log --from AWSDynamoDB/0173-ab12     what DynamoDB exported to S3, copied here
  postern export log --from http://127.0.0.1:8080     a local stack

A folder a day (date=2026-11-24), a file in each, grouped by stream, a row an event. Killed, it goes on
where it was when it is run again. Personal values stay sealed.";

/// The form of the files.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// JSON Lines.
    Jsonl,
    /// Parquet, compressed with Snappy.
    Parquet,
}

/// Write the log into files: a folder a day, a row an event.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Export {
    /// The folder to write to: a new one, an empty one, or one whose export was interrupted.
    out: PathBuf,
    /// The form of the files.
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
    #[command(flatten)]
    reading: Reading,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        let format = match self.format {
            Format::Jsonl => export::Format::Jsonl,
            Format::Parquet => export::Format::Parquet,
        };
        let unfinished = export::prepare(&self.out)?;
        let told = block_on(async {
            let source = self.reading.source(false).await?;
            let folder = self.reading.work.clone().unwrap_or_else(|| unfinished.clone());
            let log = Log::open(&source, &folder, true).await?;
            if log.resumed() > 0 {
                eprintln!("postern: going on after {} rows that were read before", log.resumed());
            }
            let told = export::export(&log, &source.to_string(), &self.out, format)?;
            log.finish()?;
            Ok(told)
        })?;
        if unfinished.is_dir() {
            std::fs::remove_dir_all(self.out.join(UNFINISHED))?;
        }
        let units =
            told.read_units.map_or(String::new(), |it| format!(", {it:.1} units of reading"));
        let text = format!(
            "{} events of {} streams on {} days, {} bytes{units}",
            told.events, told.streams, told.days, told.bytes
        );
        answer(self.json, &told, text)?;
        Ok(ExitCode::SUCCESS)
    }
}
