//! Whether the log is whole: every stream from its first event on, and what it led to.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_store::streams::{Meta, ORIGIN, chain};
use serde::Serialize;

use crate::folding::{Fold, NotFolded};
use crate::gather::NotGathered;
use crate::line::Line;
use crate::log::{Log, Unordered};
use crate::merge::{Merge, Order, Unread};
use crate::progress::Progress;
use crate::row::{Row, text_of, told as told_by};

/// How many broken streams are named: whoever has more has one cause.
pub const NAMED: usize = 20;

/// How a log is broken. The number is the process's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Kind {
    /// Events are missing.
    Gap = 10,
    /// An event is there twice.
    Duplicate = 11,
    /// Events are not in their order.
    Order = 12,
    /// Nobody knows the event's name, or its version.
    Unknown = 13,
    /// The event's data don't fit its schema.
    Schema = 14,
    /// The names of a commit's events are not those of its events.
    Types = 15,
    /// The state is not what the events lead to.
    State = 16,
    /// A commit is not what was committed.
    Chain = 17,
    /// A commit can't be read at all.
    Unreadable = 18,
}

impl Kind {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// The first place where a stream is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The stream.
    pub stream: String,
    /// The version of the commit.
    pub version: u64,
    /// The event's place in the stream.
    pub sequence: u64,
    /// How.
    pub kind: Kind,
    /// What is wrong, in words.
    pub what: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, version, sequence, what, .. } = self;
        write!(f, "{stream} version {version}, event {sequence}: {what}")
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Verified {
    /// Events that were looked at.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Streams that are broken somewhere.
    pub broken: u64,
    /// The first break of each of the first of them.
    pub breaks: Vec<Break>,
    /// Commits whose state has another schema than this program's, and was not compared.
    pub other_states: u64,
    /// What reading the table cost, in units of reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_units: Option<f64>,
}

impl Verified {
    /// How the first stream is broken that is.
    #[must_use]
    pub fn first(&self) -> Option<&Break> {
        self.breaks.first()
    }
}

/// Why it could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum NotVerified {
    /// The log.
    #[error(transparent)]
    Log(#[from] NotGathered),
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
}

impl Unordered for NotVerified {
    fn is_unordered(&self) -> bool {
        match self {
            Self::Log(it) => it.is_unordered(),
            Self::File(it) => it.is_unordered(),
        }
    }
}

/// Looks at every event of the log.
///
/// # Errors
/// When the log can't be read. That it is broken is no error, but what is asked.
pub fn verify(log: &Log) -> Result<Verified, NotVerified> {
    let verified = log.read("verifying", Order::Lists, |merge, progress| {
        Verifier::default().all(merge, progress)
    })?;
    Ok(Verified { read_units: log.read_units(), ..verified })
}

/// A stream while it is looked at.
#[derive(Default)]
struct Verifier {
    found: Verified,
    stream: String,
    /// Whether this stream was found to be broken: one break is enough.
    broken: bool,
    fold: Fold,
    /// The sequence that is due.
    due: u64,
    /// The link that the next commit follows.
    previous: [u8; 32],
    commit: Commit,
}

/// A commit while its rows come.
#[derive(Default)]
struct Commit {
    version: u64,
    text: Vec<u8>,
    meta: String,
    /// The events' text where the rows don't tell it.
    odd: Option<String>,
    names: Vec<String>,
}

