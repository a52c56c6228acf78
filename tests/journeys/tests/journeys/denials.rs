//! "It wasn't me", from a trusted phone.

use serde_json::Value;

use crate::phones::{
    BLUE, account_story, asked_by, guest, listed, neighbour, owner_with_push, pushed_to, shown,
    told,
};
use crate::world::{World, alike, ok, refused};

/// L4, T5: a denial ends every open attempt of that key, and nothing else at all.
#[tokio::test]
async fn a_denial_closes_all_attempts_of_its_key_and_none_of_another() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let (thief, friend) = (world.phone(), world.phone());
    let denied = [asked_by("app", &thief).await, asked_by("app", &thief).await];
    let welcome = asked_by("app", &friend).await;
    let code = shown(&owner, &denied[0]).await;
    let (account, earlier) = (account_story(&world, &owner).await, told(&world, BLUE).await.len());
    assert_eq!(earlier, 3);

    let answer = ok(owner.deny(&denied[1]).await, 200).body;
    assert_eq!(answer["status"], "denied");
    assert_eq!(answer["next"], "change_password");
    assert_eq!(listed(&owner).await, [welcome.as_str()]);
    for attempt in &denied {
        let shown = ok(thief.poll(attempt).await, 200).body;
        assert_eq!(shown["status"], "denied");
        assert_eq!(shown["session"], Value::Null);
        refused(owner.open_request(attempt).await, 410, "attempt_closed");
        refused(thief.resend(attempt).await, 410, "attempt_closed");
        assert_eq!(world.story(attempt).await.last().unwrap(), "sign_in.denied");
    }
    refused(thief.verify(&denied[0], &code).await, 410, "attempt_closed");

    let mut closed = told(&world, BLUE).await.split_off(earlier);
    closed.sort_unstable();
    let mut expected = denied.map(|attempt| format!("request_closed {attempt}"));
    expected.sort_unstable();
    assert_eq!(closed, expected);
    assert_eq!(account_story(&world, &owner).await, account);
    ok(owner.account().await, 200);
    ok(friend.verify(&welcome, &shown(&owner, &welcome).await).await, 200);
}

/// L4: whoever denied by mistake has lost nothing: the key can ask again.
#[tokio::test]
async fn a_denied_key_may_try_again() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    ok(owner.deny(&attempt).await, 200);
    let again = asked_by("app", &phone).await;
    ok(phone.verify(&again, &shown(&owner, &again).await).await, 200);
}

/// L4: denying twice is denying; denying what is over otherwise is refused.
#[tokio::test]
async fn a_denial_can_be_repeated_and_comes_too_late_for_what_is_over() {
    let world = World::open().await;
    let owner = owner_with_push(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    let first = ok(owner.deny(&attempt).await, 200).body;
    let story = world.story(&attempt).await;
    assert_eq!(ok(owner.deny(&attempt).await, 200).body, first);
    assert_eq!(world.story(&attempt).await, story);

    let attempt = asked_by("app", &phone).await;
    ok(phone.verify(&attempt, &shown(&owner, &attempt).await).await, 200);
    refused(owner.deny(&attempt).await, 410, "attempt_closed");
    ok(phone.account().await, 200);
}

/// L4, S5: only a trusted session of the account denies; to others there is no such request.
#[tokio::test]
async fn nobody_else_can_deny() {
    let world = World::open().await;
    let owner = world.owner().await;
    let guest = guest(&world).await;
    pushed_to(&owner, BLUE).await;
    let stranger = neighbour(&world).await;
    let phone = world.phone();
    let attempt = asked_by("app", &phone).await;
    refused(guest.deny(&attempt).await, 403, "device_too_new");
    let never = stranger.deny("sin_01J00000000000000000000000").await;
    let never = alike(&refused(never, 404, "not_found"));
    assert_eq!(alike(&refused(stranger.deny(&attempt).await, 404, "not_found")), never);
    let path = format!("/v1/sign-in-requests/{attempt}/deny");
    refused(phone.call("POST", &path, None).await, 401, "invalid_token");
    assert_eq!(ok(phone.poll(&attempt).await, 200).body["status"], "code_required");
    ok(phone.verify(&attempt, &shown(&owner, &attempt).await).await, 200);
}
