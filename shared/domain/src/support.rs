//! A request for help: asked once, told to support once.

use postern_events::ids::SupportId;
use postern_events::support::{Requested, SupportEvent};
use serde::{Deserialize, Serialize};

use crate::decider::{Decider, Stamp};
use crate::policy;

/// A request for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// There is none.
    #[default]
    New,
    /// It was asked.
    Requested,
}

/// What can be asked of it.
#[derive(Debug, Clone)]
pub enum SupportCommand {
    /// Ask for help; the policy version is filled in.
    Request(Box<Requested>),
}

/// Why nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SupportRefusal {
    /// The name is in use.
    #[error("the request exists")]
    Exists,
}

impl Decider for Support {
    const STATE_SCHEMA: u32 = 1;

    type Id = SupportId;
    type Command = SupportCommand;
    type Event = SupportEvent;
    type Refusal = SupportRefusal;

    fn decide(&self, command: SupportCommand) -> Result<Vec<SupportEvent>, SupportRefusal> {
        match (self, command) {
            (Self::New, SupportCommand::Request(it)) => {
                Ok(vec![SupportEvent::Requested(Requested { policy: policy::VERSION, ..*it })])
            }
            (Self::Requested, SupportCommand::Request(_)) => Err(SupportRefusal::Exists),
        }
    }

    fn apply(&mut self, event: &SupportEvent, _: Stamp) {
        match event {
            SupportEvent::Requested(_) => *self = Self::Requested,
        }
    }
}
