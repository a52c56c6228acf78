//! What guards count is what the log tells: a table that is lost is made anew from it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::{Client, Config};
use postern_client::mail::wrong_code;
use postern_replay::guards::{Compared, Told, recount};
use postern_runtime::chance::SystemChance;
use postern_store::Store;
use postern_store::keys::DEFAULT_PREFIX;
use serde_json::{Value, json};

use crate::analysts::{answered, command_at};
use crate::between::{Fate, way};
use crate::erasure::erase;
use crate::owners::{
    NEW_PASSWORD, reset, settled_and_young, settled_owner, step_up, step_up_asked,
};
use crate::pause::guess_five_times;
use crate::phones::{asked_by, neighbour, shown, two_phones};
use crate::world::{EMAIL, PASSWORD, World, asked, id, ok, refused};

/// Where those reach the tables who put back what is lost, and who read the log.
pub(crate) fn tables_at(world: &World) -> String {
    tables_as(world, "restorer")
}

/// Where a role reaches the tables: what each uses of them is told apart, and from what journeys look at.
pub(crate) fn tables_as(world: &World, role: &str) -> String {
    world.stack.dynamodb().replace("/you", &format!("/{role}"))
}

/// The tables, as they are reached by whoever puts back what is lost.
pub(crate) fn tables(world: &World) -> Store {
    store(tables_at(world))
}

/// The tables at an address.
pub(crate) fn store(address: String) -> Store {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "journey"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(address)
        .build();
    Store::new(Client::from_conf(config), DEFAULT_PREFIX)
}

/// Counts anew, and writes what is missing if that is wanted.
pub(crate) async fn counted(world: &World, write: bool) -> Compared {
    world.local.drain().await.unwrap();
    let now = world.local.now().await.unwrap();
    recount(&tables(world), &SystemChance, now, write).await.unwrap()
}

/// Nothing is missing, and nothing is more than the log tells.
pub(crate) async fn the_same(world: &World, accounts: u64) {
    let same = Compared { accounts, ..Compared::default() };
    assert_eq!(counted(world, false).await, same);
}

/// S4, C2, L1: wrong codes, right ones, resends, denials, pauses, step-ups and new passwords: the log
/// tells of each what the guard counted.
#[tokio::test]
async fn every_count_can_be_told_from_the_log() {
    let world = World::open().await;
    let (owner, _second) = two_phones(&world).await;
    neighbour(&world).await;
    the_same(&world, 2).await;

    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    for by in 1..=3 {
        refused(phone.verify(&attempt, &wrong_code(&code, by)).await, 403, "code_incorrect");
    }
    the_same(&world, 2).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    the_same(&world, 2).await;
    let other = world.phone();
    let denied = asked_by("app", &other).await;
    ok(owner.deny(&denied).await, 200);
    the_same(&world, 2).await;
    ok(phone.verify(&attempt, &world.code().await).await, 200);
    the_same(&world, 2).await;

    let given_up = world.phone();
    let attempt = asked_by("app", &given_up).await;
    ok(given_up.cancel(&attempt).await, 204);
    ok(owner.change_password(PASSWORD, NEW_PASSWORD).await, 204);
    the_same(&world, 2).await;
    reset(&world, &owner, EMAIL, PASSWORD).await;
    the_same(&world, 2).await;
}

/// S4, P2: so it is with pauses and step-ups.
#[tokio::test]
async fn pauses_and_step_ups_can_be_told_from_the_log() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    let step = step_up_asked(&young, "app").await;
    let code = shown(&owner, &step).await;
    let wrong = young.verify_step_up(&step, &wrong_code(&code, 1)).await;
    refused(wrong, 403, "code_incorrect");
    the_same(&world, 1).await;
    ok(young.verify_step_up(&step, &code).await, 200);
    the_same(&world, 1).await;

    let world = World::open().await;
    world.owner().await;
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    assert_eq!(ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body["status"], "locked");
    the_same(&world, 1).await;
}

/// S1, S4, S7: a table that is lost locks everybody out and forgives every guess. Made anew from the log
/// it does neither.
#[tokio::test]
async fn a_table_that_was_lost_is_made_anew() {
    let world = World::open().await;
    let owner = world.owner().await;
    guess_five_times(&world, &world.phone()).await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    for by in 1..=4 {
        refused(phone.verify(&attempt, &wrong_code(&code, by)).await, 403, "code_incorrect");
    }
    world.local.drain().await.unwrap();
    world.lose("guards").await;
    refused(owner.sign_in(EMAIL, PASSWORD).await, 401, "invalid_credentials");
    let lost = Compared { accounts: 1, guards: 1, addresses: 1, ..Compared::default() };
    assert_eq!(counted(&world, false).await, lost);
    assert_eq!(counted(&world, true).await, lost);
    the_same(&world, 1).await;

    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    // The tenth wrong code in a row is still the tenth.
    let wrong = phone.verify(&attempt, &wrong_code(&code, 5)).await;
    assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], 0);
    let paused = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(paused["status"], "locked", "{paused}");
}