impl Verifier {
    fn all(mut self, merge: &mut Merge, progress: &mut Progress) -> Result<Verified, NotVerified> {
        loop {
            match merge.next_line() {
                Ok(Some(line)) => {
                    progress.add(1, u64::try_from(line.bytes().len()).unwrap_or_default() + 1);
                    self.line(line, Self::row);
                }
                Ok(None) => break,
                Err(Unread::Fork { .. }) => {
                    let Some(line) = merge.current() else { continue };
                    self.line(line, Self::forked);
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.end_stream();
        Ok(self.found)
    }

    /// Looks at a line; one that says where it belongs and nothing else is no event.
    fn line(&mut self, line: &Line, look: impl FnOnce(&mut Self, &Row<'_>)) {
        match Row::read(line) {
            Ok(row) => look(self, &row),
            Err(why) => look(self, &Row::broken(line, &why.to_string())),
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        self.found.events += 1;
        if self.stream != row.stream {
            self.end_stream();
            self.begin(&row.stream);
        }
        if self.broken {
            self.late(row);
        } else if let Err((kind, what)) = self.look(row) {
            let (stream, version, sequence) = (self.stream.clone(), row.commit, row.sequence);
            self.note(Break { stream, version, sequence, kind, what });
        }
    }

    /// Another row has the place of the one before it.
    fn forked(&mut self, row: &Row<'_>) {
        self.found.events += 1;
        if self.broken {
            return;
        }
        let (kind, what) = match &row.broken {
            Some(why) => (Kind::Unreadable, why.to_string()),
            None => (Kind::Duplicate, "there are two different events in this place".to_owned()),
        };
        let stream = self.stream.clone();
        let (version, sequence) = (row.commit, row.sequence);
        self.note(Break { stream, version, sequence, kind, what });
    }

    /// What was missing comes after all: then nothing is missing, but out of order.
    fn late(&mut self, row: &Row<'_>) {
        if let Some(broken) = self.found.breaks.last_mut()
            && broken.stream == self.stream
            && broken.kind == Kind::Gap
            && row.sequence == self.due
        {
            if let Some(why) = &row.broken {
                // It has no time, so that in files it lies behind all days.
                (broken.version, broken.sequence) = (row.commit, row.sequence);
                (broken.kind, broken.what) = (Kind::Unreadable, why.to_string());
                return;
            }
            broken.kind = Kind::Order;
            broken.what = format!("event {}, which comes later, was due", self.due);
        }
    }

    fn begin(&mut self, stream: &str) {
        stream.clone_into(&mut self.stream);
        self.found.streams += 1;
        self.broken = false;
        self.fold = Fold::of(stream);
        self.due = 1;
        self.previous = ORIGIN;
        self.commit.clear(0);
    }

    /// A commit whose last row never came is cut off.
    fn end_stream(&mut self) {
        if !self.broken && !self.commit.is_empty() {
            let stream = self.stream.clone();
            let (version, sequence) = (self.commit.version, self.due);
            let what = "the rest of the commit is missing".to_owned();
            self.note(Break { stream, version, sequence, kind: Kind::Gap, what });
        }
    }

    fn note(&mut self, broken: Break) {
        self.broken = true;
        self.found.broken += 1;
        self.commit.clear(0);
        if self.found.breaks.len() < NAMED {
            self.found.breaks.push(broken);
        }
    }

    fn look(&mut self, row: &Row<'_>) -> Result<(), (Kind, String)> {
        if let Some(why) = &row.broken {
            return Err((Kind::Unreadable, why.to_string()));
        }
        self.place(row)?;
        if self.commit.is_empty() {
            self.commit.clear(row.commit);
            self.commit.meta = row.meta.map(|it| text_of(it).into_owned()).unwrap_or_default();
            self.commit.odd = row.events.map(|it| text_of(it).into_owned());
        }
        row.write_event(&mut self.commit.text);
        self.commit.names.push(row.name.clone().into_owned());
        let stored = row.stored().map_err(|it| (Kind::Unreadable, it.to_string()))?;
        self.fold.add(&stored).map_err(|it| match it {
            NotFolded::Unknown(what) => (Kind::Unknown, what),
            NotFolded::Schema(what) => (Kind::Schema, what),
        })?;
        self.due += 1;
        if row.is_last() { self.end_commit(row) } else { Ok(()) }
    }

    /// The row has to be the one that is due.
    fn place(&self, row: &Row<'_>) -> Result<(), (Kind, String)> {
        let due = self.due;
        if row.sequence > due {
            return Err((Kind::Gap, format!("event {due} was due")));
        }
        // All before it were there.
        if row.sequence < due {
            return Err((Kind::Duplicate, "it is there twice".to_owned()));
        }
        let version = if self.commit.is_empty() { due } else { self.commit.version };
        if row.commit != version {
            let what = format!("it belongs to commit {}, and {version} was due", row.commit);
            return Err((Kind::Gap, what));
        }
        Ok(())
    }

    fn end_commit(&mut self, row: &Row<'_>) -> Result<(), (Kind, String)> {
        self.commit.text.push(b']');
        self.commit.names.sort_unstable();
        self.commit.names.dedup();
        let types = row.types.map(|it| text_of(it).into_owned()).unwrap_or_default();
        if serde_json::from_str::<Vec<String>>(&types).ok().as_ref() != Some(&self.commit.names) {
            return Err((Kind::Types, "its types are not those of its events".to_owned()));
        }
        let told = row.chain.as_deref().and_then(|it| STANDARD.decode(it).ok()).unwrap_or_default();
        // What is covered by the chain has to be what the rows say.
        if let Some(odd) = &self.commit.odd
            && told_by(&odd.replace(['\n', '\r'], " ")).as_ref() != Some(&self.commit.text)
        {
            return Err((Kind::Chain, "its rows are not its events".to_owned()));
        }
        if serde_json::from_str::<Meta>(&self.commit.meta).is_err() {
            return Err((Kind::Unreadable, "its metadata can't be read".to_owned()));
        }
        let events = match &self.commit.odd {
            Some(text) => text.as_str(),
            None => str::from_utf8(&self.commit.text).unwrap_or_default(),
        };
        let link = chain(&self.previous, &self.stream, row.commit, &self.commit.meta, events);
        if told != link {
            return Err((Kind::Chain, "it is not what was committed".to_owned()));
        }
        let state = row.state.map(|it| text_of(it)).unwrap_or_default();
        match self.fold.is(&state, row.state_schema) {
            Some(true) => {}
            None => self.found.other_states += 1,
            Some(false) => {
                let what = "its state is not what the events lead to".to_owned();
                return Err((Kind::State, what));
            }
        }
        self.previous = link;
        self.commit.clear(0);
        Ok(())
    }
}

impl Commit {
    fn clear(&mut self, version: u64) {
        self.version = version;
        self.text.clear();
        self.names.clear();
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}
