//! A live table that somebody has changed behind everybody's back.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_store::streams::chain;
use serde_json::{Value, json};

use crate::analysts::{answered, behind, busy, place, run, said, text};
use crate::erasure::account_of;
use crate::world::{EMAIL, PASSWORD, World, ok};

/// The key of a commit.
fn number(version: u64) -> AttributeValue {
    AttributeValue::N(version.to_string())
}

/// An item's version.
fn version_of(item: &Value) -> u64 {
    item["version"]["N"].as_str().unwrap().parse().unwrap()
}

/// Takes a commit out of the log.
async fn take_away(world: &World, item: &Value) {
    let (stream, version) = (item["stream"]["S"].as_str().unwrap(), version_of(item));
    let delete = behind(world).delete_item().table_name("postern-events");
    delete.key("stream", text(stream)).key("version", number(version)).send().await.unwrap();
}

/// The live log is broken first in this place, and the exit code says how.
fn broken(world: &World, code: i32, kind: &str, stream: &str, version: u64) -> Value {
    let (ended, told) = answered(world, &["verify"]);
    let first = &told["breaks"][0];
    assert_eq!((ended, &told["broken"]), (code, &json!(1)), "{told}");
    assert_eq!((&first["kind"], &first["stream"]), (&json!(kind), &json!(stream)), "{told}");
    assert_eq!(first["version"], version, "{told}");
    let in_words = run(world, &["verify"]);
    assert_eq!(in_words.code, code);
    assert!(in_words.said.contains(&format!("{stream} version {version}")), "{in_words:?}");
    told
}

/// L1: an event that was changed, or a commit that was taken away, is found with its stream and version;
/// nothing else is called broken.
#[tokio::test]
async fn what_was_changed_in_the_live_table_is_found() {
    let world = World::open().await;
    let stream = format!("account/{}", account_of(&busy(&world).await.owner).await);
    said(&world, &["verify"]);
    world.local.faults(&json!({ "project": "paused", "notify": "paused" })).await.unwrap();
    let items = world.rows("events").await;
    let of_stream = items.iter().filter(|it| it["stream"]["S"] == stream.as_str());
    let was = of_stream.clone().find(|it| it["events"]["S"].as_str().unwrap().contains("revoked"));
    let was = was.unwrap();
    let version = version_of(was);
    let events = was["events"]["S"].as_str().unwrap();

    let mut changed = was.clone();
    // Another day of that time fits every schema.
    let (before, after) = events.split_once("\"time\":\"20").unwrap();
    let (year, after) = after.split_at(2);
    let another: u8 = year.parse::<u8>().unwrap() - 1;
    changed["events"]["S"] = json!(format!("{before}\"time\":\"20{another}{after}"));
    world.slip_into_the_log(&changed).await;
    broken(&world, 17, "chain", &stream, version);

    let update = behind(&world).update_item().table_name("postern-events");
    let update = update.key("stream", text(&stream)).key("version", number(version));
    let update = update.update_expression("SET #events = :events");
    let update = update.expression_attribute_names("#events", "events");
    update.expression_attribute_values(":events", text(events)).send().await.unwrap();
    said(&world, &["verify"]);

    take_away(&world, was).await;
    let next = of_stream.map(version_of).filter(|it| *it > version).min().unwrap();
    broken(&world, 10, "gap", &stream, next);
    let lost = run(&world, &["diff", "views"]);
    assert_eq!(lost.code, 1, "{lost:?}");
    assert!(lost.complained.contains("postern verify"), "{lost:?}");
}

/// The only break of the live log is one that no chain tells: the heads that were saved do.
#[track_caller]
fn only_heads_tell(world: &World, heads: &str, due: (i32, &str, &str, u64)) {
    said(world, &["verify"]);
    let (code, kind, stream, version) = due;
    let (ended, told) = answered(world, &["verify", "--heads", heads]);
    let first = &told["breaks"][0];
    assert_eq!((ended, &told["broken"]), (code, &json!(1)), "{told}");
    assert_eq!((&first["kind"], &first["stream"]), (&json!(kind), &json!(stream)), "{told}");
    assert_eq!(first["version"], version, "{told}");
}

