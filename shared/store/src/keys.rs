//! Every name of a table, key and attribute, and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_domain::decider::Decider;
use postern_events::catalogue::EventSet as _;
use postern_events::ids::{AccountId, DeviceId, EventId, SupportId};
use postern_events::vocabulary::{AddressKey, PushTokenKey};

/// The type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// A string.
    Text,
    /// A number.
    Number,
}

/// A table as it has to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The name after the deployment's prefix.
    pub name: &'static str,
    /// The hash key, a string in every table.
    pub hash: &'static str,
    /// The range key, where the table has one.
    pub range: Option<(&'static str, KeyType)>,
    /// The attribute with the time to live (seconds since 1970).
    pub ttl: Option<&'static str>,
    /// Whether its changes are streamed (new images).
    pub streamed: bool,
}

/// The log: one item per commit. Nothing in it is ever changed or deleted.
pub const EVENTS: Table = Table {
    name: "events",
    hash: STREAM,
    range: Some((VERSION, KeyType::Number)),
    ttl: None,
    streamed: true,
};

/// What erasing a person deletes: data key, password hash, recovery codes, devices' names and push
/// endpoints.
pub const VAULT: Table = Table {
    name: "vault",
    hash: ACCOUNT,
    range: Some((ITEM, KeyType::Text)),
    ttl: Some(EXPIRES),
    streamed: false,
};

/// Claims, counters, windows, used proofs, known calls, unsent messages.
pub const GUARDS: Table = Table {
    name: "guards",
    hash: KEY,
    range: Some((ITEM, KeyType::Text)),
    ttl: Some(EXPIRES),
    streamed: false,
};

/// Who is signed in.
pub const SESSIONS: Table = Table {
    name: "sessions",
    hash: ACCOUNT,
    range: Some((SESSION, KeyType::Text)),
    ttl: Some(EXPIRES),
    streamed: false,
};

/// What is only shown, projected from the log.
pub const VIEWS: Table = Table {
    name: "views",
    hash: KEY,
    range: Some((ITEM, KeyType::Text)),
    ttl: Some(EXPIRES),
    streamed: false,
};

/// Every table there is.
pub const TABLES: [Table; 5] = [EVENTS, VAULT, GUARDS, SESSIONS, VIEWS];

/// What a deployment's tables start with unless it is configured otherwise; with it every name
/// has the ten characters and more that `DynamoDB`'s own tooling expects.
pub const DEFAULT_PREFIX: &str = "postern-";

/// Hash key of [`EVENTS`]: `aggregate/id`.
pub const STREAM: &str = "stream";
/// Range key of [`EVENTS`]: the sequence of the commit's first event, from 1.
pub const VERSION: &str = "version";
/// Hash key of [`VAULT`] and [`SESSIONS`].
pub const ACCOUNT: &str = "account";
/// Hash key of [`GUARDS`] and [`VIEWS`].
pub const KEY: &str = "key";
/// Range key of [`VAULT`], [`GUARDS`] and [`VIEWS`].
pub const ITEM: &str = "item";
/// Range key of [`SESSIONS`].
pub const SESSION: &str = "sid";
/// Time to live, in seconds since 1970.
pub const EXPIRES: &str = "expires";

/// The events of a commit, as JSON text.
pub const EVENTS_JSON: &str = "events";
/// Who asked for a commit and through what, as JSON text.
pub const META: &str = "meta";
/// The wire names of a commit's events, for filter patterns.
pub const TYPES: &str = "types";
/// The decider's state after a commit, as JSON text.
pub const STATE: &str = "state";
/// The shape of that state.
pub const STATE_SCHEMA: &str = "state_schema";
/// The link that ties a commit to all before it.
pub const CHAIN: &str = "chain";
/// What an item says, as JSON text, where nothing asks for a part of it.
pub const BODY: &str = "body";
/// How often an item was written, from 1.
pub const REVISION: &str = "revision";
/// A random mark by which a writer knows its own write again.
pub const WRITER: &str = "writer";
/// A data key, wrapped.
pub const DATA_KEY: &str = "data_key";
/// Which key wraps it.
pub const KID: &str = "kid";
/// A password record, as JSON text.
pub const PASSWORD: &str = "password";
/// Wrong passwords on a person's trusted keys, as JSON text.
pub const TRIES: &str = "tries";
/// When the slots of a window were taken, in milliseconds since 1970, in the order of the writes.
pub const TAKEN: &str = "taken";
/// A device.
pub const DEVICE: &str = "device";
/// When a push endpoint was registered, in milliseconds since 1970.
pub const SINCE: &str = "since";
/// The push service's name for an endpoint.
pub const ENDPOINT: &str = "endpoint";
/// What it was called there before it registered anew, as JSON text.
pub const EARLIER: &str = "earlier";
/// When a device was last seen, in milliseconds since 1970.
pub const SEEN: &str = "seen";
/// When a device's trust ended, in milliseconds since 1970.
pub const REVOKED: &str = "revoked";
/// The event that asked for a message.
pub const EVENT: &str = "event";
/// When a message is to be tried again, in seconds since 1970.
pub const DUE: &str = "due";
/// What its owner called a device, sealed, as JSON text.
pub const NAME: &str = "name";
/// The sequence of the account's event that called it so.
pub const NAMED: &str = "named";
/// What became of an attempt to sign in.
pub const OUTCOME: &str = "outcome";
/// How an attempt's newest code travelled.
pub const METHOD: &str = "method";
/// When an attempt's outcome last changed.
pub const CHANGED: &str = "changed";

