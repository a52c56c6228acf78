//! `postern verify`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use postern_replay::verify::memory::Memory;
use postern_replay::verify::{self, Verified};

use super::reading::{Reading, block_on};
use super::{Failed, answer};

const EXAMPLES: &str = "\
Examples:
  postern verify                        the live table
  postern verify --from log             an export, a file, or what DynamoDB exported to S3
  postern verify --from log --json      every figure, and the first break of each broken stream
  postern verify --save-heads mon.jsonl                     and note where each stream ends
  postern verify --heads mon.jsonl --save-heads tue.jsonl   nothing is gone since; and note it anew

Exit code: 0 whole. 1 it could not be read. 10 events are missing, 11 doubled, 12 out of order; 13 an
event or version that this program doesn't know; 14 data that don't fit their schema; 15 `types` that
are not those of the events; 16 a state that the events don't lead to; 17 a broken chain; 18 a commit
that can't be read; 19 a stream, or its end, that is gone. The first break decides.

A stream's newest commits that were cut off, a stream that is gone, and an end that was made anew with its
links leave no trace in a chain: only --heads finds them. Keep the file where whoever may write the table
can't write. Only a log that is whole has its heads saved.";

/// Look at every event: gaps, doubles, order, names, schemas, states, chains.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    #[command(flatten)]
    reading: Reading,
    /// Hold the log against the heads that were saved in this file: no stream may have lost what it had
    /// then. Streams may have come, and grown.
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
    /// Save each stream's head (where it ends, and its last link) if the log is whole. A file that is
    /// there is replaced only if it is the one that --heads names.
    #[arg(long, value_name = "FILE")]
    save_heads: Option<PathBuf>,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        let memory = Memory::new(self.heads.as_deref(), self.save_heads.as_deref())?;
        let told = block_on(async {
            let (log, _) = self.reading.log(false).await?;
            let told = verify::verify(&log, memory)?;
            log.finish()?;
            Ok(told)
        })?;
        answer(self.json, &told, self.text(&told).trim_end())?;
        Ok(told.first().map_or(ExitCode::SUCCESS, |it| ExitCode::from(it.kind.code())))
    }

    fn text(&self, told: &Verified) -> String {
        let mut text = text(told);
        // Writing into text doesn't fail.
        if let (Some(file), Some(compared)) = (&self.heads, told.compared) {
            let _ = writeln!(text, "held against {compared} heads of {}", file.display());
        }
        if let Some(file) = &self.save_heads {
            let _ = match told.saved {
                Some(saved) => writeln!(text, "saved {saved} heads in {}", file.display()),
                None => writeln!(text, "saved no heads in {}: the log is broken", file.display()),
            };
        }
        text
    }
}

fn text(told: &Verified) -> String {
    let mut text = format!("{} events of {} streams", told.events, told.streams);
    if told.broken == 0 {
        text.push_str(": whole\n");
    } else {
        // Writing into text doesn't fail.
        let _ = writeln!(text, ": {} streams are broken", told.broken);
        for it in &told.breaks {
            let _ = writeln!(text, "  {it}");
        }
    }
    if told.other_states > 0 {
        let _ = writeln!(
            text,
            "{} states have another schema and were not compared",
            told.other_states
        );
    }
    if let Some(units) = told.read_units {
        let _ = writeln!(text, "{units:.1} units of reading");
    }
    text
}
