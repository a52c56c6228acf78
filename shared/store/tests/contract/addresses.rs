//! What is known about an address costs the same whether or not it is somebody's.

use std::sync::Arc;

use postern_events::vocabulary::AddressKey;
use postern_store::StoreError;
use postern_store::guards::{AddressRecord, Guarded, UpdateError, Updated};

use crate::costs::Cost;
use crate::tally::Zero;
use crate::world::{World, later, noon};

fn address() -> AddressKey {
    AddressKey::from_bytes([1; 16])
}

/// One more, up to five.
fn count(count: &mut u32) -> Result<u32, Zero> {
    *count += 1;
    if *count > 5 { Err(Zero) } else { Ok(*count) }
}

async fn seen(world: &World, at: i64) -> AddressRecord<u32> {
    world.store.guards().address(address(), later(at)).await.unwrap()
}

async fn settle(world: &World, from: Guarded<u32>) -> Result<Updated<u32, u32>, UpdateError<Zero>> {
    let guards = world.store.guards();
    guards.settle_passwords(address(), from, noon(), later(600), &*world.chance, count).await
}

#[tokio::test]
async fn claim_and_count_come_in_one_read_and_an_address_without_either_costs_the_same() {
    let world = World::new().await;
    let account = world.account();
    world.costs.take();
    assert_eq!(seen(&world, 0).await, AddressRecord::default());
    let unknown = world.costs.take();
    assert_eq!(unknown, Cost { read: 1.0, write: 0.0 });

    let claim = world.store.guards().claim_put(address(), account).unwrap();
    world.store.streams().commit_together(&[], vec![claim], [1; 16]).await.unwrap();
    settle(&world, Guarded::default()).await.unwrap();
    world.costs.take();
    let passwords = Guarded { value: 1, revision: 1 };
    assert_eq!(seen(&world, 0).await, AddressRecord { account: Some(account), passwords });
    assert_eq!(world.costs.take(), unknown);
    assert_eq!(world.store.guards().claim(address()).await.unwrap(), Some(account));
}

#[tokio::test]
async fn what_is_counted_is_forgotten_on_time_and_then_counted_on() {
    let world = World::new().await;
    settle(&world, Guarded::default()).await.unwrap();
    assert_eq!(seen(&world, 599).await.passwords, Guarded { value: 1, revision: 1 });
    let forgotten = seen(&world, 600).await.passwords;
    assert_eq!(forgotten, Guarded { value: 0, revision: 1 });
    assert_eq!(settle(&world, forgotten).await.unwrap().guarded, Guarded { value: 1, revision: 2 });
}

#[tokio::test]
async fn settling_is_one_write_and_no_read_also_where_nothing_changes() {
    let world = World::new().await;
    let (guards, chance) = (world.store.guards(), &*world.chance);
    world.costs.take();
    let one_write = Cost { read: 0.0, write: 1.0 };
    let updated = settle(&world, Guarded::default()).await.unwrap();
    assert_eq!(world.costs.take(), one_write);
    let nothing = |_: &mut u32| Ok::<_, Zero>(());
    let same = guards
        .settle_passwords(address(), updated.guarded, noon(), later(600), chance, nothing)
        .await
        .unwrap();
    assert_eq!(same.guarded, Guarded { value: 1, revision: 2 });
    assert_eq!(world.costs.take(), one_write);
}

#[tokio::test]
async fn whoever_settles_from_a_stale_value_is_asked_again_on_the_present_one_without_a_read() {
    let world = World::new().await;
    let stale = seen(&world, 0).await.passwords;
    settle(&world, stale).await.unwrap();
    world.costs.take();
    assert_eq!(settle(&world, stale).await.unwrap().outcome, 2);
    assert_eq!(world.costs.take(), Cost { read: 0.0, write: 2.0 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_guesses_judged_from_one_value_exactly_five_are_settled() {
    let world = Arc::new(World::new().await);
    let guesses: Vec<_> = (0..20)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move {
                loop {
                    match settle(&world, Guarded::default()).await {
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
        settled += u32::from(guess.await.unwrap());
    }
    assert_eq!(settled, 5);
    assert_eq!(seen(&world, 0).await.passwords, Guarded { value: 5, revision: 5 });
}
