//! How attempts look from outside.

use jiff::Timestamp;
use postern_domain::challenge::Challenge;
use postern_domain::codes::digits_for;
use postern_domain::guard::Paused;
use postern_domain::message::{Message, message_id};
use postern_domain::policy;
use postern_events::ids::AccountId;
use postern_events::vocabulary::Method;
use serde_json::{Value, json};

use crate::Api;
use crate::problem::{Problem, whole_seconds};
use crate::refusal::of_store;

/// An attempt whose code is awaited.
pub(crate) struct Awaited<'a> {
    pub(crate) id: String,
    pub(crate) challenge: &'a Challenge,
    pub(crate) available: &'a [Method],
    pub(crate) email_hint: String,
    pub(crate) delivery: &'static str,
    /// How many devices show the code; absent for verifications.
    pub(crate) devices: Option<usize>,
    pub(crate) now: Timestamp,
}

impl Awaited<'_> {
    pub(crate) fn view(&self) -> Value {
        let newest = self.challenge.newest();
        let left = |until: Timestamp| whole_seconds(until.duration_since(self.now));
        let mut sent_to = json!({ "email_hint": self.email_hint });
        if let (Some(devices), Some(object)) = (self.devices, sent_to.as_object_mut()) {
            object.insert("devices".to_owned(), devices.into());
        }
        json!({
            "id": self.id,
            "status": "code_required",
            "method": newest.method,
            "available_methods": self.available,
            "sent_to": sent_to,
            "delivery": self.delivery,
            "code_length": digits_for(self.challenge.purpose()),
            "attempts_left": self.challenge.guesses_left(),
            "sends_left": self.challenge.sends_left(),
            "expires_in": left(newest.expires_at),
            "resend_in": left(self.challenge.resend_at(newest.method)),
            "poll_after": policy::POLL_EVERY.as_secs(),
            "session": null,
        })
    }
}

/// An attempt that awaits nothing.
pub(crate) fn ended(id: &str, status: &str) -> Value {
    json!({ "id": id, "status": status, "session": null })
}

/// Code entry is paused; `retry_in` is absent where only a new password helps.
pub(crate) fn locked(id: &str, paused: Paused, now: Timestamp) -> Value {
    let mut view = ended(id, "locked");
    let wait = paused.until.map(|until| whole_seconds(until.duration_since(now)));
    if let (Some(object), Some(wait)) = (view.as_object_mut(), wait) {
        object.insert("retry_in".to_owned(), wait.into());
    }
    view
}

/// The password was right, and no channel reaches the owner.
pub(crate) fn unreachable_owner(id: &str) -> Value {
    let mut view = ended(id, "unreachable");
    if let Some(object) = view.as_object_mut() {
        object.insert("next".to_owned(), "contact_support".into());
    }
    view
}

/// An attempt that has just led to a session.
pub(crate) fn complete(id: &str, session: &Value) -> Value {
    json!({ "id": id, "status": "complete", "session": session })
}

/// What a message that has just been asked for has come to.
pub(crate) const JUST_ASKED: &str = "queued";

/// How far the newest send of an attempt has come.
pub(crate) async fn delivery(
    api: &Api,
    challenge: &Challenge,
    recipient: AccountId,
) -> Result<&'static str, Problem> {
    let id = message_id(challenge.asked_by(), recipient);
    let loaded = api.parts().store.streams().load::<Message>(id).await;
    Ok(match loaded.map_err(|error| of_store(&error))?.state() {
        Message::New | Message::Claimed(_) | Message::Waiting(_) => "queued",
        Message::Sent => "sent",
        Message::Failed(_) => "undeliverable",
    })
}
