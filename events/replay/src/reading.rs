//! Commits as typed events, each with its place in the stream.

use jiff::Timestamp;
use postern_domain::decider::{Decider, Stamp};
use postern_events::catalogue::EventSet;
use postern_events::ids::EventId;
use postern_events::stored::{StoredEvent, Unreadable};
use postern_store::streams::Commit;

/// An event that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("event {version} of stream {stream} can't be read")]
pub struct UnreadableEvent {
    /// Its stream.
    pub stream: String,
    /// Its sequence in the stream.
    pub version: u64,
    /// Why.
    pub source: Unreadable,
}

/// An event and its place in the log.
#[derive(Debug, Clone)]
pub(crate) struct Placed<E> {
    /// Its sequence in the stream.
    pub(crate) version: u64,
    /// When and as what it was recorded.
    pub(crate) stamp: Stamp,
    /// What happened.
    pub(crate) event: E,
}

impl<E> Placed<E> {
    pub(crate) fn at(&self) -> Timestamp {
        self.stamp.time
    }

    pub(crate) fn id(&self) -> EventId {
        self.stamp.id
    }
}

/// The events of a commit, each with its sequence.
pub(crate) fn sequenced(commit: &Commit) -> impl Iterator<Item = (u64, &StoredEvent)> {
    (commit.version..).zip(&commit.events)
}

/// What `reader` makes of an event, or the place of the event that it can't read.
pub(crate) fn read_with<T>(
    stream: &str,
    version: u64,
    stored: &StoredEvent,
    reader: impl FnOnce(&StoredEvent) -> Result<T, Unreadable>,
) -> Result<T, UnreadableEvent> {
    let stream = || stream.to_owned();
    reader(stored).map_err(|source| UnreadableEvent { stream: stream(), version, source })
}

/// Every event of these commits.
pub(crate) fn read<E: EventSet>(commits: &[Commit]) -> Result<Vec<Placed<E>>, UnreadableEvent> {
    let mut events = Vec::new();
    for commit in commits {
        for (version, stored) in sequenced(commit) {
            let event = read_with(&commit.stream, version, stored, E::read)?;
            let stamp = Stamp { id: stored.id, time: stored.time };
            events.push(Placed { version, stamp, event });
        }
    }
    Ok(events)
}

/// The state that these events lead to.
pub(crate) fn fold<'a, D: Decider>(events: impl IntoIterator<Item = &'a Placed<D::Event>>) -> D {
    let mut state = D::default();
    for placed in events {
        state.apply(&placed.event, placed.stamp);
    }
    state
}
