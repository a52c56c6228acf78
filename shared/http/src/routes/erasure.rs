//! The end of an account.

use axum::Json;
use axum::http::StatusCode;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::ports::draw;
use postern_store::streams::{DECISIONS, wait};
use serde::Serialize;
use utoipa::ToSchema;

use super::still_in::{session_lives, still_in, still_there};
use super::tokens::scribe;
use crate::body::Nothing;
use crate::call::Call;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_account, of_execute, of_store, of_together};
use crate::sessions::SignedIn;

/// What an erasure has come to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Erased {
    /// `erased`: nobody is signed in any more, and the address is free.
    status: &'static str,
}

pub(super) const ERASE: Described =
    Described::new(Tag::Account, "eraseAccount", "Erase the account")
        .more("Behind a step-up. There is no way back.")
        .answers::<Erased>(
            StatusCode::ACCEPTED,
            "The account is over; what is kept about its owner follows.",
        )
        .refuses(&[Code::StepUpRequired]);

/// The account is over and its address free at once, in one transaction. What is kept about the
/// person goes with the event: `notify` says goodbye, and then deletes it.
pub(super) async fn erase(
    call: Call<SignedIn, Nothing>,
) -> Result<(StatusCode, Json<Erased>), Problem> {
    let (api, now, caller) = (&call.api, call.now, &call.caller);
    let store = &api.parts().store;
    let of_store = |error| of_store(&error);
    let meta = call.meta(&caller.actor());
    for lost in 0..DECISIONS {
        let account = store.streams().load::<Account>(caller.account.id).await.map_err(of_store)?;
        let address = still_in(caller, account.state(), now)?.address_key;
        let command = AccountCommand::Erase { acting: caller.acting(now) };
        let erased = store.streams().decide(account, command, &scribe(api, now)).await;
        let erased = erased.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
        let staged = [erased.stage(&meta).map_err(of_store)?];
        let freed = store.guards().address_release(address, caller.account.id).map_err(of_store)?;
        let extras = vec![freed, session_lives(&call)?];
        match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
            Ok(()) => return Ok((StatusCode::ACCEPTED, Json(Erased { status: "erased" }))),
            Err(error) if error.is_race() => {
                still_there(&call).await?;
                wait(api.chance(), lost).await;
            }
            Err(error) => return Err(of_together(&error)),
        }
    }
    Err(contended())
}
