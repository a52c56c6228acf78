//! Sessions end when they must, and never come back.

use postern_domain::ports::draw;
use postern_events::ids::{AccountId, DeviceId, SessionId};
use postern_events::sign_in::AuthenticationMethod;
use postern_events::vocabulary::{DeviceKey, Platform};
use postern_store::sessions::{RefreshSecret, Session};

use crate::vault::{description, origin, reserve};
use crate::world::{World, later, noon};

pub(crate) async fn session(world: &World, account: AccountId) -> Session {
    let key = reserve(world, account, 600).await;
    Session {
        account,
        id: SessionId::new(noon(), draw(&*world.chance)),
        device: DeviceId::new(noon(), draw(&*world.chance)),
        key: DeviceKey::from_bytes([1; 16]),
        trusted: true,
        trust_generation: 1,
        secret_hash: RefreshSecret::new(&*world.chance).hash(),
        amr: vec![AuthenticationMethod::Pwd, AuthenticationMethod::Pop],
        auth_time: noon(),
        step_up_until: None,
        created_at: noon(),
        expires_at: later(600),
        platform: Platform::Android,
        description: description(world, &key),
        origin: origin(world, &key),
    }
}

#[tokio::test]
async fn a_session_reads_back_until_it_ends() {
    let world = World::new().await;
    let (account, sessions) = (world.account(), world.store.sessions());
    let session = session(&world, account).await;
    sessions.put(&session).await.unwrap();
    let read = sessions.get(account, session.id, later(599)).await.unwrap();
    assert_eq!(read, Some(session.clone()));
    assert_eq!(sessions.get(account, session.id, later(600)).await.unwrap(), None);
    assert_eq!(sessions.of_account(account, noon()).await.unwrap(), [session]);
    assert!(sessions.of_account(account, later(600)).await.unwrap().is_empty());
}

#[tokio::test]
async fn extending_moves_the_end_and_brings_nothing_back() {
    let world = World::new().await;
    let (account, sessions) = (world.account(), world.store.sessions());
    let session = session(&world, account).await;
    let put = sessions.put_extra(&session).unwrap();
    world.store.streams().commit_together(&[], vec![put], [1; 16]).await.unwrap();
    assert!(sessions.extend(account, session.id, later(900)).await.unwrap());
    let read = sessions.get(account, session.id, later(899)).await.unwrap().unwrap();
    assert_eq!(read.expires_at, later(900));
    sessions.delete(account, session.id).await.unwrap();
    assert!(!sessions.extend(account, session.id, later(900)).await.unwrap());
    assert_eq!(sessions.get(account, session.id, noon()).await.unwrap(), None);
}

#[tokio::test]
async fn a_refresh_secret_is_known_by_its_hash_alone() {
    let world = World::new().await;
    let (one, two) = (RefreshSecret::new(&*world.chance), RefreshSecret::new(&*world.chance));
    let back = RefreshSecret::parse(&one.reveal()).unwrap();
    assert!(back.matches(&one.hash()) && !two.matches(&one.hash()));
    assert!(RefreshSecret::parse("short").is_none());
    assert_eq!(format!("{one:?}"), "RefreshSecret(..)");
}

#[tokio::test]
async fn a_session_is_replaced_while_it_is_there_and_never_brought_back() {
    let world = World::new().await;
    let (account, sessions) = (world.account(), world.store.sessions());
    let session = session(&world, account).await;
    assert!(!sessions.replace(&session).await.unwrap());
    sessions.put(&session).await.unwrap();
    let stepped_up = Session { step_up_until: Some(later(300)), ..session.clone() };
    let extra = sessions.replace_extra(&stepped_up).unwrap();
    world.store.streams().commit_together(&[], vec![extra], [1; 16]).await.unwrap();
    assert_eq!(sessions.get(account, session.id, noon()).await.unwrap(), Some(stepped_up.clone()));
    sessions.forget(account).await.unwrap();
    let extra = sessions.replace_extra(&stepped_up).unwrap();
    assert!(world.store.streams().commit_together(&[], vec![extra], [2; 16]).await.is_err());
    assert_eq!(sessions.get(account, session.id, noon()).await.unwrap(), None);
}
