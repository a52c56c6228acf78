//! Deciders as cqrs-es knows them: its traits, implemented once for every decider there is.

use std::sync::Arc;

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use jiff::Timestamp;
use postern_domain::decider::{Decider, Stamp};
use postern_domain::ports::{Chance, draw};
use postern_events::catalogue::EventSet;
use postern_events::ids::EventId;
use postern_events::personal::{PersonalField, Token};
use postern_events::stored::StoredEvent;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use crate::seal::{DataKey, Unsealed};

/// A decider's state, as an aggregate.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Model<D: Decider>(pub D);

/// An event that has its identifier and time, and no personal value in clear.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded<E: EventSet> {
    /// When and as what it was recorded.
    pub stamp: Stamp,
    /// What happened.
    pub event: E,
}

impl<E: EventSet> Recorded<E> {
    /// The event as it is stored.
    ///
    /// # Errors
    /// When a personal value in it is not sealed.
    pub fn stored(&self) -> serde_json::Result<StoredEvent> {
        Ok(StoredEvent {
            id: self.stamp.id,
            name: self.event.name().to_owned(),
            version: self.event.version(),
            time: self.stamp.time,
            data: self.event.data()?,
        })
    }

    /// The event from what is stored.
    ///
    /// # Errors
    /// When it is not of this set, or can't be read.
    pub fn read(stored: &StoredEvent) -> Result<Self, postern_events::stored::Unreadable> {
        let stamp = Stamp { id: stored.id, time: stored.time };
        Ok(Self { stamp, event: E::read(stored)? })
    }
}

impl<E: EventSet> Serialize for Recorded<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.stored().map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de, E: EventSet> Deserialize<'de> for Recorded<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&StoredEvent::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl<E: EventSet> DomainEvent for Recorded<E> {
    fn event_type(&self) -> String {
        self.event.name().to_owned()
    }

    fn event_version(&self) -> String {
        self.event.version().to_string()
    }
}

/// What a decision is written down with: the time, chance for identifiers, and the key that
/// seals the person's values.
#[derive(Clone)]
pub struct Scribe {
    /// When the decision is made.
    pub now: Timestamp,
    /// Where identifiers come from.
    pub chance: Arc<dyn Chance>,
    /// The data key of the account whose values the events hold, if they hold any.
    pub data_key: Option<DataKey>,
}

impl Scribe {
    /// Stamps an event and seals what is personal in it; a value already sealed stays verbatim.
    ///
    /// # Errors
    /// When there is something to seal and no key, or sealing fails.
    pub fn record<E: EventSet>(&self, event: E) -> Result<Recorded<E>, Unsealed> {
        record(self.now, &*self.chance, event, |id, field, clear| {
            let key = self.data_key.as_ref().ok_or(Unsealed::NoKey)?;
            key.seal_bytes(id, field, clear)
        })
    }
}

/// Stamps an event and has `seal` make a token of each value in it that is still clear.
pub(crate) fn record<E: EventSet>(
    now: Timestamp,
    chance: &dyn Chance,
    mut event: E,
    seal: impl Fn(EventId, PersonalField, Vec<u8>) -> Result<Token, Unsealed>,
) -> Result<Recorded<E>, Unsealed> {
    let id = EventId::new(now, draw(chance));
    for (field, slot) in event.personal() {
        let Some(clear) = slot.clear().map_err(Unsealed::Unwritable)? else { continue };
        slot.seal(seal(id, field, clear)?);
    }
    Ok(Recorded { stamp: Stamp { id, time: now }, event })
}

/// Why a command led to no event.
#[derive(Debug, thiserror::Error)]
pub enum ModelError<R: std::error::Error + 'static> {
    /// The decider refuses it.
    #[error("the command is refused")]
    Refused(#[source] R),
    /// An event's personal values could not be sealed.
    #[error("an event could not be sealed")]
    Sealing(#[source] Unsealed),
}

impl<D: Decider> Aggregate for Model<D> {
    const TYPE: &'static str = D::Event::AGGREGATE;
    type Command = D::Command;
    type Event = Recorded<D::Event>;
    type Error = ModelError<D::Refusal>;
    type Services = Scribe;

    /// Only forwards. Sealing comes before applying, so that the state holds the same tokens as
    /// the log, and folding the log gives the state again byte for byte.
    async fn handle(
        &mut self,
        command: Self::Command,
        scribe: &Scribe,
        sink: &EventSink<Self>,
    ) -> Result<(), Self::Error> {
        for event in self.0.decide(command).map_err(ModelError::Refused)? {
            let recorded = scribe.record(event).map_err(ModelError::Sealing)?;
            sink.write(recorded, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, recorded: Self::Event) {
        self.0.apply(&recorded.event, recorded.stamp);
    }
}
