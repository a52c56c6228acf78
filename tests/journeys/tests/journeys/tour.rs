//! The sample client's tour is true.

use crate::world::World;

#[tokio::test]
async fn the_sample_clients_tour_plays_to_its_end() {
    let world = World::open().await;
    let mut told = Vec::new();
    postern_client::tour::play(world.stack.base(), &mut told).await.unwrap();
    let told = String::from_utf8(told).unwrap();
    for step in ["1. ", "2. ", "3. ", "4. ", "5. ", "6. "] {
        assert!(told.lines().any(|line| line.starts_with(step)), "{told}");
    }
    assert!(told.contains(r#""type":"sign_in_request""#), "{told}");
    assert!(told.contains("account.device_revoked"), "{told}");
}
