//! Another password, set by somebody who knows the present one.

use axum::http::StatusCode;
use postern_domain::account::AccountCommand;
use postern_domain::guard::AccountGuard;
use postern_domain::password::{Password, Weak};
use postern_domain::ports::draw;
use postern_store::streams::{DECISIONS, wait};
use postern_store::vault::Person;
use serde::Deserialize;
use utoipa::ToSchema;

use super::given::new_password;
use super::presented::Presented;
use super::still_in::{still_in, still_there};
use super::superseding::tell_attempts;
use super::tokens::scribe;
use crate::Api;
use crate::body::Members;
use crate::call::Call;
use crate::hashing;
use crate::openapi::{Described, Tag};
use crate::problem::{Code, Problem};
use crate::refusal::{
    contended, of_account, of_execute, of_store, of_together, of_weak, unavailable,
};
use crate::sessions::SignedIn;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange)]
pub(super) struct Change {
    /// The present password.
    #[schema(format = Password, min_length = 1, max_length = 256)]
    current_password: String,
    /// 8 to 256 characters that are not easily guessed.
    #[schema(format = Password, min_length = 8, max_length = 256)]
    new_password: String,
    /// Whether all other sessions and all other trust end.
    #[serde(default = "yes")]
    #[schema(default = true)]
    sign_out_others: bool,
}
impl Members for Change {}

fn yes() -> bool {
    true
}

/// Whether a password is long enough where it is all there is.
pub(super) fn strong_enough_alone(password: &Password) -> bool {
    password.can_stand_alone()
}

/// A new password that is the old one would be none: somebody else may know it.
pub(super) async fn is_another(
    api: &Api,
    person: &Person,
    password: &Password,
) -> Result<(), Problem> {
    if hashing::is_right(api, Some(person.password.clone()), password.clone()).await? {
        return Err(Problem::new(Code::WeakPassword).reason("It is the present password."));
    }
    Ok(())
}

/// A password that its session's owner gives again: compared and counted as at a sign-in.
pub(super) async fn present<B>(
    call: &Call<SignedIn, B>,
    password: Password,
) -> Result<Presented, Problem> {
    let (api, caller) = (&call.api, &call.caller);
    let address = caller.account.address_key;
    let presented =
        Presented::look_up_for(api, address, caller.session.key, call.source, call.now).await?;
    if presented.id != caller.account.id {
        // Moved to another address, or erased, in this very moment.
        return Err(Problem::new(Code::InvalidToken));
    }
    presented.may_try()?;
    if presented.is_right(api, password).await? {
        Ok(presented)
    } else {
        Err(Problem::new(Code::InvalidCredentials))
    }
}

pub(super) const CHANGE: Described =
    Described::new(Tag::Security, "changePassword", "Change the password").refuses(&[
        Code::InvalidCredentials,
        Code::WeakPassword,
        Code::DeviceTooNew,
        Code::RateLimited,
    ]);

pub(super) async fn change(call: Call<SignedIn, Change>) -> Result<StatusCode, Problem> {
    let api = &call.api;
    let current = Password::parse(&call.body.current_password)
        .map_err(|error| Problem::invalid("/current_password", error.to_string()))?;
    let new = new_password(&call.body.new_password)?;
    let mut presented = present(&call, current).await?;
    let person = presented.person.take().ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let email: String =
        person.data_key.open(&call.caller.account.email).map_err(|error| unavailable(&error))?;
    let alone = strong_enough_alone(&new);
    if !call.caller.account.two_step && !alone {
        return Err(of_weak(Weak::TooShortAlone));
    }
    is_another(api, &person, &new).await?;
    let record = hashing::record(api, new, email).await?;
    let mut account = presented.account;
    for lost in 0..DECISIONS {
        let open = still_in(&call.caller, account.state(), call.now)?;
        let (id, generation) = (open.id, open.trust_generation);
        if !open.two_step && !alone {
            return Err(of_weak(Weak::TooShortAlone));
        }
        let store = &api.parts().store;
        let of_store = |error| of_store(&error);
        let command = AccountCommand::ChangePassword {
            acting: call.caller.acting(call.now),
            sign_out_others: call.body.sign_out_others,
        };
        let changed = store.streams().decide(account, command, &scribe(api, call.now)).await;
        let changed = changed.map_err(|error| of_execute(error, |it| of_account(it, call.now)))?;
        let meta = call.meta(&call.caller.actor());
        let staged = [changed.stage(&meta).map_err(of_store)?];
        let mut guard = store.guards().load_guard::<AccountGuard>(id).await.map_err(of_store)?;
        if call.caller.session.trusted {
            guard.value.forgive(true);
        }
        let mut extras = vec![
            store.vault().password_put(id, &person.password, &record).map_err(of_store)?,
            store.guards().guard_put(id, &guard).map_err(of_store)?,
        ];
        // The session that asks must still be there, and goes on; under the raised generation, if it
        // rises.
        let mut session = call.caller.session.clone();
        if call.body.sign_out_others {
            session.trust_generation = generation.saturating_add(1);
        }
        extras.push(store.sessions().replace_extra(&session).map_err(of_store)?);
        match store.streams().commit_together(&staged, extras, draw(api.chance())).await {
            Ok(()) => {
                tell_attempts(api, id, &meta, call.now).await;
                tidy(&call).await;
                return Ok(StatusCode::NO_CONTENT);
            }
            Err(error) if error.is_race() => {
                still_there(&call).await?;
                wait(api.chance(), lost).await;
            }
            Err(error) => return Err(of_together(&error)),
        }
        let again = store.streams().load(id).await;
        account = again.map_err(of_store)?;
    }
    Err(contended())
}

/// Deletes the sessions that the raised generation has ended; nothing rests on it.
async fn tidy(call: &Call<SignedIn, Change>) {
    if !call.body.sign_out_others {
        return;
    }
    let (account, own) = (call.caller.account.id, call.caller.session.id);
    let sessions = call.api.parts().store.sessions();
    let Ok(all) = sessions.of_account(account, call.now).await else { return };
    for ended in all.iter().filter(|it| it.id != own) {
        if let Err(error) = sessions.delete(account, ended.id).await {
            tracing::warn!(%account, %error, "an ended session was not deleted");
        }
    }
}
