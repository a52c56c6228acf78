//! What an owner may change about themselves: the password, the address, recovery codes, names; and
//! what is known of calls that are repeated and of reports that are used up.

use postern_domain::password::Password;
use postern_domain::ports::draw;
use postern_domain::recovery_code::RecoveryCode;
use postern_events::ids::{AccountId, DeviceId, EventId};
use postern_events::vocabulary::AddressKey;
use postern_store::Extra;
use postern_store::guards::Guarded;
use postern_store::lookup::LookupKeys;
use postern_store::password::{PasswordRecord, Peppers, hash, verify};
use postern_store::seal::DataKey;
use postern_store::vault::RecoverySet;

use crate::vault::{description, reserve};
use crate::world::{Repeating, World, later, noon};

const DAY: i64 = 24 * 3_600;

fn peppers() -> Peppers {
    Peppers::new("p", [("p".to_owned(), [1; 32])]).unwrap()
}

fn record(world: &World, text: &str) -> PasswordRecord {
    hash(&peppers(), &Password::parse(text).unwrap(), &*world.chance).unwrap()
}

async fn commits(world: &World, extra: Extra) -> bool {
    let token = draw(&*world.chance);
    world.store.streams().commit_together(&[], vec![extra], token).await.is_ok()
}

async fn password(world: &World, id: AccountId) -> PasswordRecord {
    world.store.vault().load(id, noon()).await.unwrap().unwrap().password
}

#[tokio::test]
async fn a_password_is_replaced_once_by_whoever_saw_the_present_one() {
    let world = World::new().await;
    let (id, vault) = (world.account(), world.store.vault());
    reserve(&world, id, 600).await;
    let before = password(&world, id).await;
    let (one, two) = (record(&world, "the first one"), record(&world, "the second one"));
    assert!(commits(&world, vault.password_put(id, &before, &one).unwrap()).await);
    assert!(!commits(&world, vault.password_put(id, &before, &two).unwrap()).await);
    assert!(!vault.replace_password(id, &before, &two).await.unwrap());
    assert_eq!(password(&world, id).await, one);
    assert!(vault.replace_password(id, &one, &two).await.unwrap());
    // The same once more, as after a lost answer, is done already.
    assert!(vault.replace_password(id, &one, &two).await.unwrap());
    let right = Password::parse("the second one").unwrap();
    assert!(verify(&peppers(), &password(&world, id).await, &right).unwrap());
    let nobody = world.account();
    assert!(!vault.replace_password(nobody, &one, &two).await.unwrap());
}

#[test]
fn a_hash_is_current_under_the_current_pepper_alone() {
    let keys = || [("old".to_owned(), [1; 32]), ("new".to_owned(), [2; 32])];
    let (old, new) = (Peppers::new("old", keys()).unwrap(), Peppers::new("new", keys()).unwrap());
    let record = hash(&old, &Password::parse("right horse").unwrap(), &Repeating).unwrap();
    assert!(record.is_current(&old) && !record.is_current(&new));
}

