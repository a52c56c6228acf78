//! Views held against the log while people go on signing in: what is newer on one side is no difference, and
//! what is one is found all the same.

use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use postern_client::client::Client;
use postern_events::ids::SignInId;
use postern_replay::log::Log;
use postern_replay::pace::Pace;
use postern_replay::source::Source;
use postern_replay::source::table::Table;
use postern_replay::views::{Both, Compared, Reach};
use postern_store::Store;
use postern_store::views::Place;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::analysts::{
    Busy, answered, behind, beside, busy, command_at, ended, place, run, said, text, views,
};
use crate::between::{Fate, way};
use crate::erasure::account_of;
use crate::owners::DAY;
use crate::phones::{asked_by, let_in};
use crate::rebuilds::{Found, NEVER, equal, finds, waiting};
use crate::recounts::{store, tables};
use crate::world::{EMAIL, PASSWORD, World, id, ok};

/// Items of a page at most, so that even small views have many.
const SMALL_PAGE: u16 = 4;

/// The log as it is by now.
pub(crate) async fn read(world: &World, store: &Store) -> Log {
    let (store, prefix, id) = (store.clone(), String::new(), String::new());
    let table = Table { store, prefix, id, segments: 2, rate: None, consistent: true };
    Log::open(&Source::Table(table), &beside(world, "read"), false).await.unwrap()
}

/// The views as they are by now, and what the log told of them.
async fn scanned(world: &World, log: &Log, store: &Store) -> Both {
    let reach = Reach { segments: 3, pace: Pace::new(None), seen: false };
    let now = world.local.now().await.unwrap();
    Both::of(log, store, reach, now, &beside(world, "read")).await.unwrap()
}

fn found(compared: &Compared) -> Found {
    Found::of(&serde_json::to_value(compared).unwrap())
}

async fn sign_in(phone: &Client) -> String {
    id(&ok(phone.sign_in(EMAIL, PASSWORD).await, 201))
}

/// Loses one item of the views.
async fn lose(world: &World, key: &str, item: &str) {
    let lost = behind(world).delete_item().table_name("postern-views");
    lost.key("key", text(key)).key("item", text(item)).send().await.unwrap();
}

/// Makes an item of the views say something.
async fn forge(world: &World, key: &str, item: &str, name: &str, value: AttributeValue) {
    let forged = behind(world).update_item().table_name("postern-views");
    let forged = forged.key("key", text(key)).key("item", text(item));
    let forged = forged.update_expression("SET #name = :value");
    let forged = forged.expression_attribute_names("#name", name);
    forged.expression_attribute_values(":value", value).send().await.unwrap();
}

/// L1, T1: of what was written after the log was read nothing is a difference, wherever it is shown; and an
/// item that is lost is missed although its stream has moved on.
#[tokio::test]
async fn what_is_written_between_reading_and_comparing_is_ahead() {
    let world = World::open().await;
    let Busy { owner, second } = busy(&world).await;
    let gone = world.phone();
    let_in(&owner, &gone).await;
    world.local.advance(DAY).await.unwrap();
    ok(owner.refresh().await, 200);
    let (phone, attempt, code) = waiting(&world, &owner).await;
    let (other, given_up, _) = waiting(&world, &owner).await;
    let store = tables(&world);
    let log = read(&world, &store).await;

    sign_in(&second).await;
    ok(phone.verify(&attempt, &code).await, 200);
    ok(other.cancel(&given_up).await, 204);
    ok(owner.rename_device(&second.session().unwrap().device, "Hall tablet").await, 200);
    ok(owner.remove_device(&gone.session().unwrap().device).await, 204);
    let stranger = world.phone();
    let asked = asked_by("app", &stranger).await;
    world.local.drain().await.unwrap();
    let (key, rows) = (format!("activity/{}", account_of(&owner).await), views(&world).await);
    lose(&world, &key, &given_up).await;
    let both = scanned(&world, &log, &store).await;
    // What is written after the views were read is not in their way either.
    sign_in(&second).await;
    ok(stranger.cancel(&asked).await, 204);
    world.local.drain().await.unwrap();

    // The second phone's attempt and the phone, the device that is gone, the attempt that was let in and its
    // device, the one that was asked.
    let under_way = Found { ahead: 6, missing: 1, ..Found::default() };
    let compared = both.compare(false).await.unwrap();
    assert_eq!(found(&compared), under_way, "{compared:?}");
    let named = &compared.differences[0];
    assert_eq!((named.key.as_str(), named.item.as_str()), (key.as_str(), given_up.as_str()));
    let put_right = Found { restored: 1, ..under_way };
    assert_eq!(found(&both.compare(true).await.unwrap()), put_right);
    drop(both);
    log.finish().unwrap();
    // What became of the attempt is shown, and not what the log told that was read before.
    let again = views(&world).await;
    let of_it: Vec<_> = rows.iter().filter(|it| it.contains(&given_up)).collect();
    assert_eq!(of_it.len(), 1);
    assert!(again.contains(of_it[0]), "{again:?}");
    equal(&world);
}