/// The vault's item about the person.
pub const PERSON: &str = "person";
/// The vault's item with the recovery codes that are left.
pub const RECOVERY: &str = "recovery";
/// What the vault's items of devices' names begin with.
pub const NAMES: &str = "name/";
/// What the vault's items of push endpoints begin with.
pub const PUSHES: &str = "push/";
/// The guards' item with an account's counters.
pub const GUARD: &str = "guard";
/// The guards' item of a window.
pub const WINDOW: &str = "window";
/// The guards' item of a window that is a list of slots.
pub const SLOTS: &str = "slots";
/// The guards' item with the wrong passwords for an address.
pub const PASSWORDS: &str = "passwords";
/// The guards' item that gives an address to an account, or a push token to a device.
pub const CLAIM: &str = "claim";
/// The guards' item of a call that may be repeated.
pub const CALL: &str = "call";
/// The guards' item of a proof or of a report's token that was used.
pub const USED: &str = "used";
/// The guards' key of all unsent messages.
pub const OUTBOX: &str = "outbox";

/// The stream of `id`.
#[must_use]
pub fn stream<D: Decider>(id: D::Id) -> String {
    format!("{}/{id}", D::Event::AGGREGATE)
}

/// A stream's aggregate and the identifier in it.
#[must_use]
pub fn stream_parts(stream: &str) -> Option<(&str, &str)> {
    stream.split_once('/').filter(|(aggregate, id)| !aggregate.is_empty() && !id.is_empty())
}

/// An account's key in the guards.
#[must_use]
pub fn account(account: AccountId) -> String {
    format!("account/{account}")
}

/// An address's key in the guards.
#[must_use]
pub fn address(address: AddressKey) -> String {
    format!("address/{address}")
}

/// A window's key in the guards; each has a hash key of its own, so that none grows hot.
#[must_use]
pub fn window(name: &str, subject: &str) -> String {
    format!("window/{name}/{subject}")
}

/// A used proof's key in the guards.
#[must_use]
pub fn proof(digest: &[u8; 32]) -> String {
    format!("proof/{}", URL_SAFE_NO_PAD.encode(digest))
}

/// The key in the guards of the report that answers an event's message.
#[must_use]
pub fn report(event: EventId) -> String {
    format!("report/{event}")
}

/// The key in the guards of a call that may be repeated, whose name tells nothing of it.
#[must_use]
pub fn call(name: &str) -> String {
    format!("call/{name}")
}

/// A push token's key in the guards.
#[must_use]
pub fn push_token(token: PushTokenKey) -> String {
    format!("push/{token}")
}

/// The vault's item of the endpoint that a device is pushed to through.
#[must_use]
pub fn push_endpoint(device: DeviceId) -> String {
    format!("{PUSHES}{device}")
}

/// The vault's item of what a device is called.
#[must_use]
pub fn device_name(device: DeviceId) -> String {
    format!("{NAMES}{device}")
}

/// What the names of an account's uploads begin with; the slash keeps it from fitting another's.
#[must_use]
pub fn uploads(account: AccountId) -> String {
    format!("uploads/{account}/")
}

/// The name of a file that somebody sends with a request for help.
#[must_use]
pub fn upload(account: AccountId, request: SupportId, number: usize) -> String {
    format!("{}{request}/{number}", uploads(account))
}

/// An account's login activity in the views.
#[must_use]
pub fn activity(account: AccountId) -> String {
    format!("activity/{account}")
}

/// Whether a key is one of the views'.
#[must_use]
pub fn is_of_views(key: &str) -> bool {
    ["activity/", "devices/"].iter().any(|it| key.starts_with(it))
}

/// An account's devices in the views.
#[must_use]
pub fn devices(account: AccountId) -> String {
    format!("devices/{account}")
}
