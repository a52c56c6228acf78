//! Recovery codes: ten on a slip of paper, for the day when phone and mailbox are gone.

use std::collections::BTreeSet;

use postern_client::client::Client;
use postern_client::mail::wrong_code;
use serde_json::json;

use crate::owners::{ready_owner, recovery_codes, settled_owner, step_up, told_by_mail};
use crate::pause::guess_five_times;
use crate::phones::{BLUE, asked_by, shown, told};
use crate::world::{EMAIL, PASSWORD, World, asked, ok, refused};

/// What a code is made of: no letter that is easily taken for another or a digit.
const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Of the right form, and nobody's.
const NOBODYS: &str = "0000-0000-0000";

/// How many codes a phone is told are left.
async fn left(phone: &Client) -> u64 {
    ok(phone.login_security().await, 200).body["recovery_codes_left"].as_u64().unwrap()
}

/// P2, C3: ten codes, once, for a session that has just been stepped up; the owner is told.
#[tokio::test]
async fn ten_codes_are_shown_once_and_only_behind_a_step_up() {
    let world = World::open().await;
    let owner = settled_owner(&world).await;
    refused(owner.create_recovery_codes().await, 403, "step_up_required");
    assert_eq!(left(&owner).await, 0);
    step_up(&owner).await;
    let codes = recovery_codes(&owner).await;
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
    for code in &codes {
        let groups: Vec<_> = code.split('-').collect();
        assert_eq!(groups.iter().map(|it| it.len()).collect::<Vec<_>>(), [4, 4, 4], "{code}");
        assert!(groups.concat().chars().all(|it| ALPHABET.contains(it)), "{code}");
    }
    assert_eq!(left(&owner).await, 10);
    told_by_mail(&world, EMAIL, "recovery codes").await;
    let mails = world.local.emails(EMAIL).await.unwrap();
    let log = world.local.dump(None).await.unwrap();
    for code in codes {
        let plain = code.replace('-', "");
        for text in [&log, &mails[0].text, &mails[0].html] {
            assert!(!text.contains(&code) && !text.contains(&plain));
        }
    }
}

/// C3, S6: one of them stands for the code, however it is typed; the device is trusted and the owner
/// hears of it.
#[tokio::test]
async fn a_recovery_code_lets_a_device_in_once() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let codes = recovery_codes(&owner).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    let done = ok(phone.verify(&attempt, &typed).await, 200).body;
    assert_eq!(done["status"], "complete");
    assert_eq!(done["session"]["device"]["trusted"], true);
    ok(phone.account().await, 200);
    let story = world.story(&attempt).await;
    assert_eq!(story[2..], ["sign_in.recovery_code_used", "sign_in.completed"]);
    assert_eq!(left(&owner).await, 9);
    told_by_mail(&world, EMAIL, "new device signed in").await;
    assert_eq!(told(&world, BLUE).await.last().unwrap(), &format!("request_closed {attempt}"));
    refused(phone.verify(&attempt, &codes[4]).await, 410, "attempt_closed");

    let other = world.phone();
    let attempt = asked(&other).await;
    let used = refused(other.verify(&attempt, &codes[3]).await, 403, "code_incorrect");
    assert_eq!(used.body["attempts_left"], 4);
    ok(other.verify(&attempt, &codes[4].replace('-', "")).await, 200);
    assert_eq!(left(&owner).await, 8);
}

/// S6: a device that is let in just this once stays untrusted, whatever let it in.
#[tokio::test]
async fn a_recovery_code_lets_a_guest_in_too() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let codes = recovery_codes(&owner).await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let done = ok(phone.verify_just_this_once(&attempt, &codes[0]).await, 200).body;
    assert_eq!(done["session"]["device"]["trusted"], false);
    ok(phone.sign_out().await, 204);
    asked(&phone).await;
}

