//! Login activity: every attempt, whatever became of it, for its account's owner alone.

use jiff::Timestamp;
use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::{Value, json};

use crate::owners::{DAY, named, settled_owner};
use crate::pause::guess_five_times;
use crate::phones::{NEIGHBOUR, NEIGHBOURS_PASSWORD, asked_by, neighbour, shown};
use crate::world::{EMAIL, PASSWORD, WRONG_PASSWORD, World, ok, refused};

/// Seconds of an hour, in which there may be five new devices.
const HOUR: u64 = 60 * 60;
/// For how many days activity is shown.
const DAYS: u64 = 400;

/// All attempts by now, newest first.
async fn all(world: &World, owner: &Client) -> Vec<Value> {
    world.local.drain().await.unwrap();
    let page = ok(owner.activity("?limit=100").await, 200).body;
    assert_eq!(page["next_cursor"], json!(null));
    page["items"].as_array().unwrap().clone()
}

/// The newest attempt.
async fn newest(world: &World, owner: &Client) -> Value {
    all(world, owner).await.remove(0)
}

/// What an attempt on an unknown device is shown as.
async fn is_shown(world: &World, owner: &Client, attempt: &str, outcome: &str) {
    let item = newest(world, owner).await;
    assert_eq!((&item["id"], &item["outcome"]), (&json!(attempt), &json!(outcome)), "{item}");
}

/// L1: an attempt is shown as it stands at each moment, and who makes it.
#[tokio::test]
async fn an_attempt_is_shown_with_what_has_become_of_it() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    assert_eq!(all(&world, &owner).await, [json!(null); 0]);

    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let item = newest(&world, &owner).await;
    let at: jiff::Timestamp = item["at"].as_str().unwrap().parse().unwrap();
    let now = world.local.now().await.unwrap();
    assert!(now.duration_since(at).as_secs() < 60);
    let unknown = json!({ "country": null, "city": null, "approximate": true });
    assert_eq!(
        item,
        json!({
            "id": attempt,
            "at": item["at"],
            "outcome": "code_required",
            "method": "app",
            "device": {
                "id": item["device"]["id"],
                "name": phone.description()["name"],
                "model": "Testfone",
                "platform": "android",
                "os_version": "16",
            },
            "ip": "127.0.1.2",
            "location": unknown,
        })
    );

    let code = shown(&owner, &attempt).await;
    refused(phone.verify(&attempt, &wrong_code(&code, 1)).await, 403, "code_incorrect");
    is_shown(&world, &owner, &attempt, "code_failed").await;
    ok(phone.verify(&attempt, &code).await, 200);
    is_shown(&world, &owner, &attempt, "signed_in").await;
    let item = newest(&world, &owner).await;
    assert_eq!(item["device"]["id"], phone.session().unwrap().device.as_str());

    ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
    let item = newest(&world, &owner).await;
    assert_eq!((&item["outcome"], &item["method"]), (&json!("signed_in"), &json!(null)));
    assert_eq!(all(&world, &owner).await.len(), 2);
}

/// L1: the ways in which an attempt leads to nothing.
#[tokio::test]
async fn attempts_that_led_to_nothing_are_shown_with_the_reason() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    ok(phone.resend_by(&attempt, "email").await, 202);
    assert_eq!(newest(&world, &owner).await["method"], "email");
    ok(phone.cancel(&attempt).await, 204);
    is_shown(&world, &owner, &attempt, "cancelled").await;

    let attempt = asked_by("app", &phone).await;
    ok(owner.deny(&attempt).await, 200);
    is_shown(&world, &owner, &attempt, "denied").await;

    let attempt = asked_by("app", &phone).await;
    world.local.advance(10 * 60).await.unwrap();
    ok(owner.refresh().await, 200);
    is_shown(&world, &owner, &attempt, "expired").await;

    ok(owner.remove_push().await, 204);
    guess_five_times(&world, &phone).await;
    assert_eq!(newest(&world, &owner).await["outcome"], "locked");
    let outcomes = all(&world, &owner).await;
    let outcomes: Vec<&str> = outcomes.iter().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["locked", "expired", "denied", "cancelled"]);
}

/// L1, L4: an attempt that was reported by mail was refused by its owner.
#[tokio::test]
async fn an_attempt_that_was_reported_is_shown_as_denied() {
    let world = World::open().await;
    let owner = world.owner().await;
    let attempt = asked_by("email", &world.phone()).await;
    let token = crate::reports::mailed_token(&world, EMAIL, "sign-in code").await;
    ok(world.phone().report(&token).await, 200);
    is_shown(&world, &owner, &attempt, "denied").await;
}

