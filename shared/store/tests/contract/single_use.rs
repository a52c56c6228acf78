//! What may be used once is used once, also by many at the same time.

use std::future::Future;
use std::sync::Arc;

use postern_domain::ports::draw;
use postern_domain::recovery_code::RecoveryCode;
use postern_events::ids::EventId;
use postern_store::guards::Guarded;
use postern_store::lookup::LookupKeys;
use postern_store::vault::RecoverySet;
use postern_store::{Extra, StoreError};

use crate::costs::Cost;
use crate::world::{World, later, noon};

const USERS: u8 = 12;

/// How many of many users at the same time succeed.
async fn successes<F>(world: &Arc<World>, one: impl Fn(Arc<World>, u8) -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let users: Vec<_> = (0..USERS).map(|n| tokio::spawn(one(world.clone(), n))).collect();
    let mut successes = 0;
    for user in users {
        successes += usize::from(user.await.unwrap());
    }
    successes
}

async fn commits(world: &World, extra: Extra) -> bool {
    let token = draw(&*world.chance);
    match world.store.streams().commit_together(&[], vec![extra], token).await {
        Ok(()) => true,
        Err(lost) if lost.is_race() => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_use_one_recovery_code_one_succeeds() {
    let world = Arc::new(World::new().await);
    let (id, lookup) = (world.account(), LookupKeys::new(&[9; 32]));
    let codes = RecoveryCode::set(&*world.chance);
    let keys: Vec<_> = codes.iter().map(|it| lookup.recovery_code(id, it)).collect();
    let used = keys[0];
    let set = Guarded { value: RecoverySet { keys, made_by: None }, revision: 0 };
    assert!(commits(&world, world.store.vault().recovery_put(id, &set).unwrap()).await);
    let won = successes(&world, |world, _| async move {
        let vault = world.store.vault();
        let seen = vault.recovery_codes(id).await.unwrap().unwrap();
        let Some(value) = seen.value.without(&used) else { return false };
        let left = Guarded { value, ..seen };
        commits(&world, vault.recovery_put(id, &left).unwrap()).await
    });
    assert_eq!(won.await, 1);
    let left = world.store.vault().recovery_codes(id).await.unwrap().unwrap();
    assert_eq!((left.value.left(), left.revision), (9, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_follow_one_link_one_succeeds() {
    let world = Arc::new(World::new().await);
    let event = EventId::new(noon(), draw(&*world.chance));
    let won = successes(&world, |world, _| async move {
        commits(&world, world.store.guards().report_use(event, later(60)).unwrap()).await
    });
    assert_eq!(won.await, 1);
    let other = EventId::new(noon(), draw(&*world.chance));
    assert!(!world.store.guards().report_used(other).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_calls_of_one_name_one_is_new_and_the_others_find_it() {
    let world = Arc::new(World::new().await);
    let won = successes(&world, |world, n| async move {
        let (guards, chance) = (world.store.guards(), &*world.chance);
        let known = guards.remember_call("name", [n; 16], noon(), later(60), chance).await;
        known.unwrap().is_new
    });
    assert_eq!(won.await, 1);
    let (guards, chance) = (world.store.guards(), &*world.chance);
    let first = guards.remember_call("name", [255; 16], later(1), later(61), chance).await.unwrap();
    assert!(!first.is_new && first.at == noon() && first.body[0] < USERS);
}

#[tokio::test]
async fn a_call_costs_one_write_and_no_read_whether_or_not_it_is_known() {
    let world = World::new().await;
    let (guards, chance) = (world.store.guards(), &*world.chance);
    for is_new in [true, false] {
        world.costs.take();
        let call = guards.remember_call("name", [1; 16], noon(), later(60), chance).await.unwrap();
        assert_eq!(call.is_new, is_new);
        assert_eq!(world.costs.take(), Cost { read: 0.0, write: 1.0 });
    }
}

#[tokio::test]
async fn a_call_that_can_t_be_read_is_broken_and_not_new() {
    use aws_sdk_dynamodb::types::AttributeValue;
    let world = World::new().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = world.client.put_item().table_name("postern-guards").item("key", text("call/name"));
    let end = AttributeValue::N(later(60).as_second().to_string());
    put.item("item", text("call")).item("expires", end).send().await.unwrap();
    let (guards, chance) = (world.store.guards(), &*world.chance);
    let call = guards.remember_call("name", [1; 16], noon(), later(60), chance).await;
    assert!(matches!(call, Err(StoreError::Broken { .. })));
}
