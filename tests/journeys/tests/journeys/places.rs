//! Where somebody seems to be: by the address that a call came from, and nothing else. The database is
//! a made-up one, in which addresses of this computer have places.

use std::collections::BTreeMap;
use std::ffi::OsString;

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::owners::settled_owner;
use crate::phones::{BLUE, asked_by, shown};
use crate::world::{EMAIL, PASSWORD, World, ok, source};

/// Names the database.
const GEO_DATABASE: &str = "POSTERN_GEO_DATABASE";
/// The address whose place is Prague.
const PRAGUE: u8 = 2;
/// The one in Berlin.
const BERLIN: u8 = 3;
/// One that is somewhere in the United States.
const AMERICA: u8 = 4;
/// One that the database doesn't know.
const NOWHERE: u8 = 200;

/// A world whose stack knows places.
async fn world() -> World {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../places/nested.mmdb");
    World::open_with(BTreeMap::from([(GEO_DATABASE, OsString::from(path))])).await
}

/// A further phone, at one of those addresses.
fn phone_at(world: &World, host: u8) -> Client {
    world.phone().at(source(0, host)).unwrap()
}

/// The same phone, taken along.
fn taken_to(phone: &Client, host: u8) -> Client {
    phone.also_at(source(0, host)).unwrap()
}

fn place(country: Option<&str>, city: Option<&str>) -> Value {
    json!({ "country": country, "city": city, "approximate": true })
}

/// The newest attempt that an owner is shown.
async fn newest(world: &World, owner: &Client) -> Value {
    world.local.drain().await.unwrap();
    ok(owner.activity("?limit=1").await, 200).body["items"][0].clone()
}

/// L2, L3: each attempt has the place of the address that it came from, or none, and never a more
/// precise one than that suggests.
#[tokio::test]
async fn an_attempt_s_place_is_that_of_its_address() {
    let world = world().await;
    let owner = settled_owner(&world).await;
    for (host, expected) in [
        (PRAGUE, place(Some("CZ"), Some("Prague"))),
        (BERLIN, place(Some("DE"), Some("Berlin"))),
        (AMERICA, place(Some("US"), None)),
        (NOWHERE, place(None, None)),
    ] {
        asked_by("app", &phone_at(&world, host)).await;
        let item = newest(&world, &owner).await;
        assert_eq!(item["location"], expected);
        assert_eq!(item["ip"], format!("127.0.0.{host}"));
    }
}

/// L2, L3, C1: the place is in everything that asks the owner about a sign-in, and each says that it is
/// approximate.
#[tokio::test]
async fn whoever_is_asked_is_told_where_it_seems_to_be() {
    let world = world().await;
    let owner = settled_owner(&world).await;
    let phone = phone_at(&world, BERLIN);
    let attempt = asked_by("app", &phone).await;
    let berlin = place(Some("DE"), Some("Berlin"));
    assert_eq!(ok(owner.open_request(&attempt).await, 200).body["location"], berlin);
    assert_eq!(ok(owner.requests().await, 200).body["requests"][0]["location"], berlin);
    world.local.drain().await.unwrap();
    let push = world.local.pushes(Some(BLUE)).await.unwrap().remove(0);
    assert_eq!(push.postern().unwrap()["location"], json!({ "country": "DE", "city": "Berlin" }));
    let alert = push.payload["aps"]["alert"]["body"].as_str().unwrap();
    assert!(alert.contains("near Berlin, DE"), "{alert}");

    ok(phone.resend_by(&attempt, "email").await, 202);
    ok(phone.verify(&attempt, &world.code().await).await, 200);
    world.local.drain().await.unwrap();
    let mails = world.local.emails(EMAIL).await.unwrap();
    for mail in &mails[..2] {
        for text in [&mail.text, &mail.html] {
            assert!(text.contains("Berlin, DE (approximate)"), "{text}");
            assert!(text.contains("127.0.0.3"), "{text}");
        }
    }
}

