//! `postern export`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use postern_replay::export::{self, Place};
use postern_replay::log::Log;

use super::reading::{Reading, block_on, say_what_was_read};
use super::{Failed, answer};

const EXAMPLES: &str = "\
Examples:
  postern export log                                  the live table, as JSON Lines by day
  postern export log --format parquet                 the same for Athena, DuckDB, pandas
  postern export log.jsonl                            everything in one file
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
    /// The folder to write to: a new one, an empty one, or one whose export was interrupted. Or a file
    /// that isn't there yet, by its ending: all days in one.
    out: PathBuf,
    /// The form of the files in a folder.
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
        let place = Place::take(&self.out, format)?;
        let told = block_on(async {
            let source = self.reading.source(false).await?;
            let folder = self.reading.work.clone().unwrap_or_else(|| place.unfinished.clone());
            let log = Log::open(&source, &folder, true).await?;
            say_what_was_read(&log);
            let told = export::export(&log, &source.to_string(), &place)?;
            log.finish()?;
            Ok(told)
        })?;
        place.finish()?;
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
