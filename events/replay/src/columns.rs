//! What a row tells beside its event: the columns that analysts ask for most, typed.

use serde::Deserialize;

use crate::row::{Row, quoted};

/// Members of data that many events have. Some events say with another word what others say.
#[derive(Deserialize, Default)]
struct Told<'a> {
    #[serde(borrow, default)]
    account: Option<&'a str>,
    #[serde(borrow, default)]
    recipient: Option<&'a str>,
    #[serde(borrow, default)]
    device: Option<&'a str>,
    #[serde(borrow, default)]
    platform: Option<&'a str>,
    #[serde(borrow, default)]
    country: Option<&'a str>,
    #[serde(borrow, default)]
    method: Option<&'a str>,
    #[serde(borrow, default)]
    channel: Option<&'a str>,
    #[serde(borrow, default)]
    purpose: Option<&'a str>,
    #[serde(borrow, default)]
    kind: Option<&'a str>,
    #[serde(borrow, default)]
    because: Option<&'a str>,
}

/// A commit's metadata.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Meta {
    request: String,
    actor: String,
    function: String,
    policy: u16,
}

/// The columns of one row that its event doesn't have in an envelope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Columns<'a> {
    /// What the stream's name begins with.
    pub aggregate: &'a str,
    /// Whose stream it is.
    pub account: Option<&'a str>,
    /// The device that the event is about.
    pub device: Option<&'a str>,
    /// Its platform.
    pub platform: Option<&'a str>,
    /// The country it asked from (ISO 3166-1 alpha-2).
    pub country: Option<&'a str>,
    /// How a code or a message travels.
    pub method: Option<&'a str>,
    /// What a code is for.
    pub purpose: Option<&'a str>,
    /// What a message says.
    pub kind: Option<&'a str>,
    /// Why it happened, where the event says so.
    pub because: Option<&'a str>,
    /// The request that led to it.
    pub request: &'a str,
    /// Who acted.
    pub actor: &'a str,
    /// The function that decided.
    pub function: &'a str,
    /// The version of the policy it was decided under.
    pub policy: u16,
}

/// What is true of a whole stream, remembered from its first rows on.
#[derive(Default)]
pub struct Stream {
    name: String,
    account: Option<String>,
    kind: Option<String>,
    channel: Option<String>,
    meta: Meta,
}

impl Stream {
    /// Whether the row is of the stream that the row before it was of.
    #[must_use]
    pub fn is_of(&self, row: &Row<'_>) -> bool {
        self.name == row.stream
    }

    /// The columns of the next row; each stream's rows come together and in order.
    pub fn columns<'a>(&'a mut self, row: &'a Row<'_>) -> Columns<'a> {
        if self.name != row.stream {
            *self = Self { name: row.stream.to_string(), ..Self::default() };
        }
        if let Some(meta) = row.meta {
            self.meta = serde_json::from_str(meta.get()).unwrap_or_default();
        }
        let told = row.data.and_then(|it| serde_json::from_str::<Told<'_>>(it.get()).ok());
        let told = told.unwrap_or_default();
        let (aggregate, id) = row.stream.split_once('/').unwrap_or((&row.stream, ""));
        if self.account.is_none() {
            let own = (aggregate == "account").then_some(id);
            self.account = own.or(told.account).or(told.recipient).map(ToOwned::to_owned);
        }
        if told.kind.is_some() {
            self.kind = told.kind.map(ToOwned::to_owned);
            self.channel = told.channel.map(ToOwned::to_owned);
        }
        Columns {
            aggregate,
            account: self.account.as_deref(),
            device: told.device,
            platform: told.platform,
            country: told.country,
            method: told.method.or(self.channel.as_deref()),
            purpose: told.purpose,
            kind: self.kind.as_deref(),
            because: told.because,
            request: &self.meta.request,
            actor: &self.meta.actor,
            function: &self.meta.function,
            policy: self.meta.policy,
        }
    }
}

impl Columns<'_> {
    /// Writes the row with them, without a line break.
    pub fn write(&self, row: &Row<'_>, line: &mut Vec<u8>) {
        let mut before = String::with_capacity(256);
        let mut add = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                before.push('"');
                before.push_str(name);
                before.push_str("\":");
                before.push_str(&quoted(value));
                before.push(',');
            }
        };
        add("aggregate", Some(self.aggregate));
        add("account", self.account);
        add("device", self.device);
        add("platform", self.platform);
        add("country", self.country);
        add("method", self.method);
        add("purpose", self.purpose);
        add("kind", self.kind);
        add("because", self.because);
        add("request", Some(self.request));
        add("actor", Some(self.actor));
        add("function", Some(self.function));
        let after = format!("\"policy\":{},", self.policy);
        row.write_with(line, &before, &after);
    }
}
