//! A decider small enough to see through: it adds up, refuses zero, and keeps one sealed note.

use jiff::Timestamp;
use postern_domain::decider::{Decider, Stamp};
use postern_events::catalogue::{Entry, EventSet, Slots};
use postern_events::ids::{AccountId, EventId};
use postern_events::personal::{Personal, PersonalField};
use postern_events::stored::{StoredEvent, Unreadable};
use postern_events::upcast::Upcaster;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum TallyEvent {
    Added { amount: u64 },
    Noted { note: Personal<String>, ballast: String },
}

impl EventSet for TallyEvent {
    const AGGREGATE: &'static str = "tally";
    const ENTRIES: &'static [Entry] = &[];

    fn name(&self) -> &'static str {
        match self {
            Self::Added { .. } => "tally.added",
            Self::Noted { .. } => "tally.noted",
        }
    }

    fn version(&self) -> u16 {
        1
    }

    fn data(&self) -> serde_json::Result<Box<RawValue>> {
        serde_json::value::to_raw_value(self)
    }

    fn personal(&mut self) -> Slots<'_> {
        match self {
            Self::Added { .. } => Vec::new(),
            Self::Noted { note, .. } => vec![(PersonalField::Email, note)],
        }
    }

    fn read_with(stored: &StoredEvent, _: &[Upcaster]) -> Result<Self, Unreadable> {
        Ok(serde_json::from_str(stored.data.get())?)
    }
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("zero is nothing")]
pub(crate) struct Zero;

pub(crate) enum TallyCommand {
    Add(u64),
    AddEach(Vec<u64>),
    Note { note: Personal<String>, ballast: usize },
    Nothing,
}

fn decide(command: TallyCommand) -> Result<Vec<TallyEvent>, Zero> {
    match command {
        TallyCommand::Add(0) => Err(Zero),
        TallyCommand::Add(amount) => Ok(vec![TallyEvent::Added { amount }]),
        TallyCommand::AddEach(amounts) => {
            Ok(amounts.into_iter().map(|amount| TallyEvent::Added { amount }).collect())
        }
        TallyCommand::Note { note, ballast } => {
            Ok(vec![TallyEvent::Noted { note, ballast: "x".repeat(ballast) }])
        }
        TallyCommand::Nothing => Ok(Vec::new()),
    }
}

/// The tally as it always was.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) total: u64,
    pub(crate) count: u64,
    pub(crate) note: Option<Personal<String>>,
    pub(crate) last: Option<(EventId, Timestamp)>,
}

impl Decider for Tally {
    const STATE_SCHEMA: u32 = 1;
    type Id = AccountId;
    type Command = TallyCommand;
    type Event = TallyEvent;
    type Refusal = Zero;

    fn decide(&self, command: TallyCommand) -> Result<Vec<TallyEvent>, Zero> {
        decide(command)
    }

    fn apply(&mut self, event: &TallyEvent, stamp: Stamp) {
        self.count += 1;
        self.last = Some((stamp.id, stamp.time));
        match event {
            TallyEvent::Added { amount } => self.total += amount,
            TallyEvent::Noted { note, .. } => self.note = Some(note.clone()),
        }
    }
}

/// The same stream read by a later program, whose state has another shape.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct LaterTally {
    pub(crate) largest: u64,
}

impl Decider for LaterTally {
    const STATE_SCHEMA: u32 = 2;
    type Id = AccountId;
    type Command = TallyCommand;
    type Event = TallyEvent;
    type Refusal = Zero;

    fn decide(&self, command: TallyCommand) -> Result<Vec<TallyEvent>, Zero> {
        decide(command)
    }

    fn apply(&mut self, event: &TallyEvent, _: Stamp) {
        match event {
            TallyEvent::Added { amount } => self.largest = self.largest.max(*amount),
            TallyEvent::Noted { .. } => {}
        }
    }
}