/// L2, T1: a device is shown where it was last seen.
#[tokio::test]
async fn a_device_is_shown_where_it_was_last_seen() {
    let world = world().await;
    let owner = settled_owner(&world).await;
    let phone = phone_at(&world, PRAGUE);
    let attempt = asked_by("app", &phone).await;
    ok(phone.verify(&attempt, &shown(&owner, &attempt).await).await, 200);
    let last_seen = async || {
        world.local.drain().await.unwrap();
        let devices = ok(owner.devices().await, 200).body["devices"].take();
        let id = json!(phone.session().unwrap().device);
        let mut devices = devices.as_array().unwrap().clone().into_iter();
        devices.find(|it| it["id"] == id).unwrap()["last_location"].clone()
    };
    assert_eq!(last_seen().await, place(Some("CZ"), Some("Prague")));
    ok(taken_to(&phone, BERLIN).sign_in(EMAIL, PASSWORD).await, 201);
    assert_eq!(last_seen().await, place(Some("DE"), Some("Berlin")));
}

/// L3, S7: a strange place alone stops nobody: neither a trusted phone on a journey nor an attempt.
#[tokio::test]
async fn a_place_alone_stops_nobody() {
    let world = world().await;
    let owner = settled_owner(&world).await;
    for host in [PRAGUE, AMERICA, BERLIN, NOWHERE] {
        let phone = taken_to(&owner, host);
        assert_eq!(ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
        ok(phone.account().await, 200);
        ok(phone.refresh().await, 200);
    }
}

/// L2: no header that a client can send moves it anywhere.
#[tokio::test]
async fn no_header_makes_somebody_be_elsewhere() {
    let world = world().await;
    let owner = settled_owner(&world).await;
    let phone = phone_at(&world, BERLIN);
    let body = json!({ "email": EMAIL, "password": PASSWORD, "device": phone.description() });
    let request = [
        ("X-Forwarded-For", "127.0.0.2"),
        ("X-Real-Ip", "127.0.0.2"),
        ("Forwarded", "for=127.0.0.2"),
        ("CloudFront-Viewer-Address", "127.0.0.2:4711"),
        ("CloudFront-Viewer-Country", "CZ"),
        ("CloudFront-Viewer-City", "Prague"),
    ]
    .into_iter()
    .fold(phone.request("POST", "/v1/sign-ins").json(&body), |request, (name, value)| {
        request.header(name, value)
    });
    ok(request.send().await, 201);
    let item = newest(&world, &owner).await;
    assert_eq!(item["location"], place(Some("DE"), Some("Berlin")));
    assert_eq!(item["ip"], "127.0.0.3");
}

/// L2: the log says which database a country is from, and tells the city to nobody.
#[tokio::test]
async fn the_log_names_the_database_and_hides_the_city() {
    let world = world().await;
    settled_owner(&world).await;
    let attempt = asked_by("app", &phone_at(&world, PRAGUE)).await;
    let log = world.log(Some(&format!("sign_in/{attempt}"))).await;
    let opened = &log[0].events[0].data;
    assert_eq!(opened["country"], "CZ");
    assert_eq!(opened["located_by"], "mmdb 2026-11-01");
    let dump = world.local.dump(None).await.unwrap();
    assert!(!dump.contains("Prague") && !dump.contains("127.0.0.2"));
}

/// L2: what was recorded stays as it was, whatever another database says later, or none.
#[tokio::test]
async fn another_database_rewrites_no_history() {
    let mut world = world().await;
    let owner = settled_owner(&world).await;
    let phone = phone_at(&world, PRAGUE);
    asked_by("app", &phone).await;
    let before = newest(&world, &owner).await;
    world.stack.settings().remove(GEO_DATABASE);
    world.stack.restart().await.unwrap();
    assert_eq!(newest(&world, &owner).await, before);
    asked_by("app", &phone).await;
    assert_eq!(newest(&world, &owner).await["location"], place(None, None));
}

/// L2: without a database nobody is anywhere.
#[tokio::test]
async fn without_a_database_no_place_is_known() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let attempt = asked_by("app", &phone_at(&world, PRAGUE)).await;
    let nowhere = place(None, None);
    assert_eq!(newest(&world, &owner).await["location"], nowhere);
    assert_eq!(ok(owner.open_request(&attempt).await, 200).body["location"], nowhere);
    let devices = ok(owner.devices().await, 200).body;
    assert_eq!(devices["devices"][0]["last_location"], nowhere);
    let phone = phone_at(&world, PRAGUE);
    let mailed = asked_by("app", &phone).await;
    ok(phone.resend_by(&mailed, "email").await, 202);
    world.local.drain().await.unwrap();
    let text = world.local.emails(EMAIL).await.unwrap().remove(0).text;
    assert!(text.contains("- Place: unknown place"), "{text}");
}
