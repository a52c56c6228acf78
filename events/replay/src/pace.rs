//! How fast a live table is read, and how long somebody waits for one that is busy.

use std::sync::Arc;
use std::time::Duration;

use postern_store::{Part, StoreError};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until};

/// How often something is asked for again that the tables are too busy for.
const TRIES: u32 = 8;
/// The first wait for a busy table; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// Items of the first part where there is a limit: few, since nobody knows yet what they cost.
const FIRST_ITEMS: u16 = 100;

/// Lets so many units of reading pass a second, whoever asks. Clones share them.
#[derive(Debug, Clone)]
pub struct Pace {
    units: Option<f64>,
    free: Arc<Mutex<Instant>>,
}

impl Pace {
    /// So many units a second; no limit where there is none.
    #[must_use]
    pub fn new(units: Option<u32>) -> Self {
        Self { units: units.map(f64::from), free: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Waits until what was read before is paid for.
    pub async fn wait(&self) {
        if self.units.is_some() {
            let free = *self.free.lock().await;
            sleep_until(free).await;
        }
    }

    /// So much was read.
    pub async fn spend(&self, units: f64) {
        if let Some(rate) = self.units {
            let mut free = self.free.lock().await;
            *free = (*free).max(Instant::now()) + Duration::from_secs_f64(units / rate);
        }
    }

    /// Waits for its turn and takes so much in advance: whoever else asks meanwhile waits for that too.
    pub async fn reserve(&self, units: f64) {
        if let Some(rate) = self.units {
            let mut free = self.free.lock().await;
            let turn = (*free).max(Instant::now());
            *free = turn + Duration::from_secs_f64(units / rate);
            drop(free);
            sleep_until(turn).await;
        }
    }

    /// So much was read, where so much was taken in advance.
    pub async fn settle(&self, units: f64, reserved: f64) {
        if units >= reserved {
            return self.spend(units - reserved).await;
        }
        if let Some(rate) = self.units {
            let mut free = self.free.lock().await;
            let back = Duration::from_secs_f64((reserved - units) / rate);
            *free = free.checked_sub(back).unwrap_or(*free);
        }
    }

    /// Items that a part of a table may have so that it is about what a second may cost, told from the part
    /// before it.
    #[must_use]
    pub fn limit<T, P>(&self, before: Option<&Part<T, P>>) -> Option<u16> {
        let units = self.units?;
        Some(before.map_or(FIRST_ITEMS, |it| items_a_second(it.found.len(), it.read_units, units)))
    }
}

fn items_a_second(items: usize, read_units: f64, units: f64) -> u16 {
    if items == 0 || read_units <= 0.0 {
        return FIRST_ITEMS;
    }
    #[expect(clippy::cast_precision_loss, reason = "a part has some thousand items")]
    let a_second = units * items as f64 / read_units;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
    let items = a_second.clamp(1.0, f64::from(u16::MAX)) as u16;
    items
}

/// Asks for something until the tables are not too busy for it, for half a minute at most.
///
/// # Errors
/// What the tables said last.
pub async fn patiently<T, F>(mut ask: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut wait = FIRST_WAIT;
    for _ in 1..TRIES {
        match ask().await {
            Err(StoreError::Busy { .. }) => sleep(wait).await,
            ended => return ended,
        }
        wait *= 2;
    }
    ask().await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use postern_store::Busyness;

    use super::*;

    fn busy() -> StoreError {
        StoreError::Busy { because: Busyness::Throttled, source: "slow down".into() }
    }

    fn part(items: usize, read_units: f64) -> Part<(), ()> {
        Part { found: vec![(); items], next: None, read_units }
    }

    /// How long an answer that came after so many busy ones took, and what it was.
    async fn after(busy_ones: u32) -> (Result<u32, StoreError>, u32, Duration) {
        let (begun, asked) = (Instant::now(), Cell::new(0));
        let answer = patiently(|| async {
            asked.set(asked.get() + 1);
            if asked.get() > busy_ones { Ok(asked.get()) } else { Err(busy()) }
        });
        (answer.await, asked.get(), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_table_is_asked_again_ever_later() {
        let (answer, asked, took) = after(3).await;
        assert_eq!(
            (answer.unwrap(), asked, took),
            (4, 4, Duration::from_millis(250 + 500 + 1_000))
        );
        let (answer, asked, took) = after(7).await;
        assert_eq!((answer.unwrap(), asked, took), (8, 8, FIRST_WAIT * 127));
    }

    #[tokio::test(start_paused = true)]
    async fn a_table_that_stays_busy_is_told_in_the_end() {
        let (answer, asked, took) = after(u32::MAX).await;
        assert!(matches!(answer, Err(StoreError::Busy { .. })));
        assert_eq!((asked, took), (TRIES, FIRST_WAIT * 127));
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_else_goes_wrong_is_told_at_once() {
        let (begun, asked) = (Instant::now(), Cell::new(0));
        let answer = patiently(|| async {
            asked.set(asked.get() + 1);
            Err::<(), _>(StoreError::Conflict)
        });
        assert!(matches!(answer.await, Err(StoreError::Conflict)));
        assert_eq!((asked.get(), begun.elapsed()), (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_units_pass_a_second_whoever_asks() {
        let (begun, pace) = (Instant::now(), Pace::new(Some(10)));
        for _ in 0..2 {
            let other = pace.clone();
            pace.wait().await;
            pace.spend(5.0).await;
            other.wait().await;
            other.spend(20.0).await;
        }
        pace.wait().await;
        assert_eq!(begun.elapsed(), Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_at_once_waits_for_what_others_take_in_advance() {
        let (begun, pace) = (Instant::now(), Pace::new(Some(10)));
        let turn = async || {
            pace.reserve(5.0).await;
            begun.elapsed().as_millis()
        };
        assert_eq!(tokio::join!(turn(), turn(), turn()), (0, 500, 1_000));
        assert_eq!(turn().await, 1_500);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_read_counts_and_not_what_was_taken_in_advance() {
        for (read, free) in [(2.0, 200), (5.0, 500), (20.0, 2_000)] {
            let (begun, pace) = (Instant::now(), Pace::new(Some(10)));
            pace.reserve(5.0).await;
            pace.settle(read, 5.0).await;
            pace.wait().await;
            assert_eq!(begun.elapsed().as_millis(), free);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_there_is_no_limit_nobody_waits() {
        let (begun, pace) = (Instant::now(), Pace::new(None));
        pace.spend(1e9).await;
        pace.reserve(1e9).await;
        pace.settle(1e9, 1.0).await;
        pace.settle(1.0, 1e9).await;
        pace.wait().await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert_eq!(pace.limit(Some(&part(10, 5.0))), None);
    }

    #[tokio::test]
    async fn a_part_is_about_what_a_second_may_cost() {
        let pace = Pace::new(Some(10));
        assert_eq!(pace.limit::<(), ()>(None), Some(FIRST_ITEMS));
        assert_eq!(pace.limit(Some(&part(100, 50.0))), Some(20));
        assert_eq!(pace.limit(Some(&part(1, 400.0))), Some(1));
        assert_eq!(pace.limit(Some(&part(0, 4.0))), Some(FIRST_ITEMS));
        assert_eq!(pace.limit(Some(&part(100_000, 0.5))), Some(u16::MAX));
    }
}
