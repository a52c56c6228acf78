//! Password hashing, off the async threads and a few at a time.

use std::time::Duration;

use postern_domain::password::Password;
use postern_store::password::{PasswordError, PasswordRecord, hash, verify, verify_nobody};

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::Api;
use crate::problem::Problem;
use crate::refusal::{of_weak, unavailable};

/// Whether the password is the record's; without a record the same work is done for nothing.
pub(crate) async fn is_right(
    api: &Api,
    record: Option<PasswordRecord>,
    password: Password,
) -> Result<bool, Problem> {
    let peppers = api.parts().peppers.clone();
    run(api, move || match record {
        Some(record) => verify(&peppers, &record, &password),
        None => verify_nobody(&peppers, &password),
    })
    .await
}

/// A record of a new password, if it is strong enough for one who has this address. Judging
/// strength takes as much of a core as hashing does, so it takes the same turn.
pub(crate) async fn record(
    api: &Api,
    password: Password,
    email: String,
) -> Result<PasswordRecord, Problem> {
    let (peppers, chance) = (api.parts().peppers.clone(), api.parts().chance.clone());
    let judged = run(api, move || match password.judge(&email) {
        Ok(()) => hash(&peppers, &password, &*chance).map(Ok),
        Err(weak) => Ok(Err(weak)),
    });
    judged.await?.map_err(of_weak)
}

/// Whether a password is strong enough for one who has this address.
pub(crate) async fn judge(api: &Api, password: Password, email: String) -> Result<(), Problem> {
    run(api, move || Ok(password.judge(&email))).await?.map_err(of_weak)
}

/// A record of a password that was judged when it was new.
pub(crate) async fn unjudged(api: &Api, password: Password) -> Result<PasswordRecord, Problem> {
    let (peppers, chance) = (api.parts().peppers.clone(), api.parts().chance.clone());
    run(api, move || hash(&peppers, &password, &*chance)).await
}

/// Waits for a turn, but not for long: whoever has waited this long asks again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

async fn run<T: Send + 'static>(
    api: &Api,
    work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, Problem> {
    let turn = timeout(LONGEST_WAIT, api.hashing().clone().acquire_owned()).await;
    let turn = turn.map_err(|error| unavailable(&error))?.map_err(|error| unavailable(&error))?;
    let done = spawn_blocking(move || {
        // Kept until the work is done, even if nobody waits for it any more.
        let _turn = turn;
        work()
    });
    done.await.map_err(|error| unavailable(&error))?.map_err(|error| unavailable(&error))
}
