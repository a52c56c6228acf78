//! Guessing codes over several attempts pauses code entry, but never a trusted device.

use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::{Value, json};

use crate::phones::{asked_by, shown};
use crate::world::{EMAIL, PASSWORD, World, asked, ok, refused};

/// How long the first pause lasts, in seconds.
pub(crate) const FIRST_PAUSE: u64 = 15 * 60;

/// The pauses after ten wrong codes, twenty and so on, in seconds: each twice as long as the one
/// before, up to a day.
const PAUSES: [u64; 9] = [
    FIRST_PAUSE,
    2 * FIRST_PAUSE,
    4 * FIRST_PAUSE,
    8 * FIRST_PAUSE,
    16 * FIRST_PAUSE,
    32 * FIRST_PAUSE,
    64 * FIRST_PAUSE,
    A_DAY,
    A_DAY,
];

/// The longest pause, in seconds.
const A_DAY: u64 = 24 * 60 * 60;

/// After this long an hour's five attempts are to be had again, in seconds.
const AN_HOUR: u64 = 60 * 60;

/// Uses up all five guesses of a fresh attempt.
pub(crate) async fn guess_five_times(world: &World, phone: &Client) {
    let attempt = asked(phone).await;
    let code = world.code().await;
    for by in 1..=5 {
        let wrong = phone.verify(&attempt, &wrong_code(&code, by)).await;
        refused(wrong, 403, "code_incorrect");
    }
}

/// S4, S7: the tenth wrong code in a row pauses code entry on keys that aren't trusted.
#[tokio::test]
async fn ten_wrong_codes_in_a_row_pause_code_entry_for_a_quarter_of_an_hour() {
    let world = World::open().await;
    let owner = world.owner().await;
    let open = world.phone();
    let waiting = asked(&open).await;
    let waiting_code = world.code().await;
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    let account = ok(owner.account().await, 200).body;
    let stream = format!("account/{}", account["id"].as_str().unwrap());
    let events = world.log(Some(&stream)).await.into_iter().flat_map(|commit| commit.events);
    assert_eq!(events.filter(|event| event.name == "account.code_entry_paused").count(), 1);

    let story = world.story(&waiting).await;
    let paused = refused(open.verify(&waiting, &waiting_code).await, 429, "too_many_attempts");
    let wait: u64 = paused.header("retry-after").parse().unwrap();
    assert!((1..=FIRST_PAUSE).contains(&wait), "{wait}");
    assert_eq!(world.story(&waiting).await, story);

    let mails = world.mails(EMAIL).await;
    let late = world.phone();
    let locked = ok(late.sign_in(EMAIL, PASSWORD).await, 201).body;
    assert_eq!(locked["status"], "locked");
    let retry_in = locked["retry_in"].as_u64().unwrap();
    assert!((1..=FIRST_PAUSE).contains(&retry_in), "{locked}");
    assert_eq!(world.mails(EMAIL).await, mails);
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");

    world.local.advance(FIRST_PAUSE).await.unwrap();
    let attempt = asked(&late).await;
    ok(late.verify(&attempt, &world.code().await).await, 200);
}

/// Spends ninety wrong codes in a row, and waits for the end of each pause that they bring.
pub(crate) async fn through_all_pauses(world: &World) {
    for pause in PAUSES {
        for _ in 0..2 {
            guess_five_times(world, &world.phone()).await;
        }
        let locked = ok(world.phone().sign_in(EMAIL, PASSWORD).await, 201).body;
        assert_eq!(locked["status"], "locked");
        let retry_in = locked["retry_in"].as_u64().unwrap();
        assert!((pause - 60..=pause).contains(&retry_in), "{retry_in} is not nearly {pause}");
        world.local.advance(pause.max(AN_HOUR)).await.unwrap();
    }
}

/// S4: only a right code ends the row; nine wrong ones before it are forgotten after it.
#[tokio::test]
async fn a_right_code_ends_the_row_of_wrong_ones() {
    let world = World::open().await;
    world.owner().await;
    guess_five_times(&world, &world.phone()).await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    for by in 1..=4 {
        refused(phone.verify(&attempt, &wrong_code(&code, by)).await, 403, "code_incorrect");
    }
    ok(phone.verify(&attempt, &code).await, 200);
    guess_five_times(&world, &world.phone()).await;
    asked(&world.phone()).await;
}

/// S4, C1: no phone shows a code that is not accepted; the request itself can still be refused.
#[tokio::test]
async fn while_code_entry_is_paused_no_code_is_shown_in_the_app() {
    let world = World::open().await;
    let owner = world.owner().await;
    let phone = world.phone();
    let attempt = asked_by("email", &phone).await;
    ok(phone.resend_by(&attempt, "app").await, 202);
    let code = shown(&owner, &attempt).await;
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    let request = ok(owner.open_request(&attempt).await, 200).body;
    assert_eq!(request["method"], "app");
    assert_eq!(request.get("code"), Some(&Value::Null));
    refused(phone.verify(&attempt, &code).await, 429, "too_many_attempts");
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "locked");
    assert_eq!(ok(owner.deny(&attempt).await, 200).body["status"], "denied");
}

/// S4, S7: a hundred wrong codes in a row end code entry until the password is a new one; a trusted
/// device goes on as if nothing were.
#[tokio::test]
async fn a_hundred_wrong_codes_in_a_row_switch_code_entry_off() {
    let world = World::open().await;
    let owner = world.owner().await;
    through_all_pauses(&world).await;
    let open = world.phone();
    let waiting = asked(&open).await;
    for _ in 0..2 {
        guess_five_times(&world, &world.phone()).await;
    }
    let mails = world.mails(EMAIL).await;
    for later in [0, 30 * A_DAY] {
        world.local.advance(later).await.unwrap();
        let phone = world.phone();
        let locked = ok(phone.sign_in(EMAIL, PASSWORD).await, 201).body;
        let id = &locked["id"];
        let off =
            json!({ "id": id, "status": "locked", "next": "reset_password", "session": null });
        assert_eq!(locked, off);
        if later == 0 {
            let polled = ok(open.poll(&waiting).await, 200).body;
            assert_eq!(polled["status"], "locked");
            assert_eq!(polled["next"], "reset_password");
        }
    }
    assert_eq!(world.mails(EMAIL).await, mails);
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}
