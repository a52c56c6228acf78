//! `postern erase`.

use std::process::ExitCode;

use clap::Args;
use postern_replay::acts::Act;

use super::{Asked, Failed, Said};

/// See [`super::Operate::Erase`].
#[derive(Args)]
#[command(after_help = "\
Examples:
  postern erase acc_01J9ZT…                          say what would happen, and do nothing
  postern erase acc_01J9ZT… --yes --operator ada     do it

There is no way back. From then on nobody is signed in and the address is free; goodbye is said and what is
kept about the owner is deleted by `notify`, within minutes. The log keeps account.erased, without `by`.

Exit codes: 0 done, 1 failed, 2 nothing was done without --yes, 3 there is no such account.")]
pub(crate) struct Erase {
    #[command(flatten)]
    asked: Asked,
}

impl Erase {
    pub(super) async fn run(self) -> Result<ExitCode, Failed> {
        self.asked
            .carry_out(Act::Erase, |account, _| Said {
                would: format!(
                    "{account} would be erased for good: nobody is signed in any more, its address is \
                     free, its owner gets a last mail, and what is kept about them is deleted."
                ),
                done: format!(
                    "{account} is erased: nobody is signed in, its address is free. What is kept about \
                     its owner is being deleted."
                ),
            })
            .await
    }
}
