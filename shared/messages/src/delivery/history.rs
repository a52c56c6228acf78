//! How far the last codes of an account came, for those who help: nothing secret, and nothing
//! personal.

use jiff::Timestamp;
use postern_domain::account::{Account, TrustedDevice};
use postern_domain::message::Message;
use postern_domain::sign_in::SignIn;
use postern_events::ids::AccountId;
use postern_events::vocabulary::Method;
use postern_store::{StoreError, keys};

use super::Delivery;
use super::asked::{Asked, Telling, Wanted, What};
use super::requests::Request;
use super::story::Story;
use super::topic::Topic;
use crate::letters::Delivered;
use crate::mailer::SendMail;
use crate::push::SendPush;

/// Attempts that are looked back on: whoever can't sign in has tried a few times.
const ATTEMPTS: u16 = 10;
/// Messages that are told of; one attempt alone may have sent a hundred.
const MESSAGES: usize = 30;

impl<M: SendMail, P: SendPush> Delivery<M, P> {
    /// What became of the messages that carried, or asked to show, the codes of the last attempts,
    /// newest first. A device that was removed since then is passed over.
    pub(super) async fn history(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Delivered>, StoreError> {
        let streams = self.store.streams();
        let owner = streams.load::<Account>(account).await?;
        let devices = owner.state().open().map(|it| it.devices.as_slice()).unwrap_or_default();
        let mut history = Vec::new();
        for attempt in self.store.views().activity(account, now, ATTEMPTS, None).await?.items {
            let commits = streams.load_commits(&keys::stream::<SignIn>(attempt.id)).await?;
            let story = Story::read(&commits)?;
            for version in story.versions().into_iter().rev() {
                for asked in asked_of(&story.wanted(version), devices) {
                    let Some(channel) = channel_of_code(&asked) else { continue };
                    let told = streams.load::<Message>(asked.message()).await?;
                    if *told.state() == Message::New {
                        continue;
                    }
                    let (at, kind, state) = (asked.cause.at, asked.kind(), told.state().clone());
                    history.push(Delivered { at, kind, channel, state });
                    if history.len() == MESSAGES {
                        return Ok(history);
                    }
                }
            }
        }
        Ok(history)
    }
}

/// Every message that this may have led to.
fn asked_of(wanted: &Wanted, devices: &[TrustedDevice]) -> Vec<Asked> {
    let pushes = wanted.fan_outs.iter();
    let pushes = pushes.flat_map(|it| devices.iter().map(|device| it.to(device.id)));
    wanted.messages.iter().cloned().chain(pushes).collect()
}

/// How a message brings its reader a code, if it does.
fn channel_of_code(asked: &Asked) -> Option<Method> {
    match &asked.what {
        What::Mail(Topic::SignInCode(_)) => Some(Method::Email),
        What::Push(Telling::Request(Request::SignIn(_)), _) => Some(Method::App),
        What::Mail(_) | What::Push(..) => None,
    }
}
