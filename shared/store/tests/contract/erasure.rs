//! What is left of an account is found, and is deleted as often as one likes.

use std::convert::Infallible;

use postern_domain::ports::draw;
use postern_events::vocabulary::PushTokenKey;
use postern_store::guards::Guarded;

use crate::costs::Cost;
use crate::push::{endpoint, keep};
use crate::sessions::session;
use crate::vault::{description, reserve};
use crate::world::{World, noon};

#[tokio::test]
async fn all_endpoints_of_an_account_come_in_one_read_and_names_are_none() {
    let world = World::new().await;
    let (account, other, vault) = (world.account(), world.account(), world.store.vault());
    let key = reserve(&world, account, 600).await;
    let mut kept = vec![endpoint(&world, "one"), endpoint(&world, "two")];
    for endpoint in &kept {
        keep(&world, account, endpoint).await;
    }
    keep(&world, other, &endpoint(&world, "three")).await;
    let named = description(&world, &key);
    let name = vault.device_name_put(account, kept[0].device, &named).unwrap();
    world.store.streams().commit_together(&[], vec![name], [1; 16]).await.unwrap();

    world.costs.take();
    let found = vault.push_endpoints(account).await.unwrap();
    assert_eq!(world.costs.take(), Cost { read: 1.0, write: 0.0 });
    kept.sort_unstable_by_key(|it| it.device);
    assert_eq!(found, kept);
    assert_eq!(vault.device_names(account).await.unwrap().len(), 1);
    assert_eq!(world.costs.take(), Cost { read: 1.0, write: 0.0 });
    vault.load(account, noon()).await.unwrap();
    assert_eq!(world.costs.take(), Cost { read: 1.0, write: 0.0 });
}

#[tokio::test]
async fn a_token_that_moved_on_stays_where_it_is() {
    let world = World::new().await;
    let (guards, token) = (world.store.guards(), PushTokenKey::from_bytes([4; 16]));
    let (ada, bob) = ((world.account(), endpoint(&world, "one").device), world.account());
    let claim = guards.push_claim_put(token, ada.0, ada.1, None).unwrap();
    world.store.streams().commit_together(&[], vec![claim], [1; 16]).await.unwrap();
    guards.forget_push_claim(token, bob, ada.1).await.unwrap();
    assert_eq!(guards.push_claim(token).await.unwrap(), Some(ada));
    for _ in 0..2 {
        guards.forget_push_claim(token, ada.0, ada.1).await.unwrap();
        assert_eq!(guards.push_claim(token).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_forgotten_guard_counts_from_nothing() {
    let world = World::new().await;
    let (account, other, guards) = (world.account(), world.account(), world.store.guards());
    for id in [account, other] {
        let one = |count: &mut u32| {
            *count += 1;
            Ok::<_, Infallible>(())
        };
        guards.update_guard(id, &*world.chance, one).await.unwrap();
    }
    for _ in 0..2 {
        guards.account_forget(account).await.unwrap();
    }
    assert_eq!(guards.load_guard::<u32>(account).await.unwrap(), Guarded::default());
    assert_eq!(guards.load_guard::<u32>(other).await.unwrap().value, 1);
}

#[tokio::test]
async fn all_sessions_of_an_account_end_and_no_others() {
    let world = World::new().await;
    let (ada, bob, sessions) = (world.account(), world.account(), world.store.sessions());
    let one = session(&world, ada).await;
    let id = postern_events::ids::SessionId::new(noon(), draw(&*world.chance));
    let two = postern_store::sessions::Session { id, ..one.clone() };
    let other = session(&world, bob).await;
    for session in [&one, &two, &other] {
        sessions.put(session).await.unwrap();
    }
    for _ in 0..2 {
        sessions.forget(ada).await.unwrap();
        assert!(sessions.of_account(ada, noon()).await.unwrap().is_empty());
    }
    assert_eq!(sessions.of_account(bob, noon()).await.unwrap(), [other]);
}
