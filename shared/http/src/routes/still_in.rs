//! Whether whoever asked is still signed in on the account that a decision is made on.

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};

use crate::problem::{Code, Problem};
use crate::sessions::SignedIn;

/// The account as it is now, if the session that asks would still be let in on it. A call was
/// authenticated on an earlier state: a decision that is committed on a later one must not be made
/// for somebody who was put out in between.
///
/// # Errors
/// `invalid_token` when the session is over by now.
pub(super) fn still_in<'a>(
    caller: &SignedIn,
    account: &'a Account,
    now: Timestamp,
) -> Result<&'a OpenAccount, Problem> {
    let session = &caller.session;
    let open = account.open().filter(|it| it.trust_generation == session.trust_generation);
    let trusted = |it: &&OpenAccount| {
        it.device(session.device, now).is_some_and(|known| known.key == session.key)
    };
    open.filter(|it| !session.trusted || trusted(it))
        .ok_or_else(|| Problem::new(Code::InvalidToken))
}