/// L1: a stream's end that was cut off, a stream that was taken away and an end that was made anew with
/// right links are found by whoever has saved the heads; a log that has only grown is whole.
#[tokio::test]
async fn what_no_chain_tells_is_found_by_the_heads_that_were_saved() {
    let world = World::open().await;
    let owner = busy(&world).await.owner;
    let stream = format!("account/{}", account_of(&owner).await);
    let (first, heads) = (place(&world, "monday.jsonl"), place(&world, "tuesday.jsonl"));
    said(&world, &["verify", "--save-heads", &first]);
    ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    world.local.drain().await.unwrap();
    said(&world, &["verify", "--heads", &first, "--save-heads", &heads]);
    world.local.faults(&json!({ "project": "paused", "notify": "paused" })).await.unwrap();
    let mut items = world.rows("events").await;
    items.sort_by_key(version_of);
    let of_stream: Vec<_> =
        items.iter().filter(|it| it["stream"]["S"] == stream.as_str()).collect();
    let [.., before, last] = of_stream[..] else { panic!("{of_stream:?}") };

    take_away(&world, last).await;
    only_heads_tell(&world, &heads, (19, "lost", &stream, version_of(last)));
    let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
    let mut anew = last.clone();
    let meta = text(last, "meta").replace("\"request\":\"", "\"request\":\"another-");
    let previous = STANDARD.decode(before["chain"]["B"].as_str().unwrap()).unwrap();
    let (previous, events) = (previous.try_into().unwrap(), text(last, "events"));
    let link = chain(&previous, &stream, version_of(last), &meta, &events);
    anew["chain"]["B"] = json!(STANDARD.encode(link));
    anew["meta"]["S"] = json!(meta);
    assert_ne!(anew, *last);
    world.slip_into_the_log(&anew).await;
    only_heads_tell(&world, &heads, (17, "chain", &stream, version_of(last)));
    world.slip_into_the_log(last).await;
    said(&world, &["verify", "--heads", &heads]);

    let gone = items.iter().map(|it| text(it, "stream")).find(|it| it.starts_with("sign_in/"));
    let gone = gone.unwrap();
    for it in items.iter().filter(|it| it["stream"]["S"] == gone.as_str()) {
        take_away(&world, it).await;
    }
    only_heads_tell(&world, &heads, (19, "lost", &gone, 1));
}

/// L1: an event that somebody plants, called what a terminal obeys and what no program said, is told in one
/// line by whoever looks at the live table.
#[tokio::test]
async fn what_is_planted_for_a_terminal_to_obey_is_only_shown() {
    let world = World::open().await;
    let stream = format!("account/{}", account_of(&world.owner().await).await);
    world.local.faults(&json!({ "project": "paused", "notify": "paused" })).await.unwrap();
    let items = world.rows("events").await;
    let of_stream = items.into_iter().filter(|it| it["stream"]["S"] == stream.as_str());
    let mut planted = of_stream.max_by_key(version_of).unwrap();
    let mut events: Vec<Value> =
        serde_json::from_str(planted["events"]["S"].as_str().unwrap()).unwrap();
    let version = version_of(&planted) + u64::try_from(events.len()).unwrap();
    events.truncate(1);
    events[0]["type"] = json!("\u{1b}[2J\n9 events of 1 streams: whole");
    planted["version"]["N"] = json!(version.to_string());
    planted["events"]["S"] = json!(json!(events).to_string());
    world.slip_into_the_log(&planted).await;

    let shown = r"\u{1b}[2J\n9 events of 1 streams: whole";
    let time = events[0]["time"].as_str().unwrap();
    let newest = said(&world, &["tail", "-n", "1", "--stream", &stream]);
    assert_eq!(newest, format!("{time:<24} {shown:<32} {stream} {version}\n"));
    let ended = run(&world, &["verify"]);
    let lines: Vec<_> = ended.said.lines().collect();
    let [found, broken, _units] = lines[..] else { panic!("{ended:?}") };
    assert!(found.ends_with(": 1 streams are broken"), "{found}");
    let what = format!("no stream of its kind has events called {shown}");
    assert_eq!(broken, format!("  {stream} version {version}, event {version}: {what}"));
    assert_eq!(ended.code, 13);
}
