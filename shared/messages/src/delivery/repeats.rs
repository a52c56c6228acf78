//! Saying a thing once that happened twice in a row.

use jiff::{SignedDuration, Timestamp};
use postern_domain::message::Message;
use postern_domain::policy;
use postern_events::ids::MessageId;
use postern_events::message::{GivenUp, NotTaken};
use postern_store::guards::UpdateError;
use serde::{Deserialize, Serialize};

use super::Delivery;
use super::asked::Asked;
use super::topic::Sameness;
use super::withheld::Withheld;
use crate::mailer::SendMail;
use crate::push::SendPush;

/// How long it matters who has spoken: what is merged with a notice may come this much later.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(
    policy::NOTICE_DEADLINE.as_secs() + policy::NOTICE_MERGED_WITHIN.as_secs(),
);

/// Who speaks, and of which moment. Remembered by name, so that a message which was interrupted may
/// speak on.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Spoken(Vec<(MessageId, Timestamp)>);

/// Another message speaks of the same.
#[derive(Debug, thiserror::Error)]
#[error("the same is said already")]
struct Repeated(MessageId);

impl Spoken {
    /// Lets a message speak of what happened `at` a moment, unless another one does that. What
    /// counts is when the things happened: how long their messages were held up says nothing
    /// about whether they are news. Those that `failed` don't count.
    fn speak(
        &mut self,
        message: MessageId,
        at: Timestamp,
        now: Timestamp,
        failed: &[MessageId],
    ) -> Result<(), Repeated> {
        self.0.retain(|(one, of)| !failed.contains(one) && now.duration_since(*of) < REMEMBERED);
        if self.0.iter().any(|(one, _)| *one == message) {
            return Ok(());
        }
        let same = |of: Timestamp| at.duration_since(of).abs() < policy::NOTICE_MERGED_WITHIN;
        if let Some((other, _)) = self.0.iter().find(|(_, of)| same(*of)) {
            return Err(Repeated(*other));
        }
        self.0.push((message, at));
        Ok(())
    }
}

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// Lets a message speak about a thing on the account, unless another one of its kind does. While
    /// that one is still on its way this one waits for what becomes of it, so that a message which
    /// fails for good, or comes back, silences no other.
    pub(super) async fn speak_once(
        &self,
        asked: &Asked,
        same: &Sameness,
        now: Timestamp,
    ) -> Result<(), Withheld> {
        let Sameness { kind, thing } = same;
        let subject = format!("{}/{thing}", asked.account);
        let (message, at) = (asked.message(), asked.cause.at);
        let (guards, until) = (self.store.guards(), now + REMEMBERED);
        let mut failed = Vec::new();
        loop {
            let speak = |spoken: &mut Spoken| spoken.speak(message, at, now, &failed);
            let spoken =
                guards.update_window(kind, &subject, now, until, &*self.chance, speak).await;
            let other = match spoken {
                Ok(_) => return Ok(()),
                Err(UpdateError::Refused(Repeated(other))) => other,
                Err(UpdateError::Store(error)) => return Err(error.into()),
            };
            match self.store.streams().load::<Message>(other).await?.state() {
                Message::Sent | Message::Delivered | Message::Complained => {
                    return Err(Withheld::Pointless(GivenUp::Repeated));
                }
                Message::Claimed(_) | Message::Waiting(_) => {
                    return Err(Withheld::NotTaken(NotTaken::Unavailable));
                }
                Message::New | Message::Failed(_) | Message::Bounced => failed.push(other),
            }
        }
    }
}
