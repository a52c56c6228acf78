//! The one clock of the local stack, which tests can move forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use postern_domain::ports::Clock;
use rusqlite::OptionalExtension as _;
use tokio::sync::watch;

use crate::state::State;

/// Why a clock was not moved.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The time would lie beyond what a timestamp can say.
    #[error("the clock can't be moved that far")]
    TooFar,
    /// The new offset could not be kept.
    #[error("the clock's offset could not be stored")]
    State(#[from] rusqlite::Error),
}

/// Where the unmoved time comes from.
pub type Source = fn() -> Timestamp;

/// The system's time plus an offset that survives restarts. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct LocalClock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    source: Source,
    offset_ms: AtomicI64,
    state: State,
    moving: RwLock<()>,
    moved: watch::Sender<()>,
}

impl LocalClock {
    /// The system's clock with the offset that `state` remembers.
    pub fn open(state: State) -> rusqlite::Result<Self> {
        Self::over(system_time, state)
    }

    /// The clock over any source of time.
    pub fn over(source: Source, state: State) -> rusqlite::Result<Self> {
        let offset = state.with(|db| {
            db.query_row("SELECT offset_ms FROM clock", [], |row| row.get(0)).optional()
        })?;
        let inner = Inner {
            source,
            offset_ms: AtomicI64::new(offset.unwrap_or(0)),
            state,
            moving: RwLock::new(()),
            moved: watch::Sender::new(()),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Moves the clock forward and says what it shows then. Zero seconds only read it.
    pub fn advance(&self, seconds: u64) -> Result<Timestamp, ClockError> {
        if seconds == 0 {
            return Ok(self.now());
        }
        let moving = self.inner.moving.write().unwrap_or_else(PoisonError::into_inner);
        let by = i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1_000));
        let offset = by
            .and_then(|by| self.inner.offset_ms.load(Ordering::Acquire).checked_add(by))
            .filter(|offset| shifted((self.inner.source)(), *offset).is_some())
            .ok_or(ClockError::TooFar)?;
        self.inner.state.with(|db| {
            db.execute("INSERT OR REPLACE INTO clock (only, offset_ms) VALUES (1, ?1)", [offset])
        })?;
        self.inner.offset_ms.store(offset, Ordering::Release);
        drop(moving);
        self.inner.moved.send_replace(());
        Ok(self.now())
    }

    /// Shows the system's time again, after the state was cleared.
    pub fn reset(&self) {
        self.inner.offset_ms.store(0, Ordering::Release);
        self.inner.moved.send_replace(());
    }

    /// Tells whenever the clock was moved.
    #[must_use]
    pub fn moves(&self) -> watch::Receiver<()> {
        self.inner.moved.subscribe()
    }
}

impl Clock for LocalClock {
    fn now(&self) -> Timestamp {
        let now = (self.inner.source)();
        shifted(now, self.inner.offset_ms.load(Ordering::Acquire)).unwrap_or(now)
    }
}

fn shifted(time: Timestamp, offset_ms: i64) -> Option<Timestamp> {
    time.as_millisecond().checked_add(offset_ms).and_then(|ms| Timestamp::from_millisecond(ms).ok())
}

#[expect(clippy::disallowed_methods, reason = "the local stack's one real source of time")]
fn system_time() -> Timestamp {
    let since_1970 =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis())
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;
    use crate::folder::Folder;

    fn fixed() -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_123).unwrap()
    }

    #[test]
    fn an_advance_outlives_the_process_and_a_reset_takes_it_back() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let state = State::open(&folder).unwrap();
        let clock = LocalClock::over(fixed, state).unwrap();
        clock.advance(90).unwrap();
        assert_eq!(clock.advance(0).unwrap().as_millisecond(), 1_800_000_090_123);

        let state = State::open(&folder).unwrap();
        let clock = LocalClock::over(fixed, state.clone()).unwrap();
        assert_eq!(clock.now().as_millisecond(), 1_800_000_090_123);
        state.clear().unwrap();
        clock.reset();
        assert_eq!(clock.now(), fixed());
    }

    #[test]
    fn a_time_that_no_timestamp_can_say_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(dir.path()).unwrap();
        let clock = LocalClock::over(fixed, State::open(&folder).unwrap()).unwrap();
        for seconds in [u64::MAX, u64::try_from(i64::MAX).unwrap(), 300_000_000_000] {
            assert!(matches!(clock.advance(seconds), Err(ClockError::TooFar)));
        }
        assert_eq!(clock.now(), fixed());
    }

    #[test]
    fn the_real_source_tells_whole_milliseconds() {
        assert_eq!(system_time().as_nanosecond() % 1_000_000, 0);
    }
}
