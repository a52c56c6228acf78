//! Deciding, and deciding again where somebody else was faster.

use std::time::Duration;

use cqrs_es::Aggregate as _;
use cqrs_es::event_sink::EventSink;
use postern_domain::decider::Decider;
use postern_domain::ports::{Chance, draw};

use super::EventStore;
use super::append::Committed;
use super::commit::Meta;
use super::context::StreamContext;
use super::stage::{Staged, stage};
use crate::error::StoreError;
use crate::model::{ModelError, Recorded, Scribe};
use crate::seal::Unsealed;

/// How often a command is decided at most before its caller is told to come again: a person's own
/// requests rarely meet, and whoever sends hundreds at once should wait.
pub const DECISIONS: u32 = 6;

/// The first wait between two decisions lasts up to this long; each further one up to twice as
/// long. One conditional write takes about this time.
const FIRST_WAIT: Duration = Duration::from_millis(10);
/// No wait is longer: a person waits for all of them together.
const LONGEST_WAIT: Duration = Duration::from_millis(160);

/// Why a command was not executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R: std::error::Error + 'static> {
    /// The decider refuses it; nothing was written.
    #[error("the command is refused")]
    Refused(#[source] R),
    /// An event's personal values could not be sealed; nothing was written.
    #[error("an event could not be sealed")]
    Sealing(#[source] Unsealed),
    /// The table did not do what was asked.
    #[error("the stream could not be read or written")]
    Store(#[from] StoreError),
}

impl<R: std::error::Error + 'static> From<ModelError<R>> for ExecuteError<R> {
    fn from(error: ModelError<R>) -> Self {
        match error {
            ModelError::Refused(refusal) => Self::Refused(refusal),
            ModelError::Sealing(why) => Self::Sealing(why),
        }
    }
}

/// A decision that is not committed yet.
#[derive(Debug, Clone)]
pub struct Decided<D: Decider> {
    pub(super) events: Vec<Recorded<D::Event>>,
    pub(super) context: StreamContext<D>,
}

impl<D: Decider> Decided<D> {
    /// What happens, if it is committed.
    #[must_use]
    pub fn events(&self) -> &[Recorded<D::Event>] {
        &self.events
    }

    /// The state, if it is committed.
    #[must_use]
    pub fn state(&self) -> &D {
        self.context.state()
    }

    /// Whether nothing happens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The commit, ready to be written.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when a personal value was not sealed.
    pub fn stage(&self, meta: &Meta) -> Result<Staged, StoreError> {
        stage(&self.events, &self.context, meta)
    }

    /// Where the stream stands once `staged`, made from this decision, is written.
    #[must_use]
    pub fn committed(self, staged: &Staged) -> Committed<D> {
        let Self { events, mut context } = self;
        if let Some(commit) = staged.commit() {
            context.follow(commit);
        }
        Committed { events, context }
    }
}

impl EventStore {
    /// Decides a command where `context` stands; writes nothing.
    ///
    /// # Errors
    /// [`ExecuteError::Refused`] or [`ExecuteError::Sealing`].
    pub async fn decide<D: Decider>(
        &self,
        mut context: StreamContext<D>,
        command: D::Command,
        scribe: &Scribe,
    ) -> Result<Decided<D>, ExecuteError<D::Refusal>> {
        let sink = EventSink::default();
        context.model.handle(command, scribe, &sink).await?;
        Ok(Decided { events: sink.collect().await, context })
    }

    /// Loads a stream, decides a command, commits what happens; where another commit was faster,
    /// all of it again, [`DECISIONS`] times at most, with waits of random length.
    ///
    /// # Errors
    /// The decider's refusal, or what the table said last.
    pub async fn execute<D: Decider>(
        &self,
        id: D::Id,
        mut command: impl FnMut() -> D::Command,
        mut scribe: impl FnMut() -> Scribe,
        meta: &Meta,
    ) -> Result<Committed<D>, ExecuteError<D::Refusal>> {
        let mut tries = 0;
        loop {
            let scribe = scribe();
            let context = self.load::<D>(id).await?;
            let decided = self.decide(context, command(), &scribe).await?;
            match self.commit_one(decided, meta).await {
                Err(lost) if lost.is_race() && tries + 1 < DECISIONS => {
                    wait(&*scribe.chance, tries).await;
                    tries += 1;
                }
                ended => return Ok(ended?),
            }
        }
    }
}

/// Waits for a random part of a time that doubles with every lost race, up to a limit, so that the
/// losers of one don't meet again in the next.
pub async fn wait(chance: &dyn Chance, lost: u32) {
    pause(lost, f64::from(u32::from_be_bytes(draw(chance))) / f64::from(u32::MAX)).await;
}

/// Waits for this part, from 0 to 1, of the same time.
pub(super) async fn pause(lost: u32, part: f64) {
    let most = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(lost)).min(LONGEST_WAIT);
    tokio::time::sleep(most.mul_f64(part)).await;
}
