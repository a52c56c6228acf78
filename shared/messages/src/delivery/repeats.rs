//! Saying a thing once that happened twice in a row.

use jiff::Timestamp;
use postern_domain::policy;
use postern_events::ids::MessageId;
use postern_events::message::GivenUp;
use postern_events::vocabulary::DeviceKey;
use postern_store::guards::UpdateError;
use serde::{Deserialize, Serialize};

use super::Delivery;
use super::asked::Asked;
use super::withheld::Withheld;
use crate::mailer::SendMail;
use crate::push::SendPush;

/// What the windows are called.
const WINDOW: &str = "new_device";

/// Who has spoken, and until when nobody else does. Remembered by name, so that a message which
/// was interrupted may speak on.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Spoken(Option<(MessageId, Timestamp)>);

/// Another message has said the same a moment ago.
#[derive(Debug, thiserror::Error)]
#[error("the same was said a moment ago")]
struct Repeated;

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// Lets a message speak about a key on the account, unless another one has just done so.
    pub(super) async fn speak_once(
        &self,
        asked: &Asked,
        key: DeviceKey,
        now: Timestamp,
    ) -> Result<(), Withheld> {
        let subject = format!("{}/{key}", asked.account);
        let message = asked.message();
        let until = now + policy::NOTICE_MERGED_WITHIN;
        let speak = |spoken: &mut Spoken| match spoken.0 {
            Some((other, until)) if other != message && now < until => Err(Repeated),
            Some((same, _)) if same == message => Ok(()),
            Some(_) | None => {
                spoken.0 = Some((message, until));
                Ok(())
            }
        };
        let guards = self.store.guards();
        match guards.update_window(WINDOW, &subject, now, until, &*self.chance, speak).await {
            Ok(_) => Ok(()),
            Err(UpdateError::Refused(Repeated)) => Err(Withheld::Pointless(GivenUp::Repeated)),
            Err(UpdateError::Store(error)) => Err(error.into()),
        }
    }
}
