//! When something is asked again.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause after a call that came to nothing; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest: whoever follows should not have to wait much longer than the trouble lasts.
const LONGEST_PAUSE: Duration = Duration::from_secs(16);

/// When it is whose turn.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    due: Instant,
    pause: Duration,
    since: Option<Instant>,
}

/// A pause because of trouble.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pause {
    /// How long there has been nothing else.
    pub(super) lasts: Duration,
    /// Whether it is the first of the longest ones.
    pub(super) is_first_long: bool,
}

impl Turn {
    pub(super) fn now() -> Self {
        Self { due: Instant::now(), pause: Duration::ZERO, since: None }
    }

    pub(super) fn due(&self) -> Instant {
        self.due
    }

    pub(super) fn has_come(&self) -> bool {
        Instant::now() >= self.due
    }

    /// It went well: the next turn is in so long.
    pub(super) fn again_in(&mut self, wait: Duration) {
        *self = Self { due: Instant::now() + wait, ..Self::now() };
    }

    /// It has become more urgent.
    pub(super) fn at_latest_in(&mut self, wait: Duration) {
        self.due = self.due.min(Instant::now() + wait);
    }

    /// It came to nothing: the next turn is after a pause, longer than the last.
    pub(super) fn put_off(&mut self) -> Pause {
        let (now, last) = (Instant::now(), self.pause);
        self.pause = (last * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        self.due = now + self.pause;
        let lasts = now - *self.since.get_or_insert(now);
        Pause { lasts, is_first_long: self.pause == LONGEST_PAUSE && last < LONGEST_PAUSE }
    }
}