#[tokio::test]
async fn a_recovery_code_is_used_once_and_a_new_set_takes_the_old_one_s_place() {
    let world = World::new().await;
    let (id, vault) = (world.account(), world.store.vault());
    let lookup = LookupKeys::new(&[9; 32]);
    assert!(vault.recovery_codes(id).await.unwrap().is_none());
    let codes = RecoveryCode::set(&*world.chance);
    let keys = codes.iter().map(|it| lookup.recovery_code(id, it)).collect();
    let first = Guarded { value: RecoverySet { keys, made_by: None }, revision: 0 };
    assert!(commits(&world, vault.recovery_put(id, &first).unwrap()).await);
    assert!(!commits(&world, vault.recovery_put(id, &first).unwrap()).await);

    let seen = vault.recovery_codes(id).await.unwrap().unwrap();
    assert_eq!(seen.value.left(), 10);
    let used = lookup.recovery_code(id, &codes[3]);
    let of_other = lookup.recovery_code(world.account(), &codes[3]);
    assert!(seen.value.without(&of_other).is_none());
    let left = Guarded { value: seen.value.without(&used).unwrap(), revision: seen.revision };
    assert!(commits(&world, vault.recovery_put(id, &left).unwrap()).await);
    // Whoever saw it before comes too late.
    assert!(!commits(&world, vault.recovery_put(id, &left).unwrap()).await);
    let after = vault.recovery_codes(id).await.unwrap().unwrap();
    assert_eq!(after.value.left(), 9);
    assert!(after.value.without(&used).is_none());
    vault.erase(id).await.unwrap();
    assert!(vault.recovery_codes(id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_name_is_there_at_once_and_gone_with_the_person() {
    let world = World::new().await;
    let (id, vault) = (world.account(), world.store.vault());
    let key = reserve(&world, id, 600).await;
    let device = DeviceId::new(noon(), draw(&*world.chance));
    let chosen = description(&world, &key);
    assert!(commits(&world, vault.device_name_put(id, device, &chosen).unwrap()).await);
    let names = vault.device_names(id).await.unwrap();
    assert_eq!((names.len(), names.get(&device)), (1, Some(&chosen)));
    vault.erase(id).await.unwrap();
    assert!(vault.device_names(id).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_address_is_released_by_its_own_account_alone() {
    let world = World::new().await;
    let guards = world.store.guards();
    let (owner, other, address) =
        (world.account(), world.account(), AddressKey::from_bytes([4; 16]));
    assert!(commits(&world, guards.claim_put(address, owner).unwrap()).await);
    assert!(!commits(&world, guards.address_release(address, other).unwrap()).await);
    assert_eq!(guards.claim(address).await.unwrap(), Some(owner));
    assert!(commits(&world, guards.address_release(address, owner).unwrap()).await);
    assert_eq!(guards.claim(address).await.unwrap(), None);
    assert!(commits(&world, guards.claim_put(address, other).unwrap()).await);
}

#[tokio::test]
async fn a_report_is_used_once() {
    let world = World::new().await;
    let guards = world.store.guards();
    let event = EventId::new(noon(), draw(&*world.chance));
    assert!(!guards.report_used(event).await.unwrap());
    assert!(commits(&world, guards.report_use(event, later(DAY)).unwrap()).await);
    assert!(guards.report_used(event).await.unwrap());
    assert!(!commits(&world, guards.report_use(event, later(DAY)).unwrap()).await);
}

#[tokio::test]
async fn the_first_call_of_a_name_is_known_again_for_its_time() {
    let world = World::new().await;
    let guards = world.store.guards();
    let call = async |body: u8, at: i64| {
        let chance = &*world.chance;
        guards.remember_call("name", [body; 16], later(at), later(at + DAY), chance).await.unwrap()
    };
    let first = call(1, 0).await;
    assert_eq!((first.is_new, first.at, first.body), (true, noon(), [1; 16]));
    let again = call(1, 60).await;
    assert_eq!((again.is_new, again.at, again.body), (false, noon(), [1; 16]));
    let other = call(2, 60).await;
    assert_eq!((other.is_new, other.body), (false, [1; 16]));
    let next = call(2, DAY).await;
    assert_eq!((next.is_new, next.at, next.body), (true, later(DAY), [2; 16]));
}

#[tokio::test]
async fn a_lost_answer_does_not_make_a_call_a_repeat() {
    let world = World::new().await;
    let guards = world.store.guards();
    for _ in 0..2 {
        let call = guards.remember_call("name", [1; 16], noon(), later(DAY), &Repeating).await;
        assert!(call.unwrap().is_new);
    }
}

#[tokio::test]
async fn a_key_that_is_thrown_away_seals_what_no_other_opens() {
    let world = World::new().await;
    let id = world.account();
    let (one, two) = [(); 2].map(|()| DataKey::throw_away(id, &*world.chance).unwrap()).into();
    let sealed = description(&world, &one);
    assert!(one.open(&sealed).is_ok());
    assert!(two.open(&sealed).is_err());
}
