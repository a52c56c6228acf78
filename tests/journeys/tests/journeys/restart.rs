//! A power cut in the middle of everything.

use crate::world::{EMAIL, PASSWORD, World, asked, ok};

/// S9: an attempt, its code and every session survive the stack's sudden death.
#[tokio::test]
async fn an_attempt_survives_a_power_cut_and_so_do_sessions_and_trust() {
    let mut world = World::open().await;
    let owner = world.owner().await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    let code = world.code().await;
    let events = world.events().await;

    world.stack.restart().await.unwrap();
    assert_eq!(world.events().await, events);
    ok(owner.account().await, 200);
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "code_required");
    ok(phone.verify(&attempt, &code).await, 200);
    ok(phone.account().await, 200);
    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
}

/// C3: a code that was promised is mailed, even if the power fails right after the promise.
#[tokio::test]
async fn a_code_promised_before_a_power_cut_is_mailed_after_it() {
    let mut world = World::open().await;
    world.owner().await;
    let before = world.mails(EMAIL).await;
    let phone = world.phone();
    let attempt = asked(&phone).await;
    world.stack.restart().await.unwrap();
    assert!(world.mails(EMAIL).await > before);
    ok(phone.verify(&attempt, &world.code().await).await, 200);
}
