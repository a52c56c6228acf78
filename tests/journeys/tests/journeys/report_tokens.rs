//! What a report's token is worth: once, for a week, and only as it stands in the mail.

use postern_client::client::Client;
use serde_json::{Value, json};

use crate::reports::{mailed_token, reported};
use crate::world::{EMAIL, World, asked, refused, source};

/// Seconds for which a link in a mail works.
const WEEK: i64 = 7 * 24 * 60 * 60;
/// Calls of one network in ten minutes that prove nothing.
const A_NETWORK_S_CALLS: usize = 60;

/// A mail about somebody who waits for a code, and its token.
async fn token(world: &World) -> String {
    asked(&world.phone()).await;
    mailed_token(world, EMAIL, "sign-in code").await
}

/// The same text with another sign in one place.
fn altered(token: &str, place: usize) -> String {
    let other = |it: char| if it == 'A' { 'B' } else { 'A' };
    let signs = token.chars().enumerate();
    signs.map(|(at, it)| if at == place { other(it) } else { it }).collect()
}

/// L4: a link works once.
#[tokio::test]
async fn a_token_works_once() {
    let world = World::open().await;
    world.owner().await;
    let token = token(&world).await;
    reported(&world.phone(), &token, Some("change_password")).await;
    let events = world.events().await;
    for _ in 0..2 {
        refused(world.phone().report(&token).await, 410, "attempt_closed");
    }
    assert_eq!(world.events().await, events);
}

/// L4: clicked twice at once it works once, too.
#[tokio::test]
async fn a_token_that_is_used_twice_at_once_works_once() {
    let world = World::open().await;
    world.owner().await;
    let token = token(&world).await;
    let (one, other) = (world.phone(), world.phone());
    let (one, other) = tokio::join!(one.report(&token), other.report(&token));
    let mut statuses = [one.unwrap().status, other.unwrap().status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410]);
    let events = world.log(None).await.into_iter().flat_map(|it| it.events);
    assert_eq!(events.filter(|it| it.name == "account.password_compromised").count(), 1);
}

/// L4: a link works for a week from what it is about, and not a moment longer.
#[tokio::test]
async fn a_token_works_for_seven_days() {
    for (since, works) in [(WEEK - 5, true), (WEEK, false)] {
        let world = World::open().await;
        world.owner().await;
        let phone = world.phone();
        let attempt = asked(&phone).await;
        let token = mailed_token(&world, EMAIL, "sign-in code").await;
        let log = world.log(Some(&format!("sign_in/{attempt}"))).await;
        let mut events = log.iter().flat_map(|it| &it.events);
        let issued = events.find(|it| it.name == "sign_in.code_issued").unwrap();
        world.advance_until(&issued.time, -since).await;
        let events = world.events().await;
        if works {
            reported(&world.phone(), &token, Some("change_password")).await;
        } else {
            refused(world.phone().report(&token).await, 401, "token_expired");
            assert_eq!(world.events().await, events);
        }
    }
}

/// L4: whoever makes a token up, alters one or takes one of another event says nothing by it.
#[tokio::test]
async fn a_token_that_is_not_as_it_was_mailed_is_none() {
    let world = World::open().await;
    world.owner().await;
    let token = token(&world).await;
    let other = self::token(&world).await;
    let parts = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (mine, others) = (parts(&token), parts(&other));
    assert_eq!((mine.len(), others.len()), (4, 4));
    let mixed = |from: usize| {
        let mut parts = mine.clone();
        parts[from].clone_from(&others[from]);
        parts.join(".")
    };
    let unknown = "sin_01J00000000000000000000000.evt_01J00000000000000000000000";
    let mut bad: Vec<String> = [0, 1, 3].map(mixed).into();
    bad.extend((0..token.len()).step_by(7).map(|place| altered(&token, place)));
    bad.extend(
        [
            "",
            ".",
            "...",
            "x",
            "a.b.c.d",
            &token[1..],
            &token[..token.len() - 2],
            &mine[..3].join("."),
        ]
        .map(str::to_owned),
    );
    bad.push(format!("{token}.{token}"));
    bad.push(format!("{unknown}.{}.{}", mine[2], mine[3]));
    bad.push(format!("{}.{}.other-key.{}", mine[0], mine[1], mine[3]));
    bad.push("A".repeat(10_000));
    bad.push(format!("{}.{}", mine[..3].join("."), "A".repeat(mine[3].len())));
    bad.push(token.replacen("sin_", "acc_", 1));
    bad.push(token.to_lowercase());
    bad.push(format!("{token}A"));
    bad.push(token.repeat(9));
    let events = world.events().await;
    for (number, bad) in bad.iter().enumerate() {
        // From another network each time, so that no one has said too much.
        let number = u8::try_from(number + 1).unwrap();
        let somebody = Client::new(world.stack.base()).unwrap().at(source(9, number)).unwrap();
        refused(somebody.report(bad).await, 401, "invalid_token");
    }
    assert_eq!(world.events().await, events);
    reported(&world.phone(), &token, Some("change_password")).await;
}

/// L4: what is no report at all is a slip, as at any other call.
#[tokio::test]
async fn what_is_no_report_is_pointed_at() {
    let world = World::open().await;
    let phone = world.phone();
    let send = async |body: &Value| {
        let request = phone.request("POST", "/v1/security-reports").json(body);
        request.app_version(None).proofs(&[]).send().await
    };
    for (body, pointer) in [
        (json!({}), ""),
        (json!({ "token": null }), "/token"),
        (json!({ "token": 7 }), "/token"),
        (json!({ "token": "a", "why": "b" }), "/why"),
    ] {
        let answer = refused(send(&body).await, 422, "invalid_request");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{body}");
    }
    // No other page can make a browser post it: a form is no JSON.
    let form = phone.request("POST", "/v1/security-reports").app_version(None).proofs(&[]);
    let form = form.header("Content-Type", "application/x-www-form-urlencoded").bytes("token=a");
    refused(form.send().await, 415, "unsupported_media_type");
}

/// L4, S2: guessing at tokens is slow work from any one network.
#[tokio::test]
async fn the_sixty_first_report_of_a_network_waits() {
    let world = World::open().await;
    world.owner().await;
    let token = token(&world).await;
    let thief = world.phone();
    for _ in 0..A_NETWORK_S_CALLS {
        refused(thief.report("a.b.c.d").await, 401, "invalid_token");
    }
    refused(thief.report(&token).await, 429, "rate_limited");
    reported(&world.phone(), &token, Some("change_password")).await;
}
