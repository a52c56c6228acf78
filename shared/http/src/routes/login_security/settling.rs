//! The second step and its method, changed: behind a step-up, all of it or nothing.

use postern_domain::account::{Account, AccountCommand, OpenAccount, Settings};
use postern_domain::channels::Channels;
use postern_domain::ports::draw;
use postern_store::sessions::Session;
use postern_store::streams::{DECISIONS, wait};

use super::super::still_in::still_in;
use super::super::superseding::tell_attempts;
use super::super::tokens::scribe;
use super::{Wishes, guard};
use crate::call::Call;
use crate::problem::{Code, Problem};
use crate::refusal::{contended, of_account, of_execute, of_store, of_together};
use crate::sessions::SignedIn;

/// The account, as it is afterwards.
pub(super) async fn settle(call: &Call<SignedIn, Wishes>) -> Result<OpenAccount, Problem> {
    let settings = Settings { two_step: call.body.two_step_enabled, method: call.body.method };
    if settings == Settings::default() {
        return Ok(call.caller.account.clone());
    }
    for lost in 0..DECISIONS {
        if let Some(account) = decide(call, settings).await? {
            return Ok(account);
        }
        wait(call.api.chance(), lost).await;
    }
    Err(contended())
}

/// Where trust ends, the session that asked goes on, renewed in the same transaction: it belongs to
/// the generation that begins. `None`: somebody else was faster, decide again.
async fn decide(
    call: &Call<SignedIn, Wishes>,
    settings: Settings,
) -> Result<Option<OpenAccount>, Problem> {
    let (api, now, caller) = (&call.api, call.now, &call.caller);
    let (id, store) = (caller.account.id, &api.parts().store);
    let streams = store.streams();
    let context = streams.load::<Account>(id).await.map_err(|error| of_store(&error))?;
    let before = still_in(caller, context.state(), now)?.clone();
    let person = store.vault().load(id, now).await.map_err(|error| of_store(&error))?;
    let person = person.ok_or_else(|| Problem::new(Code::InvalidToken))?;
    let guard = guard(call).await?;
    let channels = Channels::of(&before, caller.session.key, &guard.value, now);
    let command = AccountCommand::Settle {
        settings,
        acting: caller.acting(now),
        channels: Box::new(channels),
        long_enough: person.password.long_enough_alone,
    };
    let decided = streams.decide(context, command, &scribe(api, now)).await;
    let decided = decided.map_err(|error| of_execute(error, |it| of_account(it, now)))?;
    let after = decided.state().open().ok_or_else(|| Problem::new(Code::InvalidToken))?.clone();
    if decided.is_empty() {
        return Ok(Some(after));
    }
    let meta = call.meta(&caller.actor());
    let staged = [decided.stage(&meta).map_err(|error| of_store(&error))?];
    // The session must still be there, too.
    let session = Session { trust_generation: after.trust_generation, ..caller.session.clone() };
    let renewed = store.sessions().replace_extra(&session);
    let extras = vec![renewed.map_err(|error| of_store(&error))?];
    match streams.commit_together(&staged, extras, draw(api.chance())).await {
        Ok(()) => {
            tell_attempts(api, id, &meta, now).await;
            Ok(Some(after))
        }
        // A session that ended meanwhile is found out by the next decision's check or the next call.
        Err(error) if error.is_race() => {
            let session = store.sessions().get(id, caller.session.id, now).await;
            let session = session.map_err(|error| of_store(&error))?;
            session.map(|_| None).ok_or_else(|| Problem::new(Code::InvalidToken))
        }
        Err(error) => Err(of_together(&error)),
    }
}
