//! How many requests one network may send without proving whose they are.
//!
//! A key that is trusted on the account, a living refresh token and a right code are proofs: a call
//! that brings one is neither counted nor refused, so that nobody who shares an address with the
//! owner can shut the owner out. Everything else that posts without a token is counted.

use std::net::IpAddr;

use jiff::Timestamp;
use postern_domain::policy;
use postern_store::guards::Slot;

use crate::Api;
use crate::problem::{Code, Problem};
use crate::refusal::of_store;

/// When a call is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Before its body is read.
    AtOnce,
    /// Once it has failed to prove itself; see [`unproven`].
    Unproven,
}

/// The window's name in the guards.
const WINDOW: &str = "source";

/// Counts one request of a network.
///
/// # Errors
/// 429 `rate_limited` when there were too many.
pub(crate) async fn count(api: &Api, source: IpAddr, now: Timestamp) -> Result<(), Problem> {
    let parts = api.parts();
    let subject = parts.lookup.source(source).to_string();
    let (limit, per) = (policy::SOURCE_POSTS, policy::SOURCE_WINDOW);
    let guards = parts.store.guards();
    let slot = guards.take_slot(WINDOW, &subject, limit, per, now, api.chance());
    match slot.await.map_err(|error| of_store(&error))? {
        Slot::Taken => Ok(()),
        Slot::Full { until } => Err(Problem::new(Code::RateLimited).retry_at(until, now)),
    }
}

/// Counts a call that failed to prove itself, and says what it is answered. A guess that was
/// compared is recorded, so its answer stays what it is.
pub(crate) async fn unproven(
    api: &Api,
    source: IpAddr,
    now: Timestamp,
    problem: Problem,
) -> Problem {
    let fault_of_ours = matches!(problem.code(), Code::Unavailable | Code::Crashed);
    if fault_of_ours {
        return problem;
    }
    match count(api, source, now).await {
        Err(limited) if problem.code() != Code::CodeIncorrect => limited,
        Ok(()) | Err(_) => problem,
    }
}
