//! Looking again, strongly, at what a message depends on, right before it goes.

use jiff::Timestamp;
use postern_domain::account::{Account, OpenAccount};
use postern_domain::challenge::Challenge;
use postern_domain::guard::AccountGuard;
use postern_domain::sign_in::SignIn;
use postern_domain::verification::Verification;
use postern_events::ids::AccountId;
use postern_events::sign_in::Attempted;
use postern_events::verification::Opened;
use postern_events::vocabulary::{Method, Purpose};
use postern_store::seal::DataKey;

use super::Delivery;
use super::asked::Asked;
use super::withheld::{ERASED, SUPERSEDED, Withheld};
use crate::letters::Asker;
use crate::mailer::SendMail;
use crate::push::SendPush;

/// An attempt whose code still makes sense.
pub(super) struct Living {
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
    ) -> Result<Living, Withheld> {
        self.sign_in_if(attempted, now, |it| is_newest_send(asked, it)).await
    }

    /// The same for telling phones of an attempt whose codes are mailed: one mail after another
    /// changes nothing for them, while a code that they show has been told of by itself.
    pub(super) async fn mailed_sign_in(
        &self,
        attempted: &Attempted,
        now: Timestamp,
    ) -> Result<Living, Withheld> {
        self.sign_in_if(attempted, now, |it| it.newest().method == Method::Email).await
    }

    async fn sign_in_if(
        &self,
        attempted: &Attempted,
        now: Timestamp,
        is_meant: impl Fn(&Challenge) -> bool + Send,
    ) -> Result<Living, Withheld> {
        let id = attempted.account;
        let state = self.store.streams().load::<SignIn>(attempted.attempt).await?;
        let (attempt, challenge) = state.state().pending().ok_or(SUPERSEDED)?;
        if !is_meant(challenge) || challenge.is_over(now) {
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
        Ok(Living { account, challenge: challenge.clone(), key })
    }

    /// The same for a process about an account. An address that nobody has is a password reset of
    /// nobody's: no other table is looked at for it.
    pub(super) async fn living_process(
        &self,
        asked: &Asked,
        opened: &Opened,
        now: Timestamp,
    ) -> Result<Living, Withheld> {
        let id = opened.account;
        self.open_account(id).await?;
        let state = self.store.streams().load::<Verification>(opened.verification).await?;
        let Verification::CodeRequired(pending, challenge) = state.state() else {
            return Err(SUPERSEDED);
        };
        if !is_newest_send(asked, challenge) || challenge.is_over(now) {
            return Err(SUPERSEDED);
        }
        let guard = match opened.purpose {
            Purpose::StepUp => Some(self.store.guards().load_guard::<AccountGuard>(id).await?),
            // What they are counted by is looked at where a guess is claimed.
            Purpose::SignIn
            | Purpose::Registration
            | Purpose::PasswordReset
            | Purpose::EmailChange => None,
        };
        let key = self.data_key(id, now).await?.ok_or(ERASED)?;
        let account = self.open_account(id).await?;
        if pending.generation != Some(account.attempt_generation) {
            return Err(SUPERSEDED);
        }
        if let Some(guard) = guard {
            // A pause is for keys that aren't trusted.
            let paused = guard.value.paused(now).is_some();
            let paused = paused && account.trusted(opened.key, now).is_none();
            if paused || !guard.value.is_open(&opened.verification.to_string(), now) {
                return Err(SUPERSEDED);
            }
        }
        Ok(Living { account, challenge: challenge.clone(), key })
    }
}

pub(super) fn is_newest_send(asked: &Asked, challenge: &Challenge) -> bool {
    challenge.asked_by() == asked.cause.by
}

/// Who attempts. What can't be opened any more is left unsaid: a message without it is better than
/// none.
pub(super) fn of_attempted(attempted: &Attempted, key: &DataKey, at: Timestamp) -> Asker {
    let origin = key.open(&attempted.origin).ok();
    let described = key.open(&attempted.description).ok();
    Asker {
        device: described.map(|it| it.name),
        platform: Some(attempted.platform),
        country: attempted.country.clone(),
        city: origin.as_ref().and_then(|it| it.city.clone()),
        ip: origin.map(|it| it.ip),
        at,
    }
}

/// Who asks to prove something, without the device's name: anybody can name any address, and would
/// have Postern send their own words to a stranger.
pub(super) fn of_opened(opened: &Opened, key: Option<&DataKey>, at: Timestamp) -> Asker {
    let origin = key.and_then(|key| key.open(&opened.origin).ok());
    Asker {
        device: None,
        // A reset says nothing about the device that asks.
        platform: (opened.purpose != Purpose::PasswordReset).then_some(opened.platform),
        country: opened.country.clone(),
        city: origin.as_ref().and_then(|it| it.city.clone()),
        ip: origin.map(|it| it.ip),
        at,
    }
}

/// The same with the device's name, for whoever reads it on an account that the device is signed in
/// to.
pub(super) fn of_signed_in(opened: &Opened, key: &DataKey, at: Timestamp) -> Asker {
    let described = key.open(&opened.description).ok();
    let name = described.map(|it| it.name).filter(|it| !it.is_empty());
    Asker { device: name, ..of_opened(opened, Some(key), at) }
}
