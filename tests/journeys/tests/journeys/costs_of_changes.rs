//! What the calls of somebody who is signed in cost in request units, exactly.

use serde_json::json;

use crate::costs::{ACCOUNT, ADDRESS, GUARD, PERSON, PROOF, Unit, costs, read, write};
use crate::owners::{NEW_PASSWORD, settled_and_young, settled_owner};
use crate::world::{EMAIL, PASSWORD, World, ok};

const SESSION: Unit = read("sessions", "GetItem", "the session: that it hasn't ended");
const PRESENT_ACCOUNT: Unit =
    read("events", "Query", "the account again, as its password finds it");
const TRY: Unit =
    write("vault", "UpdateItem", 1, "the password's place among all tries on its key");

/// A step-up on a device that needs nothing but the password.
const STEP_UP: &[Unit] = &[
    PROOF,
    SESSION,
    ACCOUNT,
    ADDRESS,
    PERSON,
    PRESENT_ACCOUNT,
    TRY,
    write(
        "events",
        "TransactWriteItems",
        4,
        "the step-up, opened and completed, with who and where",
    ),
    write("events", "TransactWriteItems", 2, "the account, unchanged while it was looked at"),
    write("sessions", "TransactWriteItems", 2, "the session, stepped up"),
];

/// A new password that leaves the other devices signed in.
const PASSWORD_CHANGE: &[Unit] = &[
    PROOF,
    SESSION,
    ACCOUNT,
    ADDRESS,
    PERSON,
    PRESENT_ACCOUNT,
    TRY,
    GUARD,
    write("events", "TransactWriteItems", 4, "the change, with the account's state after it"),
    write("vault", "TransactWriteItems", 2, "the new password's hash"),
    write("guards", "TransactWriteItems", 2, "the account's wrong codes, forgiven"),
    write("sessions", "TransactWriteItems", 2, "the session: that it still hasn't ended"),
];

/// What follows it: open attempts are looked for, to be told.
const TELLING: &[Unit] = &[GUARD];

/// A page of activity.
const ACTIVITY: &[Unit] = &[PROOF, SESSION, ACCOUNT, PERSON, read("views", "Query", "the page")];

/// P2, L5, L1: what an owner does now and then buys nothing that it doesn't need.
#[tokio::test]
async fn calls_of_an_owner_cost_exactly_what_they_buy() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    ok(owner.sign_in(EMAIL, PASSWORD).await, 201);
    for _ in 0..2 {
        costs(&world, STEP_UP, async {
            let done = ok(owner.step_up(PASSWORD).await, 201).body;
            assert_eq!(done["status"], "complete");
        })
        .await;
    }
    costs(&world, &[PASSWORD_CHANGE, TELLING].concat(), async {
        ok(owner.change_password_alone(PASSWORD, NEW_PASSWORD).await, 204);
    })
    .await;
    costs(&world, ACTIVITY, async {
        let page = ok(owner.call_signed_in("GET", "/v1/activity?limit=5", None).await, 200).body;
        assert_ne!(page["items"], json!([]));
    })
    .await;
}

/// L1: a page shows as much of a long history as of a short one, and costs the same.
#[tokio::test]
async fn a_page_of_activity_costs_the_same_after_a_hundred_sign_ins() {
    let world = World::open().await;
    let (owner, young) = settled_and_young(&world).await;
    for _ in 0..50 {
        for phone in [&owner, &young] {
            ok(phone.sign_in(EMAIL, PASSWORD).await, 201);
        }
    }
    costs(&world, ACTIVITY, async {
        let page = ok(owner.call_signed_in("GET", "/v1/activity?limit=5", None).await, 200).body;
        assert_eq!(page["items"].as_array().unwrap().len(), 5);
    })
    .await;
}
