//! The wish to tell a phone something, whoever carries it there.
//!
//! A push crosses several companies' servers and ends on a lock screen: it holds no code, no
//! address and no IP address. The app fetches what it may show over its own session.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use postern_events::ids::{DeviceId, MessageId, SignInId, VerificationId};
use postern_events::message::NotTaken;
use postern_events::vocabulary::{Platform, PushPlatform};
use serde::Serialize;

use crate::letters::Alert;
use crate::mailer::Receipt;

/// A push, ready to be sent. Its `Debug` shows neither whom to nor what.
#[derive(Clone, PartialEq, Eq)]
pub struct Push {
    /// The message that it is.
    pub message: MessageId,
    /// The carrier's name for the phone.
    pub arn: String,
    /// Through whom the phone is reached.
    pub platform: PushPlatform,
    /// What it says.
    pub content: Content,
    /// How long it is worth keeping for a phone that is off; more than nothing.
    pub life: SignedDuration,
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Push({})", self.message)
    }
}

/// What a trusted phone is asked about, by the name that the app asks for it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RequestId {
    /// An attempt to sign in.
    SignIn(SignInId),
    /// A step-up.
    StepUp(VerificationId),
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn(id) => id.fmt(f),
            Self::StepUp(id) => id.fmt(f),
        }
    }
}

/// What a push says.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// A device wants to sign in, or to confirm a change; its owner sees an alert.
    SignInRequest(Box<SignInRequest>),
    /// That has been decided; the alert can go. Nothing is shown.
    RequestClosed {
        /// What was asked about.
        id: RequestId,
    },
    /// The phone is signed out. Nothing is shown.
    SignedOut,
}

impl Content {
    /// What it is called on its way.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SignInRequest(_) => "sign_in_request",
            Self::RequestClosed { .. } => "request_closed",
            Self::SignedOut => "signed_out",
        }
    }

    /// What it is about: of all that is said of one request, a phone that was off needs only the
    /// last.
    #[must_use]
    pub fn request(&self) -> Option<RequestId> {
        match self {
            Self::SignInRequest(it) => Some(it.id),
            Self::RequestClosed { id } => Some(*id),
            Self::SignedOut => None,
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.kind())
    }
}

/// A device that wants to sign in, or to confirm a change, as a trusted phone is told of it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInRequest {
    /// What it asks for.
    pub id: RequestId,
    /// What its owner calls the device, where that can still be read.
    pub device: Option<String>,
    /// The device's kind.
    pub platform: Platform,
    /// The country that its address suggests (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// The city that its address suggests.
    pub city: Option<String>,
    /// When the code stops being accepted.
    pub expires_at: Timestamp,
    /// What the phone shows by itself.
    pub alert: Alert,
}

impl fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignInRequest({})", self.id)
    }
}

/// A phone as the carrier is to know it. Its `Debug` shows only the device.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    /// The device.
    pub device: DeviceId,
    /// Through whom it is reached.
    pub platform: PushPlatform,
    /// What its platform calls the app on it.
    pub token: String,
    /// The carrier's name for it, if it has had one.
    pub arn: Option<String>,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registration({})", self.device)
    }
}

/// Why a carrier did not do what was asked. It never says about whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushFailed {
    /// It asks for fewer pushes.
    #[error("the carrier asks for fewer pushes")]
    Throttled,
    /// It did not answer, or can't push for anybody just now; it may have taken the push all the
    /// same.
    #[error("the carrier is unavailable")]
    Unavailable,
    /// The phone's platform has said that the app is gone from it, or takes no pushes.
    #[error("the phone is not reached any more")]
    Disabled,
    /// The carrier doesn't know the phone by this name.
    #[error("the carrier doesn't know the phone")]
    Gone,
    /// It refuses this push or this token and always will.
    #[error("the carrier refuses the push")]
    Rejected,
}

impl From<PushFailed> for NotTaken {
    fn from(why: PushFailed) -> Self {
        match why {
            PushFailed::Throttled => Self::Throttled,
            PushFailed::Unavailable => Self::Unavailable,
            PushFailed::Disabled | PushFailed::Gone | PushFailed::Rejected => Self::Rejected,
        }
    }
}

/// Something that reaches phones. Each verb answers well within
/// [`postern_domain::policy::MESSAGE_LEASE`], also when a sending has to register first: otherwise
/// another sender may take the push for abandoned.
pub trait SendPush: Send + Sync {
    /// Hands a push over, in one try: whoever repeats it looks first whether it still may go.
    fn send(&self, push: &Push) -> impl Future<Output = Result<Receipt, PushFailed>> + Send;

    /// Makes a phone known, or known again, whatever was known of it or of its token before, and
    /// says by which name. Safe to repeat.
    fn register(
        &self,
        phone: &Registration,
    ) -> impl Future<Output = Result<String, PushFailed>> + Send;

    /// Forgets a phone; one that is forgotten is fine.
    fn remove(&self, arn: &str) -> impl Future<Output = Result<(), PushFailed>> + Send;
}

impl<P: SendPush + ?Sized> SendPush for Arc<P> {
    async fn send(&self, push: &Push) -> Result<Receipt, PushFailed> {
        (**self).send(push).await
    }

    async fn register(&self, phone: &Registration) -> Result<String, PushFailed> {
        (**self).register(phone).await
    }

    async fn remove(&self, arn: &str) -> Result<(), PushFailed> {
        (**self).remove(arn).await
    }
}
