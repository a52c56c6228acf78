//! `postern sign-out`.

use std::process::ExitCode;

use clap::Args;
use postern_events::account::AccountEvent;
use postern_replay::acts::Act;

use super::{Asked, Failed, Said};

/// See [`super::Operate::SignOut`].
#[derive(Args)]
#[command(after_help = "\
Examples:
  postern sign-out acc_01J9ZT…                          say what would happen, and do nothing
  postern sign-out acc_01J9ZT… --yes --operator ada     do it

For an owner whose phone was stolen and who can't get in. Everybody is out on their next request, the owner
too, and every device needs a code again at its next sign-in. The password stays: where somebody else may
know it, its owner has to reset it. The log keeps account.signed_out_by_operator.

Exit codes: 0 done, 1 failed, 2 nothing was done without --yes, 3 there is no such account.")]
pub(crate) struct SignOut {
    #[command(flatten)]
    asked: Asked,
}

impl SignOut {
    pub(super) async fn run(self) -> Result<ExitCode, Failed> {
        self.asked
            .carry_out(Act::SignOut, |account, event| {
                let devices = trusted(event);
                Said {
                    would: format!(
                        "{account}: all sessions would end, and the trust of {devices} devices. Open \
                         attempts to sign in would end too."
                    ),
                    done: format!(
                        "{account}: all sessions are over, and the trust of {devices} devices. Each \
                         needs a code at its next sign-in."
                    ),
                }
            })
            .await
    }
}

/// How many devices' trust it is about.
fn trusted(event: &AccountEvent) -> usize {
    if let AccountEvent::SignedOutByOperator(it) = event { it.revoked.len() } else { 0 }
}
