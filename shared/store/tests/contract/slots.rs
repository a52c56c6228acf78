//! So many within any stretch of time, and not one more.

use std::sync::Arc;

use jiff::SignedDuration;
use postern_store::StoreError;
use postern_store::guards::Slot;

use crate::costs::Cost;
use crate::world::{Repeating, World, later, noon};

const LIMIT: usize = 5;
const PER: SignedDuration = SignedDuration::from_mins(10);

async fn take(world: &World, at: i64) -> Slot {
    let guards = world.store.guards();
    guards.take_slot("source", "a", LIMIT, PER, later(at), &*world.chance).await.unwrap()
}

#[tokio::test]
async fn the_limit_is_taken_one_more_is_not_and_the_answer_says_until_when() {
    let world = World::new().await;
    for at in 0..5 {
        assert_eq!(take(&world, at).await, Slot::Taken);
    }
    assert_eq!(take(&world, 5).await, Slot::Full { until: later(600) });
    let guards = world.store.guards();
    let other = guards.take_slot("source", "b", LIMIT, PER, later(5), &*world.chance).await;
    assert_eq!(other.unwrap(), Slot::Taken, "every subject has slots of its own");
}

#[tokio::test]
async fn each_slot_is_free_again_exactly_when_its_own_time_is_over() {
    let world = World::new().await;
    for at in [0, 0, 100, 100, 100] {
        assert_eq!(take(&world, at).await, Slot::Taken);
    }
    assert_eq!(take(&world, 599).await, Slot::Full { until: later(600) });
    assert_eq!(take(&world, 600).await, Slot::Taken);
    assert_eq!(take(&world, 600).await, Slot::Taken);
    assert_eq!(take(&world, 600).await, Slot::Full { until: later(700) });
    for _ in 0..3 {
        assert_eq!(take(&world, 700).await, Slot::Taken);
    }
    assert_eq!(take(&world, 700).await, Slot::Full { until: later(1_200) });
}

#[tokio::test]
async fn a_slot_costs_one_write_and_no_read_and_a_refusal_costs_no_more() {
    let world = World::new().await;
    world.costs.take();
    let one_write = Cost { read: 0.0, write: 1.0 };
    for at in 0..5 {
        take(&world, at).await;
        assert_eq!(world.costs.take(), one_write);
    }
    take(&world, 5).await;
    assert_eq!(world.costs.take(), one_write);
    take(&world, 600).await;
    assert_eq!(world.costs.take(), Cost { read: 0.0, write: 2.0 }, "to forget is one write more");
}

#[tokio::test]
async fn sixty_moments_still_fit_into_one_write_unit() {
    let world = World::new().await;
    let guards = world.store.guards();
    let subject = "AAAAAAAAAAAAAAAAAAAAAA";
    for at in 0..60 {
        world.costs.take();
        let slot = guards.take_slot("source", subject, 60, PER, later(at), &*world.chance).await;
        assert_eq!(slot.unwrap(), Slot::Taken);
        assert_eq!(world.costs.take(), Cost { read: 0.0, write: 1.0 });
    }
}

/// How many of three times the limit get a slot when all ask at the same moment.
async fn taken_at_once(world: &Arc<World>, at: i64) -> usize {
    let asking: Vec<_> = (0..3 * LIMIT)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move {
                let guards = world.store.guards();
                loop {
                    let (now, chance) = (later(at), &*world.chance);
                    match guards.take_slot("source", "a", LIMIT, PER, now, chance).await {
                        Ok(slot) => return slot,
                        Err(StoreError::Conflict) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            })
        })
        .collect();
    let mut taken = 0;
    for one in asking {
        taken += usize::from(one.await.unwrap() == Slot::Taken);
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_three_times_the_limit_at_once_exactly_the_limit_is_taken() {
    let world = Arc::new(World::new().await);
    assert_eq!(taken_at_once(&world, 0).await, LIMIT);
    // The list is full of what doesn't count any more, and all of them want to tidy it up.
    assert_eq!(taken_at_once(&world, 600).await, LIMIT);
    assert_eq!(taken_at_once(&world, 1_199).await, 0);
}

#[tokio::test]
async fn a_slot_whose_answer_was_lost_is_taken_once() {
    let world = World::new().await;
    let guards = world.store.guards();
    for _ in 0..2 {
        let slot = guards.take_slot("source", "a", LIMIT, PER, noon(), &Repeating).await;
        assert_eq!(slot.unwrap(), Slot::Taken);
    }
    for _ in 1..LIMIT {
        assert_eq!(take(&world, 0).await, Slot::Taken);
    }
    assert_eq!(take(&world, 0).await, Slot::Full { until: later(600) });
}
