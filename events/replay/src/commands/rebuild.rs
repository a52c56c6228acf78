//! `postern rebuild`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use postern_domain::ports::Clock as _;
use postern_replay::guards::{Compared, Told};
use postern_replay::views::Both;
use postern_runtime::chance::SystemChance;
use postern_runtime::clock::SystemClock;

use super::diff::{reach, views_text};
use super::reading::{Reading, block_on};
use super::{CONTRADICTS, FOUND, Failed, answer, found};

const EXAMPLES: &str = "\
Examples:
  postern rebuild views                compare, and change nothing
  postern rebuild views --yes          put what is missing there
  postern rebuild guards --yes         the same for counts, open attempts, and claims on addresses

The API may go on meanwhile: nothing that is newer than the log that was read gives way, and no count is
ever lowered. Killed, it is run again: what was put back stays.

Exit code: 0 nothing lacks. 3 something is missing still, or moved each time it was looked at. 4 an address of one account is another's.";

/// What can be made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Login activity and what devices are.
    Views,
    /// Counts of wrong codes, open attempts, budgets, and whose each address is.
    Guards,
}

/// Make anew from the log what a table has lost.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Rebuild {
    /// Which table.
    #[arg(value_enum, default_value = "views")]
    what: What,
    /// Write what is missing.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    reading: Reading,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

impl Rebuild {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        block_on(async {
            let (log, folder) = self.reading.log(true).await?;
            let (store, now) = (self.reading.store().await, SystemClock.now());
            let reach = reach(&self.reading);
            if self.what == What::Guards {
                let told = Told::of(&log, now, &folder)?.watched(reach.pace);
                let told = told.compare(&store, &SystemChance, self.yes).await?;
                log.finish()?;
                answer(self.json, &told, guards_text(&told, self.yes))?;
                return Ok(guards_code(&told, self.yes));
            }
            let both = Both::of(&log, &store, reach, now, &folder).await?;
            let told = both.compare(self.yes).await?;
            drop(both);
            log.finish()?;
            answer(self.json, &told, views_text(&told).trim_end())?;
            let lacks = told.missing + told.different > told.restored || told.unsettled > 0;
            Ok(found(if self.yes { lacks } else { !told.is_equal() }))
        })
    }
}

/// What was found about the guards, as people read it.
pub(super) fn guards_text(told: &Compared, wrote: bool) -> String {
    let Compared { accounts, guards, stricter, addresses, contradictions, unsettled } = told;
    let did = if wrote { "written" } else { "missing" };
    format!(
        "accounts                        {accounts}\n\
         guards {did}                  {guards}\n\
         guards that count more          {stricter}\n\
         addresses {did}               {addresses}\n\
         addresses of somebody else      {contradictions}\n\
         accounts too busy to compare    {unsettled}"
    )
}

/// The exit code that says so.
pub(super) fn guards_code(told: &Compared, wrote: bool) -> ExitCode {
    if told.contradictions > 0 {
        ExitCode::from(CONTRADICTS)
    } else if told.unsettled > 0 || (!wrote && told.guards + told.addresses > 0) {
        ExitCode::from(FOUND)
    } else {
        ExitCode::SUCCESS
    }
}
