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
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::{PartialSchema as _, ToSchema};

use crate::Api;
use crate::problem::{Problem, whole_seconds};
use crate::refusal::of_store;
use crate::sessions::SessionView;

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

/// Where a code went.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SentTo {
    /// Devices that it is pushed to; absent for what is not a sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    devices: Option<usize>,
    /// The address that it is mailed to, masked.
    email_hint: String,
}

/// A way that a code can't be asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UnavailableMethod {
    /// The way: `app` or `email`.
    #[schema(value_type = String)]
    method: Method,
    /// The stable name of the reason: `no_device`, `too_many_pushes`, `bounced`, `recently_reset`.
    because: &'static str,
    /// Seconds until it passes by itself; absent where it doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    available_in: Option<i64>,
}

/// An attempt to sign in, or another process that a code ends. What counts down is in whole seconds.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Attempt)]
pub(crate) struct Progress {
    /// The attempt's or process's name.
    #[schema(pattern = "^(sin|ver)_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    id: String,
    /// `code_required`, `complete`, `denied`, `expired`, `cancelled`, `locked` or `unreachable`.
    status: &'static str,
    /// How the newest code travels: `app` or `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    method: Option<Method>,
    /// The ways that a code can be asked for: `app`, `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>, nullable = false)]
    available_methods: Option<Vec<Method>>,
    /// The other ways, each with the reason; absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    unavailable_methods: Vec<UnavailableMethod>,
    /// Where the newest code went.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sent_to: Option<SentTo>,
    /// How far it came: `queued`, `sent`, `delivered`, `bounced` or `undeliverable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    delivery: Option<&'static str>,
    /// Digits of the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code_length: Option<u32>,
    /// Guesses that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attempts_left: Option<u8>,
    /// Sends that are left, over all budgets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sends_left: Option<u8>,
    /// Until the newest code expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_in: Option<i64>,
    /// Until the code can be sent again by its method.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    resend_in: Option<i64>,
    /// Until a client that waits should look again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    poll_after: Option<i64>,
    /// While code entry is paused: until it is open again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retry_in: Option<i64>,
    /// What to do: `wait`, `contact_support`, `reset_password` or `change_password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<&'static str>,
    /// Where there is nothing to do but wait: until a channel reaches the owner again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    available_in: Option<i64>,
    /// The session, in the answer that completed a sign-in or registration, and its repeats.
    #[schema(schema_with = session_or_null)]
    session: Option<SessionView>,
}

/// The shape of a session that may be null, without a union: generators of clients make of one what
/// breaks with the next member.
fn session_or_null() -> RefOr<Schema> {
    let mut shape = SessionView::schema();
    if let RefOr::T(Schema::Object(object)) = &mut shape {
        object.schema_type = SchemaType::Array(vec![Type::Object, Type::Null]);
        let about = "The session, in the answer that completed a sign-in or registration, and its \
                     repeats; else null.";
        object.description = Some(about.to_owned());
    }
    shape
}

impl Progress {
    /// Says what to do about it.
    pub(crate) fn then(self, next: &'static str) -> Self {
        Self { next: Some(next), ..self }
    }
}

impl Awaited<'_> {
    pub(crate) fn view(self) -> Progress {
        let newest = self.challenge.newest();
        let left = |until: Timestamp| Some(whole_seconds(until.duration_since(self.now)));
        let shown = |pushable| if newest.method == Method::App { pushable } else { 0 };
        let unavailable = self.ways.unavailable.iter();
        Progress {
            method: Some(newest.method),
            available_methods: Some(self.ways.available),
            unavailable_methods: unavailable
                .map(|(method, why)| tell_unavailable(*method, *why, self.now))
                .collect(),
            sent_to: Some(SentTo {
                devices: self.ways.devices.map(shown),
                email_hint: self.email_hint,
            }),
            delivery: Some(self.delivery),
            code_length: Some(digits_for(self.challenge.purpose())),
            attempts_left: Some(self.challenge.guesses_left().min(self.claimable)),
            sends_left: Some(self.challenge.sends_left().min(self.ways.sends_left)),
            expires_in: left(newest.expires_at),
            resend_in: left(self.challenge.resend_at(newest.method)),
            poll_after: Some(policy::POLL_EVERY.as_secs()),
            ..ended(&self.id, "code_required")
        }
    }
}

/// The methods that can't be asked for, each with the reason.
pub(crate) fn unavailable(channels: &Channels) -> Vec<(Method, Unavailable)> {
    let both = [Method::App, Method::Email];
    both.into_iter().filter_map(|it| Some((it, channels.without(it)?))).collect()
}

/// Why a method can't be asked for, as it is answered.
pub(crate) fn tell_unavailable(
    method: Method,
    why: Unavailable,
    now: Timestamp,
) -> UnavailableMethod {
    let until = match why {
        Unavailable::NoDevice | Unavailable::Undeliverable => None,
        Unavailable::TooManyPushes { until } | Unavailable::RecentlyReset { until } => Some(until),
    };
    let available_in = until.map(|it| whole_seconds(it.duration_since(now)));
    UnavailableMethod { method, because: because(why), available_in }
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
pub(crate) fn ended(id: &str, status: &'static str) -> Progress {
    Progress {
        id: id.to_owned(),
        status,
        method: None,
        available_methods: None,
        unavailable_methods: Vec::new(),
        sent_to: None,
        delivery: None,
        code_length: None,
        attempts_left: None,
        sends_left: None,
        expires_in: None,
        resend_in: None,
        poll_after: None,
        retry_in: None,
        next: None,
        available_in: None,
        session: None,
    }
}

/// Code entry is paused: for a while, or until the password is a new one.
pub(crate) fn locked(id: &str, paused: Paused, now: Timestamp) -> Progress {
    let view = ended(id, "locked");
    match paused.until {
        Some(until) => {
            Progress { retry_in: Some(whole_seconds(until.duration_since(now))), ..view }
        }
        None => view.then("reset_password"),
    }
}

/// The password was right, and no channel reaches the owner: for a while, or until somebody helps.
pub(crate) fn unreachable_owner(id: &str, channels: &Channels, now: Timestamp) -> Progress {
    let why = unavailable(channels).into_iter();
    let view = Progress {
        unavailable_methods: why.map(|(how, why)| tell_unavailable(how, why, now)).collect(),
        ..ended(id, "unreachable")
    };
    match channels.reachable_at() {
        Some(at) => {
            let available_in = Some(whole_seconds(at.duration_since(now)));
            Progress { available_in, ..view }.then("wait")
        }
        None => view.then("contact_support"),
    }
}

/// An attempt that has led to what it was for, with the session that it has just got.
pub(crate) fn complete(id: &str, session: Option<SessionView>) -> Progress {
    Progress { session, ..ended(id, "complete") }
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
