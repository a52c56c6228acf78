//! One world at a time: nobody acts on a world that is being emptied.
//!
//! Functions and sweeps enter the world for one call each. A reset waits for those inside, keeps
//! others out while it empties everything, and then lets them into the new world; work that was
//! begun for the old one is dropped.

use std::sync::Arc;

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, watch};

/// Which world is current, and whether the process is ending. Clones are the same world.
#[derive(Debug, Clone)]
pub struct World {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    calls: RwLock<()>,
    generation: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
}

/// Proof that everybody else is outside. When it is dropped, the new world begins.
#[derive(Debug)]
pub struct Emptying<'a> {
    _alone: RwLockWriteGuard<'a, ()>,
}

impl Default for World {
    fn default() -> Self {
        let inner = Inner {
            calls: RwLock::new(()),
            generation: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        };
        Self { inner: Arc::new(inner) }
    }
}

impl World {
    /// Which world this is; it counts resets.
    #[must_use]
    pub fn generation(&self) -> u64 {
        *self.inner.generation.borrow()
    }

    /// Enters for one call, unless the world that the work was begun for is over.
    pub async fn enter(&self, generation: u64) -> Option<RwLockReadGuard<'_, ()>> {
        let inside = self.inner.calls.read().await;
        (self.generation() == generation && !self.is_stopping()).then_some(inside)
    }

    /// Waits until nobody is inside, and keeps everybody out as long as the value lives.
    pub async fn empty(&self) -> Emptying<'_> {
        let alone = self.inner.calls.write().await;
        self.inner.generation.send_modify(|generation| *generation += 1);
        Emptying { _alone: alone }
    }

    /// Tells everybody that the process is about to end.
    pub fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    /// Whether the process is about to end.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.inner.stopping.borrow()
    }

    /// Returns when the process is about to end.
    pub async fn stopped(&self) {
        // The sender lives as long as `self`, so this can't fail.
        let _ = self.inner.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }
}
