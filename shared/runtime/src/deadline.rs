//! The end of an invocation. Lambda ends a process that is late without a word: whoever waits is told
//! nothing, and nothing is measured. So work ends by itself a little earlier.

use std::time::Duration;

use lambda_http::Context;
use postern_domain::ports::Clock as _;
use tokio::time::{Instant, timeout_at};

use crate::clock::SystemClock;

/// What is left of an invocation when its work is ended: enough to answer, and to write its line.
const ANSWER_TAKES: Duration = Duration::from_millis(500);

/// When an invocation's work has to have come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

/// Work was still going on when it had to end. It can be repeated: everything that Postern does survives
/// the death of its process at any moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it took longer than an invocation may")]
pub struct TooLate;

impl Deadline {
    /// Work that may take as long as it likes.
    pub const NONE: Self = Self(None);

    /// The deadline of an invocation. None where its end is past already: then clocks differ, and
    /// ending all work at once would help nobody.
    #[must_use]
    pub fn of(context: &Context) -> Self {
        let now = u64::try_from(SystemClock.now().as_millisecond()).unwrap_or(0);
        let left = context.deadline.checked_sub(now).map(Duration::from_millis);
        left.map_or(Self::NONE, |it| Self::after(it.saturating_sub(ANSWER_TAKES)))
    }

    /// Work may take so long from now on.
    #[must_use]
    pub fn after(left: Duration) -> Self {
        Self(Some(Instant::now() + left))
    }

    /// Does the work, or gives it up when its time is over.
    ///
    /// # Errors
    /// [`TooLate`] where it was given up.
    pub async fn within<T>(self, work: impl Future<Output = T>) -> Result<T, TooLate> {
        match self.0 {
            Some(end) => timeout_at(end, work).await.map_err(|_| TooLate),
            None => Ok(work.await),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    /// An invocation that ends in so many milliseconds.
    fn ending_in(milliseconds: u64) -> Deadline {
        let now = u64::try_from(SystemClock.now().as_millisecond()).expect("after 1970");
        let mut context = Context::default();
        context.deadline = now + milliseconds;
        Deadline::of(&context)
    }

    #[tokio::test]
    async fn work_that_does_not_end_is_given_up() {
        assert_eq!(ending_in(1).within(pending::<()>()).await, Err(TooLate));
    }

    #[test]
    fn work_ends_half_a_second_before_its_invocation() {
        let before = Instant::now();
        let end = ending_in(3_600_000).0.expect("an end");
        let least = before + Duration::from_secs(3_599);
        assert!(end >= least, "{end:?} {least:?}");
        assert!(end <= Instant::now() + Duration::from_millis(3_599_500), "{end:?}");
    }

    #[tokio::test]
    async fn work_that_ends_in_time_is_what_it_is() {
        assert_eq!(ending_in(10_000).within(ready(7)).await, Ok(7));
        assert_eq!(Deadline::NONE.within(ready(7)).await, Ok(7));
    }

    #[test]
    fn an_end_that_is_past_already_ends_nothing() {
        assert_eq!(Deadline::of(&Context::default()), Deadline::NONE);
    }
}
