//! Mails that anybody can ask for: counted for the address, whether it has an account or not.

use postern_domain::budget::{DAY, Exhausted, OPEN_MAILS, Spent};
use postern_events::vocabulary::AddressKey;
use postern_store::Extra;
use postern_store::guards::{Guarded, UpdateError};

use crate::call::Call;
use crate::problem::{Code, Problem};
use crate::refusal::of_store;
use crate::sessions::SignedIn;

/// The window's name in the guards.
const WINDOW: &str = "mails";

/// Takes one mail from an address's budget, and tells how many are left.
///
/// # Errors
/// 429 `rate_limited` when none was left, whatever becomes of the address.
pub(super) async fn claim<C, B>(call: &Call<C, B>, address: AddressKey) -> Result<u8, Problem> {
    claim_for(call, &address.to_string()).await
}

/// The same for the account that asks, whatever address it names: a session is no licence to mail
/// strangers.
///
/// # Errors
/// As [`claim`].
pub(super) async fn claim_of_account<B>(call: &Call<SignedIn, B>) -> Result<u8, Problem> {
    claim_for(call, &call.caller.account.id.to_string()).await
}

async fn claim_for<C, B>(call: &Call<C, B>, subject: &str) -> Result<u8, Problem> {
    let (now, guards) = (call.now, call.api.parts().store.guards());
    let take = |spent: &mut Spent| {
        OPEN_MAILS.take(spent, now)?;
        Ok::<u8, Exhausted>(OPEN_MAILS.left(spent, now))
    };
    let chance = call.api.chance();
    match guards.update_window(WINDOW, subject, now, now + DAY, chance, take).await {
        Ok(taken) => Ok(taken.outcome),
        Err(UpdateError::Refused(spent)) => {
            Err(Problem::new(Code::RateLimited).retry_at(spent.until, now))
        }
        Err(UpdateError::Store(error)) => Err(of_store(&error)),
    }
}

/// An address's budget with one mail less, to be written together with the send.
///
/// # Errors
/// 429 `too_many_sends` when none is left.
pub(super) async fn claim_with<C, B>(
    call: &Call<C, B>,
    address: AddressKey,
) -> Result<(Extra, u8), Problem> {
    let (now, guards) = (call.now, call.api.parts().store.guards());
    let subject = address.to_string();
    let loaded = guards.load_window::<Spent>(WINDOW, &subject, now).await;
    let mut spent: Guarded<Spent> = loaded.map_err(|error| of_store(&error))?;
    let taken = OPEN_MAILS.take(&mut spent.value, now);
    taken.map_err(|spent| Problem::new(Code::TooManySends).retry_at(spent.until, now))?;
    let extra = guards.window_put(WINDOW, &subject, now, now + DAY, &spent);
    Ok((extra.map_err(|error| of_store(&error))?, OPEN_MAILS.left(&spent.value, now)))
}

/// How many mails an address's budget has left.
pub(super) async fn left<C, B>(call: &Call<C, B>, address: AddressKey) -> Result<u8, Problem> {
    let (now, guards) = (call.now, call.api.parts().store.guards());
    let spent = guards.load_window::<Spent>(WINDOW, &address.to_string(), now).await;
    Ok(OPEN_MAILS.left(&spent.map_err(|error| of_store(&error))?.value, now))
}
