//! Password hashing, off the async threads and a few at a time.

use postern_domain::password::Password;
use postern_store::password::{PasswordError, PasswordRecord, hash, verify, verify_nobody};

use crate::Api;
use crate::problem::Problem;
use crate::refusal::unavailable;

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

/// A record of a new password.
pub(crate) async fn record(api: &Api, password: Password) -> Result<PasswordRecord, Problem> {
    let (peppers, chance) = (api.parts().peppers.clone(), api.parts().chance.clone());
    run(api, move || hash(&peppers, &password, &*chance)).await
}

async fn run<T: Send + 'static>(
    api: &Api,
    work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
) -> Result<T, Problem> {
    let turn = api.hashing().acquire().await.map_err(|error| unavailable(&error))?;
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| unavailable(&error))?;
    drop(turn);
    done.map_err(|error| unavailable(&error))
}
