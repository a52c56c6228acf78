//! Views that lost something, or show what is not so: found by holding them against the log, and put right
//! from it.

use std::sync::atomic::{AtomicUsize, Ordering};

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::analysts::{
    Busy, answered, behind, busy, command_at, nothing_was_set_aside, place, run, said, text, views,
};
use crate::between::{Fate, way};
use crate::erasure::account_of;
use crate::phones::{asked_by, shown};
use crate::world::{EMAIL, PASSWORD, World, ok};

/// An attempt that never was, from before all others.
pub(crate) const NEVER: &str = "sin_01J00000000000000000000000";

/// How many items differ, and how.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) missing: usize,
    pub(crate) different: usize,
    pub(crate) surplus: usize,
    pub(crate) ahead: usize,
    pub(crate) unsettled: usize,
    pub(crate) restored: usize,
}

impl Found {
    pub(crate) fn of(told: &Value) -> Self {
        let count = |name: &str| usize::try_from(told[name].as_u64().unwrap()).unwrap();
        Self {
            missing: count("missing"),
            different: count("different"),
            surplus: count("surplus"),
            ahead: count("ahead"),
            unsettled: count("unsettled"),
            restored: count("restored"),
        }
    }
}

/// A command that compares finds just this.
pub(crate) fn finds(world: &World, arguments: &[&str], code: i32, expected: &Found) -> Value {
    let (ended, told) = answered(world, arguments);
    assert_eq!((ended, &Found::of(&told)), (code, expected), "{arguments:?}: {told}");
    told
}

/// The views show what the log tells.
pub(crate) fn equal(world: &World) {
    finds(world, &["diff", "views"], 0, &Found::default());
}

/// What the owner is shown.
async fn shown_to(owner: &Client) -> [Value; 2] {
    [ok(owner.activity("?limit=100").await, 200).body, ok(owner.devices().await, 200).body]
}

/// An attempt of a new device of the owner's, which waits for its code.
pub(crate) async fn waiting(world: &World, owner: &Client) -> (Client, String, String) {
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(owner, &attempt).await;
    world.local.drain().await.unwrap();
    (phone, attempt, code)
}

/// L1, T1: views that were lost are put back to the last item, and the owner is shown what they were
/// shown before; without `--yes` nothing is.
#[tokio::test]
async fn views_that_were_lost_are_put_back() {
    let world = World::open().await;
    let Busy { owner, .. } = busy(&world).await;
    let (rows, shown) = (views(&world).await, shown_to(&owner).await);
    world.lose("views").await;
    assert_eq!(shown_to(&owner).await[0]["items"], json!([]));
    let lost = Found { missing: rows.len(), ..Found::default() };
    for command in [["diff", "views"], ["rebuild", "views"]] {
        let told = finds(&world, &command, 3, &lost);
        assert_eq!(told["items"], rows.len());
        assert!(views(&world).await.is_empty(), "{command:?} writes");
    }
    let put_back = Found { restored: rows.len(), ..lost };
    finds(&world, &["rebuild", "views", "--yes"], 0, &put_back);
    assert_eq!(views(&world).await, rows);
    assert_eq!(shown_to(&owner).await, shown);
    equal(&world);
    finds(&world, &["rebuild", "views", "--yes"], 0, &Found::default());
}

/// L1: an item that shows what is not so is named and put right; one that nobody knows is named and left.
#[tokio::test]
async fn what_is_not_so_is_put_right_and_what_nobody_knows_is_left() {
    let world = World::open().await;
    let Busy { owner, .. } = busy(&world).await;
    let (_, attempt, _) = waiting(&world, &owner).await;
    let key = format!("activity/{}", account_of(&owner).await);
    let rows = views(&world).await;
    let put = async |item: &str, outcome: &str| {
        let update = behind(&world).update_item().table_name("postern-views");
        let update = update.key("key", text(&key)).key("item", text(item));
        let update = update.update_expression("SET #outcome = :outcome");
        let update = update.expression_attribute_names("#outcome", "outcome");
        update.expression_attribute_values(":outcome", text(outcome)).send().await.unwrap();
    };
    put(&attempt, "signed_in").await;
    let wrong = Found { different: 1, ..Found::default() };
    let told = finds(&world, &["diff", "views"], 3, &wrong);
    let named = &told["differences"][0];
    assert_eq!((&named["how"], &named["item"]), (&json!("different"), &json!(attempt)), "{told}");
    assert_eq!(named["view"]["outcome"], "signed_in");
    let in_words = run(&world, &["diff", "views"]).said;
    assert!(in_words.contains(&format!("Different {key} {attempt}")), "{in_words}");
    finds(&world, &["rebuild", "views", "--yes"], 0, &Found { restored: 1, ..wrong });
    assert_eq!(views(&world).await, rows);

    put(NEVER, "denied").await;
    let unknown = Found { surplus: 1, ..Found::default() };
    for command in [&["diff", "views"][..], &["rebuild", "views"]] {
        let told = finds(&world, command, 3, &unknown);
        let named = &told["differences"][0];
        assert_eq!((&named["how"], &named["item"]), (&json!("surplus"), &json!(NEVER)), "{told}");
    }
    finds(&world, &["rebuild", "views", "--yes"], 0, &unknown);
    finds(&world, &["diff", "views"], 3, &unknown);
    assert!(views(&world).await.is_superset(&rows));
}

