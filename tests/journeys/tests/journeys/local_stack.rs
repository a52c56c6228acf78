//! What the local stack promises to whoever tests against it.

use crate::world::{EMAIL, World};

/// A moved clock is moved for good, until the world is emptied.
#[tokio::test]
async fn the_clock_stays_where_it_was_moved_to_until_a_reset() {
    let mut world = World::open().await;
    let before = world.local.now().await.unwrap();
    let moved = world.local.advance(86_400).await.unwrap();
    assert!(moved.duration_since(before).as_secs() >= 86_400);
    world.stack.restart().await.unwrap();
    assert!(world.local.now().await.unwrap() >= moved);
    world.local.reset().await.unwrap();
    let after = world.local.now().await.unwrap();
    assert!(after.duration_since(before).as_secs() < 3_600, "{after}");
}

/// A reset leaves no mail, no event and no request behind.
#[tokio::test]
async fn a_reset_leaves_an_empty_world() {
    let world = World::open().await;
    world.owner().await;
    assert!(world.events().await > 0);
    world.local.reset().await.unwrap();
    assert_eq!(world.events().await, 0);
    assert_eq!(world.mails(EMAIL).await, 0);
    world.owner().await;
}
