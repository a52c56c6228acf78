//! How attempts look from outside.

use jiff::Timestamp;
use postern_domain::account::OpenAccount;
use postern_domain::challenge::Challenge;
use postern_domain::channels::{Channels, Unavailable};
use postern_domain::codes::digits_for;
use postern_domain::guard::Paused;
use postern_domain::message::{Message, Recipient, message_id};
use postern_domain::policy;
use postern_events::ids::{EventId, MessageId};
use postern_events::vocabulary::Method;
use serde_json::{Value, json};

use crate::Api;
use crate::problem::{Problem, whole_seconds};
use crate::refusal::of_store;

/// An attempt whose code is awaited.
pub(crate) struct Awaited<'a> {
    pub(crate) id: String,
    pub(crate) challenge: &'a Challenge,
    pub(crate) ways: Ways,
    /// Guesses that can still be claimed: fewer than were recorded where somebody died in between.
    pub(crate) claimable: u8,
    pub(crate) email_hint: String,
    pub(crate) delivery: &'static str,
    pub(crate) now: Timestamp,
}

/// What an attempt's codes can travel by.
pub(crate) struct Ways {
    /// The methods that can be asked for.
    available: Vec<Method>,
    /// Sends that the budgets allow, the attempt's own apart.
    sends_left: u8,
    /// How many devices a code by app is pushed to; absent where there can be none.
    devices: Option<usize>,
    /// Why a method is not among them, and until when, where that will pass.
    unavailable: Vec<(Method, Unavailable)>,
}

impl Ways {
    /// An account's channels.
    pub(crate) fn of(channels: &Channels) -> Self {
        Self {
            available: channels.available(),
            sends_left: channels.sends_left(),
            devices: Some(channels.pushable),
            unavailable: unavailable(channels),
        }
    }

    /// The same for a process that isn't a sign-in: how many devices show its code is not said.
    pub(crate) fn of_step_up(channels: &Channels) -> Self {
        Self { devices: None, ..Self::of(channels) }
    }

    /// Mail alone, as for somebody who has no account yet.
    pub(crate) fn mail_alone(sends_left: u8) -> Self {
        Self { available: vec![Method::Email], sends_left, devices: None, unavailable: Vec::new() }
    }
}

impl Awaited<'_> {
    pub(crate) fn view(&self) -> Value {
        let newest = self.challenge.newest();
        let left = |until: Timestamp| whole_seconds(until.duration_since(self.now));
        let mut sent_to = json!({ "email_hint": self.email_hint });
        if let (Some(pushable), Some(object)) = (self.ways.devices, sent_to.as_object_mut()) {
            let devices = if newest.method == Method::App { pushable } else { 0 };
            object.insert("devices".to_owned(), devices.into());
        }
        let mut view = json!({
            "id": self.id,
            "status": "code_required",
            "method": newest.method,
            "available_methods": self.ways.available,
            "sent_to": sent_to,
            "delivery": self.delivery,
            "code_length": digits_for(self.challenge.purpose()),
            "attempts_left": self.challenge.guesses_left().min(self.claimable),
            "sends_left": self.challenge.sends_left().min(self.ways.sends_left),
            "expires_in": left(newest.expires_at),
            "resend_in": left(self.challenge.resend_at(newest.method)),
            "poll_after": policy::POLL_EVERY.as_secs(),
            "session": null,
        });
        if !self.ways.unavailable.is_empty()
            && let Some(object) = view.as_object_mut()
        {
            let unavailable = self.ways.unavailable.iter();
            let told = unavailable.map(|(method, why)| tell_unavailable(*method, *why, self.now));
            object.insert("unavailable_methods".to_owned(), told.collect());
        }
        view
    }
}

/// The methods that can't be asked for, each with the reason.
pub(crate) fn unavailable(channels: &Channels) -> Vec<(Method, Unavailable)> {
    let both = [Method::App, Method::Email];
    both.into_iter().filter_map(|it| Some((it, channels.without(it)?))).collect()
}

/// Why a method can't be asked for, as it is answered.
pub(crate) fn tell_unavailable(method: Method, why: Unavailable, now: Timestamp) -> Value {
    let because = because(why);
    match why {
        Unavailable::NoDevice | Unavailable::Undeliverable => {
            json!({ "method": method, "because": because })
        }
        Unavailable::TooManyPushes { until } | Unavailable::RecentlyReset { until } => json!({
            "method": method,
            "because": because,
            "available_in": whole_seconds(until.duration_since(now)),
        }),
    }
}

