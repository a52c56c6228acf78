//! The wish to send a mail, whoever grants it.

use std::fmt;
use std::sync::Arc;

use postern_events::ids::MessageId;
use postern_events::message::NotTaken;

use crate::language::Language;

/// A mail, ready to be sent. Its `Debug` shows neither the address nor the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The message that it is; carriers report on it by this name.
    pub message: MessageId,
    /// The one address that it goes to.
    pub to: String,
    /// The address that it comes from.
    pub from: String,
    /// One line without anything secret or personal in it.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as a page of HTML.
    pub html: String,
    /// The language of all three.
    pub language: Language,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.message)
    }
}

/// The carrier has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The carrier's name for the message.
    pub carrier_id: Option<String>,
}

/// Why a carrier did not take a mail. It never says whom the mail was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// It asks for fewer mails.
    #[error("the carrier asks for fewer mails")]
    Throttled,
    /// It did not answer, or can't send for anybody just now; it may have taken the mail all the
    /// same.
    #[error("the carrier is unavailable")]
    Unavailable,
    /// It refuses this mail and always will.
    #[error("the carrier refuses the mail")]
    Rejected,
}

impl From<Undelivered> for NotTaken {
    fn from(why: Undelivered) -> Self {
        match why {
            Undelivered::Throttled => Self::Throttled,
            Undelivered::Unavailable => Self::Unavailable,
            Undelivered::Rejected => Self::Rejected,
        }
    }
}

/// Something that sends mail.
pub trait SendMail: Send + Sync {
    /// Hands a mail over. It answers well within [`postern_domain::policy::MESSAGE_LEASE`], or
    /// another sender may take the mail for abandoned.
    fn send(&self, mail: &Mail) -> impl Future<Output = Result<Receipt, Undelivered>> + Send;
}

impl<M: SendMail + ?Sized> SendMail for Arc<M> {
    async fn send(&self, mail: &Mail) -> Result<Receipt, Undelivered> {
        (**self).send(mail).await
    }
}
