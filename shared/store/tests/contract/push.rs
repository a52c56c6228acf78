//! Push endpoints in the vault, and whose a push token is.

use jiff::Timestamp;
use postern_domain::ports::draw;
use postern_events::ids::{AccountId, DeviceId};
use postern_events::vocabulary::{Alerts, PushPlatform, PushTokenKey};
use postern_store::Extra;
use postern_store::streams::{Loser, TogetherError};
use postern_store::vault::{Earlier, PushEndpoint};

use crate::costs::Cost;
use crate::world::{World, later, noon};

const ARN: &str = "arn:aws:sns:eu-central-1:1:endpoint/GCM/app/1";

pub(crate) fn endpoint(world: &World, token: &str) -> PushEndpoint {
    PushEndpoint {
        device: device(world),
        platform: PushPlatform::Fcm,
        token: token.to_owned(),
        key: token_key(),
        alerts: Alerts::Allowed,
        endpoint: None,
        earlier: None,
        since: noon(),
    }
}

fn device(world: &World) -> DeviceId {
    DeviceId::new(noon(), draw(&*world.chance))
}

fn token_key() -> PushTokenKey {
    PushTokenKey::from_bytes([4; 16])
}

async fn write(world: &World, extra: Extra) -> Result<(), TogetherError> {
    let token = draw(&*world.chance);
    world.store.streams().commit_together(&[], vec![extra], token).await
}

fn lost(written: &Result<(), TogetherError>) -> bool {
    matches!(written, Err(TogetherError::Conflict { which: Loser::Extra(0) }))
}

pub(crate) async fn keep(world: &World, account: AccountId, endpoint: &PushEndpoint) {
    let put = world.store.vault().push_put(account, endpoint).unwrap();
    write(world, put).await.unwrap();
}

#[tokio::test]
async fn an_endpoint_reads_back_until_it_is_deleted() {
    let world = World::new().await;
    let (account, vault) = (world.account(), world.store.vault());
    let one = PushEndpoint { endpoint: Some(ARN.to_owned()), ..endpoint(&world, "one") };
    let two = PushEndpoint { alerts: Alerts::Unknown, ..endpoint(&world, "two") };
    keep(&world, account, &one).await;
    keep(&world, account, &two).await;
    world.costs.take();
    let read = vault.push_endpoint(account, one.device).await.unwrap();
    assert_eq!(read.as_ref(), Some(&one));
    assert_eq!(world.costs.take(), Cost { read: 1.0, write: 0.0 });
    assert_eq!(vault.push_endpoint(world.account(), one.device).await.unwrap(), None);
    let PushEndpoint { device, since, .. } = one;
    let stale = vault.push_delete(account, device, later(1)).unwrap();
    assert!(lost(&write(&world, stale).await), "another registration was meant");
    write(&world, vault.push_delete(account, device, since).unwrap()).await.unwrap();
    assert_eq!(vault.push_endpoint(account, device).await.unwrap(), None);
    assert_eq!(vault.push_endpoint(account, two.device).await.unwrap(), Some(two));
}

#[tokio::test]
async fn only_the_endpoint_that_was_meant_is_forgotten_or_named() {
    let world = World::new().await;
    let (account, vault) = (world.account(), world.store.vault());
    let earlier = Some(Earlier { endpoint: "before".to_owned(), key: token_key() });
    let old = PushEndpoint { earlier, ..endpoint(&world, "old") };
    let new = PushEndpoint { since: later(60), token: "new".to_owned(), ..old.clone() };
    let device = old.device;
    let present = async || vault.push_endpoint(account, device).await.unwrap();
    keep(&world, account, &old).await;
    assert_eq!(present().await.as_ref(), Some(&old));
    assert!(vault.note_push_arn(account, device, old.since, ARN).await.unwrap());
    let named = PushEndpoint { endpoint: Some(ARN.to_owned()), earlier: None, ..old.clone() };
    assert_eq!(present().await, Some(named));

    keep(&world, account, &new).await;
    assert!(!vault.note_push_arn(account, device, old.since, ARN).await.unwrap());
    vault.forget_push(account, device, old.since).await.unwrap();
    assert_eq!(present().await.as_ref(), Some(&new));

    vault.forget_push(account, device, new.since).await.unwrap();
    vault.forget_push(account, device, new.since).await.unwrap();
    assert!(!vault.note_push_arn(account, device, new.since, ARN).await.unwrap());
    assert_eq!(present().await, None);
}

#[tokio::test]
async fn an_endpoint_is_known_by_the_millisecond_it_was_registered_in() {
    let world = World::new().await;
    let (account, vault) = (world.account(), world.store.vault());
    let since: Timestamp = "2026-11-24T12:00:00.123456789Z".parse().unwrap();
    let registered = PushEndpoint { since, ..endpoint(&world, "one") };
    keep(&world, account, &registered).await;
    let read = vault.push_endpoint(account, registered.device).await.unwrap().unwrap();
    assert_eq!(read.since, "2026-11-24T12:00:00.123Z".parse().unwrap());
    assert!(vault.note_push_arn(account, read.device, since, ARN).await.unwrap());
    assert!(vault.note_push_arn(account, read.device, read.since, ARN).await.unwrap());
}

#[tokio::test]
async fn a_token_is_given_to_whoever_knows_whose_it_was() {
    let world = World::new().await;
    let (guards, token) = (world.store.guards(), token_key());
    let (ada, bob) = ((world.account(), device(&world)), (world.account(), device(&world)));
    let give = async |to: (AccountId, DeviceId), from| {
        write(&world, guards.push_claim_put(token, to.0, to.1, from).unwrap()).await
    };
    assert_eq!(guards.push_claim(token).await.unwrap(), None);
    give(ada, None).await.unwrap();
    assert!(lost(&give(bob, None).await), "it is not nobody's any more");
    assert_eq!(guards.push_claim(token).await.unwrap(), Some(ada));
    give(bob, Some(ada)).await.unwrap();
    assert!(lost(&give(ada, Some(ada)).await), "it is not hers any more");
    assert!(lost(&give(ada, Some((bob.0, ada.1))).await), "account and device are one name");
    assert!(lost(&give(ada, Some((ada.0, bob.1))).await), "account and device are one name");
    assert_eq!(guards.push_claim(token).await.unwrap(), Some(bob));
    give(bob, Some(bob)).await.unwrap();
}

#[tokio::test]
async fn a_token_is_only_taken_from_the_one_who_has_it() {
    let world = World::new().await;
    let (guards, token) = (world.store.guards(), token_key());
    let (ada, bob) = ((world.account(), device(&world)), (world.account(), device(&world)));
    let claim = async || {
        let put = guards.push_claim_put(token, ada.0, ada.1, Some(ada)).unwrap();
        write(&world, put).await.unwrap();
    };
    let delete = async |from: (AccountId, DeviceId)| {
        write(&world, guards.push_claim_delete(token, from.0, from.1).unwrap()).await
    };
    claim().await;
    assert!(lost(&delete(bob).await));
    assert!(lost(&delete((ada.0, bob.1)).await), "account and device are one name");
    assert_eq!(guards.push_claim(token).await.unwrap(), Some(ada));
    delete(ada).await.unwrap();
    delete(ada).await.unwrap();
    assert_eq!(guards.push_claim(token).await.unwrap(), None);
}
