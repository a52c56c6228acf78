//! A live table that somebody has changed behind everybody's back.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use crate::analysts::{answered, behind, busy, run, said, text};
use crate::erasure::account_of;
use crate::world::World;

/// The key of a commit.
fn number(version: u64) -> AttributeValue {
    AttributeValue::N(version.to_string())
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
    let version: u64 = was["version"]["N"].as_str().unwrap().parse().unwrap();
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

    let delete = behind(&world).delete_item().table_name("postern-events");
    delete.key("stream", text(&stream)).key("version", number(version)).send().await.unwrap();
    let next = of_stream.map(|it| it["version"]["N"].as_str().unwrap().parse::<u64>().unwrap());
    let next = next.filter(|it| *it > version).min().unwrap();
    broken(&world, 10, "gap", &stream, next);
    let lost = run(&world, &["diff", "views"]);
    assert_eq!(lost.code, 1, "{lost:?}");
    assert!(lost.complained.contains("postern verify"), "{lost:?}");
}
