//! Persons: made, kept, forgotten.

use postern_domain::password::Password;
use postern_domain::ports::draw;
use postern_events::ids::{AccountId, EventId};
use postern_events::personal::{Personal, PersonalField};
use postern_events::vocabulary::{DeviceDescription, Origin};
use postern_store::Store;
use postern_store::StoreError;
use postern_store::password::{PasswordRecord, Peppers, hash};
use postern_store::seal::DataKey;

use crate::push::{endpoint, keep};
use crate::world::{World, later, noon};

fn record(world: &World) -> PasswordRecord {
    let peppers = Peppers::new("p", [("p".to_owned(), [1; 32])]).unwrap();
    hash(&peppers, &Password::parse("right horse").unwrap(), &*world.chance).unwrap()
}

pub(crate) async fn reserve(world: &World, id: AccountId, seconds: i64) -> DataKey {
    let vault = world.store.vault();
    vault.reserve(id, &record(world), later(seconds), &*world.chance).await.unwrap()
}

pub(crate) fn description(world: &World, key: &DataKey) -> Personal<DeviceDescription> {
    let description = DeviceDescription {
        name: "Ada's phone".into(),
        model: "Analytical".into(),
        os_version: "1".into(),
    };
    let event = EventId::new(noon(), draw(&*world.chance));
    key.seal(event, PersonalField::Device, &description).unwrap()
}

pub(crate) fn origin(world: &World, key: &DataKey) -> Personal<Origin> {
    let origin = Origin { ip: "192.0.2.1".parse().unwrap(), city: None };
    let event = EventId::new(noon(), draw(&*world.chance));
    key.seal(event, PersonalField::Origin, &origin).unwrap()
}

#[tokio::test]
async fn a_reservation_is_forgotten_on_time_whether_or_not_it_was_deleted() {
    let world = World::new().await;
    let (id, vault) = (world.account(), world.store.vault());
    reserve(&world, id, 600).await;
    assert!(vault.load(id, later(599)).await.unwrap().is_some());
    assert!(vault.load(id, later(600)).await.unwrap().is_none());
    assert!(vault.load(world.account(), noon()).await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_kept_stays_and_opens_what_its_reservation_sealed() {
    let world = World::new().await;
    let (id, vault) = (world.account(), world.store.vault());
    let key = reserve(&world, id, 600).await;
    let sealed = origin(&world, &key);
    let keep = vault.keep(id).unwrap();
    world.store.streams().commit_together(&[], vec![keep], [1; 16]).await.unwrap();
    let person = vault.load(id, later(10_000)).await.unwrap().unwrap();
    assert!(person.reserved_until.is_none());
    assert!(person.data_key.open(&sealed).is_ok());
}

#[tokio::test]
async fn nobody_is_kept_who_was_never_reserved_and_nobody_reserved_twice() {
    let world = World::new().await;
    let (id, vault) = (world.account(), world.store.vault());
    let keep = vault.keep(id).unwrap();
    let answer = world.store.streams().commit_together(&[], vec![keep], [1; 16]).await;
    assert!(answer.is_err());
    reserve(&world, id, 600).await;
    let again = vault.reserve(id, &record(&world), later(600), &*world.chance).await;
    assert!(matches!(again, Err(StoreError::Conflict)));
}

#[tokio::test]
async fn erasing_leaves_no_item_behind() {
    let world = World::new().await;
    let (id, other, vault) = (world.account(), world.account(), world.store.vault());
    reserve(&world, id, 600).await;
    reserve(&world, other, 600).await;
    let (one, two) = (endpoint(&world, "one"), endpoint(&world, "two"));
    keep(&world, id, &one).await;
    keep(&world, id, &two).await;
    vault.erase(id).await.unwrap();
    assert!(vault.load(id, noon()).await.unwrap().is_none());
    for gone in [one.device, two.device] {
        assert_eq!(vault.push_endpoint(id, gone).await.unwrap(), None);
    }
    assert!(vault.load(other, noon()).await.unwrap().is_some());
}

#[tokio::test]
async fn without_keys_the_vault_says_so() {
    let world = World::new().await;
    let id = world.account();
    reserve(&world, id, 600).await;
    let blind = Store::new(world.client.clone(), postern_store::keys::DEFAULT_PREFIX).vault();
    assert!(matches!(blind.load(id, noon()).await, Err(StoreError::Broken { .. })));
}
