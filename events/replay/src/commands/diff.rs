//! `postern diff`.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use postern_domain::ports::Clock as _;
use postern_replay::guards;
use postern_replay::pace::Pace;
use postern_replay::views::{Both, Compared, Reach};
use postern_runtime::chance::SystemChance;
use postern_runtime::clock::SystemClock;

use super::reading::{Reading, block_on};
use super::rebuild::{guards_code, guards_text};
use super::{Failed, answer, found};

const EXAMPLES: &str = "\
Examples:
  postern diff views               the log projected anew, held against the live views
  postern diff views --from log    the same from an export: what came since is ahead, not different
  postern diff guards              what the log counts, held against the live guards

Exit code: 0 equal. 3 something differs, or moved each time it was looked at. 4 an address of one account is another's.";

/// What can be held against the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Login activity and what devices are.
    Views,
    /// Counts of wrong codes, open attempts, budgets, and whose each address is.
    Guards,
}

/// Hold a live table against the log; nothing is written.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Diff {
    /// Which.
    #[arg(value_enum, default_value = "views")]
    what: What,
    #[command(flatten)]
    reading: Reading,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        block_on(async {
            let (log, folder) = self.reading.log(true).await?;
            let (store, now) = (self.reading.store().await, SystemClock.now());
            let reach = reach(&self.reading);
            if self.what == What::Guards {
                let told = guards::Told::of(&log, now, &folder)?.watched(reach.pace);
                let told = told.compare(&store, &SystemChance, false).await?;
                log.finish()?;
                answer(self.json, &told, guards_text(&told, false))?;
                return Ok(guards_code(&told, false));
            }
            let both = Both::of(&log, &store, reach, now, &folder).await?;
            let told = both.compare(false).await?;
            drop(both);
            log.finish()?;
            answer(self.json, &told, views_text(&told).trim_end())?;
            Ok(found(!told.is_equal()))
        })
    }
}

/// The tables that are compared are read as the log is.
pub(super) fn reach(reading: &Reading) -> Reach {
    Reach { segments: reading.segments, pace: Pace::new(reading.rate), seen: true }
}

/// The comparison as people read it.
pub(super) fn views_text(told: &Compared) -> String {
    let Compared { items, missing, different, surplus, ahead, unsettled, restored, .. } = told;
    let mut text = format!(
        "items of the log       {items}\nmissing in the views   {missing}\ndifferent there        {different}\n\
         unknown to the log     {surplus}\nnewer than the log     {ahead}\n\
         too busy to compare    {unsettled}\nput right              {restored}\n"
    );
    for it in &told.differences {
        // Whoever wrote an odd item says nothing on a line of its own. Writing into text doesn't fail.
        let (key, item) = (it.key.escape_debug(), it.item.escape_debug());
        let _ = writeln!(text, "  {:?} {key} {item}", it.how);
    }
    text
}
