//! A carrier that brings the function down with it.

use postern_messages::mailer::{Mail, Receipt, SendMail, Undelivered};
use postern_messages::push::{Push, PushFailed, Registration, SendPush};

use super::{Fault, Faults, NotifyFault};

/// A carrier that panics before or after its work where a fault says so, as a function may be
/// killed at any moment: between its claim and the sending, or between the sending and the record
/// of it.
#[derive(Debug, Clone)]
pub struct Crashing<C> {
    carrier: C,
    faults: Faults,
}

impl<C> Crashing<C> {
    /// Wraps `carrier`; without a fault it is just that.
    #[must_use]
    pub fn new(carrier: C, faults: Faults) -> Self {
        Self { carrier, faults }
    }

    /// Runs one call that hands something to the carrier.
    async fn around<T, E>(&self, call: impl Future<Output = Result<T, E>> + Send) -> Result<T, E> {
        self.crash_at(NotifyFault::CrashAfterClaim);
        let answer = call.await;
        if answer.is_ok() {
            self.crash_at(NotifyFault::CrashAfterSend);
        }
        answer
    }

    fn crash_at(&self, moment: NotifyFault) {
        assert!(!self.faults.strike(Fault::Notify(moment)), "on purpose: {moment:?}");
    }
}

impl<M: SendMail> SendMail for Crashing<M> {
    async fn send(&self, mail: &Mail) -> Result<Receipt, Undelivered> {
        self.around(self.carrier.send(mail)).await
    }
}

/// Only what is a message of its own crashes; to make a phone known is none.
impl<P: SendPush> SendPush for Crashing<P> {
    async fn send(&self, push: &Push) -> Result<Receipt, PushFailed> {
        self.around(self.carrier.send(push)).await
    }

    async fn register(&self, phone: &Registration) -> Result<String, PushFailed> {
        self.carrier.register(phone).await
    }

    async fn remove(&self, arn: &str) -> Result<(), PushFailed> {
        self.carrier.remove(arn).await
    }
}