/// L1, S2: a wrong password is shown, and nothing of who gave it is kept but the kind of device.
#[tokio::test]
async fn a_wrong_password_is_shown_without_a_personal_value() {
    let world = World::open().await;
    let owner = world.owner().await;
    refused(world.phone().sign_in(EMAIL, WRONG_PASSWORD).await, 401, "invalid_credentials");
    let item = newest(&world, &owner).await;
    assert_eq!(item["outcome"], "refused");
    assert_eq!(item["method"], json!(null));
    let unknown = json!({
        "id": null, "name": null, "model": null, "platform": "android", "os_version": null,
    });
    assert_eq!(item["device"], unknown);
    assert_eq!(item["ip"], json!(null));
}

/// L1: page by page nothing is missing and nothing comes twice, also when more happens meanwhile.
#[tokio::test]
async fn pages_have_neither_gaps_nor_doubles() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    for _ in 0..7 {
        ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    }
    let all = all(&world, &owner).await;
    assert_eq!(all.len(), 7);
    // As text, a time with more digits comes before one with fewer.
    let time = |it: &Value| it["at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let times: Vec<Timestamp> = all.iter().map(time).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    for limit in [1, 2, 3, 7, 8] {
        let mut found = Vec::new();
        let mut query = format!("?limit={limit}");
        loop {
            let page = ok(owner.activity(&query).await, 200).body;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit, "{limit}");
            found.extend(items.iter().cloned());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("?limit={limit}&cursor={cursor}");
        }
        assert_eq!(found, all, "{limit}");
    }
    // What comes while somebody reads is on the first page, and moves none of the others.
    let first = ok(owner.activity("?limit=3").await, 200).body;
    ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    world.local.drain().await.unwrap();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = ok(owner.activity(&format!("?limit=3&cursor={cursor}")).await, 200).body;
    assert_eq!(second["items"], json!(all[3..6]));
}

/// L1: without a wish there are twenty on a page.
#[tokio::test]
async fn a_page_has_twenty_unless_asked_otherwise() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    for _ in 0..21 {
        ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    }
    world.local.drain().await.unwrap();
    let page = ok(owner.activity("").await, 200).body;
    assert_eq!(page["items"].as_array().unwrap().len(), 20);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = ok(owner.activity(&format!("?cursor={cursor}")).await, 200).body;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest["next_cursor"], json!(null));
}

/// L1: what is no page is pointed at.
#[tokio::test]
async fn what_is_no_page_is_pointed_at() {
    let world = World::open().await;
    let owner = world.owner().await;
    for (query, pointer) in [
        ("?limit=0", "/limit"),
        ("?limit=101", "/limit"),
        ("?limit=-1", "/limit"),
        ("?limit=ten", "/limit"),
        ("?limit=", "/limit"),
        ("?limit=5&limit=6", "/limit"),
        ("?cursor=x", "/cursor"),
        ("?cursor=acc_01J00000000000000000000000", "/cursor"),
        ("?cursor=", "/cursor"),
    ] {
        let answer = refused(owner.activity(query).await, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{query}");
    }
    ok(owner.activity("?limit=100").await, 200);
    let nobody = world.phone().call("GET", "/v1/activity", None).await;
    refused(nobody, 401, "invalid_token");
}

/// L1: nobody sees another account's attempts, not even from the middle of its list.
#[tokio::test]
async fn nobody_sees_another_account_s_activity() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    let neighbour = neighbour(&world).await;
    for _ in 0..2 {
        ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
        ok(neighbour.sign_in(NEIGHBOUR, NEIGHBOURS_PASSWORD).await, 201);
    }
    let (mine, theirs) = (all(&world, &owner).await, all(&world, &neighbour).await);
    assert_eq!((mine.len(), theirs.len()), (2, 2));
    let ids = |items: &[Value]| {
        named(&json!(items), "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(ids(&theirs).iter().all(|it| !ids(&mine).contains(it)));
    for cursor in ids(&mine) {
        let page = ok(neighbour.activity(&format!("?cursor={cursor}")).await, 200).body;
        let found = ids(page["items"].as_array().unwrap());
        assert!(found.iter().all(|it| ids(&theirs).contains(it)), "{page}");
    }
}

/// L1: four hundred days are shown, and what is older isn't.
#[tokio::test]
async fn activity_is_shown_for_four_hundred_days() {
    let world = World::open().await;
    let owner = world.owner().await;
    ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    let first = newest(&world, &owner).await;
    world.local.advance(DAYS * DAY - HOUR).await.unwrap();
    // A phone that lay in a drawer for so long is a new one.
    let attempt = asked_by("email", &owner).await;
    ok(owner.verify(&attempt, &world.code().await).await, 200);
    let shown = all(&world, &owner).await;
    assert_eq!(shown.len(), 2);
    assert_eq!(shown[1], first);
    world.local.advance(HOUR + 1).await.unwrap();
    ok(owner.refresh().await, 200);
    let shown = all(&world, &owner).await;
    assert_eq!(named(&json!(shown), "id"), [attempt.as_str()]);
}
