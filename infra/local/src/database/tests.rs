#![allow(clippy::unwrap_used, reason = "a test may")]

use dynoxide::AttributeValue;
use serde_json::json;

use crate::fixtures::{Ground, append};

#[test]
fn the_stream_gives_every_write_once_and_in_order() {
    let ground = Ground::new();
    let database = &ground.database;
    assert_eq!(database.latest().unwrap(), 0);
    for version in 1..=5 {
        append(database, "account/acc_1", version, "account.registered");
    }
    let first = database.records(0, 3).unwrap();
    let rest = database.records(first[2].position, 10).unwrap();
    let versions: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|streamed| streamed.record.dynamodb.keys["version"].clone())
        .collect();
    let wanted: Vec<_> = (1..=5).map(|n: u32| AttributeValue::N(n.to_string())).collect();
    assert_eq!(versions, wanted);
    assert_eq!(rest[1].position, database.latest().unwrap());
}

#[test]
fn the_log_outlives_the_trimming_of_its_stream_and_a_restart() {
    let ground = Ground::new();
    let database = &ground.database;
    append(database, "account/acc_2", 1, "account.registered");
    append(database, "account/acc_1", 1, "account.registered");
    append(database, "account/acc_2", 2, "account.registered");
    assert_eq!(database.trim(database.latest().unwrap()).unwrap(), 2);
    let ground = ground.reopened();
    let database = &ground.database;
    append(database, "account/acc_1", 2, "account.registered");

    let lines = database.log(0, None, 10).unwrap();
    let keys: Vec<_> = lines
        .iter()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(&line.json).unwrap();
            format!("{}#{}", value["stream"].as_str().unwrap(), value["version"])
        })
        .collect();
    assert_eq!(keys, ["account/acc_2#1", "account/acc_1#1", "account/acc_2#2", "account/acc_1#2"]);
    let one = database.log(lines[1].cursor, Some("account/acc_1"), 10).unwrap();
    assert_eq!(one, lines[3..]);
}

#[test]
fn a_line_of_the_log_shows_every_attribute_and_the_events_byte_for_byte() {
    let ground = Ground::new();
    let database = &ground.database;
    append(database, "account/acc_1", 1, "account.registered");
    let lines = database.log(0, None, 10).unwrap();
    assert_eq!(
        lines[0].json,
        r#"{"cursor":1,"stream":"account/acc_1","version":1,"chain":"AAEC","events":[{"z":1,"a":2}],"meta":{},"state_schema":1,"types":["account.registered"]}"#
    );
}

#[test]
fn clearing_leaves_no_item_no_record_and_no_remembered_transaction() {
    let ground = Ground::new();
    let database = &ground.database;
    let transaction = || {
        serde_json::from_value(json!({
            "TransactItems": [{"Put": {
                "TableName": "postern-vault",
                "Item": {"account": {"S": "acc_1"}, "item": {"S": "key"}},
            }}],
            "ClientRequestToken": "one",
        }))
        .unwrap()
    };
    append(database, "account/acc_1", 1, "account.registered");
    database.call(|engine| engine.transact_write_items(transaction())).unwrap();
    database.clear().unwrap();
    assert!(database.log(0, None, 10).unwrap().is_empty());
    assert!(database.records(0, 10).unwrap().is_empty());

    database.call(|engine| engine.transact_write_items(transaction())).unwrap();
    let get = serde_json::from_value(json!({
        "TableName": "postern-vault",
        "Key": {"account": {"S": "acc_1"}, "item": {"S": "key"}},
    }))
    .unwrap();
    assert!(database.call(|engine| engine.get_item(get)).unwrap().item.is_some());
}