/// S4: a guess that was claimed and never compared is in no log, and stays spent.
#[tokio::test]
async fn no_count_is_ever_lowered() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    world.local.faults(&json!({ "store": "conflict" })).await.unwrap();
    for _ in 0..2 {
        refused(phone.verify(&attempt, &code).await, 503, "unavailable");
    }
    world.local.faults(&json!({})).await.unwrap();
    let stricter = Compared { accounts: 1, stricter: 1, ..Compared::default() };
    for write in [false, true] {
        assert_eq!(counted(&world, write).await, stricter);
    }
    let wrong = phone.verify(&attempt, &wrong_code(&code, 1)).await;
    assert_eq!(refused(wrong, 403, "code_incorrect").body["attempts_left"], 2);
}

/// S1: an address that was taken meanwhile is nobody's to give back.
#[tokio::test]
async fn an_address_of_somebody_else_is_told_and_left_alone() {
    let world = World::open().await;
    world.owner().await;
    world.local.drain().await.unwrap();
    world.lose("guards").await;
    let opened = id(&ok(world.phone().register(EMAIL, PASSWORD).await, 202));
    assert!(!opened.is_empty());
    let second = world.owner().await;
    let found = counted(&world, true).await;
    assert_eq!((found.accounts, found.contradictions, found.addresses), (2, 1, 0), "{found:?}");
    ok(second.account().await, 200);
}

/// S1: an account that was erased while the log was read stays erased, and its address free.
#[tokio::test]
async fn an_account_that_is_erased_meanwhile_does_not_come_back() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    world.local.drain().await.unwrap();
    world.lose("guards").await;
    let (store, now) = (tables(&world), world.local.now().await.unwrap());
    let told = Told::by(&store, now).await.unwrap();
    assert_eq!(counted(&world, true).await.addresses, 1);
    step_up(&owner).await;
    erase(&owner).await;
    world.local.drain().await.unwrap();
    let compared = told.compare(&store, &SystemChance, true).await.unwrap();
    assert_eq!(compared, Compared::default());
    the_same(&world, 0).await;
    world.owner().await;
}

/// How long something may take that takes moments, on a busy computer.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many accounts there are where there are some.
const SOME: usize = 5;

/// So many people, each with an account.
async fn some(world: &World) {
    for number in 1..=SOME {
        let (phone, email) = (world.phone(), format!("person{number}@example.net"));
        let opened = id(&ok(phone.register(&email, PASSWORD).await, 202));
        let code = world.local.mailed_code(&email).await.unwrap();
        ok(phone.verify_registration(&opened, &code).await, 200);
    }
    world.local.drain().await.unwrap();
}

/// Several accounts are compared at once: one that takes its time is in nobody's way.
#[tokio::test]
async fn accounts_are_compared_together() {
    let world = World::open().await;
    some(&world).await;
    let now = world.local.now().await.unwrap();
    let told = Told::by(&tables(&world), now).await.unwrap();
    let met = Arc::new((Mutex::new(0), Condvar::new()));
    let here = Arc::clone(&met);
    let way = way(&world, move |operation, body| {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        if operation != "GetItem" || asked["Key"]["item"]["S"] != "guard" {
            return Fate::Passes(body);
        }
        // Nobody's guard is read before everybody's is asked for.
        let mut asking = here.0.lock().unwrap();
        *asking += 1;
        here.1.notify_all();
        let all = |asking: &mut usize| *asking < SOME;
        let (_asking, late) = here.1.wait_timeout_while(asking, PATIENCE, all).unwrap();
        if late.timed_out() { Fate::Refused } else { Fate::Passes(body) }
    });
    let compared = told.compare(&store(way), &SystemChance, false).await.unwrap();
    assert_eq!(compared, Compared { accounts: 5, ..Compared::default() });
}

/// S4, T1: one that is killed half way is simply run again: what is there stays, and the rest comes.
#[tokio::test]
async fn a_rebuild_of_guards_that_was_killed_is_run_again() {
    let world = World::open().await;
    some(&world).await;
    let rows = world.rows("guards").await;
    let kept = |rows: &[Value]| rows.iter().filter(|it| it["item"]["S"] == "claim").count();
    assert_eq!(kept(&rows), SOME);
    world.lose("guards").await;
    let passing = 2;
    let writes = AtomicUsize::new(0);
    let way = way(&world, move |operation, body| match operation {
        "TransactWriteItems" if writes.fetch_add(1, Ordering::Relaxed) >= passing => Fate::Held,
        _ => Fate::Passes(body),
    });
    let mut rebuild = command_at(&world, &way, &["rebuild", "guards", "--yes"]).spawn().unwrap();
    while kept(&world.rows("guards").await) < passing {
        assert!(rebuild.try_wait().unwrap().is_none(), "it ended by itself");
    }
    rebuild.kill().unwrap();
    rebuild.wait().unwrap();
    assert_eq!(kept(&world.rows("guards").await), passing);

    for (arguments, missing) in [
        (&["diff", "guards"][..], SOME - passing),
        (&["rebuild", "guards", "--yes"], SOME - passing),
        (&["diff", "guards"], 0),
    ] {
        let (code, told) = answered(&world, arguments);
        let due = json!({
            "accounts": SOME, "guards": 0, "stricter": 0, "addresses": missing,
            "contradictions": 0, "unsettled": 0,
        });
        let found = if arguments[0] == "diff" && missing > 0 { 3 } else { 0 };
        assert_eq!((code, told), (found, due), "{arguments:?}");
    }
}
