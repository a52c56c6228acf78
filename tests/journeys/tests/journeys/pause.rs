//! Guessing codes over several attempts pauses code entry, but never a trusted device.

use postern_client::client::Client;
use postern_client::mail::wrong_code;

use crate::world::{EMAIL, PASSWORD, World, asked, ok, refused};

/// How long the first pause lasts, in seconds.
const FIRST_PAUSE: u64 = 15 * 60;

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
