//! The one-minute schedule, by the local clock: an advance of hours makes it due at once.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use postern_domain::ports::Clock as _;
use tokio::sync::Mutex;

use crate::clock::LocalClock;
use crate::faults::Faults;
use crate::poller::BoxError;
use crate::world::World;

/// What a schedule invokes.
pub type SweepFunction = Arc<dyn Fn() -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync>;

/// How far apart the sweeps are.
const EVERY: Duration = Duration::from_mins(1);

/// A function that is invoked every minute.
#[derive(Clone)]
pub struct Sweep {
    /// Its function's name.
    pub name: String,
    /// The function itself.
    pub function: SweepFunction,
}

/// Invokes all sweeps, one at a time. Clones are the same timer.
#[derive(Clone)]
pub struct Timer {
    sweeps: Arc<[Sweep]>,
    turn: Arc<Mutex<()>>,
    clock: LocalClock,
    world: World,
    faults: Faults,
}

impl Timer {
    /// A timer for `sweeps`.
    #[must_use]
    pub fn new(sweeps: Vec<Sweep>, clock: LocalClock, world: World, faults: Faults) -> Self {
        Self { sweeps: sweeps.into(), turn: Arc::default(), clock, world, faults }
    }

    /// Sweeps at once and then every minute, until the process is about to end.
    pub async fn run(self) {
        if self.sweeps.is_empty() {
            return;
        }
        let mut moves = self.clock.moves();
        let mut swept: Option<Timestamp> = None;
        while !self.world.is_stopping() {
            let wait = swept.map_or(Duration::ZERO, |swept| left(swept, self.clock.now()));
            if wait.is_zero() {
                swept = Some(self.clock.now());
                self.sweep().await;
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = moves.changed() => {}
                () = self.world.stopped() => {}
            }
        }
    }

    /// Invokes every sweep once, but for those of a paused function. A sweep that fails is logged;
    /// its next turn comes.
    pub async fn sweep(&self) {
        let _turn = self.turn.lock().await;
        for sweep in self.sweeps.iter().filter(|sweep| !self.faults.pauses(&sweep.name)) {
            let Some(_inside) = self.world.enter(self.world.generation()).await else { return };
            let call = AssertUnwindSafe(async { (sweep.function)().await });
            match call.catch_unwind().await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, sweep = sweep.name, "sweep failed"),
                Err(_) => tracing::error!(sweep = sweep.name, "sweep panicked"),
            }
        }
    }
}

/// How long until the next sweep. A clock that was set back makes it due at once.
fn left(swept: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(swept))
        .map_or(Duration::ZERO, |since| EVERY.saturating_sub(since))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::fixtures::faults;
    use crate::folder::Folder;
    use crate::state::State;

    #[tokio::test]
    async fn moving_the_clock_by_an_hour_brings_the_next_sweep_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let state = State::open(&Folder::open(dir.path()).unwrap()).unwrap();
        let clock = LocalClock::over(|| Timestamp::UNIX_EPOCH, state).unwrap();
        let (count, world) = (Arc::new(AtomicU32::new(0)), World::default());
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let counted = Arc::clone(&count);
        let function: SweepFunction = Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            let _ = told.send(());
            Box::pin(async { Err("it failed".into()) })
        });
        let sweep = Sweep { name: "notify".to_owned(), function };
        let timer = Timer::new(vec![sweep], clock.clone(), world.clone(), Faults::default());
        let running = tokio::spawn(timer.run());
        heard.recv().await.unwrap();
        clock.advance(59).unwrap();
        tokio::task::yield_now().await;
        assert_eq!(count.load(Ordering::Relaxed), 1);
        clock.advance(3_600).unwrap();
        heard.recv().await.unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 2);
        world.stop();
        running.await.unwrap();
    }
    #[tokio::test]
    async fn a_paused_function_is_not_swept_and_one_that_panics_stops_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let state = State::open(&Folder::open(dir.path()).unwrap()).unwrap();
        let clock = LocalClock::over(|| Timestamp::UNIX_EPOCH, state).unwrap();
        let count = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&count);
        let counting: SweepFunction = Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(()) })
        });
        let panicking: SweepFunction =
            Arc::new(|| Box::pin(async { std::panic::resume_unwind(Box::new("on purpose")) }));
        let sweep = |function| Sweep { name: "notify".to_owned(), function };
        let faults = faults(r#"{"notify":"paused"}"#);
        let sweeps = vec![sweep(panicking), sweep(counting)];
        let timer = Timer::new(sweeps, clock, World::default(), faults.clone());
        timer.sweep().await;
        assert_eq!(count.load(Ordering::Relaxed), 0);
        faults.clear();
        timer.sweep().await;
        timer.sweep().await;
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}