/// L1: a stream that a scan had passed when it was written is known by nothing that was read, though newer
/// ones are.
#[tokio::test]
async fn what_the_reading_had_passed_already_is_ahead() {
    let world = World::open().await;
    let Busy { owner, second } = busy(&world).await;
    let (passed, read) = (sign_in(&second).await, sign_in(&owner).await);
    world.local.drain().await.unwrap();
    let log = beside(&world, "log.jsonl");
    let file = log.to_str().unwrap();
    said(&world, &["export", file]);
    finds(&world, &["diff", "views", "--from", file], 0, &Found::default());
    assert!(passed < read, "{passed} was first");
    let all = fs::read_to_string(&log).unwrap();
    let rest: Vec<_> = all.lines().filter(|it| !it.contains(&format!("/{passed}"))).collect();
    assert_eq!(all.lines().count() - rest.len(), 2);
    fs::write(&log, rest.join("\n")).unwrap();
    // The attempt, and where its device was seen.
    let ahead = Found { ahead: 2, ..Found::default() };
    for command in
        [&["diff", "views", "--from", file][..], &["rebuild", "views", "--yes", "--from", file]]
    {
        finds(&world, command, 0, &ahead);
    }
}

/// L1, T1: what only claims to be newer than the log that was read is no more believed than anything else.
/// It is named, and left to whoever looks.
#[tokio::test]
async fn what_claims_to_be_newer_is_found_and_left() {
    let world = World::open().await;
    let Busy { owner, second } = busy(&world).await;
    let account = account_of(&owner).await;
    let (attempts, devices) = (format!("activity/{account}"), format!("devices/{account}"));
    let attempt = sign_in(&owner).await;
    world.local.drain().await.unwrap();
    let later = world.local.now().await.unwrap() + Duration::from_mins(1);
    let never = SignInId::new(later, [7; 10]).to_string();
    let number = |it: i64| AttributeValue::N(it.to_string());
    let device = second.session().unwrap().device.clone();
    forge(&world, &attempts, &never, "outcome", text("signed_in")).await;
    forge(&world, &attempts, &attempt, "version", number(99)).await;
    forge(&world, &devices, &device, "seen", number(later.as_millisecond())).await;
    let rows = views(&world).await;
    let wrong = Found { different: 2, surplus: 1, ..Found::default() };
    for command in [&["diff", "views"][..], &["rebuild", "views", "--yes"]] {
        let told = finds(&world, command, 3, &wrong);
        let named: Vec<_> = told["differences"].as_array().unwrap().iter().collect();
        let named = named.iter().map(|it| (&it["how"], it["item"].as_str().unwrap()));
        let (surplus, different) = (json!("surplus"), json!("different"));
        let due =
            [(&different, attempt.as_str()), (&surplus, &never), (&different, device.as_str())];
        assert!(named.eq(due), "{told}");
        assert_eq!(views(&world).await, rows);
    }
}

/// L1: what is under way to the views when it is looked, and there a moment later, is no difference.
#[tokio::test]
async fn what_arrives_between_two_looks_is_no_difference() {
    let world = World::open().await;
    let Busy { owner, second } = busy(&world).await;
    let (phone, attempt, code) = waiting(&world, &owner).await;
    world.local.faults(&json!({ "project": "paused" })).await.unwrap();
    sign_in(&second).await;
    ok(phone.verify(&attempt, &code).await, 200);
    let log = read(&world, &tables(&world)).await;

    // The two attempts, and where their devices were seen. Nobody looks at them once more before what is
    // under way has come.
    let (lags, looks) = (4, AtomicUsize::new(0));
    let (waits, arrived) = (Arc::new(Notify::new()), Arc::new((Mutex::new(false), Condvar::new())));
    let (told, is_there) = (Arc::clone(&waits), Arc::clone(&arrived));
    let way = way(&world, move |operation, body| {
        if is_look(operation, &body) && looks.fetch_add(1, Ordering::SeqCst) >= lags {
            told.notify_one();
            let there = is_there.0.lock().unwrap();
            drop(is_there.1.wait_while(there, |there| !*there).unwrap());
        }
        Fate::Passes(body)
    });
    let store = store(way);
    let both = scanned(&world, &log, &store).await;
    let project = async {
        waits.notified().await;
        world.local.faults(&json!({})).await.unwrap();
        world.local.drain().await.unwrap();
        *arrived.0.lock().unwrap() = true;
        arrived.1.notify_all();
    };
    let (compared, ()) = tokio::join!(both.compare(false), project);
    let compared = compared.unwrap();
    drop(both);
    log.finish().unwrap();
    assert_eq!(found(&compared), Found::default(), "{compared:?}");
    equal(&world);
}

