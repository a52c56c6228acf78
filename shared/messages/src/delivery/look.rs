//! Looking again, strongly, at what a message depends on, right before it goes.

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::challenge::Challenge;
use postern_domain::guard::AccountGuard;
use postern_domain::sign_in::SignIn;
use postern_events::ids::AccountId;
use postern_events::sign_in::Attempted;
use postern_store::seal::DataKey;

use super::Delivery;
use super::asked::Asked;
use super::withheld::{ERASED, SUPERSEDED, Withheld};
use crate::letters::Asker;
use crate::mailer::SendMail;
use crate::push::SendPush;

/// A sign-in whose newest send is the one that is looked at.
pub(super) struct LivingSignIn {
    /// The account, read last of all.
    pub(super) account: OpenAccount,
    /// The attempt's codes.
    pub(super) challenge: Challenge,
    /// The key to the person's sealed values.
    pub(super) key: DataKey,
}

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    pub(super) async fn open_account(&self, account: AccountId) -> Result<OpenAccount, Withheld> {
        let found = self.store.streams().load::<Account>(account).await?;
        found.state().open().cloned().ok_or(ERASED)
    }

    pub(super) async fn data_key(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<DataKey>, Withheld> {
        Ok(self.store.vault().load(account, now).await?.map(|person| person.data_key))
    }

    /// The attempt behind a code that is to be sent, if nothing has made the sending pointless: a
    /// later send by whichever way, an end, a change to the account, a pause of code entry, a denial
    /// that came before the attempt was recorded and only the guard knows of.
    pub(super) async fn living_sign_in(
        &self,
        asked: &Asked,
        attempted: &Attempted,
        now: Timestamp,
    ) -> Result<LivingSignIn, Withheld> {
        let id = attempted.account;
        let state = self.store.streams().load::<SignIn>(attempted.attempt).await?;
        let (attempt, challenge) = state.state().pending().ok_or(SUPERSEDED)?;
        if challenge.asked_by() != asked.cause.by || challenge.is_over(now) {
            return Err(SUPERSEDED);
        }
        let guard = self.store.guards().load_guard::<AccountGuard>(id).await?;
        let open = guard.value.is_open(&attempted.attempt.to_string(), now);
        if !open || guard.value.paused(now).is_some() {
            return Err(SUPERSEDED);
        }
        let key = self.data_key(id, now).await?.ok_or(ERASED)?;
        let account = self.open_account(id).await?;
        if attempt.generation != account.attempt_generation {
            return Err(SUPERSEDED);
        }
        Ok(LivingSignIn { account, challenge: challenge.clone(), key })
    }
}

/// Who attempts. What can't be opened any more is left unsaid: a message without it is better than
/// none.
pub(super) fn of_attempted(attempted: &Attempted, key: &DataKey, at: Timestamp) -> Asker {
    let origin = key.open(&attempted.origin).ok();
    let described = key.open(&attempted.description).ok();
    Asker {
        device: described.map(|it| it.name),
        platform: attempted.platform,
        country: attempted.country.clone(),
        city: origin.as_ref().and_then(|it| it.city.clone()),
        ip: origin.map(|it| it.ip),
        at,
    }
}