/// L1, T1: what came after the log that was read is ahead of it and not different, also where it began
/// before, and nothing of it gives way.
#[tokio::test]
async fn what_is_newer_than_the_log_that_was_read_is_left_alone() {
    let world = World::open().await;
    let Busy { owner, second } = busy(&world).await;
    let (phone, attempt, code) = waiting(&world, &owner).await;
    let old = place(&world, "old");
    said(&world, &["export", &old]);
    finds(&world, &["diff", "views", "--from", &old], 0, &Found::default());

    ok(second.sign_in(EMAIL, PASSWORD).await, 201);
    ok(phone.verify(&attempt, &code).await, 200);
    world.local.drain().await.unwrap();
    let rows = views(&world).await;
    // The second phone's attempt, and where it was seen; the other one, and its device.
    let ahead = Found { ahead: 4, ..Found::default() };
    for command in
        [&["diff", "views", "--from", &old][..], &["rebuild", "views", "--yes", "--from", &old]]
    {
        finds(&world, command, 0, &ahead);
    }
    assert_eq!(views(&world).await, rows);
    equal(&world);
}

/// L1, T1: what lags is missing or different until it has come; whoever puts it right meanwhile is in
/// nobody's way.
#[tokio::test]
async fn what_lags_differs_until_it_has_come() {
    let world = World::open().await;
    let Busy { owner, second } = busy(&world).await;
    for put_right in [false, true] {
        let (phone, attempt, code) = waiting(&world, &owner).await;
        equal(&world);
        world.local.faults(&json!({ "project": "paused" })).await.unwrap();
        ok(second.sign_in(EMAIL, PASSWORD).await, 201);
        ok(phone.verify(&attempt, &code).await, 200);
        let lags = Found { missing: 2, different: 2, ..Found::default() };
        finds(&world, &["diff", "views"], 3, &lags);
        if put_right {
            finds(&world, &["rebuild", "views", "--yes"], 0, &Found { restored: 4, ..lags });
            equal(&world);
        }
        world.local.faults(&json!({})).await.unwrap();
        world.local.drain().await.unwrap();
        equal(&world);
    }
    nothing_was_set_aside(&world).await;
}

/// L1, T1: one that fails has changed nothing, and one that is killed half way is simply run again:
/// nothing is there twice.
#[tokio::test]
async fn a_rebuild_that_was_killed_is_run_again() {
    let world = World::open().await;
    let Busy { owner, .. } = busy(&world).await;
    let (rows, shown) = (views(&world).await, shown_to(&owner).await);
    world.lose("views").await;
    world.local.faults(&json!({ "store": "down" })).await.unwrap();
    let failed = run(&world, &["rebuild", "views", "--yes"]);
    assert_eq!((failed.code, failed.said.as_str()), (1, ""), "{failed:?}");
    assert!(failed.complained.contains("the table can't be read"), "{failed:?}");
    world.local.faults(&json!({})).await.unwrap();
    assert!(views(&world).await.is_empty());

    let passing = 5;
    let writes = AtomicUsize::new(0);
    let way = way(&world, move |operation, body| match operation {
        "PutItem" if writes.fetch_add(1, Ordering::Relaxed) >= passing => Fate::Held,
        _ => Fate::Passes(body),
    });
    let mut rebuild = command_at(&world, &way, &["rebuild", "views", "--yes"]).spawn().unwrap();
    while views(&world).await.len() < passing {
        assert!(rebuild.try_wait().unwrap().is_none(), "it ended by itself");
    }
    rebuild.kill().unwrap();
    rebuild.wait().unwrap();
    let some = views(&world).await;
    assert!(some.len() == passing && some.is_subset(&rows), "{some:?}");

    let missing = rows.len() - passing;
    let rest = Found { missing, restored: missing, ..Found::default() };
    finds(&world, &["rebuild", "views", "--yes"], 0, &rest);
    assert_eq!(views(&world).await, rows);
    assert_eq!(shown_to(&owner).await, shown);
    equal(&world);
}
