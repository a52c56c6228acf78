//! Whether the log is whole: every stream from its first event on, and what it led to.

mod found;
pub mod heads;
pub mod memory;
mod replacing;
mod saving;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_store::streams::{Meta, ORIGIN, chain};

use crate::folding::{Fold, NotFolded};
use crate::gather::NotGathered;
use crate::line::Line;
use crate::log::{Log, Unordered};
use crate::merge::{Merge, Order, Unread};
use crate::progress::Progress;
use crate::row::{Row, text_of, told as told_by};

pub use self::found::{Break, Kind, Verified};
use self::heads::{Head, NoHeads};
use self::memory::{Held, Memory, NoMemory};
pub use self::saving::NotSaved;

/// How many broken streams are named: whoever has more has one cause.
pub const NAMED: usize = 20;

/// Why it could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum NotVerified {
    /// The log.
    #[error(transparent)]
    Log(#[from] NotGathered),
    /// A file.
    #[error(transparent)]
    File(#[from] Unread),
    /// What is known of the log, or is to be known of it.
    #[error(transparent)]
    Memory(#[from] NoMemory),
}

impl From<NoHeads> for NotVerified {
    fn from(error: NoHeads) -> Self {
        Self::Memory(error.into())
    }
}

impl From<NotSaved> for NotVerified {
    fn from(error: NotSaved) -> Self {
        Self::Memory(error.into())
    }
}

impl Unordered for NotVerified {
    fn is_unordered(&self) -> bool {
        match self {
            Self::Log(it) => it.is_unordered(),
            Self::File(it) => it.is_unordered(),
            // Sorting the log doesn't sort heads.
            Self::Memory(_) => false,
        }
    }
}

/// Looks at every event of the log, and holds it against what is known of it. Only the heads of a log
/// that is whole are saved: others would make the next one believe what is wrong with it.
///
/// # Errors
/// When the log or what is known of it can't be read, or heads can't be saved. That the log is broken is
/// no error, but what is asked.
pub fn verify(log: &Log, mut memory: Memory) -> Result<Verified, NotVerified> {
    let verified = log.read("verifying", Order::Lists, |merge, progress| {
        let held = memory.hold()?;
        Verifier { held, ..Verifier::default() }.all(merge, progress)
    })?;
    let saved = if verified.broken == 0 { memory.keep()? } else { None };
    Ok(Verified { read_units: log.read_units(), saved, ..verified })
}

/// A stream while it is looked at.
#[derive(Default)]
struct Verifier<'a> {
    found: Verified,
    held: Held<'a>,
    stream: String,
    /// Whether this stream was found to be broken: one break is enough.
    broken: bool,
    fold: Fold,
    /// The sequence that is due.
    due: u64,
    /// The link that the next commit follows.
    previous: [u8; 32],
    /// The version of the commit that ended last.
    ended: u64,
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

impl Verifier<'_> {
    fn all(mut self, merge: &mut Merge, progress: &mut Progress) -> Result<Verified, NotVerified> {
        loop {
            match merge.next_line() {
                Ok(Some(line)) => {
                    progress.add(1, u64::try_from(line.bytes().len()).unwrap_or_default() + 1);
                    self.line(line, Self::row)?;
                }
                Ok(None) => break,
                Err(Unread::Fork { .. }) => {
                    let Some(line) = merge.current() else { continue };
                    self.line(line, |verifier, row| {
                        verifier.forked(row);
                        Ok(())
                    })?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.end_stream()?;
        self.miss(None)?;
        Ok(Verified { compared: self.held.compared(), ..self.found })
    }

    /// Looks at a line; one that says where it belongs and nothing else is no event.
    fn line(
        &mut self,
        line: &Line,
        look: impl FnOnce(&mut Self, &Row<'_>) -> Result<(), NotVerified>,
    ) -> Result<(), NotVerified> {
        match Row::read(line) {
            Ok(row) => look(self, &row),
            Err(why) => look(self, &Row::broken(line, &why.to_string())),
        }
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), NotVerified> {
        self.found.events += 1;
        if self.stream != row.stream {
            self.end_stream()?;
            self.miss(Some(&row.stream))?;
            self.begin(&row.stream)?;
        }
        if self.broken {
            self.late(row);
        } else if let Err((kind, what)) = self.look(row) {
            let (stream, version, sequence) = (self.stream.clone(), row.commit, row.sequence);
            self.note(Break { stream, version, sequence, kind, what });
        }
        Ok(())
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

    fn begin(&mut self, stream: &str) -> Result<(), NotVerified> {
        stream.clone_into(&mut self.stream);
        self.found.streams += 1;
        self.broken = false;
        self.fold = Fold::of(stream);
        self.due = 1;
        self.previous = ORIGIN;
        self.commit.clear(0);
        Ok(self.held.begin(stream)?)
    }

    /// Streams that are known and should have come before this one, or at all.
    fn miss(&mut self, before: Option<&str>) -> Result<(), NotVerified> {
        while let Some(Head { stream, sequence, .. }) = self.held.missing(before)? {
            let what = format!("the whole stream is gone, which had come to event {sequence}");
            self.count(Break { stream, version: 1, sequence: 1, kind: Kind::Lost, what });
        }
        Ok(())
    }

    fn end_stream(&mut self) -> Result<(), NotVerified> {
        // Before the first stream there is none.
        if self.broken || self.due == 0 {
            return Ok(());
        }
        let (stream, due) = (self.stream.clone(), self.due);
        if !self.commit.is_empty() {
            // A commit whose last row never came is cut off.
            let what = "the rest of the commit is missing".to_owned();
            let version = self.commit.version;
            self.note(Break { stream, version, sequence: due, kind: Kind::Gap, what });
        } else if let Some(Head { sequence, .. }) = self.held.unreached() {
            let what = format!("the stream's end is gone, which had come to event {sequence}");
            self.note(Break { stream, version: due, sequence: due, kind: Kind::Lost, what });
        } else {
            let (commit, chain) = (self.ended, self.previous);
            self.held.save(|| Head { stream, sequence: due - 1, commit, chain })?;
        }
        Ok(())
    }

    fn note(&mut self, broken: Break) {
        self.broken = true;
        self.commit.clear(0);
        self.count(broken);
    }

    fn count(&mut self, broken: Break) {
        self.found.broken += 1;
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
        if !self.held.is_as_known(row.commit, row.sequence, &link) {
            let what = "it is not what was noted here: the stream's end was made anew since";
            return Err((Kind::Chain, what.to_owned()));
        }
        (self.previous, self.ended) = (link, row.commit);
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
