//! Phones that nobody is signed in on: trusted still, and silent.

use crate::phones::{
    BLUE, account_story, asked_by, owner_with_push, push_of, pushed_to, told, two_phones,
};
use crate::world::{EMAIL, PASSWORD, World, ok};

/// T3, S7, C1: whoever signs out is told nothing more there, and is trusted as before.
#[tokio::test]
async fn a_phone_that_signed_out_gets_no_pushes_until_its_app_is_back() {
    let world = World::open().await;
    let (owner, second) = two_phones(&world).await;
    let phone = world.phone();
    let open = asked_by("app", &phone).await;
    let earlier = told(&world, BLUE).await;
    assert_eq!(earlier.last().unwrap(), &format!("sign_in_request {open}"));
    ok(owner.sign_out().await, 204);
    assert_eq!(push_of(&owner, &second).await, "none");
    let story = account_story(&world, &second).await;
    assert_eq!(story.last().unwrap(), "account.push_endpoint_removed");

    ok(phone.cancel(&open).await, 204);
    asked_by("app", &world.phone()).await;
    ok(second.remove_push().await, 204);
    asked_by("email", &world.phone()).await;
    assert_eq!(told(&world, BLUE).await, earlier);

    assert_eq!(ok(owner.sign_in(EMAIL, PASSWORD).await, 201).body["status"], "complete");
    assert!(owner.session().unwrap().trusted);
    assert_eq!(push_of(&owner, &owner).await, "none");
    pushed_to(&owner, BLUE).await;
    assert_eq!(push_of(&owner, &owner).await, "reachable");
    let attempt = asked_by("app", &world.phone()).await;
    let all = [earlier, vec![format!("sign_in_request {attempt}")]].concat();
    assert_eq!(told(&world, BLUE).await, all);
}

/// T3: signing out on a phone that was never pushed to is no news of the account.
#[tokio::test]
async fn signing_out_without_an_endpoint_leaves_no_trace() {
    let world = World::open().await;
    let owner = world.owner().await;
    let events = world.events().await;
    ok(owner.sign_out().await, 204);
    assert_eq!(world.events().await, events);
}

/// C1, C7: a push that arrived has arrived, whatever its phone does afterwards.
#[tokio::test]
async fn a_push_that_was_sent_stays_sent_when_its_phone_wants_no_more() {
    for signs_out in [false, true] {
        let world = World::open().await;
        let owner = owner_with_push(&world).await;
        let phone = world.phone();
        let attempt = asked_by("app", &phone).await;
        world.local.drain().await.unwrap();
        assert_eq!(ok(phone.poll(&attempt).await, 200).body["delivery"], "sent");
        let left = if signs_out { owner.sign_out().await } else { owner.remove_push().await };
        ok(left, 204);
        let polled = ok(phone.poll(&attempt).await, 200).body;
        assert_eq!(polled["status"], "code_required");
        assert_eq!(polled["delivery"], "sent");
    }
}
