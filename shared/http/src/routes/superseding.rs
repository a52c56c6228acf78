//! Attempts that die because the account changed under them.
//!
//! They are dead from that change on, whatever else happens. Saying so on their own streams is a
//! courtesy to those who wait: the new device, and the phones that show the request.

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::guard::AccountGuard;
use postern_domain::sign_in::{SignIn, SignInCommand};
use postern_events::ids::{AccountId, SignInId};
use postern_runtime::feed::chain_of;
use postern_store::StoreError;
use postern_store::streams::{ExecuteError, Meta};

use super::tokens::scribe;
use crate::Api;

/// Tells every attempt of the account that it is over, if it is. Whatever fails is only logged: the
/// change itself is done, and nothing rests on this.
pub(super) async fn tell_attempts(api: &Api, account: AccountId, meta: &Meta, now: Timestamp) {
    if let Err(error) = tell(api, account, meta, now).await {
        tracing::warn!(%account, error = chain_of(&error), "dead attempts were not told");
    }
}

async fn tell(
    api: &Api,
    account: AccountId,
    meta: &Meta,
    now: Timestamp,
) -> Result<(), StoreError> {
    let store = &api.parts().store;
    let streams = store.streams();
    // The guard before the account: an attempt that opens in between is not in it, and so is never
    // taken for one of an older generation.
    let guard = store.guards().load_guard::<AccountGuard>(account).await?;
    let attempts: Vec<SignInId> =
        guard.value.pending(now).filter_map(|id| id.parse().ok()).collect();
    if attempts.is_empty() {
        return Ok(());
    }
    let account = streams.load::<Account>(account).await?;
    let Some(OpenAccount { attempt_generation: generation, .. }) = account.state().open() else {
        return Ok(());
    };
    for id in attempts {
        let command = || SignInCommand::Supersede { generation: *generation, now };
        let told = streams.execute::<SignIn>(id, command, || scribe(api, now), meta).await;
        match told {
            Ok(_) | Err(ExecuteError::Refused(_)) => {}
            Err(ExecuteError::Store(error)) => return Err(error),
            Err(ExecuteError::Sealing(why)) => {
                return Err(StoreError::Broken { what: id.to_string(), source: why.into() });
            }
        }
    }
    Ok(())
}
