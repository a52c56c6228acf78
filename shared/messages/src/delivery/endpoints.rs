//! What the push service knows of our devices: it follows from the log, like everything that is
//! sent.

use jiff::Timestamp;
use postern_domain::account::{Account, AccountCommand};
use postern_domain::ports::draw;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::vocabulary::PushTokenKey;
use postern_store::StoreError;
use postern_store::reaction::Failure;
use postern_store::streams::{ExecuteError, TogetherError};
use postern_store::vault::{Earlier, PushEndpoint};

use super::asked::{Asked, Cause};
use super::withheld::Withheld;
use super::{Delivery, meta};
use crate::mailer::SendMail;
use crate::push::{PushFailed, Registration, SendPush};

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// Makes a phone known that has just registered, so that the first push needs no more than one
    /// call. Whatever fails here is done by that push.
    pub(super) async fn register(
        &self,
        account: AccountId,
        device: DeviceId,
        cause: &Cause,
    ) -> Result<(), Failure> {
        let endpoint = self.store.vault().push_endpoint(account, device).await?;
        // Any other registration has an event of its own.
        let meant = |it: &PushEndpoint| it.since.as_millisecond() == cause.at.as_millisecond();
        let Some(endpoint) = endpoint.filter(meant) else { return Ok(()) };
        if let Err(why) = self.make_known(account, &endpoint).await? {
            tracing::warn!(%account, %device, %why, "a phone is not registered yet");
        }
        Ok(())
    }

    /// Makes a phone known to the push service and remembers its name there. A name that stands
    /// for another token is forgotten first and never given the new one: should it turn out to be
    /// somebody else's, the next push to them finds it gone and makes another, while a name that
    /// was renewed wrongly would go on telling them what is meant for this phone.
    pub(super) async fn make_known(
        &self,
        account: AccountId,
        endpoint: &PushEndpoint,
    ) -> Result<Result<(), PushFailed>, StoreError> {
        let PushEndpoint { device, platform, token, key, endpoint: arn, earlier, since, .. } =
            endpoint.clone();
        let known = match (arn, earlier) {
            (Some(arn), _) => Some(arn),
            (None, Some(earlier)) if earlier.key == key => Some(earlier.endpoint),
            (None, Some(earlier)) => match self.drop_earlier(account, device, &earlier).await? {
                Err(why) if passes(why) => return Ok(Err(why)),
                Ok(()) | Err(_) => None,
            },
            (None, None) => None,
        };
        let registration = Registration { device, platform, token, arn: known };
        let arn = match self.pusher.register(&registration).await {
            Ok(arn) => arn,
            Err(why) => return Ok(Err(why)),
        };
        if !self.store.vault().note_push_arn(account, device, since, &arn).await? {
            tracing::info!(%account, %device, "a phone registered anew meanwhile");
        }
        Ok(Ok(()))
    }

    /// Notes on the account that a device is not reached any more.
    pub(super) async fn disable(
        &self,
        asked: &Asked,
        endpoint: &PushEndpoint,
    ) -> Result<(), Withheld> {
        let PushEndpoint { device, since, .. } = *endpoint;
        let message = asked.message();
        let command = || AccountCommand::DisablePush { device, since, message };
        let scribe = || self.scribe(self.clock.now());
        let (streams, meta) = (self.store.streams(), meta(asked.cause.by));
        match streams.execute::<Account>(asked.account, command, scribe, &meta).await {
            // An account that is gone is not misled by anything.
            Ok(_) | Err(ExecuteError::Refused(_)) => Ok(()),
            Err(ExecuteError::Sealing(why)) => Err(Withheld::unwritable(why)),
            Err(ExecuteError::Store(error)) => Err(error.into()),
        }
    }

    /// Forgets how a device was pushed to: at the push service, then in the vault together with
    /// the claim on its token. What the account still counts on stays, and so does what another
    /// device has taken over. `false` where the push service did not answer and it is not yet
    /// `until`; then all of it is still to be done.
    pub(super) async fn forget(
        &self,
        account: AccountId,
        device: DeviceId,
        until: Timestamp,
    ) -> Result<bool, Failure> {
        let (vault, guards) = (self.store.vault(), self.store.guards());
        let Some(endpoint) = vault.push_endpoint(account, device).await? else { return Ok(true) };
        let PushEndpoint { key, since, endpoint: arn, earlier, .. } = endpoint;
        if self.counts_on(account, device, since).await? {
            return Ok(true);
        }
        let theirs = guards.push_claim(key).await? == Some((account, device));
        let mut ends = Vec::new();
        if let Some(arn) = arn.filter(|_| theirs) {
            ends.push(self.pusher.remove(&arn).await);
        }
        if let Some(earlier) = earlier {
            ends.push(self.drop_earlier(account, device, &earlier).await?);
        }
        for why in ends.into_iter().filter_map(Result::err) {
            tracing::warn!(%account, %device, %why, "a phone is not forgotten yet");
            // In the end a token without a use must go, though its endpoint stays behind.
            if passes(why) && self.clock.now() < until {
                return Ok(false);
            }
        }
        if theirs && self.forget_together(account, device, key, since).await? {
            return Ok(true);
        }
        vault.forget_push(account, device, since).await?;
        Ok(true)
    }

    /// Whether this very registration is the present one of a trusted device. The account alone
    /// knows: a clock can't tell, for whoever lost a race commits later than it says. To be asked
    /// after the vault was read, so that a newer registration is never taken for this one.
    async fn counts_on(
        &self,
        account: AccountId,
        device: DeviceId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let found = self.store.streams().load::<Account>(account).await?;
        let trusted = found.state().open().and_then(|it| it.device(device, self.clock.now()));
        Ok(trusted.and_then(|it| it.push).is_some_and(|push| push.since == since))
    }

    /// Forgets a registration and the claim on its token at once: either without the other would
    /// be found by nobody. `false` where the device has registered anew, or lost the token, in
    /// this very moment.
    async fn forget_together(
        &self,
        account: AccountId,
        device: DeviceId,
        key: PushTokenKey,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let (vault, guards) = (self.store.vault(), self.store.guards());
        let gone = vec![
            vault.push_delete(account, device, since)?,
            guards.push_claim_delete(key, account, device)?,
        ];
        match self.store.streams().commit_together(&[], gone, draw(&*self.chance)).await {
            Ok(()) => Ok(true),
            Err(TogetherError::Conflict { which: _ }) => Ok(false),
            Err(TogetherError::Store(error)) => Err(error),
        }
    }

    /// Has the push service forget what it called a device before, unless another device has that
    /// token by now and with it the name.
    async fn drop_earlier(
        &self,
        account: AccountId,
        device: DeviceId,
        earlier: &Earlier,
    ) -> Result<Result<(), PushFailed>, StoreError> {
        let owner = self.store.guards().push_claim(earlier.key).await?;
        if owner.is_some_and(|owner| owner != (account, device)) {
            return Ok(Ok(()));
        }
        Ok(self.pusher.remove(&earlier.endpoint).await)
    }
}

/// Whether waiting helps.
fn passes(why: PushFailed) -> bool {
    matches!(why, PushFailed::Throttled | PushFailed::Unavailable)
}
