//! Guesses at codes that stand alone, counted for each account and day.

use jiff::Timestamp;
use postern_domain::guard::AccountGuard;
use postern_domain::{budget, policy};
use postern_events::ids::{AccountId, VerificationId};
use postern_events::vocabulary::DeviceKey;
use postern_store::guards::{Guarded, UpdateError};

use crate::Api;
use crate::call::Call;
use crate::problem::Problem;
use crate::refusal::{of_claim, of_store};

/// Where guesses at codes that stand alone are counted, for each account and for nobody's: a day's
/// worth, and the processes that are open.
const RECOVERY: &str = "recovery";

/// Lets a process be guessed at, before its code is sent.
pub(in crate::routes) async fn allow_recovery<C, B>(
    call: &Call<C, B>,
    account: AccountId,
    id: VerificationId,
    key: DeviceKey,
) -> Result<(), Problem> {
    let (now, ends_at) = (call.now, id.time() + policy::ATTEMPT_LIFE);
    let id = id.to_string();
    let allowed = count_recovery(&call.api, account, now, |guard| {
        if !guard.is_open(&id, now) {
            guard.open_verification(&id, key, now, ends_at);
        }
        Ok::<(), std::convert::Infallible>(())
    });
    match allowed.await {
        Ok(()) => Ok(()),
        Err(UpdateError::Refused(never)) => match never {},
        Err(UpdateError::Store(error)) => Err(of_store(&error)),
    }
}

/// Claims a guess: without a claim nothing is compared, and a claim is never given back.
pub(in crate::routes) async fn claim_recovery<C, B>(
    call: &Call<C, B>,
    account: AccountId,
    id: VerificationId,
) -> Result<(), Problem> {
    let (now, mark) = (call.now, call.claim_mark());
    let id = id.to_string();
    let claimed =
        count_recovery(&call.api, account, now, |guard| guard.claim_recovery_guess(&id, mark, now));
    match claimed.await {
        Ok(()) => Ok(()),
        Err(UpdateError::Refused(refusal)) => Err(of_claim(refusal, now)),
        Err(UpdateError::Store(error)) => Err(of_store(&error)),
    }
}

async fn count_recovery<R, E: std::error::Error + 'static>(
    api: &Api,
    account: AccountId,
    now: Timestamp,
    change: impl FnMut(&mut AccountGuard) -> Result<R, E>,
) -> Result<R, UpdateError<E>> {
    let (guards, subject, until) =
        (api.parts().store.guards(), account.to_string(), now + budget::DAY);
    let changed = guards.update_window(RECOVERY, &subject, now, until, api.chance(), change);
    Ok(changed.await?.outcome)
}

/// A right code forgives the wrong ones before it, in the transaction that it leads to.
pub(in crate::routes) async fn forgive_recovery<C, B>(
    call: &Call<C, B>,
    account: AccountId,
    id: VerificationId,
) -> Result<postern_store::Extra, Problem> {
    let (now, guards) = (call.now, call.api.parts().store.guards());
    let subject = account.to_string();
    let loaded = guards.load_window::<AccountGuard>(RECOVERY, &subject, now).await;
    let mut guard: Guarded<AccountGuard> = loaded.map_err(|error| of_store(&error))?;
    guard.value.recovered(&id.to_string());
    let forgiven = guards.window_put(RECOVERY, &subject, now, now + budget::DAY, &guard);
    forgiven.map_err(|error| of_store(&error))
}
