//! What happened, in figures: from attempts to trusted devices, how long codes take, what is refused,
//! what doesn't arrive.

mod counting;
mod holes;
mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::gather::NotGathered;
use crate::log::{Log, Unordered};
use crate::merge::{Order, Unread};
use crate::row::Row;
use counting::Counting;
use holes::Holes;

/// The way of attempts to sign in on keys that aren't trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Funnel {
    /// Right passwords.
    pub attempts: u64,
    /// Those that needed no code: the key was trusted, or two-step verification off.
    pub without_code: u64,
    /// Those that needed one.
    pub code_needed: u64,
    /// Those that got one.
    pub code_issued: u64,
    /// Those that nothing reached.
    pub unreachable: u64,
    /// Those whose code was given, or a recovery code in its place.
    pub verified: u64,
    /// Those that led to a session with a code.
    pub completed: u64,
    /// Those whose device is trusted since.
    pub trusted: u64,
    /// How the others ended, by word; `expired` where nobody
    /// ended them, `still open` where the log ends before they do.
    pub lost: BTreeMap<String, u64>,
}

/// How long something took, in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// How many there were.
    pub count: u64,
    /// Half of them were at least so fast.
    pub p50_ms: u64,
    /// Nine of ten.
    pub p90_ms: u64,
    /// All but one of a hundred.
    pub p99_ms: u64,
    /// The slowest.
    pub max_ms: u64,
}

/// Codes of one channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Channel {
    /// From the decision to the carrier's word that it took the message.
    pub sent: Times,
    /// From the decision to the recipient's server; nobody says so of a push.
    pub delivered: Times,
    /// From the newest issue to the right code.
    pub verified: Times,
}

/// Messages of one channel that did not arrive, or not at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Deliveries {
    /// Messages that were taken up.
    pub messages: u64,
    /// Those that a carrier took.
    pub sent: u64,
    /// What went wrong, by the fact's name and its reason.
    pub failures: BTreeMap<String, u64>,
}

/// All figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Events that were counted.
    pub events: u64,
    /// Streams of which events are missing, whenever they were: the figures are not all then.
    pub incomplete_streams: u64,
    /// The first and the last event's time.
    pub from: Option<Timestamp>,
    /// See [`Self::from`].
    pub to: Option<Timestamp>,
    /// Sign-ins, step by step.
    pub funnel: Funnel,
    /// How long codes take, by channel.
    pub time_to_code: BTreeMap<String, Channel>,
    /// Wrong passwords by country; `unknown` where the address suggests none.
    pub refused_by_country: BTreeMap<String, u64>,
    /// Wrong passwords by the hour of the day (UTC).
    pub refused_by_hour: BTreeMap<u8, u64>,
    /// Wrong passwords for addresses that have no account.
    pub refused_without_account: u64,
    /// Wrong codes.
    pub wrong_codes: u64,
    /// Messages, by channel.
    pub deliveries: BTreeMap<String, Deliveries>,
    /// What reading the table cost, in units of reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_units: Option<f64>,
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum NotCounted {
    /// The log.
    #[error(transparent)]
    Log(#[from] NotGathered),
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
    /// A row.
    #[error("event {sequence} of {stream} can't be read")]
    Event {
        /// Its stream.
        stream: String,
        /// Its place in it.
        sequence: u64,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Unordered for NotCounted {
    fn is_unordered(&self) -> bool {
        match self {
            Self::Log(it) => it.is_unordered(),
            Self::File(it) => it.is_unordered(),
            Self::Event { .. } => false,
        }
    }
}

/// Counts what happened from a time on and up to another, where they are given.
///
/// # Errors
/// When the log can't be read.
pub fn count(
    log: &Log,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Stats, NotCounted> {
    let stats = log.read("counting", Order::Sequence, |merge, progress| {
        let (mut counting, mut holes) = (Counting::default(), Holes::default());
        while let Some(line) = merge.next_line()? {
            progress.add(1, u64::try_from(line.bytes().len()).unwrap_or_default() + 1);
            let failed = |source: Box<dyn std::error::Error + Send + Sync>| NotCounted::Event {
                stream: line.stream().to_owned(),
                sequence: line.sequence(),
                source,
            };
            let row = Row::read(line).map_err(|it| failed(it.into()))?;
            holes.see(&row);
            let stored = row.stored().map_err(|it| failed(it.into()))?;
            let early = since.is_some_and(|it| stored.time < it);
            if early || until.is_some_and(|it| stored.time > it) {
                continue;
            }
            counting.add(&row.stream, &stored).map_err(|it| failed(it.into()))?;
        }
        let incomplete_streams = holes.streams();
        Ok::<_, NotCounted>(Stats { incomplete_streams, ..counting.stats() })
    })?;
    Ok(Stats { read_units: log.read_units(), ..stats })
}
