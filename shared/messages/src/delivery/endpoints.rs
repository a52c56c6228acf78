//! What the push service knows of our devices: it follows from the log, like everything that is
//! sent.

use postern_domain::account::{Account, AccountCommand};
use postern_domain::policy;
use postern_events::ids::{AccountId, DeviceId};
use postern_store::StoreError;
use postern_store::reaction::Failure;
use postern_store::streams::ExecuteError;
use postern_store::vault::PushEndpoint;

use super::asked::{Asked, Cause, Chore, Errand};
use super::send::Became;
use super::withheld::Withheld;
use super::{Delivery, meta};
use crate::mailer::SendMail;
use crate::push::{PushFailed, Registration, SendPush};

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// Does a chore. Safe to repeat.
    pub(super) async fn run(&self, chore: &Chore) -> Result<Became, Failure> {
        let Chore { cause, account, device, errand } = chore;
        match errand {
            Errand::Register => {
                self.register(*account, *device, cause).await?;
                Ok(Became::Over)
            }
            Errand::Forget if self.forget(*account, *device, cause).await? => {
                self.store.outbox().remove(chore.name()).await?;
                Ok(Became::Over)
            }
            Errand::Forget => {
                let due = self.clock.now() + policy::LONGEST_RETRY;
                self.store.outbox().put(&chore.undone(due)).await?;
                Ok(Became::Pending)
            }
        }
    }

    /// Makes a phone known that has just registered, so that the first push needs no more than one
    /// call. Whatever fails here is done by that push.
    async fn register(
        &self,
        account: AccountId,
        device: DeviceId,
        cause: &Cause,
    ) -> Result<(), Failure> {
        let endpoint = self.store.vault().push_endpoint(account, device).await?;
        let meant = |it: &PushEndpoint| it.since.as_millisecond() == cause.at.as_millisecond();
        // A newer registration has an event of its own.
        let Some(endpoint) = endpoint.filter(meant) else { return Ok(()) };
        if let Err(why) = self.make_known(account, &endpoint).await? {
            tracing::warn!(%account, %device, %why, "a phone is not registered yet");
        }
        Ok(())
    }

    /// Makes a phone known to the push service and remembers its name there.
    pub(super) async fn make_known(
        &self,
        account: AccountId,
        endpoint: &PushEndpoint,
    ) -> Result<Result<(), PushFailed>, StoreError> {
        let PushEndpoint { device, platform, token, endpoint: arn, since, .. } = endpoint.clone();
        let registration = Registration { device, platform, token, arn };
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

    /// Forgets how a device was pushed to: at the push service, then in the vault, then the claim
    /// on its token. What has been registered since, or taken over by another device, stays.
    /// `false` where the push service did not answer; then all of it is still to be done.
    pub(super) async fn forget(
        &self,
        account: AccountId,
        device: DeviceId,
        cause: &Cause,
    ) -> Result<bool, Failure> {
        let (vault, guards) = (self.store.vault(), self.store.guards());
        let Some(endpoint) = vault.push_endpoint(account, device).await? else { return Ok(true) };
        let PushEndpoint { key, since, endpoint: arn, .. } = endpoint;
        if since > cause.at {
            return Ok(true);
        }
        let theirs = guards.push_claim(key).await? == Some((account, device));
        if let Some(arn) = arn.filter(|_| theirs)
            && let Err(why) = self.pusher.remove(&arn).await
        {
            tracing::warn!(%account, %device, %why, "a phone is not forgotten yet");
            let transient = matches!(why, PushFailed::Throttled | PushFailed::Unavailable);
            // In the end a token without a use must go, though its endpoint stays behind.
            if transient && self.clock.now() < cause.notice_deadline() {
                return Ok(false);
            }
        }
        vault.forget_push(account, device, since).await?;
        // A claim too many is put right by whoever registers next; one too few by nobody. So it
        // goes last, and not if the device has come back.
        if theirs && vault.push_endpoint(account, device).await?.is_none() {
            guards.push_claim_release(key, account, device).await?;
        }
        Ok(true)
    }
}
