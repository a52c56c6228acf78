//! Counters that lose no count, proofs that count once, messages that are not forgotten.

use std::convert::Infallible;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use postern_domain::ports::draw;
use postern_events::ids::{EventId, MessageId};
use postern_store::StoreError;
use postern_store::guards::{Freshness, Guarded, SaveError, UpdateError};
use postern_store::outbox::Unsent;

use crate::tally::Zero;
use crate::world::{Repeating, World, later, noon};

#[tokio::test]
async fn a_stale_guard_is_not_saved_and_the_present_one_comes_back() {
    let world = World::new().await;
    let (id, guards) = (world.account(), world.store.guards());
    let seen: Guarded<u32> = guards.load_guard(id).await.unwrap();
    assert_eq!(seen, Guarded { value: 0, revision: 0 });
    let one = Guarded { value: 1, ..seen };
    guards.save_guard(id, &one, &*world.chance).await.unwrap();
    let two = Guarded { value: 2, ..seen };
    let stale = guards.save_guard(id, &two, &*world.chance).await;
    assert!(matches!(stale, Err(SaveError::Stale(Guarded { value: 1, revision: 1 }))));
    assert_eq!(guards.load_guard::<u32>(id).await.unwrap().value, 1);
}

#[tokio::test]
async fn a_refused_change_writes_nothing() {
    let world = World::new().await;
    let (id, guards) = (world.account(), world.store.guards());
    let refused = guards
        .update_guard(id, &*world.chance, |value: &mut u32| {
            *value = 7;
            Err::<(), _>(Zero)
        })
        .await;
    assert!(matches!(refused, Err(UpdateError::Refused(Zero))));
    assert_eq!(guards.load_guard::<u32>(id).await.unwrap().revision, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_racing_claims_exactly_five_succeed() {
    let world = Arc::new(World::new().await);
    let id = world.account();
    let claims: Vec<_> = (0..40)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move {
                let claim = |count: &mut u32| {
                    *count += 1;
                    if *count > 5 { Err(Zero) } else { Ok(()) }
                };
                loop {
                    match world.store.guards().update_guard(id, &*world.chance, claim).await {
                        Ok(_) => return true,
                        Err(UpdateError::Refused(Zero)) => return false,
                        Err(UpdateError::Store(StoreError::Conflict)) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            })
        })
        .collect();
    let mut won = 0;
    for claim in claims {
        won += u32::from(claim.await.unwrap());
    }
    assert_eq!(won, 5);
    let guard = world.store.guards().load_guard::<u32>(id).await.unwrap();
    assert_eq!(guard, Guarded { value: 5, revision: 5 });
}

#[tokio::test]
async fn a_window_counts_until_its_end_and_then_from_nothing() {
    let world = World::new().await;
    let guards = world.store.guards();
    let count = async |now, end| {
        let one_more = |count: &mut u32| {
            *count += 1;
            Ok::<_, Infallible>(*count)
        };
        let place = ("source", "192.0.2.0");
        let counted = guards.update_window(place.0, place.1, now, end, &*world.chance, one_more);
        counted.await.unwrap().outcome
    };
    assert_eq!(count(noon(), later(600)).await, 1);
    assert_eq!(count(later(1), later(600)).await, 2);
    assert_eq!(count(later(600), later(1200)).await, 1);
    assert_eq!(count(later(601), later(1200)).await, 2);
}

#[tokio::test]
async fn a_window_rides_along_only_if_nobody_has_saved_it_meanwhile() {
    let world = World::new().await;
    let guards = world.store.guards();
    let load = async |at| guards.load_window::<u32>("open", "a", later(at)).await.unwrap();
    let save = async |guarded: &Guarded<u32>| {
        let put = guards.window_put("open", "a", noon(), later(600), guarded).unwrap();
        let token = draw(&*world.chance);
        world.store.streams().commit_together(&[], vec![put], token).await
    };
    let seen = load(0).await;
    save(&Guarded { value: 1, ..seen }).await.unwrap();
    assert!(save(&Guarded { value: 2, ..seen }).await.is_err_and(|it| it.is_race()));
    assert_eq!(load(599).await, Guarded { value: 1, revision: 1 });
    assert_eq!(load(600).await, Guarded { value: 0, revision: 1 });
}

#[tokio::test]
async fn a_proof_counts_once_until_it_is_too_old_to_be_accepted() {
    let world = World::new().await;
    let guards = world.store.guards();
    let used = async |digest, now| {
        guards.use_proof(digest, now, later(120), &*world.chance).await.unwrap()
    };
    assert_eq!(used([1; 32], noon()).await, Freshness::Fresh);
    assert_eq!(used([1; 32], noon()).await, Freshness::Replayed);
    assert_eq!(used([1; 32], later(120)).await, Freshness::Replayed);
    assert_eq!(used([2; 32], noon()).await, Freshness::Fresh);
    assert_eq!(used([1; 32], later(121)).await, Freshness::Fresh);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_known_again_by_its_mark() {
    let world = World::new().await;
    let (id, guards) = (world.account(), world.store.guards());
    let one = Guarded { value: 1_u32, revision: 0 };
    guards.save_guard(id, &one, &Repeating).await.unwrap();
    guards.save_guard(id, &one, &Repeating).await.unwrap();
    assert_eq!(guards.load_guard::<u32>(id).await.unwrap(), Guarded { value: 1, revision: 1 });
    for _ in 0..2 {
        let used = guards.use_proof([1; 32], noon(), later(120), &Repeating).await.unwrap();
        assert_eq!(used, Freshness::Fresh);
    }
}

#[tokio::test]
async fn an_unsent_message_is_due_from_its_time_on_until_it_is_removed() {
    let world = World::new().await;
    let outbox = world.store.outbox();
    let unsent = |due| Unsent {
        message: MessageId::new(noon(), draw(&*world.chance)),
        stream: "sign_in/sin_1".to_owned(),
        version: 2,
        event: EventId::new(noon(), draw(&*world.chance)),
        due,
    };
    let (soon, late) = (unsent(later(60)), unsent(later(120)));
    outbox.put(&soon).await.unwrap();
    outbox.put(&late).await.unwrap();
    assert!(outbox.due(later(59), 10).await.unwrap().is_empty());
    assert_eq!(outbox.due(later(60), 10).await.unwrap(), std::slice::from_ref(&soon));
    assert_eq!(outbox.due(later(120), 10).await.unwrap().len(), 2);
    assert_eq!(outbox.due(later(120), 1).await.unwrap().len(), 1);
    outbox.remove(soon.message).await.unwrap();
    outbox.remove(soon.message).await.unwrap();
    assert_eq!(outbox.due(later(120), 10).await.unwrap(), [late]);
}

#[tokio::test]
async fn a_broken_note_does_not_hold_up_the_others() {
    let world = World::new().await;
    let outbox = world.store.outbox();
    let good = Unsent {
        message: MessageId::new(noon(), [2; 10]),
        stream: "sign_in/sin_01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
        version: 1,
        event: EventId::new(noon(), [2; 10]),
        due: later(60),
    };
    outbox.put(&good).await.unwrap();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    world
        .client
        .put_item()
        .table_name("postern-guards")
        .item("key", text("outbox"))
        .item("item", text("msg_0"))
        .item("due", AttributeValue::N("0".to_owned()))
        .send()
        .await
        .unwrap();
    assert_eq!(outbox.due(later(60), 10).await.unwrap(), [good]);
}
