//! Guards held against a log that was read a while ago: what was forgiven since, or given up, is neither
//! missing nor put back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use postern_client::client::Client;
use postern_client::mail::wrong_code;
use postern_replay::guards::{Compared, Told};
use postern_runtime::chance::SystemChance;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::analysts::{answered, behind, beside, place, said, text};
use crate::between::{Fate, way};
use crate::erasure::{account_of, erase};
use crate::owners::{settled_and_young, settled_owner, step_up, step_up_asked};
use crate::phones::{asked_by, shown, two_phones};
use crate::recounts::{counted, store, tables, the_same};
use crate::traffic::read;
use crate::world::{World, asked, ok, refused};

/// What is found of an account of which nothing can be said.
const UNSETTLED: Compared =
    Compared { accounts: 1, guards: 0, stricter: 0, addresses: 0, contradictions: 0, unsettled: 1 };

/// What the log tells of guards by now.
async fn told(world: &World) -> Told {
    let now = world.local.now().await.unwrap();
    Told::by(&tables(world), now).await.unwrap()
}

/// What is counted, and whose each address is.
async fn kept(world: &World) -> Vec<Value> {
    let mut rows = world.rows("guards").await;
    rows.retain(|it| it["item"]["S"] == "guard" || it["item"]["S"] == "claim");
    rows
}

/// A phone that has guessed wrongly once, its attempt, and the code that is right.
async fn one_wrong(world: &World) -> (Client, String, String) {
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    refused(phone.verify(&attempt, &wrong_code(&code, 1)).await, 403, "code_incorrect");
    (phone, attempt, code)
}

/// Nothing is said of the account's guard, and nothing is written, until the log is read again.
async fn is_unsettled(world: &World, before: [Told; 2]) {
    let rows = kept(world).await;
    for (told, write) in before.into_iter().zip([false, true]) {
        let compared = told.compare(&tables(world), &SystemChance, write).await.unwrap();
        assert_eq!(compared, UNSETTLED, "{write}");
    }
    assert_eq!(kept(world).await, rows);
    the_same(world, 1).await;
}

/// S4, P2: the right code of a step-up moves nothing of the account but its guard.
#[tokio::test]
async fn a_step_up_that_came_right_since_is_forgiven() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let step = step_up_asked(&young, "app").await;
    let code = shown(&owner, &step).await;
    let wrong = young.verify_step_up(&step, &wrong_code(&code, 1)).await;
    refused(wrong, 403, "code_incorrect");
    let before = [told(&world).await, told(&world).await];
    ok(young.verify_step_up(&step, &code).await, 200);
    is_unsettled(&world, before).await;
}

/// S4: so it is with a sign-in that makes no device trusted.
#[tokio::test]
async fn a_sign_in_that_came_right_since_is_forgiven() {
    let world = World::open().await;
    let (phone, attempt, code) = one_wrong(&world).await;
    let before = [told(&world).await, told(&world).await];
    ok(phone.verify_just_this_once(&attempt, &code).await, 200);
    is_unsettled(&world, before).await;
}

/// S4: an attempt that came after the log was read forgives as well.
#[tokio::test]
async fn an_attempt_that_came_since_forgives_what_was_before() {
    let world = World::open().await;
    one_wrong(&world).await;
    let before = [told(&world).await, told(&world).await];
    let other = world.phone();
    let attempt = asked(&other).await;
    ok(other.verify_just_this_once(&attempt, &world.code().await).await, 200);
    is_unsettled(&world, before).await;
}

/// L2: an attempt that was denied since is over.
#[tokio::test]
async fn an_attempt_that_was_denied_since_is_not_opened_again() {
    let world = World::open().await;
    let (owner, _second) = two_phones(&world).await;
    let attempt = asked_by("app", &world.phone()).await;
    let before = [told(&world).await, told(&world).await];
    ok(owner.deny(&attempt).await, 200);
    is_unsettled(&world, before).await;
}

