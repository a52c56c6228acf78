//! Given, when, then: a stream in memory that also keeps what a table would.

use jiff::Timestamp;
use postern_domain::decider::{Decider, Stamp};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::EventId;
use postern_events::stored::StoredEvent;

/// A stream and the state it led to.
#[derive(Clone)]
pub(crate) struct Stream<D: Decider> {
    /// The state after everything that happened.
    pub(crate) state: D,
    /// What happened, in order.
    pub(crate) events: Vec<D::Event>,
    stored: Vec<String>,
}

/// A stream on which this has happened at that time.
pub(crate) fn given<D: Decider>(at: Timestamp, events: Vec<D::Event>) -> Stream<D> {
    Stream::default().and(at, events)
}

/// The name and time of a stream's event, counted from 0.
fn stamp(time: Timestamp, number: usize) -> Stamp {
    Stamp { id: EventId::derived(time, &[&number.to_be_bytes()]), time }
}

impl<D: Decider> Default for Stream<D> {
    fn default() -> Self {
        Self { state: D::default(), events: Vec::new(), stored: Vec::new() }
    }
}

impl<D: Decider> Stream<D> {
    /// A stream that has led to this state, by whatever events.
    pub(crate) fn with_state(state: D) -> Self {
        Self { state, ..Self::default() }
    }

    /// This has happened too.
    pub(crate) fn and(mut self, at: Timestamp, events: Vec<D::Event>) -> Self {
        for event in events {
            self.record(at, event);
        }
        self
    }

    /// Appends and remembers.
    pub(crate) fn happened(&mut self, at: Timestamp, events: &[D::Event]) {
        for event in events {
            self.record(at, event.clone());
        }
    }

    fn record(&mut self, at: Timestamp, event: D::Event) {
        let stamp = stamp(at, self.events.len());
        self.state.apply(&event, stamp);
        let stored = StoredEvent {
            id: stamp.id,
            name: event.name().to_owned(),
            version: event.version(),
            time: at,
            data: event.data().expect("sealed"),
        };
        self.stored.push(serde_json::to_string(&stored).unwrap());
        self.events.push(event);
    }

    /// What would happen. Deciding leaves the state as it is.
    pub(crate) fn when(&self, command: D::Command) -> Result<Vec<D::Event>, D::Refusal> {
        let before = self.state.clone();
        let decided = self.state.decide(command);
        assert_eq!(self.state, before, "a decision changed the state");
        decided
    }

    /// Asks, and lets happen what follows.
    pub(crate) fn ask(
        &mut self,
        at: Timestamp,
        command: D::Command,
    ) -> Result<Vec<D::Event>, D::Refusal> {
        let events = self.when(command)?;
        self.happened(at, &events);
        Ok(events)
    }

    /// The state as a reader of the table would fold it.
    pub(crate) fn refolded(&self) -> D {
        let mut state = D::default();
        for text in &self.stored {
            let stored: StoredEvent = serde_json::from_str(text).unwrap();
            let event = D::Event::read(&stored).expect("readable");
            state.apply(&event, Stamp { id: stored.id, time: stored.time });
        }
        state
    }
}

/// The state as it comes back from a table.
pub(crate) fn stored_and_loaded<D: Decider>(state: &D) -> D {
    serde_json::from_str(&serde_json::to_string(state).expect("sealed")).expect("as written")
}
