//! What trusted devices are asked about, and which of them.

use std::sync::Arc;

use jiff::Timestamp;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::sign_in::Attempted;
use postern_events::verification::Opened;
use postern_events::vocabulary::DeviceKey;

use super::asked::{Asked, Cause, Telling, What};
use crate::push::RequestId;

/// What trusted devices are asked about.
#[derive(Debug, Clone)]
pub(super) enum Request {
    /// A sign-in whose code they show.
    SignIn(Arc<Attempted>),
    /// A sign-in whose code is mailed. They are told so that it can be denied: whoever has the
    /// mailbox must not pass unseen by those who have the phones.
    MailedSignIn(Arc<Attempted>),
    /// A step-up whose code they show.
    StepUp(Arc<Opened>),
}

impl Request {
    /// Whether it is a step-up.
    pub(super) fn is_step_up(&self) -> bool {
        matches!(self, Self::StepUp(_))
    }

    /// The account whose devices are asked.
    pub(super) fn account(&self) -> AccountId {
        match self {
            Self::SignIn(it) | Self::MailedSignIn(it) => it.account,
            Self::StepUp(it) => it.account,
        }
    }

    /// The key that asks; it is told nothing.
    pub(super) fn key(&self) -> DeviceKey {
        match self {
            Self::SignIn(it) | Self::MailedSignIn(it) => it.key,
            Self::StepUp(it) => it.key,
        }
    }

    /// The name that the app asks for it with.
    pub(super) fn id(&self) -> RequestId {
        match self {
            Self::SignIn(it) | Self::MailedSignIn(it) => RequestId::SignIn(it.attempt),
            Self::StepUp(it) => RequestId::StepUp(it.verification),
        }
    }
}

/// The same message to each device that a push reaches.
#[derive(Debug, Clone)]
pub(super) struct FanOut {
    /// The event that asks.
    pub(super) cause: Cause,
    /// What is asked: the account says which devices.
    pub(super) request: Request,
    /// Whether it is decided.
    pub(super) closed: bool,
    /// When there is no use in saying it any more.
    pub(super) deadline: Timestamp,
}

impl FanOut {
    /// The message to one of them.
    pub(super) fn to(&self, device: DeviceId) -> Asked {
        let request = self.request.clone();
        let telling = if self.closed { Telling::RequestClosed } else { Telling::Request };
        Asked {
            cause: self.cause.clone(),
            account: self.request.account(),
            what: What::Push(telling(request), device),
            deadline: self.deadline,
        }
    }
}
