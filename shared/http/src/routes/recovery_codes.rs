//! A new set of recovery codes. They are shown once; what is kept of them only tells a right one.
//!
//! A call that may be repeated gets codes that follow from it, so that whoever lost the answer gets
//! the same ones: no answer is kept.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::ports::{Chance, draw};
use postern_domain::recovery_code::RecoveryCode;
use postern_store::guards::Guarded;
use postern_store::lookup::LookupKeys;
use postern_store::streams::{DECISIONS, wait};
use postern_store::vault::RecoverySet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::still_in::{session_lives, still_in, still_there};
use super::tokens::scribe;
use crate::body::Members;
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_account, of_execute, of_store, of_together};
use crate::sessions::SignedIn;

/// Recovery codes, each of which lets its owner in once behind the right password.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    /// The codes, in groups of four characters.
    codes: Vec<String>,
}

/// No member: there is nothing to choose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSet {}
impl Members for NewSet {
    const OPTIONAL: bool = true;
    const REPEATABLE: bool = true;
}

/// Chance that follows from a call: each draw another part of an endless secret text.
struct OfCall<'a> {
    keys: &'a LookupKeys,
    call: &'a str,
    drawn: AtomicU32,
}

/// Separates these secrets from whatever else follows from a call.
const DOMAIN: &[u8] = b"recovery codes";

impl Chance for OfCall<'_> {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(16) {
            let count = self.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            let secret = self.keys.call_name(&[DOMAIN, self.call.as_bytes(), &count]);
            part.iter_mut().zip(secret).for_each(|(to, from)| *to = from);
        }
    }
}

pub(super) const CREATE: Described = Described::new(
    Tag::Security,
    "createRecoveryCodes",
    "Get a new set of recovery codes",
)
.more("Behind a step-up. They are shown this once; those of the former set are worth nothing.")
.answers::<RecoveryCodes>(StatusCode::OK, "The codes.")
.refuses(&[Code::StepUpRequired]);

pub(super) async fn create(call: Call<SignedIn, NewSet>) -> Result<Json<RecoveryCodes>, Problem> {
    let caller = &call.caller;
    // Before anything else: codes that were made once are shown again only to whoever may make them.
    if !caller.is_stepped_up(call.now) {
        return Err(Problem::new(Code::StepUpRequired));
    }
    let codes = codes(&call);
    if !is_done(&call).await? {
        make(&call, &codes).await?;
    }
    let codes = codes.iter().map(RecoveryCode::reveal).collect();
    Ok(Json(RecoveryCodes { codes }))
}

fn codes(call: &Call<SignedIn, NewSet>) -> Vec<RecoveryCode> {
    match &call.repeat {
        Some(repeat) => {
            // A day later the same key makes another call, and so other codes.
            let named = format!("{} {}", repeat.name(), repeat.at);
            let keys = &call.api.parts().lookup;
            RecoveryCode::set(&OfCall { keys, call: &named, drawn: AtomicU32::new(0) })
        }
        None => RecoveryCode::set(call.api.chance()),
    }
}

/// Whether this very call has made its codes before.
async fn is_done(call: &Call<SignedIn, NewSet>) -> Result<bool, Problem> {
    let Some(repeat) = call.repeat.as_ref().filter(|it| it.is_repeat) else { return Ok(false) };
    let (account, streams) = (call.caller.account.id, call.api.parts().store.streams());
    for looked in 0.. {
        let commit = streams.commit_of_call::<Account>(account, repeat.name()).await;
        let found = commit.map_err(|error| of_store(&error))?.is_some();
        if found || !repeat.waits(call.now, looked).await {
            return Ok(found);
        }
    }
    Ok(false)
}

async fn make(call: &Call<SignedIn, NewSet>, codes: &[RecoveryCode]) -> Result<(), Problem> {
    for lost in 0..DECISIONS {
        if replace(call, codes).await? {
            return Ok(());
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

/// The new set takes the place of the former one together with the event that says so. `false`:
/// somebody else was faster, perhaps with one of the former codes; decide again.
async fn replace(call: &Call<SignedIn, NewSet>, codes: &[RecoveryCode]) -> Result<bool, Problem> {
    let (api, now, caller) = (&call.api, call.now, &call.caller);
    let (id, parts) = (caller.account.id, api.parts());
    let (streams, vault) = (parts.store.streams(), parts.store.vault());
    let (account, former) = tokio::try_join!(streams.load::<Account>(id), vault.recovery_codes(id))
        .map_err(|error| of_store(&error))?;
    still_in(caller, account.state(), now)?;
    let command = AccountCommand::CreateRecoveryCodes { acting: caller.acting(now) };
    let decided = streams.decide(account, command, &scribe(api, now)).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
    let keys = codes.iter().map(|it| parts.lookup.recovery_code(id, it)).collect();
    let revision = former.map_or(0, |it| it.revision);
    let made_by = decided.events().first().map(|it| it.stamp.id);
    let set = Guarded { value: RecoverySet { keys, made_by }, revision };
    let put = vault.recovery_put(id, &set).map_err(|error| of_store(&error))?;
    let extras = vec![put, session_lives(call)?];
    let staged = decided.stage(&call.meta(&caller.actor()));
    let staged = [staged.map_err(|error| of_store(&error))?];
    match streams.commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_race() => still_there(call).await.map(|()| false),
        Err(error) => Err(of_together(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes_of(call: &str) -> Vec<RecoveryCode> {
        let keys = LookupKeys::new(&[1; 32]);
        RecoveryCode::set(&OfCall { keys: &keys, call, drawn: AtomicU32::new(0) })
    }

    #[test]
    fn a_repeat_gets_the_same_codes_and_another_call_gets_others() {
        let codes = codes_of("one");
        assert!(codes == codes_of("one"));
        for code in &codes {
            assert!(!codes_of("two").contains(code));
            assert_eq!(codes.iter().filter(|it| *it == code).count(), 1);
        }
    }
}
