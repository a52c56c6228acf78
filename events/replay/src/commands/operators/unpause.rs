//! `postern unpause`.

use std::process::ExitCode;

use clap::Args;
use postern_events::account::AccountEvent;
use postern_replay::acts::Act;

use super::{Asked, Failed, Said};

/// See [`super::Operate::Unpause`].
#[derive(Args)]
#[command(after_help = "\
Examples:
  postern unpause acc_01J9ZT…                          say whether code entry is paused, and do nothing
  postern unpause acc_01J9ZT… --yes --operator ada     lift the pause

For an owner who mistyped too often. Wrong codes stay counted, so the next pause comes after ten more and is
longer: whoever talks you into this gets no free guesses. After a hundred wrong codes in a row code entry is
off; only a new password lifts that. The log keeps account.code_entry_resumed.

Exit codes: 0 done, 1 failed, 2 nothing was done without --yes, 3 nothing is paused that could be lifted.")]
pub(crate) struct Unpause {
    #[command(flatten)]
    asked: Asked,
}

impl Unpause {
    pub(super) async fn run(self) -> Result<ExitCode, Failed> {
        self.asked
            .carry_out(Act::Resume, |account, event| {
                let pause = pause(event);
                Said {
                    would: format!("{account}: {pause} would be lifted; the count stays."),
                    done: format!("{account}: {pause} is lifted; the count stays."),
                }
            })
            .await
    }
}

/// The pause that it is about.
fn pause(event: &AccountEvent) -> String {
    if let AccountEvent::CodeEntryResumed(it) = event {
        format!("the pause until {} after {} wrong codes in a row", it.until, it.wrong_in_a_row)
    } else {
        "the pause".to_owned()
    }
}
