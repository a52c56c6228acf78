//! The log in files: whole after a kill, at the price that the table asks, and without a trace.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::analysts::{
    address, answered, beside, busy, command, command_at, ended, place, run, said, views,
};
use crate::between::{Fate, way};
use crate::erasure::account_of;
use crate::integrity::sound;
use crate::world::World;

/// Items of a page at most, so that even a small log has many.
const SMALL_PAGE: u16 = 4;
/// Calls after which reading fails that would take more.
const PASSING: usize = 9;
/// How long something may take that takes seconds, on a busy computer.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often it is looked whether it is so far.
const GLANCE: Duration = Duration::from_millis(10);

/// Every file of the days, by its path.
fn days(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let folders = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let folders = folders.filter(|it| it.is_dir());
    let files = folders.flat_map(|it| fs::read_dir(it).unwrap()).map(|it| it.unwrap().path());
    let name = |it: &Path| it.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    files.map(|it| (name(&it), fs::read(&it).unwrap())).collect()
}

/// A call for a page of the log, made smaller.
fn smaller(operation: &str, body: Vec<u8>) -> Vec<u8> {
    if operation != "Scan" {
        return body;
    }
    let mut asked: Value = serde_json::from_slice(&body).unwrap();
    asked["Limit"] = json!(SMALL_PAGE);
    serde_json::to_vec(&asked).unwrap()
}

/// What reading the log has cost by the meter.
async fn metered(world: &World) -> Value {
    let meter = world.local.meter().await.unwrap();
    meter["functions"]["restorer"]["events"]["Scan"]["read_units"].clone()
}

/// L1: an export that was killed goes on where it was, and its files are those of one that wasn't.
#[tokio::test]
async fn an_export_that_was_killed_goes_on() {
    let world = World::open().await;
    busy(&world).await;
    let (whole, killed) = (place(&world, "whole"), place(&world, "killed"));
    let (_, told) = answered(&world, &["export", &whole, "--segments", "2"]);
    let way = way(&world, |operation, body| Fate::Passes(smaller(operation, body)));
    let gently = ["export", &killed, "--segments", "2", "--rate", "2"];
    let mut export = command_at(&world, &way, &gently).spawn().unwrap();
    let (noted, since) =
        (beside(&world, "killed").join(".unfinished/progress.json"), Instant::now());
    while !noted.is_file() {
        assert!(since.elapsed() < PATIENCE && export.try_wait().unwrap().is_none());
        tokio::time::sleep(GLANCE).await;
    }
    export.kill().unwrap();
    export.wait().unwrap();
    let entries = fs::read_dir(&killed).unwrap().count();
    assert_eq!(entries, 1, "nobody takes an unfinished export for a whole one");

    let again = run(&world, &["export", &killed, "--segments", "2", "--json"]);
    assert_eq!(again.code, 0, "{again:?}");
    let goes_on = again.complained.trim().strip_prefix("postern: going on after ").unwrap();
    let rows: u64 = goes_on.split_once(" rows").unwrap().0.parse().unwrap();
    let again: Value = serde_json::from_str(&again.said).unwrap();
    assert!((1..told["events"].as_u64().unwrap()).contains(&rows), "{rows} of {told}");
    for same in ["events", "streams", "days", "repeated", "bytes"] {
        assert_eq!(again[same], told[same], "{same}");
    }
    assert!(!days(&beside(&world, "whole")).is_empty());
    assert_eq!(days(&beside(&world, "killed")), days(&beside(&world, "whole")));
    said(&world, &["verify", "--from", &killed]);
}

/// L1: what reading the log costs is told exactly as the table charges it.
#[tokio::test]
async fn what_reading_costs_is_told_exactly() {
    let world = World::open().await;
    busy(&world).await;
    let way = way(&world, |operation, body| Fate::Passes(smaller(operation, body)));
    let out = ["one", "two", "three"].map(|name| place(&world, name));
    for (arguments, tables) in [
        (vec!["export", &out[0], "--segments", "1"], None),
        (vec!["export", &out[1], "--segments", "7", "--format", "parquet"], None),
        (vec!["export", &out[2], "--segments", "2", "--rate", "1000"], Some(&way)),
        (vec!["verify"], None),
        (vec!["verify"], Some(&way)),
    ] {
        world.local.reset_meter().await.unwrap();
        let arguments = [arguments.as_slice(), &["--json"]].concat();
        let told = match tables {
            None => said(&world, &arguments),
            Some(way) => ended(command_at(&world, way, &arguments)).said,
        };
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["read_units"], metered(&world).await, "{arguments:?}");
    }
}

/// L1: nothing that analysts run leaves a trace: no table is written, and the log is what it was.
#[tokio::test]
async fn nothing_that_analysts_run_writes() {
    let world = World::open().await;
    let account = account_of(&busy(&world).await.owner).await;
    let log = world.local.dump(None).await.unwrap();
    let streams = sound(&log);
    let attempt = streams.iter().find_map(|it| it.stream.strip_prefix("sign_in/")).unwrap();
    let (account, out) = (format!("account/{account}"), place(&world, "out"));
    let rows = views(&world).await;
    world.local.reset_meter().await.unwrap();
    for arguments in [
        &["export", &out][..],
        &["verify"],
        &["replay", "accounts"],
        &["replay", "activity"],
        &["replay", "devices"],
        &["replay", "guards"],
        &["diff", "views"],
        &["diff", "guards"],
        &["stats"],
        &["show", &account],
        &["show", &account, "--version", "1"],
        &["explain", attempt],
        &["tail"],
        &["tail", "--from", address(&world)],
        &["stats", "--from", address(&world)],
        &["verify", "--from", &out],
    ] {
        said(&world, arguments);
    }
    let meter = world.local.meter().await.unwrap();
    let tables = meter["functions"]["restorer"].as_object().unwrap();
    for operations in tables.values().flat_map(|it| it.as_object().unwrap()) {
        assert_eq!(operations.1["write_units"], 0.0, "{meter}");
        assert!(["Query", "Scan", "GetItem"].contains(&operations.0.as_str()), "{meter}");
    }
    assert_eq!(meter["functions"].get("you"), None, "{meter}");
    assert_eq!(world.local.dump(None).await.unwrap(), log);
    assert_eq!(views(&world).await, rows);
}

/// Of two deployments on one computer each is read for itself, also after a reading that failed.
#[tokio::test]
async fn what_was_read_of_one_deployment_is_never_taken_for_another_s() {
    let (world, other) = (World::open().await, World::open().await);
    busy(&world).await;
    other.owner().await;
    let calls = AtomicUsize::new(0);
    let way = way(&world, move |operation, body| {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        if call < PASSING { Fate::Passes(smaller(operation, body)) } else { Fate::Refused }
    });
    let lost = ended(command_at(&world, &way, &["verify", "--segments", "1"]));
    assert_eq!(lost.code, 1, "{lost:?}");
    assert!(lost.complained.contains("run it again to go on"), "{lost:?}");
    let events = other.events().await;
    let mut verify = command(&other, &["verify", "--json", "--segments", "1"]);
    verify.env("XDG_CACHE_HOME", beside(&world, "cache"));
    let told: Value = serde_json::from_str(&ended(verify).said).unwrap();
    assert_eq!(told["events"], events);
}
