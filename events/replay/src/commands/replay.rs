//! `postern replay`.

use std::io::{BufWriter, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use postern_replay::projection::{self, NotProjected, project};

use super::Failed;
use super::reading::{Reading, block_on};

const EXAMPLES: &str = "\
Examples:
  postern replay accounts                                       each account's state, now
  postern replay activity --until 2026-11-24T12:00:00Z          login activity as of then
  postern replay guards --from log --until 2026-11-24T12:00:00Z what was counted then

One JSON object a line, in the order of their keys. Equal logs give equal bytes, in whatever order their
streams come and however often a row is there.";

/// A projection of the log.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum View {
    /// Each account's state.
    Accounts,
    /// Login activity.
    Activity,
    /// What trusted devices are, and where they were last seen.
    Devices,
    /// What guards count: wrong codes, pauses, open attempts, budgets.
    Guards,
}

/// Make a projection anew, as of any time; nothing is written to a table.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Replay {
    /// Which; all of them, one after the other, if absent.
    #[arg(value_enum)]
    view: Option<View>,
    /// Up to and with this time (RFC 3339); all of the log if absent.
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    #[command(flatten)]
    reading: Reading,
    /// Every answer is JSON already; this changes nothing.
    #[arg(long, hide = true)]
    json: bool,
}

impl From<View> for projection::View {
    fn from(view: View) -> Self {
        match view {
            View::Accounts => Self::Accounts,
            View::Activity => Self::Activity,
            View::Devices => Self::Devices,
            View::Guards => Self::Guards,
        }
    }
}

/// Why lines could not be written.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error(transparent)]
    Projection(#[from] NotProjected),
    #[error("the lines can't be written")]
    Output(#[from] std::io::Error),
}

impl Replay {
    pub(crate) fn run(self) -> Result<ExitCode, Failed> {
        block_on(async {
            let (log, folder) = self.reading.log(false).await?;
            let mut out = BufWriter::new(std::io::stdout().lock());
            let all = View::value_variants();
            for view in self.view.as_ref().map_or(all, std::slice::from_ref) {
                let projected = project(&log, (*view).into(), self.until, &folder)?;
                let written = projected.items(projected.as_of, |_, item| {
                    writeln!(out, "{item}").map_err(NotWritten::from)
                });
                match written.and_then(|()| Ok(out.flush()?)) {
                    // Whoever reads it has seen enough.
                    Err(NotWritten::Output(it)) if it.kind() == ErrorKind::BrokenPipe => break,
                    ended => ended?,
                }
            }
            log.finish()?;
            Ok(ExitCode::SUCCESS)
        })
    }
}
