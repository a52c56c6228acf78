//! What is to be done because of an event, apart from messages.

use std::sync::Arc;

use jiff::Timestamp;
use postern_domain::message::{Recipient, message_id};
use postern_domain::policy;
use postern_events::account::Erased;
use postern_events::ids::{AccountId, DeviceId, MessageId};
use postern_store::outbox::Unsent;
use postern_store::reaction::Failure;

use super::Delivery;
use super::asked::Cause;
use super::send::Became;
use crate::mailer::SendMail;
use crate::push::SendPush;

/// Something to do.
#[derive(Debug, Clone)]
pub(super) struct Chore {
    /// The event that asks.
    pub(super) cause: Cause,
    /// The account.
    pub(super) account: AccountId,
    /// What to do.
    pub(super) errand: Errand,
}

/// What to do.
#[derive(Debug, Clone)]
pub(super) enum Errand {
    /// Make a device known to the push service.
    Register(DeviceId),
    /// Have it forget a device.
    Forget(DeviceId),
    /// Say goodbye to a person, and delete what is kept about them.
    Erase(Arc<Erased>),
}

impl Chore {
    /// The name that it is noted under until it is done; no stream has it.
    pub(super) fn name(&self) -> MessageId {
        let by = self.cause.by;
        match &self.errand {
            Errand::Register(device) | Errand::Forget(device) => {
                message_id(by, Recipient::Device(*device))
            }
            Errand::Erase(_) => MessageId::derived(by.time(), &[b"erasure", &by.to_bytes()]),
        }
    }

    /// The outbox's note of it.
    pub(super) fn undone(&self, due: Timestamp) -> Unsent {
        self.cause.unsent(self.name(), due)
    }
}

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// Does a chore. Safe to repeat.
    pub(super) async fn run(&self, chore: &Chore) -> Result<Became, Failure> {
        let Chore { cause, account, errand } = chore;
        match errand {
            Errand::Register(device) => {
                self.register(*account, *device, cause).await?;
                Ok(Became::Over)
            }
            Errand::Forget(device)
                if self.forget(*account, *device, cause.notice_deadline()).await? =>
            {
                self.done(chore).await
            }
            Errand::Forget(_) => {
                self.put_off(chore, self.clock.now() + policy::LONGEST_RETRY).await
            }
            Errand::Erase(erased) => self.erase(chore, erased).await,
        }
    }

    /// Takes a chore off the outbox.
    pub(super) async fn done(&self, chore: &Chore) -> Result<Became, Failure> {
        self.store.outbox().remove(chore.name()).await?;
        Ok(Became::Over)
    }

    /// Leaves a chore to a later sweep.
    pub(super) async fn put_off(&self, chore: &Chore, due: Timestamp) -> Result<Became, Failure> {
        self.store.outbox().put(&chore.undone(due)).await?;
        Ok(Became::Pending)
    }
}
