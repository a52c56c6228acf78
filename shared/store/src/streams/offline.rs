//! Deciding without a table: for histories that are made up and never happened.
//!
//! A history is made as the store makes one: decided by the same deciders, staged by the same
//! [`stage`](super::stage()). Only what would need a client, a key or the system's randomness is
//! left out.

use jiff::Timestamp;
use postern_domain::decider::Decider;
use postern_domain::ports::Chance;
use postern_events::ids::AccountId;

use super::context::StreamContext;
use super::execute::Decided;
use crate::model::{ModelError, record};
use crate::seal::{Header, unopenable};

/// What a made-up decision is written down with.
///
/// A [`Scribe`](crate::model::Scribe) seals what is personal with a data key. Here there is none: each
/// value becomes a token that [nobody can open](unopenable), of the length that it would have.
#[derive(Clone, Copy)]
pub struct Offline<'a> {
    /// When the decision is made.
    pub now: Timestamp,
    /// Where identifiers and tokens come from.
    pub chance: &'a dyn Chance,
    /// Whose values the events hold, if they hold any.
    pub account: AccountId,
}

impl<D: Decider> StreamContext<D> {
    /// Decides a command where the stream stands, as [`EventStore::decide`](super::EventStore::decide)
    /// does; [`Decided::stage`] makes the commit of it, and [`Decided::committed`] what comes next.
    ///
    /// # Errors
    /// [`ModelError::Refused`], or [`ModelError::Sealing`] where a value is too long.
    pub fn decide_offline(
        &self,
        command: D::Command,
        writer: &Offline<'_>,
    ) -> Result<Decided<D>, ModelError<D::Refusal>> {
        let Offline { now, chance, account } = *writer;
        let decided = self.model.0.decide(command).map_err(ModelError::Refused)?;
        let mut context = self.clone();
        let mut events = Vec::with_capacity(decided.len());
        for event in decided {
            let recorded = record(now, chance, event, |event, field, clear| {
                unopenable(Header { account, event, field }, clear.len(), chance)
            });
            let recorded = recorded.map_err(ModelError::Sealing)?;
            context.model.0.apply(&recorded.event, recorded.stamp);
            events.push(recorded);
        }
        Ok(Decided { events, context })
    }
}