/// The stable name of a reason.
pub(crate) fn because(why: Unavailable) -> &'static str {
    match why {
        Unavailable::NoDevice => "no_device",
        Unavailable::TooManyPushes { .. } => "too_many_pushes",
        Unavailable::Undeliverable => "bounced",
        Unavailable::RecentlyReset { .. } => "recently_reset",
    }
}

/// An attempt that awaits nothing.
pub(crate) fn ended(id: &str, status: &str) -> Value {
    json!({ "id": id, "status": status, "session": null })
}

/// Code entry is paused: for a while, or until the password is a new one.
pub(crate) fn locked(id: &str, paused: Paused, now: Timestamp) -> Value {
    let mut view = ended(id, "locked");
    if let Some(object) = view.as_object_mut() {
        match paused.until {
            Some(until) => {
                let wait = whole_seconds(until.duration_since(now));
                object.insert("retry_in".to_owned(), wait.into());
            }
            None => {
                object.insert("next".to_owned(), "reset_password".into());
            }
        }
    }
    view
}

/// The password was right, and no channel reaches the owner: for a while, or until somebody helps.
pub(crate) fn unreachable_owner(id: &str, channels: &Channels, now: Timestamp) -> Value {
    let mut view = ended(id, "unreachable");
    if let Some(object) = view.as_object_mut() {
        match channels.reachable_at() {
            Some(at) => {
                object.insert("next".to_owned(), "wait".into());
                let wait = whole_seconds(at.duration_since(now));
                object.insert("available_in".to_owned(), wait.into());
            }
            None => {
                object.insert("next".to_owned(), "contact_support".into());
            }
        }
        let why = unavailable(channels);
        let told = why.into_iter().map(|(method, why)| tell_unavailable(method, why, now));
        object.insert("unavailable_methods".to_owned(), told.collect());
    }
    view
}

/// An attempt that has just led to a session.
pub(crate) fn complete(id: &str, session: &Value) -> Value {
    json!({ "id": id, "status": "complete", "session": session })
}

/// What a mail that has just been asked for has come to.
pub(crate) const QUEUED: &str = "queued";
/// Nothing was sent, and nothing will be.
const UNDELIVERABLE: &str = "undeliverable";

/// What a send that has just been asked for has come to: to no device, nothing is on its way.
pub(crate) fn just_asked(method: Method, channels: &Channels) -> &'static str {
    match method {
        Method::App if channels.pushable == 0 => UNDELIVERABLE,
        Method::App | Method::Email => QUEUED,
    }
}

/// How far the newest send of an attempt has come: the best of all its messages.
pub(crate) async fn delivery(
    api: &Api,
    challenge: &Challenge,
    account: &OpenAccount,
    now: Timestamp,
) -> Result<&'static str, Problem> {
    let messages = messages(challenge.asked_by(), challenge.newest().method, account, now);
    let mut best = Reached::Nobody;
    for (id, may_come) in messages {
        let loaded = api.parts().store.streams().load::<Message>(id).await;
        let reached = match loaded.map_err(|error| of_store(&error))?.state() {
            Message::Delivered | Message::Complained => Reached::Recipient,
            Message::Sent => Reached::Carrier,
            Message::Claimed(_) | Message::Waiting(_) => Reached::Queue,
            Message::New if may_come => Reached::Queue,
            Message::Bounced => Reached::Refusal,
            Message::New | Message::Failed(_) => Reached::Nobody,
        };
        best = best.max(reached);
    }
    Ok(match best {
        Reached::Recipient => "delivered",
        Reached::Carrier => "sent",
        Reached::Queue => QUEUED,
        Reached::Refusal => "bounced",
        Reached::Nobody => UNDELIVERABLE,
    })
}

/// How far a message came, from the worst to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reached {
    Nobody,
    Refusal,
    Queue,
    Carrier,
    Recipient,
}

/// The messages of one send, each with whether it will come if there is nothing of it yet.
fn messages(
    asked_by: EventId,
    method: Method,
    account: &OpenAccount,
    now: Timestamp,
) -> Vec<(MessageId, bool)> {
    match method {
        Method::Email => vec![(message_id(asked_by, Recipient::Owner(account.id)), true)],
        Method::App => account
            .devices
            .iter()
            .filter(|it| it.holds(now))
            .map(|it| {
                // One that registered later was not among those that were pushed to.
                let asked = it.push.is_some_and(|push| push.alive && push.since <= asked_by.time());
                (message_id(asked_by, Recipient::Device(it.id)), asked)
            })
            .collect(),
    }
}
