//! Whether whoever asked is still signed in on the account that a decision is made on.

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};

use postern_store::Extra;

use crate::call::Call;
use crate::problem::{Code, Problem};
use crate::refusal::of_store;
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

/// The caller's session, as a condition of a transaction: one that ended meanwhile decides nothing.
///
/// # Errors
/// When the write can't be built.
pub(super) fn session_lives<B>(call: &Call<SignedIn, B>) -> Result<Extra, Problem> {
    let sessions = call.api.parts().store.sessions();
    sessions.replace_extra(&call.caller.session).map_err(|error| of_store(&error))
}

/// Asked where a transaction was refused, which may have been because of that.
///
/// # Errors
/// `invalid_token` when the session has ended.
pub(super) async fn still_there<B>(call: &Call<SignedIn, B>) -> Result<(), Problem> {
    let (account, session) = (call.caller.account.id, call.caller.session.id);
    let found = call.api.parts().store.sessions().get(account, session, call.now).await;
    match found.map_err(|error| of_store(&error))? {
        Some(_) => Ok(()),
        None => Err(Problem::new(Code::InvalidToken)),
    }
}
