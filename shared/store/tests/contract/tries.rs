//! Wrong passwords on trusted keys lie beside the password and are settled by one write.

use std::sync::Arc;

use postern_events::ids::AccountId;
use postern_store::StoreError;
use postern_store::guards::UpdateError;
use postern_store::vault::Tries;

use crate::costs::Cost;
use crate::tally::Zero;
use crate::vault::reserve;
use crate::world::{Repeating, World, noon};

/// One more, up to ten.
fn wrong(tries: &mut Vec<u8>) -> Result<usize, Zero> {
    if tries.len() == 10 {
        return Err(Zero);
    }
    tries.push(0);
    Ok(tries.len())
}

async fn loaded(world: &World, id: AccountId) -> Tries {
    world.store.vault().load(id, noon()).await.unwrap().unwrap().tries
}

async fn count(world: &World, id: AccountId) -> usize {
    loaded(world, id).await.read::<Vec<u8>>().unwrap().len()
}

async fn settle(
    world: &World,
    id: AccountId,
    from: &Tries,
    alter: impl FnMut(&mut Vec<u8>) -> Result<usize, Zero>,
) -> Result<usize, UpdateError<Zero>> {
    world.store.vault().settle_tries(id, from, &*world.chance, alter).await
}

#[tokio::test]
async fn ten_are_counted_the_eleventh_is_refused_and_a_right_one_starts_again() {
    let world = World::new().await;
    let id = world.account();
    reserve(&world, id, 600).await;
    for n in 1..=10 {
        let from = loaded(&world, id).await;
        assert_eq!(settle(&world, id, &from, wrong).await.unwrap(), n);
    }
    let from = loaded(&world, id).await;
    let refused = settle(&world, id, &from, wrong).await;
    assert!(matches!(refused, Err(UpdateError::Refused(Zero))));
    assert_eq!(count(&world, id).await, 10);
    let right = |tries: &mut Vec<u8>| {
        tries.clear();
        Ok(0)
    };
    settle(&world, id, &from, right).await.unwrap();
    assert_eq!(loaded(&world, id).await, Tries::default());
}

#[tokio::test]
async fn settling_is_one_write_and_no_read_also_where_nothing_changes() {
    let world = World::new().await;
    let id = world.account();
    reserve(&world, id, 600).await;
    let none = loaded(&world, id).await;
    world.costs.take();
    let one_write = Cost { read: 0.0, write: 1.0 };
    settle(&world, id, &none, |_| Ok(0)).await.unwrap();
    assert_eq!(world.costs.take(), one_write);
    settle(&world, id, &none, wrong).await.unwrap();
    assert_eq!(world.costs.take(), one_write);
    let one = loaded(&world, id).await;
    assert_eq!(world.costs.take(), Cost { read: 1.0, write: 0.0 });
    settle(&world, id, &one, |_| Ok(0)).await.unwrap();
    assert_eq!(world.costs.take(), one_write);
    assert_eq!(loaded(&world, id).await, one);
}

#[tokio::test]
async fn whoever_settles_from_a_stale_value_is_asked_again_on_the_present_one_without_a_read() {
    let world = World::new().await;
    let id = world.account();
    reserve(&world, id, 600).await;
    let stale = loaded(&world, id).await;
    settle(&world, id, &stale, wrong).await.unwrap();
    world.costs.take();
    assert_eq!(settle(&world, id, &stale, wrong).await.unwrap(), 2);
    assert_eq!(world.costs.take(), Cost { read: 0.0, write: 2.0 });
}

#[tokio::test]
async fn a_wrong_one_whose_answer_was_lost_counts_once() {
    let world = World::new().await;
    let id = world.account();
    reserve(&world, id, 600).await;
    let (vault, none) = (world.store.vault(), loaded(&world, id).await);
    for _ in 0..2 {
        assert_eq!(vault.settle_tries(id, &none, &Repeating, wrong).await.unwrap(), 1);
    }
    assert_eq!(count(&world, id).await, 1);
}

#[tokio::test]
async fn nothing_is_settled_for_somebody_who_is_erased() {
    let world = World::new().await;
    let (id, vault) = (world.account(), world.store.vault());
    reserve(&world, id, 600).await;
    let from = loaded(&world, id).await;
    vault.erase(id).await.unwrap();
    let settled = settle(&world, id, &from, wrong).await;
    assert!(matches!(settled, Err(UpdateError::Store(StoreError::Conflict))));
    assert!(vault.load(id, noon()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_guesses_judged_from_one_value_exactly_ten_are_settled() {
    let world = Arc::new(World::new().await);
    let id = world.account();
    reserve(&world, id, 600).await;
    let guesses: Vec<_> = (0..20)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move {
                loop {
                    match settle(&world, id, &Tries::default(), wrong).await {
                        Ok(_) => return true,
                        Err(UpdateError::Refused(Zero)) => return false,
                        Err(UpdateError::Store(StoreError::Conflict)) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            })
        })
        .collect();
    let mut settled = 0;
    for guess in guesses {
        settled += usize::from(guess.await.unwrap());
    }
    assert_eq!((settled, count(&world, id).await), (10, 10));
}