/// S4: a guard that really counts less is put right although something can still be guessed at; but not from
/// a log of which nobody knows of when it is, or that is so old that the guard has forgotten what came since.
#[tokio::test]
async fn a_guard_that_was_set_back_is_put_right_from_a_log_of_now() {
    let world = World::open().await;
    let owner = world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let (tables_behind, account) = (behind(&world), account_of(&owner).await);
    let guard = tables_behind.get_item().table_name("postern-guards");
    let guard = guard.key("key", text(&format!("account/{account}"))).key("item", text("guard"));
    let earlier = guard.send().await.unwrap().item.unwrap();
    refused(phone.verify(&attempt, &wrong_code(&code, 1)).await, 403, "code_incorrect");
    world.local.drain().await.unwrap();
    let put = tables_behind.put_item().table_name("postern-guards");
    put.set_item(Some(earlier)).send().await.unwrap();
    let rows = kept(&world).await;

    let export = place(&world, "export");
    said(&world, &["export", &export]);
    for command in [&["diff", "guards"][..], &["rebuild", "guards", "--yes"]] {
        let (code, told) = answered(&world, &[command, &["--from", &export]].concat());
        assert_eq!((code, told), (3, serde_json::to_value(UNSETTLED).unwrap()), "{command:?}");
    }
    let log = read(&world, &tables(&world)).await;
    let later = world.local.now().await.unwrap() + Duration::from_hours(24);
    let old = Told::of(&log, later, &beside(&world, "read")).unwrap();
    let compared = old.compare(&tables(&world), &SystemChance, true).await.unwrap();
    assert_eq!(compared, UNSETTLED);
    log.finish().unwrap();
    assert_eq!(kept(&world).await, rows);

    let less = Compared { accounts: 1, guards: 1, ..Compared::default() };
    for write in [false, true] {
        assert_eq!(counted(&world, write).await, less, "{write}");
    }
    the_same(&world, 1).await;
    let wrong = phone.verify(&attempt, &wrong_code(&code, 2)).await;
    assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], 3);
}

/// Compares, and lets something happen after the account was read and before its guard is.
async fn compared_while(world: &World, told: Told, happens: impl Future<Output = ()>) -> Compared {
    let (waits, gate) = (Arc::new(Notify::new()), Arc::new((Mutex::new(false), Condvar::new())));
    let (waiting, shut, passed) = (Arc::clone(&waits), Arc::clone(&gate), AtomicBool::new(false));
    let way = way(world, move |operation, body| {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let guard = operation == "GetItem" && asked["Key"]["item"] == json!({ "S": "guard" });
        if guard && !passed.swap(true, Ordering::SeqCst) {
            waiting.notify_one();
            let open = shut.0.lock().unwrap();
            drop(shut.1.wait_while(open, |open| !*open).unwrap());
        }
        Fate::Passes(body)
    });
    let store = store(way);
    let meanwhile = async {
        waits.notified().await;
        happens.await;
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
    };
    tokio::join!(told.compare(&store, &SystemChance, false), meanwhile).0.unwrap()
}

/// S1: an account that is erased while it is compared lacks nothing, also where nothing is written.
#[tokio::test]
async fn an_account_that_is_erased_while_it_is_compared_lacks_nothing() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    step_up(&owner).await;
    let told = told(&world).await;
    let compared = compared_while(&world, told, erase(&owner)).await;
    assert_eq!(compared, Compared::default());
    the_same(&world, 0).await;
}

/// S1: of an account that changes while it is compared nothing is said.
#[tokio::test]
async fn an_account_that_changes_while_it_is_compared_is_unsettled() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    world.lose("guards").await;
    let told = told(&world).await;
    let rename = async {
        ok(owner.rename_device(&young.session().unwrap().device, "Hall tablet").await, 200);
    };
    assert_eq!(compared_while(&world, told, rename).await, UNSETTLED);
    let lost = counted(&world, false).await;
    assert_eq!((lost.guards, lost.addresses, lost.unsettled), (1, 1, 0), "{lost:?}");
}