/// S4: a wrong one is a wrong code, of whichever kind; the fifth closes the attempt.
#[tokio::test]
async fn wrong_recovery_codes_are_counted_with_wrong_codes() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let codes = recovery_codes(&owner).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let code = shown(&owner, &attempt).await;
    let other = wrong_code(&code, 1);
    for (left, guess) in [(4, NOBODYS), (3, &other), (2, NOBODYS), (1, &other), (0, NOBODYS)] {
        let wrong = refused(phone.verify(&attempt, guess).await, 403, "code_incorrect");
        assert_eq!(wrong.body["attempts_left"], left);
    }
    for right in [&code, &codes[0]] {
        refused(phone.verify(&attempt, right).await, 410, "attempt_closed");
    }
    assert_eq!(world.story(&attempt).await.last().unwrap(), "sign_in.locked");
    assert_eq!(left(&owner).await, 10);
}

/// S4: and they pause code entry like those, also for right ones.
#[tokio::test]
async fn ten_wrong_recovery_codes_pause_code_entry() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let codes = recovery_codes(&owner).await;
    ok(owner.remove_push().await, 204);
    let waiting = world.phone();
    let open = asked(&waiting).await;
    guess_five_times(&world, &world.phone()).await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    for _ in 0..5 {
        refused(phone.verify(&attempt, NOBODYS).await, 403, "code_incorrect");
    }
    refused(waiting.verify(&open, &codes[0]).await, 429, "too_many_attempts");
    assert_eq!(left(&owner).await, 10);
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// P2: with a new set the old one is paper.
#[tokio::test]
async fn a_new_set_makes_the_former_worthless() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let former = recovery_codes(&owner).await;
    let codes = recovery_codes(&owner).await;
    assert!(former.iter().all(|it| !codes.contains(it)));
    assert_eq!(left(&owner).await, 10);
    let phone = world.phone();
    let attempt = asked(&phone).await;
    refused(phone.verify(&attempt, &former[0]).await, 403, "code_incorrect");
    ok(phone.verify(&attempt, &codes[0]).await, 200);
}

/// C3, S4: an account without a set has none that is right, and nobody learns that by trying.
#[tokio::test]
async fn an_account_without_recovery_codes_refuses_every_one() {
    let world = World::open().await;
    world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let wrong = refused(phone.verify(&attempt, NOBODYS).await, 403, "code_incorrect");
    assert_eq!(wrong.body["attempts_left"], 4);
    ok(phone.verify(&attempt, &world.code().await).await, 200);
}

/// S4, P5, C8: a recovery code is for sign-ins: it neither steps up nor proves a mailbox.
#[tokio::test]
async fn a_recovery_code_is_no_code_of_any_other_process() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let codes = recovery_codes(&owner).await;
    let reset = ok(owner.forget_password(EMAIL).await, 202).body;
    let reset = reset["id"].as_str().unwrap();
    let answer = owner.verify_reset(reset, &codes[0], "heron-Galley-58-mosaic").await;
    let answer = refused(answer, 422, "invalid_request");
    assert_eq!(
        answer.body["errors"],
        json!([
            { "pointer": "/code", "detail": "must be 8 digits from 0 to 9" }
        ])
    );
    let step_up = ok(owner.step_up(PASSWORD).await, 201).body;
    let step_up = step_up["id"].as_str().unwrap();
    refused(owner.verify_step_up(step_up, &codes[0]).await, 422, "invalid_request");
    assert_eq!(left(&owner).await, 10);
}

/// S4, S6: one slip of paper read twice at once lets one device in.
#[tokio::test]
async fn one_recovery_code_on_two_devices_at_once_lets_one_in() {
    let world = World::open().await;
    let owner = ready_owner(&world).await;
    let codes = recovery_codes(&owner).await;
    let (one, other) = (world.phone(), world.phone());
    let attempts = (asked(&one).await, asked(&other).await);
    let (first, second) =
        tokio::join!(one.verify(&attempts.0, &codes[0]), other.verify(&attempts.1, &codes[0]),);
    let answers = [first.unwrap(), second.unwrap()];
    assert_eq!(answers.iter().filter(|it| it.status == 200).count(), 1, "{answers:?}");
    let lost = answers.into_iter().find(|it| it.status != 200);
    refused(lost.ok_or(()), 403, "code_incorrect");
    assert_eq!(left(&owner).await, 9);
}