/// L1: of an item that shows something else each time it is looked at nothing is said, least of all that it is
/// right.
#[tokio::test]
async fn what_moves_each_time_it_is_looked_at_is_unsettled() {
    let world = World::open().await;
    let Busy { owner, .. } = busy(&world).await;
    let key = format!("activity/{}", account_of(&owner).await);
    let (other, attempt) = (sign_in(&owner).await, sign_in(&owner).await);
    world.local.drain().await.unwrap();
    forge(&world, &key, &attempt, "version", AttributeValue::N("99".to_owned())).await;
    let commands = [&["diff", "views", "--json"][..], &["rebuild", "views", "--yes", "--json"]];
    let begun = commands.map(|arguments| {
        let (looks, other) = (AtomicUsize::new(0), other.clone());
        let way = way(&world, move |operation, body| {
            // Every second time another attempt is shown in its place.
            if !is_look(operation, &body) || looks.fetch_add(1, Ordering::SeqCst) % 2 == 0 {
                return Fate::Passes(body);
            }
            let mut asked: Value = serde_json::from_slice(&body).unwrap();
            for end in [":from", ":to"] {
                asked["ExpressionAttributeValues"][end] = json!({ "S": other });
            }
            Fate::Passes(serde_json::to_vec(&asked).unwrap())
        });
        let mut command = command_at(&world, &way, arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    });
    for comparing in begun {
        let ended = comparing.wait_with_output().unwrap();
        let told: Value = serde_json::from_slice(&ended.stdout).unwrap();
        let unsettled = Found { unsettled: 1, ..Found::default() };
        assert_eq!((ended.status.code(), Found::of(&told)), (Some(3), unsettled), "{told}");
    }
}

/// L1: items that none of us wrote are named like others, whatever they are called and hold, and in nobody's
/// way.
#[tokio::test]
async fn odd_items_are_named_like_others() {
    let world = World::open().await;
    let Busy { owner, .. } = busy(&world).await;
    let key = format!("activity/{}", account_of(&owner).await);
    let attempt = sign_in(&owner).await;
    world.local.drain().await.unwrap();
    let rows = views(&world).await;
    let odd = AttributeValue::Bool(true);
    let strange = [
        ("a", "b#c", text("denied")),
        ("a#b", "c", text("denied")),
        (key.as_str(), NEVER, AttributeValue::N("1.5".to_owned())),
        ("odd\"key\\", "line\nbreak", odd.clone()),
    ];
    for (key, item, value) in &strange {
        forge(&world, key, item, "outcome", value.clone()).await;
    }
    forge(&world, &key, &attempt, "outcome", odd).await;

    let wrong = Found { different: 1, surplus: strange.len(), ..Found::default() };
    let told = finds(&world, &["diff", "views"], 3, &wrong);
    let differences = told["differences"].as_array().unwrap();
    let (surplus, different): (Vec<_>, Vec<_>) =
        differences.iter().partition(|it| it["how"] == "surplus");
    assert_eq!(different[0]["view"]["outcome"], json!({ "odd": "BOOL" }));
    let named = surplus.iter().map(|it| (it["key"].as_str(), it["item"].as_str()));
    assert!(named.eq(strange.each_ref().map(|(key, item, _)| (Some(*key), Some(*item)))), "{told}");
    let in_words = run(&world, &["diff", "views"]).said;
    assert!(in_words.contains(r#"Surplus odd\"key\\ line\nbreak"#), "{in_words}");

    let put_right = Found { restored: 1, ..wrong };
    finds(&world, &["rebuild", "views", "--yes"], 0, &put_right);
    assert!(views(&world).await.is_superset(&rows));
    finds(&world, &["diff", "views"], 3, &Found { different: 0, restored: 0, ..put_right });
}

/// Whether a call looks at one item of the views.
fn is_look(operation: &str, body: &[u8]) -> bool {
    let asked: Value = serde_json::from_slice(body).unwrap();
    let values = &asked["ExpressionAttributeValues"];
    operation == "Query"
        && asked["TableName"] == "postern-views"
        && values[":from"] == values[":to"]
        && !values[":from"].is_null()
}

/// The views are read at the price that they ask, and no faster than somebody wants.
#[tokio::test]
async fn the_views_are_read_as_fast_as_was_asked_for() {
    let world = World::open().await;
    busy(&world).await;
    let log = place(&world, "log");
    said(&world, &["export", &log]);
    let limits = Arc::new(Mutex::new(Vec::new()));
    let asked_for = Arc::clone(&limits);
    let way = way(&world, move |operation, body| {
        if operation != "Scan" {
            return Fate::Passes(body);
        }
        let mut asked: Value = serde_json::from_slice(&body).unwrap();
        asked_for.lock().unwrap().push(asked["Limit"].as_u64());
        asked["Limit"] = json!(SMALL_PAGE);
        Fate::Passes(serde_json::to_vec(&asked).unwrap())
    });
    let diff = ["diff", "views", "--json", "--from", &log];
    for (rate, segments) in [(Some("2"), "1"), (None, "7")] {
        world.local.reset_meter().await.unwrap();
        limits.lock().unwrap().clear();
        let rated = rate.map(|it| ["--rate", it]).into_iter().flatten();
        let arguments: Vec<_> =
            diff.into_iter().chain(rated).chain(["--segments", segments]).collect();
        let begun = Instant::now();
        let told = ended(command_at(&world, &way, &arguments));
        let took = begun.elapsed();
        assert_eq!(told.code, 0, "{told:?}");
        let told: Value = serde_json::from_str(&told.said).unwrap();
        assert_eq!(Found::of(&told), Found::default());
        let meter = world.local.meter().await.unwrap();
        let by = crate::recounts::tables_at(&world);
        let by = &meter["functions"][by.rsplit('/').next().unwrap()]["views"];
        assert_eq!(told["read_units"], by["Scan"]["read_units"], "{meter}");
        let limits = limits.lock().unwrap();
        if rate.is_some() {
            assert!(limits.len() > 3, "{limits:?}");
            assert_eq!(limits[0], Some(100), "nobody knows yet what items cost");
            assert!(limits.iter().all(Option::is_some), "{limits:?}");
            // What the last page cost, a unit for four kilobytes, is nobody's to wait for.
            let least = (told["read_units"].as_f64().unwrap() - 2.0) / 2.0;
            assert!(took >= Duration::from_secs_f64(least) && least > 1.0, "{took:?} of {least}");
        } else {
            assert!(limits.len() >= 7 && limits.iter().all(Option::is_none), "{limits:?}");
        }
    }
}

/// Whoever looks at one item is told what it cost, with all that the log was asked for it.
#[tokio::test]
async fn looking_again_tells_what_it_cost() {
    let world = World::open().await;
    let Busy { owner, second } = busy(&world).await;
    let key = format!("devices/{}", account_of(&owner).await);
    let place = Place { key, item: second.session().unwrap().device };
    let views = tables(&world).views();
    world.local.reset_meter().await.unwrap();
    let view = views.at(&place).await.unwrap();
    assert_eq!(views.told(&place, None, view.as_ref()).await.unwrap(), view);
    let meter = world.local.meter().await.unwrap();
    let by = &meter["functions"]["restorer"];
    let cost = |table: &str| by[table]["Query"]["read_units"].as_f64().unwrap();
    let due = cost("views") + cost("events");
    assert!(due >= 4.0, "{meter}");
    assert!((views.spent() - due).abs() < f64::EPSILON, "{meter}");
    assert!(views.spent() < f64::EPSILON, "what was told once is told");
}

/// S9: tables that ask for fewer requests are asked again, for longer than the SDK does.
#[tokio::test]
async fn busy_tables_are_waited_for() {
    let world = World::open().await;
    busy(&world).await;
    let log = place(&world, "log");
    said(&world, &["export", &log]);
    // The SDK asks three times, and gives up; guards are asked of two accounts at once.
    for (what, times) in [("views", 4), ("guards", 7)] {
        world.local.faults(&json!({ "store": "throttle", "times": times })).await.unwrap();
        let segments = ["--segments", "1"];
        let arguments = [&["diff", what, "--from", &log][..], &segments].concat();
        let (code, told) = answered(&world, &arguments);
        assert_eq!(code, 0, "{told}");
    }
}
