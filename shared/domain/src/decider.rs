//! The shape of every decider: facts in, facts out, nothing else.

use std::error::Error;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use jiff::Timestamp;
use postern_events::catalogue::EventSet;
use postern_events::ids::EventId;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// When and as what an event was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The event's own identifier.
    pub id: EventId,
    /// When it was decided.
    pub time: Timestamp,
}

/// A state machine over one stream.
///
/// `decide` is the only place where something is forbidden, allowed or counted; `apply` only
/// remembers. The default state is that of a stream without events.
pub trait Decider:
    Default + Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Bumped whenever the serialised state changes shape: stored states of another number are
    /// ignored and folded anew.
    const STATE_SCHEMA: u32;

    /// What the stream is named after.
    type Id: Copy + Debug + Display + FromStr + Send + Sync + 'static;
    /// What can be asked of it.
    type Command: Send + 'static;
    /// What can have happened to it.
    type Event: EventSet;
    /// Why a request is refused without leaving a trace.
    type Refusal: Error + Clone + PartialEq + Send + Sync + 'static;

    /// What happens, if anything may.
    ///
    /// # Errors
    /// The reason why nothing happens; a refusal leaves no event.
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// Remembers what happened. Never refuses: whatever was stored must load.
    fn apply(&mut self, event: &Self::Event, stamp: Stamp);
}
